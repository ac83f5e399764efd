r"""Moderated t-tests of values that each sample has, such as scores of gene sets.

Few replicates tell little of how much a value varies. Values of one kind tell more together: their
variances are taken to scatter around :math:`s_0^2` by a scaled inverse chi-squared distribution of
:math:`d_0` degrees of freedom, found from the logarithms of the estimates, and each estimate is
averaged with :math:`s_0^2`, weighted by the degrees of freedom (Smyth, Stat Appl Genet Mol Biol
3(1):3 (2004), sections 3, 4 and 6.2).

Scores of gene sets are no such family quite: the interferon genes of a sample go together more than
others do, and a prior that takes them for one of many alike finds too much. So it never counts for
more than half as much as the replicates themselves, and of fewer than twenty values there is none:
the test is Student's. docs/statistics.md has what was measured with and without.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, polygamma, stdtr

from imid.inference.variance_prior import where_zero

# The most degrees of freedom of the prior, for each of the replicates'.
LARGEST_SHARE = 0.5
# Of fewer values the scatter of their variances is not known.
FEWEST_VALUES = 20
# A change no larger than this is that of rounding.
ROUNDING = 1e-9
SMALLEST_FREEDOM, LARGEST_FREEDOM = 1e-3, 1e6


class LinearModel(NamedTuple):
    """A design fitted to several values of each sample by least squares.

    Attributes
    ----------
    coefficients : ndarray, coefficients × values
    variances : ndarray, values
        Of the residuals.
    freedom : int
        Degrees of freedom of the residuals.
    unscaled : ndarray, coefficients × coefficients
        The coefficients' covariance over the variance.
    """

    coefficients: np.ndarray
    variances: np.ndarray
    freedom: int
    unscaled: np.ndarray


class Prior(NamedTuple):
    """Around which variance the true ones scatter, and how many degrees of freedom that counts."""

    variance: float
    freedom: float


class ModeratedT(NamedTuple):
    """Estimates of a contrast, their errors, degrees of freedom and two-sided p-values."""

    estimate: np.ndarray
    error: np.ndarray
    freedom: float
    p_value: np.ndarray


def fit_linear_model(values: np.ndarray, design: np.ndarray) -> LinearModel:
    """Fit a design to several values of each sample.

    Parameters
    ----------
    values : ndarray, samples × values
    design : ndarray, samples × coefficients
        Of full column rank.

    Returns
    -------
    LinearModel

    Raises
    ------
    ValueError
        There are no more samples than coefficients: nothing tells the error.
    """
    freedom = design.shape[0] - design.shape[1]
    if freedom < 1:
        raise ValueError("without replicates there is no error to test against")
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    residuals = values - design @ coefficients
    variances = (residuals**2).sum(axis=0) / freedom
    return LinearModel(coefficients, variances, freedom, np.linalg.inv(design.T @ design))


def fit_common_prior(variances: np.ndarray, freedom: int) -> Prior:
    """Find around which variance true variances scatter.

    Parameters
    ----------
    variances : ndarray, values
        The estimates.
    freedom : int
        Their degrees of freedom.

    Returns
    -------
    Prior
        Of at most half of these degrees of freedom; of none where fewer than twenty values vary.
    """
    positive = variances[variances > 0]
    if len(positive) < FEWEST_VALUES:
        return Prior(1.0, 0.0)
    logs = np.log(positive) - digamma(freedom / 2) + np.log(freedom / 2)
    excess = logs.var(ddof=1) - float(polygamma(1, freedom / 2))
    estimated = where_zero(
        lambda prior: float(polygamma(1, prior / 2)) - excess, SMALLEST_FREEDOM, LARGEST_FREEDOM
    )
    centre = logs.mean() + digamma(estimated / 2) - np.log(estimated / 2)
    return Prior(float(np.exp(centre)), min(estimated, LARGEST_SHARE * freedom))


def moderated_t(model: LinearModel, contrast: np.ndarray, prior: Prior) -> ModeratedT:
    """Test a contrast of each value for being other than zero.

    Parameters
    ----------
    model : LinearModel
    contrast : ndarray, coefficients
    prior : Prior

    Returns
    -------
    ModeratedT
        The p-value of what varies in no sample is 1.
    """
    freedom = prior.freedom + model.freedom
    variances = (prior.freedom * prior.variance + model.freedom * model.variances) / freedom
    estimate = contrast @ model.coefficients
    error = np.sqrt(variances * (contrast @ model.unscaled @ contrast))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(np.abs(estimate) < ROUNDING, 0.0, np.abs(estimate) / error)
    return ModeratedT(estimate, error, freedom, 2 * stdtr(freedom, -statistic))
