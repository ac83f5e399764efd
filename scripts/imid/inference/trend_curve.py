"""The curve of dispersion over mean expression, as numbers that can be written to a file."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class LocalCurve(NamedTuple):
    """The smooth curve of `locfit`, as numbers.

    A cubic spline (its vertices, and the values and slopes there) is added to a parabola
    through all data, which is that of numpy's `Polynomial` with these coefficients and domain.
    """

    vertices: list[float]
    values: list[float]
    slopes: list[float]
    parabola: list[float]
    domain: list[float]

    def __call__(self, at: np.ndarray) -> np.ndarray:
        """Give the curve's value at some points."""
        # Few trends are local, and every step that reads a fit would wait for its import.
        from scipy.interpolate import CubicHermiteSpline

        spline = CubicHermiteSpline(self.vertices, self.values, self.slopes)
        overall = np.polynomial.Polynomial(self.parabola, self.domain)
        inside = np.clip(at, spline.x[0], spline.x[-1])
        return overall(at) + spline(inside) + spline.derivative()(inside) * (at - inside)


class Trend(NamedTuple):
    """A fitted trend, as data: its kind, and the numbers that its curve is drawn from.

    These are a0 and a1 of a ``parametric`` trend, the value of a ``mean``, and of a ``local``
    one the fields of the `LocalCurve` of log dispersions over log means.
    """

    kind: str
    numbers: dict[str, float | list[float]]

    def curve(self, means: np.ndarray) -> np.ndarray:
        """Give the trend's dispersion at some means."""
        return CURVES[self.kind](np.asarray(means), **self.numbers)


def _parametric_curve(means: np.ndarray, a0: float, a1: float) -> np.ndarray:
    return a0 + a1 / means


def _local_curve(means: np.ndarray, **smooth: list[float]) -> np.ndarray:
    return np.exp(LocalCurve(**smooth)(np.log(means)))


def _constant_curve(means: np.ndarray, value: float) -> np.ndarray:
    return np.full(np.shape(means), value)


CURVES: dict[str, Callable[..., np.ndarray]] = {
    "parametric": _parametric_curve,
    "local": _local_curve,
    "mean": _constant_curve,
}
