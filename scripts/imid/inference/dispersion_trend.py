r"""The trend of dispersion over mean expression, and the spread of genes around it.

Equations 6 and 7 of Love, Huber and Anders, Genome Biology 15:550 (2014), with the choices of
R's DESeq2 where the paper leaves them open. PyDESeq2 0.5 chooses otherwise, and this is where
most of the distance between the two comes from: it fits the curve through the genes without
any measurable dispersion too, and drops genes far from a first curve for good; and with three
or fewer residual degrees of freedom it takes a formula for the width of the prior that does
not hold there.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import polygamma
from scipy.stats import trim_mean

from imid.inference.local_regression import locfit, loess
from imid.inference.trend_curve import Trend
from imid.shared.paths import resource

SMALLEST_PRIOR_VARIANCE = 0.25
NORMAL_MAD = 1.4826
HISTOGRAMS = resource("resources/residual_histograms.tsv.gz")
HISTOGRAM_EDGES = np.linspace(-10, 10, 41)


class TrendError(ValueError):
    """The parametric curve does not describe the dispersions."""


def fit_gamma_glm(
    inverse_means: np.ndarray,
    dispersions: np.ndarray,
    start: Sequence[float] | np.ndarray = (0.1, 1.0),
    max_iterations: int = 25,
    tolerance: float = 1e-8,
) -> tuple[np.ndarray, bool]:
    r"""Fit :math:`E[\alpha_i] = a_0 + a_1 / \mu_i`, gamma distributed, identity link.

    Iteratively reweighted least squares: the variance of a gamma variable is its squared mean,
    so each step is a regression with weights :math:`1/\hat\alpha_i^2`. A step to negative
    fitted values is halved until there are none.

    Parameters
    ----------
    inverse_means, dispersions : ndarray, genes
    start : sequence of float
        a0 and a1 to begin with.
    max_iterations : int
    tolerance : float
        Of the relative change of the deviance.

    Returns
    -------
    coefficients : ndarray
        a0 and a1.
    converged : bool
    """
    terms = np.column_stack([np.ones_like(inverse_means), inverse_means])
    coefficients = np.asarray(start, dtype=float)
    fitted = terms @ coefficients
    deviance = _gamma_deviance(dispersions, fitted)
    for _ in range(max_iterations):
        weighted = terms / fitted[:, None]
        target = np.linalg.lstsq(weighted, dispersions / fitted, rcond=None)[0]
        for _ in range(max_iterations):
            fitted = terms @ target
            if (fitted > 0).all():
                break
            target = (target + coefficients) / 2
        else:
            return coefficients, False
        coefficients, previous = target, deviance
        deviance = _gamma_deviance(dispersions, fitted)
        if abs(deviance - previous) < tolerance * (abs(deviance) + 0.1):
            return coefficients, True
    return coefficients, False


def _gamma_deviance(values: np.ndarray, fitted: np.ndarray) -> float:
    ratio = values / fitted
    return 2 * float(np.sum(ratio - 1 - np.log(ratio)))


def parametric_trend(means: np.ndarray, dispersions: np.ndarray) -> Trend:
    r"""Fit :math:`\alpha_{tr}(\mu) = a_0 + a_1/\mu`, leaving out genes far from the curve.

    The curve is fitted again and again to the genes whose dispersion is between 1e-4 and 15
    times the last curve, chosen anew among all genes in each round, from (0.1, 1) on, until
    :math:`\sum \log(a/a_{last})^2 < 10^{-6}`.

    Parameters
    ----------
    means : ndarray, genes
        Of normalized counts.
    dispersions : ndarray, genes
        Gene-wise estimates.

    Returns
    -------
    Trend

    Raises
    ------
    TrendError
        If a coefficient is not positive, or ten rounds do not suffice.
    """
    coefficients = np.array([0.1, 1.0])
    for _ in range(11):
        residuals = dispersions / (coefficients[0] + coefficients[1] / means)
        near = (residuals > 1e-4) & (residuals < 15)
        previous = coefficients
        coefficients, converged = fit_gamma_glm(1 / means[near], dispersions[near], previous)
        if not (coefficients > 0).all():
            raise TrendError("a coefficient of the dispersion trend is not positive")
        if converged and np.sum(np.log(coefficients / previous) ** 2) < 1e-6:
            return Trend("parametric", dict(zip(["a0", "a1"], coefficients.tolist(), strict=True)))
    raise TrendError("the dispersion trend did not converge")


def local_trend(means: np.ndarray, dispersions: np.ndarray) -> Trend:
    """Fit a local regression of log dispersions on log means, weighted by the means."""
    return Trend("local", locfit(np.log(means), np.log(dispersions), means)._asdict())


def mean_trend(dispersions: np.ndarray) -> Trend:
    """Take the mean of the gene-wise dispersions, trimmed by a thousandth at both ends."""
    return Trend("mean", {"value": float(trim_mean(dispersions, 0.001))})


def fit_trend(means: np.ndarray, dispersions: np.ndarray, lowest: float) -> Trend:
    """Fit the parametric trend, or where that fails a local one, as R does.

    Where there are too few genes with a dispersion for a local regression R stops; here the
    mean is taken.

    Parameters
    ----------
    means, dispersions : ndarray, genes
    lowest : float
        The smallest dispersion that estimates can have. Only genes above 100 times it count.

    Returns
    -------
    Trend
    """
    used = dispersions > 100 * lowest
    if used.sum() < 10:
        return mean_trend(dispersions)
    try:
        return parametric_trend(means[used], dispersions[used])
    except TrendError:
        return local_trend(means[used], dispersions[used])


def residual_variance(residuals: np.ndarray) -> float:
    """Give the squared median absolute deviation of log dispersions around the trend."""
    return float((NORMAL_MAD * np.median(np.abs(residuals - np.median(residuals)))) ** 2)


def prior_variance(residuals: np.ndarray, degrees_of_freedom: int) -> float:
    r"""Estimate the variance of true log dispersions around the trend.

    What is seen is the sum of true variance and sampling variance, the latter being about
    :math:`\psi_1(\nu/2)` with :math:`\nu` residual degrees of freedom. At three or fewer the
    sampling distribution, log chi-squared, is too skewed for this, and the whole distribution
    is matched instead.

    Parameters
    ----------
    residuals : ndarray, genes
        Log gene-wise dispersion minus log trend, of genes with a measurable dispersion.
    degrees_of_freedom : int
        Samples minus coefficients.

    Returns
    -------
    float
        At least 0.25.
    """
    if degrees_of_freedom <= 3:
        estimate = _matched_variance(residuals, degrees_of_freedom)
    else:
        estimate = residual_variance(residuals) - float(polygamma(1, degrees_of_freedom / 2))
    return max(estimate, SMALLEST_PRIOR_VARIANCE)


def _matched_variance(residuals: np.ndarray, degrees_of_freedom: int) -> float:
    r"""Find the variance whose residuals are distributed most like those seen.

    The histogram of the residuals is held against histograms of
    :math:`\log(\chi^2_\nu/\nu) + N(0, v)` for 200 values of v in 0 to 8; the Kullback-Leibler
    divergences are smoothed over v, and the minimum of the smooth curve taken. R draws the
    histograms in every run from the same seed; here they are read from a table.
    """
    variances, simulated = _simulated_densities(degrees_of_freedom)
    inside = residuals[np.abs(residuals) < 10]
    # R's bins are closed on the right.
    seen = np.histogram(-inside, HISTOGRAM_EDGES, density=True)[0][::-1]
    divergences = np.empty(len(variances))
    for i, density in enumerate(simulated):
        both = np.concatenate([seen, density])
        small = both[both > 0].min()
        divergences[i] = np.sum(seen * (np.log(seen + small) - np.log(density + small)))
    fine = np.linspace(0, 8, 1000)
    return float(fine[np.argmin(loess(variances, divergences, span=0.2)(fine))])


def _simulated_densities(degrees_of_freedom: int) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(HISTOGRAMS, sep="\t")
    table = table[table["degrees_of_freedom"] == degrees_of_freedom]
    counts = table.iloc[:, 2:].to_numpy(dtype=float)
    width = HISTOGRAM_EDGES[1] - HISTOGRAM_EDGES[0]
    return table["variance"].to_numpy(), counts / (counts.sum(axis=1, keepdims=True) * width)
