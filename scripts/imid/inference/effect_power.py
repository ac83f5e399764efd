r"""With which power an effect on a gene's counts is found, and the smallest that is.

The Wald test finds a gene where the estimate of a contrast exceeds a critical effect t, which
solves :math:`t = z\,SE(t)` for the critical value z of the p-value in force. An estimate is far
from normal where a fall leaves few reads, but the signed root of the likelihood is nearly: with
counts as expected under an effect d, twice the log likelihood lost by holding the contrast at t,
all else fitted anew, is :math:`r^2`, and the power :math:`\Phi(r)`. SE(t) is that at these fitted
means, so that t is the edge that chance reaches most easily. The dispersion by which counts are
tested is drawn to the trend at the gene's mean (Love, Huber and Anders, Genome Biology 15:550
(2014)): a gene that falls is tested by a larger one than a gene that rises. The power is averaged
over where mean and dispersion may truly be, both estimates themselves, and over chance in the
next estimate.

The quasi-likelihood F-test finds a gene where :math:`\sqrt F` exceeds the quantile of a t
distribution. Its root is about that of the deviance lost by holding the contrast at 0, divided by
the root of the quasi-dispersion: the power is that of a t distribution of which this is the
noncentrality. A gene keeps its own dispersion while the trend at its mean moves, and so its
quasi-dispersion moves. The power is averaged over where mean and quasi-dispersion may truly be,
and counts only as far as the gene has enough reads to be tested.
"""

from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple, TypeVar

import numpy as np
from scipy.linalg import null_space
from scipy.special import betaincc, ndtr, polygamma, stdtrit

from imid.inference import negative_binomial as nb
from imid.inference.deviance import maximum_likelihood
from imid.inference.quasi_likelihood import FEWEST_READS, smallest_group

POWER = 0.8
# As in the Wald test of the fit.
LOWEST_FITTED_MEAN = 0.5
LARGEST_LOG_MEAN = 50.0
LARGEST_EFFECT = 12.0  # log2
STRIDE = 0.5
HALVINGS = 9
CELLS = 4  # into which an effect is divided to look for the critical one, and then one of them
# Where three independent standard normal variables are averaged over, and with which weights: a
# rule that is exact for polynomials of degree 5 (McNamee and Stenger, Numer Math 10:327 (1967)).
AXES = [np.sqrt(3) * sign * axis for axis in np.eye(3) for sign in (1, -1)]
PAIRS = [one + other for one, other in combinations(AXES, 2) if (one + other).any()]
NODES = np.array([np.zeros(3), *AXES, *PAIRS])
WEIGHTS = np.repeat([1 / 3, 1 / 18, 1 / 36], [1, len(AXES), len(PAIRS)])

# The same for one variable.
ROOTS = np.sqrt(3) * np.array([-1.0, 0.0, 1.0])
WEIGHTS_OF_ROOTS = np.array([1, 4, 1]) / 6


class Question(NamedTuple):
    """What is asked of all genes.

    Attributes
    ----------
    size_factors : ndarray, samples
    design : ndarray, samples × coefficients
    contrast : ndarray, coefficients
    shift : ndarray, coefficients
        Their change that moves the contrast by 1 in the direction asked for.
    trend : callable
        The trend's dispersion at given means of normalized counts.
    """

    size_factors: np.ndarray
    design: np.ndarray
    contrast: np.ndarray
    shift: np.ndarray
    trend: Callable[[np.ndarray], np.ndarray]

    def means(self, means: np.ndarray, effects: np.ndarray) -> np.ndarray:
        """Move means of genes × samples by |log2 fold changes|, in the direction asked for."""
        moved = nb.LN2 * np.outer(effects, self.design @ self.shift)
        return means * np.exp(np.minimum(moved, LARGEST_LOG_MEAN))


class WaldGenes(NamedTuple):
    """What the Wald test of some genes depends on.

    Attributes
    ----------
    means : ndarray, genes × samples
        Expected normalized counts where there is no effect.
    mean_variance : ndarray, genes
        Of their logarithm, which is an estimate.
    base_means, dispersions : ndarray, genes
        As they were found.
    limits : ndarray, genes
        The critical value of the Wald statistic.
    replicate_variance, prior_variance : ndarray, genes
        Of the log dispersion: of an estimate from replicates alone, and of genes around the trend.
    """

    means: np.ndarray
    mean_variance: np.ndarray
    base_means: np.ndarray
    dispersions: np.ndarray
    limits: np.ndarray
    replicate_variance: np.ndarray
    prior_variance: np.ndarray

    def power(self, effects: np.ndarray, question: Question) -> np.ndarray:
        """Give the power with which |log2 fold changes| are found, in the direction asked for."""
        changed = question.means(self.means, effects)
        signed = effects * np.sign(question.contrast @ question.shift)
        times, number = len(NODES), len(effects)
        off = np.exp(np.sqrt(self.mean_variance) * NODES[:, [0]])
        means = (off[:, :, None] * changed).reshape(times * number, -1)
        true, estimated = _dispersions(self, off * changed.mean(axis=1), question)
        roots = critical_roots(
            *(np.tile(signed, times), means * question.size_factors, true.ravel()),
            *(estimated.ravel(), np.tile(self.limits, times), question),
        )
        return WEIGHTS @ ndtr(roots.reshape(times, number))


