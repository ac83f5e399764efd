r"""The quasi-likelihood F-test: negative-binomial counts whose variation is itself uncertain.

The Wald test takes a gene's dispersion as known, though a few replicates tell little of it. Here
it is the trend's, common to genes of one mean, and what a gene varies beyond or below that is a
quasi-dispersion :math:`\sigma_i^2`, var :math:`(y_{ij}) = \sigma_i^2(\mu_{ij} + \alpha\mu_{ij}^2)`
(Lund, Nettleton, McCarthy and Smyth, Stat Appl Genet Mol Biol 11(5):8 (2012)). With deviances D1
of the full model and D0 of that without the contrast:

- :math:`s_i^2 = D_1/d_i` estimates it, with d residual degrees of freedom, to which samples of
  fitted mean 0 contribute none;
- it is squeezed towards the prior :math:`s_{0i}^2`, a smooth function of the mean, which counts
  as :math:`d_0` further degrees of freedom (Smyth, Stat Appl Genet Mol Biol 3(1):3 (2004)):
  :math:`\tilde s_i^2 = (d_0 s_{0i}^2 + d_i s_i^2)/(d_0 + d_i)`; see `variance_prior`;
- :math:`F = (D_0 - D_1)/\tilde s_i^2` has 1 and :math:`d_0 + d_i` degrees of freedom.

Nothing is said of genes with so few counts that the deviance has no such distribution. The
correction for small counts that edgeR has since its version 4 is not made.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import null_space
from scipy.special import fdtrc, ndtr, ndtri_exp, stdtr

from imid.inference.deviance import maximum_likelihood
from imid.inference.variance_prior import VariancePrior, fit_prior

ZERO_MEAN = 1e-4
# Normal deviates apart; and the furthest of which a double holds the tail.
NARROW = 1e-6
FURTHEST = 37.0
# A gene is tested with this many reads in a sample of median depth, in as many samples as the
# smallest group has, and these many in all samples together.
FEWEST_READS = 10
FEWEST_READS_IN_ALL = 15


class Squeezed(NamedTuple):
    """Quasi-dispersions' prior, their averages with it, and the degrees of freedom of these.

    The last at most those of all genes together.
    """

    prior: VariancePrior
    posterior: np.ndarray
    freedom: np.ndarray


class QuasiFit(NamedTuple):
    """The full model, fitted.

    Attributes
    ----------
    counts : ndarray, genes × samples
    size_factors : ndarray, samples
    design : ndarray, samples × coefficients
    dispersions : ndarray, genes
        The trend's.
    coefficients : ndarray, genes × coefficients
        Natural log.
    deviances : ndarray, genes
    prior : VariancePrior
        Of the quasi-dispersions.
    residual_freedom : ndarray, genes
    posterior : ndarray, genes
        The squeezed quasi-dispersions.
    freedom : ndarray, genes
        Their degrees of freedom, at most those of all genes together.
    """

    counts: np.ndarray
    size_factors: np.ndarray
    design: np.ndarray
    dispersions: np.ndarray
    coefficients: np.ndarray
    deviances: np.ndarray
    prior: VariancePrior
    residual_freedom: np.ndarray
    posterior: np.ndarray
    freedom: np.ndarray


def enough_reads(counts: np.ndarray, size_factors: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Tell which genes have enough reads to be tested.

    Parameters
    ----------
    counts : ndarray, genes × samples
    size_factors : ndarray, samples
    design : ndarray, samples × coefficients

    Returns
    -------
    ndarray of bool, genes
        True with at least ten reads, scaled to the sample of median depth, in as many samples as
        the smallest group has (the inverse of the largest leverage), and 15 in all.
    """
    group = smallest_group(design)
    scaled = counts * (np.median(size_factors) / size_factors)
    often = (scaled >= FEWEST_READS).sum(axis=1) >= group - 1e-9
    return often & (counts.sum(axis=1) >= FEWEST_READS_IN_ALL)


def smallest_group(design: np.ndarray) -> float:
    """Give the number of samples in the smallest group: the inverse of the largest leverage."""
    basis, _ = np.linalg.qr(design)
    return float(1 / (basis**2).sum(axis=1).max())


def fit_quasi(
    counts: np.ndarray, size_factors: np.ndarray, design: np.ndarray, dispersions: np.ndarray
) -> QuasiFit:
    """Fit the full model, and estimate how much each gene varies.

    Parameters
    ----------
    counts : ndarray, genes × samples
        Of genes that have enough reads.
    size_factors : ndarray, samples
    design : ndarray, samples × coefficients
        Of full column rank, with fewer columns than rows.
    dispersions : ndarray, genes
        The trend's.

    Returns
    -------
    QuasiFit
    """
    coefficients, mu, deviances = maximum_likelihood(counts, size_factors, design, dispersions)
    freedom = residual_freedom(mu, design)
    means = (counts / size_factors).mean(axis=1)
    squeezed = squeeze(deviances, freedom, np.log(means))
    return QuasiFit(
        counts=counts,
        size_factors=size_factors,
        design=design,
        dispersions=dispersions,
        coefficients=coefficients,
        deviances=deviances,
        prior=squeezed.prior,
        residual_freedom=freedom,
        posterior=squeezed.posterior,
        freedom=squeezed.freedom,
    )


