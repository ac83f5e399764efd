r"""How much genes vary: the distribution of true variances behind estimates from few samples.

An estimate :math:`s_i^2` with :math:`d_i` degrees of freedom is taken to be
:math:`s_{0i}^2 F(d_i, d_0)`: the true variances scatter around :math:`s_{0i}^2`, a smooth function
of the mean, by a scaled inverse chi-squared distribution of :math:`d_0` degrees of freedom
(Smyth, Stat Appl Genet Mol Biol 3(1):3 (2004)). Few genes that vary like no others would make
:math:`d_0` small for all. So both are found from the logarithms with their tails cut off, held
against an F distribution with its tails cut off alike, and genes that lie further out than it
explains get fewer degrees of freedom of their own (Phipson, Lee, Majewski, Alexander and Smyth,
Ann Appl Stat 10:946 (2016)).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import fdtrc, fdtri

# The tails that are cut off: more above, where the genes are that vary like no others.
TAILS = (0.05, 0.1)
LARGEST_FREEDOM = 1e6
SMALLEST_FREEDOM = 0.1
FEWEST_GENES = 10
SPLINE_COLUMNS = 4
ROUNDS = 20
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)


class VariancePrior(NamedTuple):
    """The prior of each gene's variance, and how many degrees of freedom it counts for."""

    variance: np.ndarray
    freedom: np.ndarray


def fit_prior(variances: np.ndarray, freedom: np.ndarray, covariate: np.ndarray) -> VariancePrior:
    """Fit the distribution of true variances.

    Parameters
    ----------
    variances : ndarray, genes
        The estimates.
    freedom : ndarray, genes
        Their degrees of freedom. The genes that have the most, mostly all, make the prior.
    covariate : ndarray, genes
        What variances go with: the logarithm of the mean.

    Returns
    -------
    VariancePrior
        Genes that vary far more than the prior explains have less freedom than the others.
        Infinite freedom where the estimates scatter no more than estimates must; none where no
        gene has a degree of freedom to learn from.
    """
    most = freedom.max(initial=0)
    if most == 0:
        return VariancePrior(np.ones(len(variances)), np.zeros(len(variances)))
    used = freedom == most
    # A logarithm of 0 is in the tail that is cut off, however low it is taken to be.
    positive = variances[used & (variances > 0)]
    logs = np.log(np.maximum(variances, positive.min() if len(positive) else 1.0))
    trend, residuals = _winsorized_trend(logs, covariate, used)
    prior, centre = _matched(residuals[used], most)
    level = np.exp(trend + centre)
    own = _own_freedom(np.exp(logs) / level, freedom, prior)
    return VariancePrior(level, own)