class QuasiGenes(NamedTuple):
    """What the quasi-likelihood F-test of some genes depends on.

    Attributes
    ----------
    means : ndarray, genes × samples
        Expected normalized counts where there is no effect.
    mean_variance : ndarray, genes
        Of their logarithm, which is an estimate.
    base_means, quasi_dispersions : ndarray, genes
        As they were found.
    prior_variance : ndarray, genes
        Of quasi-dispersions.
    prior_share : ndarray, genes
        Of the degrees of freedom, those that are the prior's.
    freedom : ndarray, genes
    limits : ndarray, genes
        The critical value of the root of F.
    """

    means: np.ndarray
    mean_variance: np.ndarray
    base_means: np.ndarray
    quasi_dispersions: np.ndarray
    prior_variance: np.ndarray
    prior_share: np.ndarray
    freedom: np.ndarray
    limits: np.ndarray

    def power(self, effects: np.ndarray, question: Question) -> np.ndarray:
        """Give the power with which |log2 fold changes| are found, in the direction asked for."""
        off = np.exp(np.sqrt(self.mean_variance) * ROOTS[:, None])
        return WEIGHTS_OF_ROOTS @ [self._power_at(each, effects, question) for each in off]

    def _power_at(self, off: np.ndarray, effects: np.ndarray, question: Question) -> np.ndarray:
        """Give the power where means are so many times what they seem."""
        # It takes long to import, and the Wald test needs nothing of it.
        from scipy.stats import nct

        changed = question.means(self.means, effects) * off[:, None]
        average = changed.mean(axis=1)
        trend = np.broadcast_to(question.trend(average), len(effects))
        rest = question.design @ null_space(question.contrast[None])
        expected = changed * question.size_factors
        lost = maximum_likelihood(expected, question.size_factors, rest, trend).deviances
        moved = self._moved(average, trend, question)
        off = np.exp(np.sqrt(polygamma(1, self.freedom / 2)) * ROOTS[:, None])
        true = off * moved
        estimated = self.prior_share * self.prior_variance + (1 - self.prior_share) * true
        limits = self.limits * np.sqrt(estimated / true)
        found = WEIGHTS_OF_ROOTS @ nct.sf(limits, self.freedom, np.sqrt(lost / true))
        variances = moved[:, None] * (expected + trend[:, None] * expected**2)
        return chance_of_enough_reads(expected, variances, question) * found

    def _moved(self, average: np.ndarray, trend: np.ndarray, question: Question) -> np.ndarray:
        """Give quasi-dispersions at other means, where the trend is another, the gene's own not."""
        before = np.broadcast_to(question.trend(self.base_means), len(average))
        poisson = 1 / self.base_means
        own = np.maximum(self.quasi_dispersions * (poisson + before) - poisson, 0)
        return (1 / average + own) / (1 / average + trend)


Genes = TypeVar("Genes", WaldGenes, QuasiGenes)


def some_of(genes: Genes, chosen: np.ndarray) -> Genes:
    """Give some of the genes, by their places or by a mask."""
    return type(genes)(*(values[chosen] for values in genes))


def chance_of_enough_reads(
    expected: np.ndarray, variances: np.ndarray, question: Question
) -> np.ndarray:
    """Give the chance that a gene has enough reads to be tested, by `enough_reads`.

    Parameters
    ----------
    expected, variances : ndarray, genes × samples
        Of the counts; these are negative binomial, or nearly Poisson where they vary less.
    question : Question

    Returns
    -------
    ndarray, genes
    """
    size_factors = question.size_factors
    fewest = np.ceil(FEWEST_READS * size_factors / np.median(size_factors) - 1e-9)
    shape = expected**2 / np.maximum(variances - expected, 1e-6 * expected)
    seen = betaincc(shape, fewest, shape / (shape + expected))
    # Of how many samples have so many reads, sample by sample.
    needed = int(np.ceil(smallest_group(question.design) - 1e-9))
    chances = np.zeros((needed + 1, len(expected)))
    chances[0] = 1.0
    for chance in seen.T:
        more = chances[:-1] * chance
        chances[-1] += more[-1]
        chances[:-1] *= 1 - chance
        chances[1:-1] += more[:-1]
    return chances[-1]


