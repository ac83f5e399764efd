r"""The slope of a line through the origin, where both coordinates of each point have errors.

Each gene i has two estimates, x and y, with errors of a known covariance :math:`S_i`; its
effects lie near the line :math:`y = bx`. For a line at the angle :math:`\phi`, with the unit
vectors d along it and n across it, the estimates fall into

.. math:: r = n^T z, \qquad
    u = d^T z - \frac{d^T S n}{V} r, \qquad V = n^T S n + \omega

the residual and the place along the line; :math:`\omega` is the variance with which genes
scatter about the line of themselves, alike in both coordinates. With normal errors r and u
are independent if :math:`\phi` is right. So genes may be chosen by u, even by a test of u, and
the residuals of those chosen still have mean 0 and the slope no bias. (Genes chosen by x have
an x that is too large, and a slope that is too small.) The estimate solves

.. math:: \sum_{chosen} s_i = 0, \qquad
    s_i = \psi(r_i / \sqrt{V_i}) \; u_i / \sqrt{V_i}

where :math:`\psi` is Huber's, lest few genes that only one drug moves turn the line. Without
:math:`\psi`, choice and scatter it is the maximum of the likelihood, see Fuller, Measurement
Error Models (1987), section 3.1. The interval is made of the angles at which
:math:`\sum s_i / \sqrt{\sum s_i^2}`, genes chosen anew at each angle, is within Student's
quantile: it holds whatever the spread of each gene's residual (Ibragimov and Müller, J Bus Econ
Stat 28:453 (2010)), and as for ratios in general (Fieller) it may be lopsided or without an end.

Genes count as independent of each other, which they are not: `slope_by_replicates` has an interval
that does not need it. An angle treats both coordinates alike: exchanging
them turns the slope and its limits into their reciprocals.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, ndtr, stdtrit

from imid.shared.significance import benjamini_hochberg

FEWEST = 10
HUBER = 1.345  # efficiency 95 % with normal errors
HUBER_VARIANCE = 0.7102  # of Huber's function of a standard normal variable
ROUNDS = 50
TOLERANCE = 1e-9  # radians


class Estimates(NamedTuple):
    """Two estimates for each gene, and the variances and the covariance of their errors."""

    x: np.ndarray
    y: np.ndarray
    x_variance: np.ndarray
    covariance: np.ndarray
    y_variance: np.ndarray


class Slope(NamedTuple):
    """A slope with its interval, or why there is none.

    Attributes
    ----------
    slope, low, high : float or None
    scatter : float or None
        Standard deviation of the genes' own distances from the line, errors apart.
    genes : int
        How many were chosen.
    reason : str or None
        Why there is no slope.
    left_out : int
        How many samples were left out in turn for the interval; 0 where it takes genes as
        independent.
    """

    slope: float | None
    low: float | None
    high: float | None
    scatter: float | None
    genes: int
    reason: str | None
    left_out: int = 0


def fit_slope(estimates: Estimates, fdr: float, confidence: float = 0.95) -> Slope:
    """Estimate the slope over the genes that lie away from the origin.

    Parameters
    ----------
    estimates : Estimates
        No value missing, all variances above 0.
    fdr : float
        A gene is chosen if its place along the line differs from 0 at this false discovery
        rate.
    confidence : float
        Of the interval.

    Returns
    -------
    Slope
    """
    start = _roughly(estimates, fdr)
    if start is None:
        return _none(0)
    angle, scatter = _solved(estimates, start, fdr)
    chosen = len(_estimating_scores(estimates, angle, scatter, fdr)[0])
    if chosen < FEWEST:
        return _none(chosen)
    quantile = stdtrit(chosen - 1, (1 + confidence) / 2)

    def excess(at: float, side: int) -> float:
        scores, _ = _estimating_scores(estimates, at, scatter, fdr)
        spread = np.sqrt((scores**2).sum())
        return -side * scores.sum() - quantile * spread if spread else -1.0

    step = _step(estimates, angle, scatter, fdr)
    ends = [_sign_change(lambda at, s=side: excess(at, s), angle, side * step) for side in (-1, 1)]
    return _as_slope(angle, ends, scatter, chosen)


def with_interval(slope: Slope, reach: float, left_out: int) -> Slope:
    """Give a slope another interval.

    Parameters
    ----------
    slope : Slope
    reach : float
        Half of the interval, in radians.
    left_out : int
        How many samples it was found by.

    Returns
    -------
    Slope
        None with its reason where the interval has no end.
    """
    angle = np.arctan(slope.slope)
    ends = [angle - reach, angle + reach]
    return _as_slope(angle, ends, slope.scatter**2, slope.genes)._replace(left_out=left_out)


def _none(chosen: int) -> Slope:
    reason = f"it needs at least {FEWEST} responding genes, and there are {chosen}"
    return Slope(None, None, None, None, chosen, reason)


def _as_slope(angle: float, ends: list[float | None], scatter: float, chosen: int) -> Slope:
    """Turn angles into slopes, unless the vertical lies between them."""
    turn = np.pi * np.round(angle / np.pi)
    if None in ends or ends[0] - turn <= -np.pi / 2 or ends[1] - turn >= np.pi / 2:
        reason = "its interval has no end, because the first of the two moves genes too little"
        return Slope(None, None, None, None, chosen, reason)
    low, slope, high = (float(np.tan(value)) for value in (ends[0], angle, ends[1]))
    return Slope(slope, low, high, float(np.sqrt(scatter)), chosen, None)


def _across(estimates: Estimates, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Give the residuals from a line, and the variances of their errors."""
    _, _, xx, xy, yy = estimates
    cosine, sine = np.cos(angle), np.sin(angle)
    residual = cosine * estimates.y - sine * estimates.x
    return residual, sine**2 * xx - 2 * sine * cosine * xy + cosine**2 * yy


