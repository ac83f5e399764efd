r"""Local regression in one dimension, as the three smoothers that R's DESeq2 leans on.

All three are Cleveland's: at a point, the nearest part of the data is fitted by a polynomial
with tricube weights :math:`(1 - (d/h)^3)^3`, h being the distance to the furthest neighbour
used (Cleveland, JASA 74:829 (1979); Cleveland and Devlin, JASA 83:596 (1988); Loader, Local
Regression and Likelihood, Springer 1999). They differ in where they fit: `lowess` at every
point, with straight lines and robust weights; `loess` and `locfit` with parabolas at a few
vertices, and cubics between these. The vertices are R's, because DESeq2 takes minima and
thresholds of the curves.
"""

from typing import TYPE_CHECKING

import numpy as np

from imid.inference.trend_curve import LocalCurve

if TYPE_CHECKING:
    from scipy.interpolate import CubicHermiteSpline


def lowess(x: np.ndarray, y: np.ndarray, fraction: float, iterations: int = 3) -> np.ndarray:
    """Smooth a scatter robustly with local straight lines.

    Parameters
    ----------
    x : ndarray
        Ascending.
    y : ndarray
    fraction : float
        Of the points, in each neighbourhood.
    iterations : int
        Rounds of down-weighting points by their residuals, with bisquare weights on six times
        the median absolute residual.

    Returns
    -------
    ndarray
        The smoothed `y`.
    """
    neighbours = min(max(int(fraction * len(x) + 1e-7), 2), len(x))
    robustness = np.ones(len(x))
    for remaining in range(iterations, -1, -1):
        smoothed = _local_lines(x, y, neighbours, robustness)
        residuals = np.abs(y - smoothed)
        scale = 6 * np.median(residuals)
        if remaining == 0 or scale < 1e-7 * residuals.mean():
            break
        ratio = residuals / scale
        robustness = (1 - ratio**2) ** 2
        robustness[ratio <= 0.001] = 1
        robustness[ratio > 0.999] = 0
    return smoothed


def _local_lines(
    x: np.ndarray, y: np.ndarray, neighbours: int, robustness: np.ndarray
) -> np.ndarray:
    smoothed = np.empty(len(x))
    left = 0
    for i, at in enumerate(x):
        # The window moves on only while that brings it strictly nearer.
        while left + neighbours < len(x) and at - x[left] > x[left + neighbours] - at:
            left += 1
        reach = max(at - x[left], x[left + neighbours - 1] - at)
        weights = robustness * _tricube(np.abs(x - at), reach)
        weights[:left] = 0
        if weights.sum() == 0:
            smoothed[i] = y[i]
            continue
        weights /= weights.sum()
        centre = weights @ x
        spread = weights @ (x - centre) ** 2
        if np.sqrt(spread) > 0.001 * (x[-1] - x[0]):
            weights *= 1 + (at - centre) * (x - centre) / spread
        smoothed[i] = weights @ y
    return smoothed


def _tricube(distance: np.ndarray, reach: float) -> np.ndarray:
    weights = np.where(distance <= 0.999 * reach, (1 - (distance / reach) ** 3) ** 3, 0.0)
    weights[distance <= 0.001 * reach] = 1
    return weights


def loess(x: np.ndarray, y: np.ndarray, span: float) -> "CubicHermiteSpline":
    """Smooth with local parabolas, as R's ``loess`` with its defaults.

    Parameters
    ----------
    x : ndarray
        Ascending.
    y : ndarray
    span : float
        Of the points, in each neighbourhood.

    Returns
    -------
    callable
        The smooth curve.
    """
    # `lowess`, which every contrast needs, does without it.
    from scipy.interpolate import CubicHermiteSpline

    inner = _halved(x, 0, len(x), int(len(x) * span * 0.2))
    margin = 0.005 * (x[-1] - x[0])
    vertices = np.array([x[0] - margin, *inner, x[-1] + margin])
    nearest = int(len(x) * span + 1e-5)
    fits = [_local_parabola(x, y, np.ones(len(x)), at, nearest)[:2] for at in vertices]
    return CubicHermiteSpline(vertices, *np.transpose(fits))


def _halved(x: np.ndarray, start: int, stop: int, largest: int) -> list[float]:
    """Give the cuts that divide points `start` to `stop` into cells of at most `largest`."""
    if stop - start <= largest:
        return []
    cut = (start + stop - 1) // 2
    return [*_halved(x, start, cut + 1, largest), x[cut], *_halved(x, cut + 1, stop, largest)]


def locfit(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> LocalCurve:
    """Smooth with weighted local parabolas, as R's ``locfit`` with its defaults.

    Each neighbourhood has 70 % of the points. Cells are halved until none is wider than 0.8
    of the smaller bandwidth at its ends.

    Parameters
    ----------
    x, y : ndarray
    weights : ndarray
        Of the points.

    Returns
    -------
    LocalCurve
        The smooth curve; beyond the data, its departure from the parabola through all data
        goes on in a straight line.
    """
    nearest = int(len(x) * 0.7 + 1e-12)
    overall = np.polynomial.Polynomial.fit(x, y, 2, w=np.sqrt(weights))
    departures = y - overall(x)

    def fit(at: float) -> tuple[float, float, float, float]:
        return (at, *_local_parabola(x, departures, weights, at, nearest))

    def refine(left: tuple, right: tuple) -> list[tuple]:
        if right[0] - left[0] <= 0.8 * min(left[3], right[3]):
            return [left]
        middle = fit((left[0] + right[0]) / 2)
        return [*refine(left, middle), *refine(middle, right)]

    ends = fit(x.min()), fit(x.max())
    vertices, values, slopes, _ = np.transpose([*refine(*ends), ends[1]])
    numbers = [vertices, values, slopes, overall.coef, overall.domain]
    return LocalCurve(*(each.tolist() for each in numbers))


def _local_parabola(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, at: float, nearest: int
) -> tuple[float, float, float]:
    """Give value, slope and bandwidth of the local fit at a point."""
    distance = np.abs(x - at)
    reach = np.partition(distance, nearest - 1)[nearest - 1]
    root = np.sqrt(weights * _tricube(distance, reach))
    powers = np.column_stack([np.ones_like(x), x - at, (x - at) ** 2])
    coefficients = np.linalg.lstsq(powers * root[:, None], y * root, rcond=None)[0]
    return coefficients[0], coefficients[1], reach