def squeeze(deviances: np.ndarray, freedom: np.ndarray, log_means: np.ndarray) -> Squeezed:
    """Average each gene's quasi-dispersion with the prior's, by their degrees of freedom.

    Parameters
    ----------
    deviances : ndarray, genes
        Of the full model.
    freedom : ndarray, genes
        Residual degrees of freedom.
    log_means : ndarray, genes
        What quasi-dispersions go with.

    Returns
    -------
    Squeezed
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        variances = np.where(freedom > 0, deviances / freedom, 0.0)
    prior = fit_prior(variances, freedom, log_means)
    with np.errstate(invalid="ignore"):
        average = (prior.freedom * prior.variance + freedom * variances) / (prior.freedom + freedom)
    posterior = np.where(np.isinf(prior.freedom), prior.variance, average)
    return Squeezed(prior, posterior, np.minimum(freedom + prior.freedom, freedom.sum()))


def residual_freedom(mu: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Count the residual degrees of freedom of each gene.

    Parameters
    ----------
    mu : ndarray, genes × samples
        Fitted means; where one is 0 the count is 0 too, and says nothing of variation.
    design : ndarray, samples × coefficients

    Returns
    -------
    ndarray, genes
        Samples of positive mean, less the rank of the design in these.
    """
    positive = mu > ZERO_MEAN
    patterns, of_gene = np.unique(positive, axis=0, return_inverse=True)
    counted = [
        samples.sum() - (np.linalg.matrix_rank(design[samples]) if samples.any() else 0)
        for samples in patterns
    ]
    return np.array(counted, dtype=float)[of_gene.ravel()]


def f_test(model: QuasiFit, contrast: np.ndarray) -> np.ndarray:
    """Test contrasts of the coefficients for being other than zero.

    Parameters
    ----------
    model : QuasiFit
        As given by `fit_quasi`.
    contrast : ndarray, coefficients or contrasts × coefficients
        Several are tested together: for all of them being zero. None follows from the others.

    Returns
    -------
    ndarray, genes
        P-values.
    """
    statistics, degrees = f_statistics(model, contrast)
    return fdtrc(degrees, model.freedom, statistics)


def f_statistics(model: QuasiFit, contrast: np.ndarray) -> tuple[np.ndarray, int]:
    """Give F of each gene, and its first degrees of freedom; see `f_test`."""
    contrasts = np.atleast_2d(contrast)
    gained = _gained_deviances(model, contrasts, np.zeros(len(contrasts)))
    with np.errstate(invalid="ignore", divide="ignore"):
        return gained / len(contrasts) / model.posterior, len(contrasts)


def threshold_test(model: QuasiFit, contrast: np.ndarray, threshold: float) -> np.ndarray:
    r"""Test whether a contrast is larger than a threshold, in either direction.

    The null hypothesis is the interval :math:`|\beta| \le \tau` (McCarthy and Smyth, Bioinformatics
    25:765 (2009)), where a true value :math:`b` in it gives an estimate as far from 0 with
    probability

    .. math:: P(b) = P\left(Z > \frac{|\hat\beta| - b}{s}\right)
        + P\left(Z > \frac{|\hat\beta| + b}{s}\right).

    They take the largest, :math:`P(\tau)`, which few replicates hardly ever pass. Here it is the
    average over the interval, as if :math:`b` were as likely anywhere in it: right for genes of
    all small changes together, too small for one that changes by just the threshold. The
    quotients are signed roots of F with the contrast held fixed at :math:`\tau`, 0 and
    :math:`-\tau`, as normal deviates, and taken to be linear between.

    Parameters
    ----------
    model : QuasiFit
        As given by `fit_quasi`.
    contrast : ndarray, coefficients
    threshold : float
        In natural log, at least 0. With 0 it is `f_test`.

    Returns
    -------
    ndarray, genes
        P-values, none below that of `f_test`.
    """
    unequal = f_test(model, contrast)
    if threshold == 0:
        return unequal
    above, below = (_deviates(model, contrast, value) for value in (threshold, -threshold))
    rises = model.coefficients @ contrast >= 0
    near, far = np.where(rises, above, -below), np.where(rises, below, -above)
    middle = np.abs(_deviates(model, contrast, 0.0))
    return np.maximum(_mean_tail(near, middle) + _mean_tail(middle, far), unequal)


def equivalence_test(model: QuasiFit, contrast: np.ndarray, threshold: float) -> np.ndarray:
    """Test whether a contrast is nearer to 0 than a threshold, on either side.

    Parameters
    ----------
    model, contrast, threshold
        As for `threshold_test`.

    Returns
    -------
    ndarray, genes
        The larger p-value of the two one-sided tests.
    """
    below = ndtr(_deviates(model, contrast, threshold))
    above = ndtr(-_deviates(model, contrast, -threshold))
    return np.maximum(below, above)


def _deviates(model: QuasiFit, contrast: np.ndarray, value: float) -> np.ndarray:
    """Give how far a contrast's estimates are from a value, as normal deviates."""
    with np.errstate(invalid="ignore", divide="ignore"):
        gained = _gained_deviances(model, contrast[None], np.array([value]))
        tails = np.log(stdtr(model.freedom, -np.sqrt(gained / model.posterior)))
    side = np.sign(model.coefficients @ contrast - value)
    return side * np.minimum(-ndtri_exp(tails), FURTHEST)


def _mean_tail(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Average the upper tail of the normal distribution from `low` to `high`."""

    def integral(z: np.ndarray) -> np.ndarray:
        return z * ndtr(-z) - np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    width = high - low
    wide = width > NARROW
    mean = (integral(high) - integral(low)) / np.where(wide, width, 1.0)
    return np.where(wide, np.maximum(mean, 0), ndtr(-(low + high) / 2))


def _gained_deviances(model: QuasiFit, contrasts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Fit the model with contrasts held at values; give the deviance above the full model's."""
    rest = model.design @ null_space(contrasts)
    size_factors = model.size_factors * np.exp(model.design @ (np.linalg.pinv(contrasts) @ values))
    held = maximum_likelihood(model.counts, size_factors, rest, model.dispersions)
    return np.maximum(held.deviances - model.deviances, 0)