def quasi_limits(p_values: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Give the critical value of the root of F for p-values."""
    return -stdtrit(freedom, p_values / 2)


def smallest_effects(genes: Genes, question: Question) -> np.ndarray:
    """Find the smallest effects that have the power, in one direction.

    Returns
    -------
    ndarray, genes
        |log2 fold change|; missing where no effect up to 12 has the power.
    """
    upper = np.full(len(genes.means), np.nan)
    # Stride by stride, for a fall to hardly any reads has less power than a smaller one.
    for effect in np.arange(STRIDE, LARGEST_EFFECT + STRIDE, STRIDE):
        searched = np.flatnonzero(np.isnan(upper))
        if len(searched):
            power = some_of(genes, searched).power(np.full(len(searched), effect), question)
            upper[searched[power >= POWER]] = effect
    chosen = np.flatnonzero(~np.isnan(upper))
    lower = upper - STRIDE
    for _ in range(HALVINGS if len(chosen) else 0):
        middle = (lower[chosen] + upper[chosen]) / 2
        enough = some_of(genes, chosen).power(middle, question) >= POWER
        upper[chosen[enough]] = middle[enough]
        lower[chosen[~enough]] = middle[~enough]
    return (lower + upper) / 2


def _dispersions(
    genes: WaldGenes, base_means: np.ndarray, question: Question
) -> tuple[np.ndarray, np.ndarray]:
    """Give dispersions that a gene may have, and be tested by once it has changed.

    An estimate is the average of what the replicates say and of the trend at the gene's mean,
    which an effect moves.

    Returns
    -------
    true, estimated : ndarray, nodes × genes
    """
    of_prior = 1 / (1 + genes.prior_variance / genes.replicate_variance)
    known = np.log(genes.dispersions)
    after = np.sqrt(genes.replicate_variance * (1 - of_prior))
    true = known + after * NODES[:, [1]]
    trend, before = (np.log(question.trend(at)) for at in (base_means, genes.base_means))
    seen = true + np.sqrt(genes.replicate_variance) * NODES[:, [2]]
    # What the trend and the replicates said together before, but for chance.
    estimated = of_prior * (known + trend - before) + (1 - of_prior) * seen
    return np.exp(true), np.exp(estimated)


def critical_roots(
    effects: np.ndarray,
    expected: np.ndarray,
    true: np.ndarray,
    estimated: np.ndarray,
    limits: np.ndarray,
    question: Question,
) -> np.ndarray:
    """Give the root of twice the likelihood that is lost at the critical effect.

    Parameters
    ----------
    effects : ndarray, genes
        The contrast, log2.
    expected : ndarray, genes × samples
        Counts under the effects.
    true, estimated : ndarray, genes
        The dispersion that counts have, and that by which they are tested.
    limits : ndarray, genes
        The critical value of the Wald statistic.
    question : Question

    Returns
    -------
    ndarray, genes
        Negative infinity where the critical effect is not below the effect.
    """
    size_factors, design, contrast, *_ = question
    rest = design @ null_space(contrast[None])
    direction = design @ contrast / (contrast @ contrast)

    def held_at(shares: np.ndarray) -> np.ndarray:
        """Hold the contrast at shares of the effects, each of all genes.

        Gives the shares, by how much the Wald statistic passes its critical value, and the root.
        """
        times = len(shares)
        held = nb.LN2 * (shares * effects).ravel()
        offsets = size_factors * np.exp(np.outer(held, direction))
        fit = maximum_likelihood(np.tile(expected, (times, 1)), offsets, rest, np.tile(true, times))
        means = np.maximum(fit.mu, LOWEST_FITTED_MEAN)
        errors = nb.contrast_standard_errors(means, np.tile(estimated, times), design, contrast)
        surplus = (np.abs(held) / errors).reshape(shares.shape) - limits
        return np.array([shares, surplus, np.sqrt(fit.deviances).reshape(shares.shape)])

    none, whole = np.zeros(len(effects)), np.ones(len(effects))
    before, after = _at_first_crossing(held_at(np.linspace(none, whole, CELLS + 1)))
    between = held_at(np.linspace(before[0], after[0], CELLS + 1)[1:-1])
    points = np.concatenate([before[:, None], between, after[:, None]], axis=1)
    before, after = _at_first_crossing(points)
    share = before[1] / (before[1] - after[1])
    return np.where(after[1] >= 0, before[2] + share * (after[2] - before[2]), -np.inf)


def _at_first_crossing(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the two points of each gene between which its surplus, which begins below 0, first is 0.

    Where it never is, the first two.

    Parameters
    ----------
    points : ndarray, 3 × points × genes
        Shares, surplus and roots.

    Returns
    -------
    tuple of ndarray and ndarray, 3 × genes
    """
    after = np.maximum((points[1] >= 0).argmax(axis=0), 1)
    genes = np.arange(len(after))
    return points[:, after - 1, genes], points[:, after, genes]