def _winsorized_trend(
    logs: np.ndarray, covariate: np.ndarray, used: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a natural spline to values whose residuals' tails are cut off; give it, and residuals."""
    columns = spline_columns(covariate, covariate[used])
    inverse = np.linalg.pinv(columns[used])
    kept = logs[used]
    for _ in range(ROUNDS):
        trend = columns @ (inverse @ kept)
        residuals = (logs - trend)[used]
        kept = trend[used] + _winsorized(residuals)
    return trend, logs - trend


def _winsorized(values: np.ndarray) -> np.ndarray:
    low, high = np.quantile(values, [TAILS[0], 1 - TAILS[1]])
    return np.clip(values, low, high)


def spline_columns(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    r"""Give the columns of a natural cubic spline, which goes on straight beyond its end knots.

    With knots :math:`k_1 \ldots k_m` the columns are 1, x and
    :math:`d_j(x) - d_{m-1}(x)`, with
    :math:`d_j(x) = ((x - k_j)_+^3 - (x - k_m)_+^3)/(k_m - k_j)` (Hastie, Tibshirani and Friedman,
    The Elements of Statistical Learning, equation 5.4).

    Parameters
    ----------
    values : ndarray
    of : ndarray
        Whose quantiles are the knots. With too few values there is an intercept alone.

    Returns
    -------
    ndarray, values × columns
    """
    knots = np.unique(np.quantile(of, np.linspace(0, 1, SPLINE_COLUMNS + 1)))
    if len(of) < FEWEST_GENES or len(knots) < 3:
        return np.ones((len(values), 1))
    # Scaled to 0 to 1, for the sake of rounding.
    x = (values - knots[0]) / (knots[-1] - knots[0])
    knots = (knots - knots[0]) / (knots[-1] - knots[0])
    cubes = np.maximum(x[:, None] - knots, 0) ** 3
    bends = (cubes[:, :-1] - cubes[:, -1:]) / (knots[-1] - knots[:-1])
    return np.column_stack([np.ones_like(x), x, bends[:, :-1] - bends[:, -1:]])


def _matched(residuals: np.ndarray, freedom: float) -> tuple[float, float]:
    """Find the degrees of freedom of the prior, and how far its logarithm is from the trend."""
    kept = _winsorized(residuals)
    variance = kept.var(ddof=1) if len(kept) > 1 else 0.0

    def surplus(prior: float) -> float:
        return winsorized_moments(freedom, prior)[1] - variance

    prior = where_zero(surplus, SMALLEST_FREEDOM, LARGEST_FREEDOM)
    expected, _ = winsorized_moments(freedom, prior)
    return prior if prior < LARGEST_FREEDOM else np.inf, kept.mean() - expected


def winsorized_moments(freedom: float, prior: float) -> tuple[float, float]:
    """Give mean and variance of the logarithm of an F distribution with its tails cut off.

    Parameters
    ----------
    freedom, prior : float
        The degrees of freedom of numerator and denominator.

    Returns
    -------
    tuple of float and float
    """
    low, high = TAILS[0], 1 - TAILS[1]
    at = (high - low) / 2 * NODES + (high + low) / 2
    values = np.log(fdtri(freedom, prior, np.array([low, high, *at])))
    shares = np.array([low, 1 - high, *((high - low) / 2 * WEIGHTS)])
    mean = shares @ values
    return float(mean), float(shares @ (values - mean) ** 2)


def _own_freedom(ratios: np.ndarray, freedom: np.ndarray, prior: float) -> np.ndarray:
    """Give each gene's degrees of freedom of the prior, fewer where it varies too much.

    The chance that a gene is none that varies like no others is at most the share of genes
    expected to vary as much, divided by the share that does. Between the two, the prior's degrees
    of freedom are averaged with so few that the most variable gene would be at the median.
    """
    finite = min(prior, LARGEST_FREEDOM)
    expected = np.where(freedom > 0, fdtrc(np.maximum(freedom, 1e-9), finite, ratios), 1.0)
    order = np.argsort(expected, kind="stable")
    seen = np.empty(len(expected))
    seen[order] = (np.arange(len(expected)) + 0.5) / len(expected)
    usual = np.minimum(expected / seen, 1)
    if (usual == 1).all():
        return np.full(len(ratios), prior)
    furthest = int(expected.argmin())
    fewest = _freedom_of_median(ratios[furthest], freedom[furthest], finite)
    own = usual * finite + (1 - usual) * fewest
    # Genes that lie further out than the one that most surely varies like no others do so, too;
    # further in, a gene never has less than one that lies further out.
    surest = int(own[order].argmin())
    own[order[:surest]] = own[order[surest]]
    own[order] = np.maximum.accumulate(own[order])
    return np.where(own >= finite, prior, own)


def _freedom_of_median(ratio: float, freedom: float, prior: float) -> float:
    """Find the degrees of freedom of the prior with which half of all ratios would be larger."""

    def surplus(fewer: float) -> float:
        return float(fdtrc(freedom, fewer, ratio)) - 0.5

    return where_zero(surplus, SMALLEST_FREEDOM, prior)


def where_zero(surplus: Callable[[float], float], smallest: float, largest: float) -> float:
    """Find the degrees of freedom at which a surplus, which falls as they grow, is 0.

    Parameters
    ----------
    surplus : callable
        Of degrees of freedom.
    smallest, largest : float
        Bounds, taken where it is 0 nowhere between.

    Returns
    -------
    float
    """
    # Few scores have a prior, and every step that tests some would wait for its import.
    from scipy.optimize import brentq

    if surplus(largest) >= 0:
        return largest
    if surplus(smallest) <= 0:
        return smallest
    return float(
        np.exp(brentq(lambda log: surplus(np.exp(log)), np.log(smallest), np.log(largest)))
    )
