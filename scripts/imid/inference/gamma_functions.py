r"""Log-gamma and digamma functions of large arrays, given the logarithms of their arguments.

From 10 on Stirling's series serves, which costs little where the logarithm is at hand anyway
(Abramowitz and Stegun 6.1.41 and 6.3.18); below, SciPy's functions. The terms of log-gamma are
added up in the order in which R adds them: likelihoods at tiny dispersions are small
differences of huge log-gammas, and where a search ends then depends on their rounding.
"""

import numpy as np
from scipy.special import gammaln, psi

HALF_LOG_TWO_PI = 0.5 * np.log(2 * np.pi)
SERIES_FROM = 10.0
# B(2k) / (2k (2k - 1)) and B(2k) / (2k), with Bernoulli's numbers B.
LOG_GAMMA_SERIES = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
DIGAMMA_SERIES = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


def log_gamma(x: np.ndarray, log_x: np.ndarray) -> np.ndarray:
    r"""Give :math:`\log\Gamma(x)` of positive x."""
    inverse = 1 / x
    value = HALF_LOG_TWO_PI + (x - 0.5) * log_x
    value -= x
    value += inverse * _polynomial(inverse * inverse, LOG_GAMMA_SERIES)
    return _with_small(value, x, gammaln)


def digamma(x: np.ndarray, log_x: np.ndarray) -> np.ndarray:
    r"""Give :math:`\psi(x)`, the derivative of :math:`\log\Gamma(x)`, of positive x."""
    inverse = 1 / x
    square = inverse * inverse
    value = log_x - 0.5 * inverse
    value -= square * _polynomial(square, DIGAMMA_SERIES)
    return _with_small(value, x, psi)


def _polynomial(x: np.ndarray, coefficients: tuple[float, ...]) -> np.ndarray:
    value = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value *= x
        value += coefficient
    return value


def _with_small(value: np.ndarray, x: np.ndarray, function: np.ufunc) -> np.ndarray:
    small = x < SERIES_FROM
    if small.any():
        value[small] = function(x[small])
    return value
