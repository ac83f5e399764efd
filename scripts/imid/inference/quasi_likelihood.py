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
from scipy.special import ndtr, ndtri_exp
from scipy.stats import chi2, f, norm, t

from imid.inference.deviance import maximum_likelihood
from imid.inference.variance_prior import VariancePrior, fit_prior

ZERO_MEAN = 1e-4
NO_DISPERSION = 1e-8
# Standard errors before a threshold in which a gene's true change may lie that is none beyond it.
DEPTH = 1.5
# Normal deviates apart; and the furthest of which a double holds the tail.
NARROW = 1e-6
FURTHEST = 37.0
# A gene is tested with this many reads in a sample of median depth, in as many samples as the
# smallest group has, and these many in all samples together.
FEWEST_READS = 10
FEWEST_READS_IN_ALL = 15
# Of a large group, this share of the samples beyond the first ten.
LARGE_GROUP = 10
SHARE_OF_LARGE_GROUP = 0.7


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
    below_poisson : ndarray of bool, genes
        Where the model says that counts vary less than a Poisson distribution's.
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
    below_poisson: np.ndarray


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
    basis, _ = np.linalg.qr(design)
    group = 1 / (basis**2).sum(axis=1).max()
    if group > LARGE_GROUP:
        group = LARGE_GROUP + (group - LARGE_GROUP) * SHARE_OF_LARGE_GROUP
    scaled = counts * (np.median(size_factors) / size_factors)
    often = (scaled >= FEWEST_READS).sum(axis=1) >= group - 1e-9
    return often & (counts.sum(axis=1) >= FEWEST_READS_IN_ALL)


def fit(
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
    with np.errstate(invalid="ignore", divide="ignore"):
        variances = np.where(freedom > 0, deviances / freedom, 0.0)
    prior = fit_prior(variances, freedom, np.log(means))
    posterior = squeezed(variances, freedom, prior)
    total = np.minimum(freedom + prior.freedom, freedom.sum())
    below = (posterior[:, None] * (1 + dispersions[:, None] * mu) < 1).any(axis=1)
    return QuasiFit(
        *(counts, size_factors, design, dispersions),
        *(coefficients, deviances, prior, freedom, posterior, total, below),
    )


def squeezed(variances: np.ndarray, freedom: np.ndarray, prior: VariancePrior) -> np.ndarray:
    """Average each gene's quasi-dispersion with the prior's, by their degrees of freedom."""
    with np.errstate(invalid="ignore"):
        average = (prior.freedom * prior.variance + freedom * variances) / (prior.freedom + freedom)
    return np.where(np.isinf(prior.freedom), prior.variance, average)


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
    """Test a contrast of the coefficients for being other than zero.

    Parameters
    ----------
    model : QuasiFit
        As given by `fit`.
    contrast : ndarray, coefficients

    Returns
    -------
    ndarray, genes
        P-values. Where counts would vary less than a Poisson distribution's, none is below that
        of its likelihood-ratio test.
    """
    p_values = f.sf(_f_statistics(model, contrast, 0.0), 1, model.freedom)
    return _at_least_poisson(model, contrast, p_values)


def threshold_test(model: QuasiFit, contrast: np.ndarray, threshold: float) -> np.ndarray:
    r"""Test whether a contrast is larger than a threshold, in either direction.

    The signed root of F, as a normal deviate, at a contrast held fixed at the threshold T of the
    estimate's side gives z, and at that of the other side z'. Between, it is taken to be linear.
    Held against the threshold itself, as McCarthy and Smyth do (Bioinformatics 25:765 (2009)),
    :math:`p = \Phi(-z) + \Phi(-z')`, which is right for a gene that changes by just T. Here the
    true value may lie anywhere in the last `DEPTH` standard errors before the threshold with
    equal probability (and anywhere from -T to T where that is less), so with
    :math:`w = \min(c, z' - z)`

    .. math:: p = \frac1w \int_z^{z+w} \Phi(-u)\,du + \frac1w \int_{z'-w}^{z'} \Phi(-u)\,du .

    Parameters
    ----------
    model : QuasiFit
        As given by `fit`.
    contrast : ndarray, coefficients
    threshold : float
        In natural log, at least 0. With 0 it is `f_test`.

    Returns
    -------
    ndarray, genes
        P-values, never below those of `f_test`.
    """
    unequal = f_test(model, contrast)
    if threshold == 0:
        return unequal
    estimates = model.coefficients @ contrast
    at_threshold = _deviates(model, contrast, threshold, estimates)
    at_opposite = _deviates(model, contrast, -threshold, estimates)
    rises = estimates >= 0
    near = np.where(rises, at_threshold, -at_opposite)
    far = np.where(rises, at_opposite, -at_threshold)
    width = np.minimum(far - near, DEPTH)
    p_values = _mean_tail(near, near + width) + _mean_tail(far - width, far)
    return np.clip(np.maximum(p_values, unequal), 0, 1)


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
    estimates = model.coefficients @ contrast
    below = ndtr(_deviates(model, contrast, threshold, estimates))
    above = ndtr(-_deviates(model, contrast, -threshold, estimates))
    return np.maximum(below, above)


def _deviates(
    model: QuasiFit, contrast: np.ndarray, value: float, estimates: np.ndarray
) -> np.ndarray:
    """Give how far estimates are from a value, as normal deviates."""
    tails = t.logsf(np.sqrt(_f_statistics(model, contrast, value)), model.freedom)
    return np.sign(estimates - value) * np.minimum(-ndtri_exp(tails), FURTHEST)


def _mean_tail(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Average the upper tail of the normal distribution from `low` to `high`."""

    def integral(z: np.ndarray) -> np.ndarray:
        return z * ndtr(-z) - norm.pdf(z)

    width = high - low
    wide = width > NARROW
    mean = (integral(high) - integral(low)) / np.where(wide, width, 1.0)
    return np.where(wide, mean, ndtr(-(low + high) / 2))


def _null_deviances(
    model: QuasiFit, contrast: np.ndarray, value: float, dispersions: np.ndarray
) -> np.ndarray:
    """Fit the model with a contrast held at a value; give its deviances."""
    rest = model.design @ null_space(contrast[None])
    held = np.exp(model.design @ contrast * (value / (contrast @ contrast)))
    size_factors = model.size_factors * held
    return maximum_likelihood(model.counts, size_factors, rest, dispersions).deviances


def _f_statistics(model: QuasiFit, contrast: np.ndarray, value: float) -> np.ndarray:
    deviances = _null_deviances(model, contrast, value, model.dispersions)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.maximum(deviances - model.deviances, 0) / model.posterior


def _at_least_poisson(model: QuasiFit, contrast: np.ndarray, p_values: np.ndarray) -> np.ndarray:
    """Raise p-values to those of Poisson counts, where these vary more than the model says."""
    genes = np.flatnonzero(model.below_poisson)
    if not len(genes):
        return p_values
    part = model._replace(counts=model.counts[genes])
    none = np.full(len(genes), NO_DISPERSION)
    full = maximum_likelihood(part.counts, part.size_factors, part.design, none).deviances
    poisson = chi2.sf(np.maximum(_null_deviances(part, contrast, 0.0, none) - full, 0), 1)
    raised = p_values.copy()
    raised[genes] = np.maximum(p_values[genes], poisson)
    return raised