def _along(
    estimates: Estimates, angle: float, residual: np.ndarray, error: np.ndarray, scatter: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give the places along a line, and the variances of their errors."""
    _, _, xx, xy, yy = estimates
    cosine, sine = np.cos(angle), np.sin(angle)
    common = (cosine**2 - sine**2) * xy + sine * cosine * (yy - xx)
    weight = common / (error + scatter)
    place = cosine * estimates.x + sine * estimates.y - weight * residual
    variance = cosine**2 * xx + 2 * sine * cosine * xy + sine**2 * yy
    return place, variance - 2 * weight * common + weight**2 * error


def _estimating_scores(
    estimates: Estimates, angle: float, scatter: float, fdr: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give the chosen genes' contributions to the equation, and which genes are chosen."""
    residual, error = _across(estimates, angle)
    place, variance = _along(estimates, angle, residual, error, scatter)
    p_values = 2 * ndtr(-np.abs(place) / np.sqrt(variance))
    chosen = benjamini_hochberg(p_values) < fdr
    deviation = np.sqrt(error[chosen] + scatter)
    bounded = np.clip(residual[chosen] / deviation, -HUBER, HUBER)
    return bounded * place[chosen] / deviation, chosen


def _roughly(estimates: Estimates, fdr: float) -> float | None:
    """Find the angle, among 90, at which genes that differ from the origin lie closest."""
    x, y, xx, xy, yy = estimates
    distance = (yy * x**2 - 2 * xy * x * y + xx * y**2) / (xx * yy - xy**2)
    away = benjamini_hochberg(chdtrc(2, distance)) < fdr
    if not away.any():
        return None
    part = Estimates(*(values[away] for values in estimates))
    angles = np.linspace(-np.pi / 2, np.pi / 2, 90, endpoint=False)

    def misfit(angle: float) -> float:
        residual, error = _across(part, angle)
        return np.sum(residual**2 / error)

    return float(min(angles, key=misfit))


def _solved(estimates: Estimates, angle: float, fdr: float) -> tuple[float, float]:
    """Solve for the angle and the scatter in turn."""
    scatter = 0.0
    for _ in range(ROUNDS):
        before = angle, scatter
        angle = _root(estimates, angle, scatter, fdr)
        _, chosen = _estimating_scores(estimates, angle, scatter, fdr)
        residual, error = _across(estimates, angle)
        scatter = _scatter(residual[chosen], error[chosen])
        if np.allclose(before, (angle, scatter), rtol=0, atol=1e-7):
            break
    return angle, scatter


def _root(estimates: Estimates, angle: float, scatter: float, fdr: float) -> float:
    def total(at: float) -> float:
        return float(_estimating_scores(estimates, at, scatter, fdr)[0].sum())

    # The sum falls through 0 at the line, so its sign says where the line is.
    side = np.sign(total(angle))
    step = side * _step(estimates, angle, scatter, fdr)
    found = _sign_change(lambda at: -side * total(at), angle, step) if side else angle
    return angle if found is None else found


def _step(estimates: Estimates, angle: float, scatter: float, fdr: float) -> float:
    """Give about one standard error of the angle, at most 0.05."""
    _, chosen = _estimating_scores(estimates, angle, scatter, fdr)
    residual, error = _across(estimates, angle)
    place, _ = _along(estimates, angle, residual, error, scatter)
    information = np.sum(place[chosen] ** 2 / (error[chosen] + scatter))
    return min(1 / np.sqrt(information), 0.05) if information else 0.05


def _sign_change(function: Callable[[float], float], start: float, step: float) -> float | None:
    """Go from a start in steps to where a function is above 0, and find the place between.

    The function may jump, as the chosen genes change, even at the start. None if there is no
    such place within a right angle.
    """
    if function(start) > 0:
        return start
    last = start
    for following in start + step * np.arange(1, int(np.pi / 2 / abs(step)) + 1):
        if function(following) > 0:
            from scipy.optimize import brentq

            return float(brentq(function, last, following, xtol=TOLERANCE))
        last = following
    return None


def _scatter(residual: np.ndarray, error: np.ndarray) -> float:
    """Give the variance that residuals have beyond their errors, by Huber's second proposal."""
    wanted = HUBER_VARIANCE * max(len(residual) - 1, 1)

    def excess(scatter: float) -> float:
        return np.minimum(residual**2 / (error + scatter), HUBER**2).sum() - wanted

    if excess(0.0) <= 0:
        return 0.0
    from scipy.optimize import brentq

    return float(brentq(excess, 0.0, np.sum(residual**2) / wanted))
