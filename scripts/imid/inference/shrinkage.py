r"""Shrunken fold changes (apeGLM) of many genes at once.

The estimate is the mode of the posterior of the coefficients, with a Cauchy prior of location
0 and scale S on the shrunken coefficient and normal priors on the others (Zhu, Ibrahim and
Love, Bioinformatics 35:2084 (2019)). Being heavy-tailed, the prior moves noisy estimates to
zero and leaves large ones alone; and the posterior can have two modes.
"""

from typing import NamedTuple

import numpy as np

from imid.inference.negative_binomial import gram, log_likelihood

MAX_ITERATIONS = 100
TOLERANCE = 1e-9
LARGEST_SCALE = 1.0


def prior_scale(estimates: np.ndarray, standard_errors: np.ndarray) -> float:
    r"""Estimate the scale of the prior from maximum-likelihood fold changes.

    Estimates are taken as :math:`b_i \sim N(0, A + se_i^2)`; A solves
    :math:`\sum_i (b_i^2 - se_i^2 - A) / (A + se_i^2)^2 = 0` (Efron and Morris). The scale is
    :math:`\sqrt A`, at least 0.001 and at most 1.

    Parameters
    ----------
    estimates, standard_errors : ndarray, genes
        Natural log; genes where either is missing are left out.

    Returns
    -------
    float
    """
    known = np.isfinite(estimates) & np.isfinite(standard_errors)
    squares, variances = estimates[known] ** 2, standard_errors[known] ** 2

    def excess(variance: float) -> float:
        return float(np.sum((squares - variances - variance) / (variance + variances) ** 2))

    lowest, highest = 1e-6, 400.0
    if not known.any() or excess(highest) > 0:
        return LARGEST_SCALE
    # Most steps that read a fit shrink nothing.
    from scipy.optimize import brentq

    variance = lowest if excess(lowest) < 0 else brentq(excess, lowest, highest)
    return min(float(np.sqrt(variance)), LARGEST_SCALE)


def posterior_modes(
    counts: np.ndarray,
    log_size_factors: np.ndarray,
    design: np.ndarray,
    dispersions: np.ndarray,
    coefficient: int,
    scale: float,
    other_scale: float = 15.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Find the posterior mode of each gene's coefficients.

    Newton's method from two starts, with the coefficient at its least-squares value and at
    zero; the higher of the two modes is given.

    Parameters
    ----------
    counts : ndarray, genes × samples
    log_size_factors : ndarray, samples
    design : ndarray, samples × coefficients
    dispersions : ndarray, genes
    coefficient : int
        The column of the design to be shrunken.
    scale : float
        Of its Cauchy prior, natural log.
    other_scale : float
        Standard deviation of the other coefficients' prior.

    Returns
    -------
    coefficients : ndarray, genes × coefficients
        Natural log.
    covariances : ndarray, genes × coefficients × coefficients
        The inverse of the Hessian of the negative log posterior at the mode.
    converged : ndarray of bool, genes
    """
    precision = np.full(design.shape[1], other_scale**-2.0)
    precision[coefficient] = 0
    posterior = _Posterior(
        counts, dispersions, log_size_factors, design, coefficient, scale, precision
    )
    response = np.log(counts / np.exp(log_size_factors) + 0.5)
    without = design.copy()
    without[:, coefficient] = 0
    starts = (response @ np.linalg.pinv(columns).T for columns in (design, without))
    near, null = (_newton(start, posterior) for start in starts)
    nearer = near[1] <= null[1]
    best = np.where(nearer[:, None], near[0], null[0])
    return best, np.linalg.inv(posterior.curvature(best)), np.where(nearer, near[2], null[2])


class _Posterior(NamedTuple):
    """The negative log posterior of some genes; counts are genes × samples."""

    counts: np.ndarray
    dispersions: np.ndarray
    log_size_factors: np.ndarray
    design: np.ndarray
    coefficient: int
    scale: float
    precision: np.ndarray

    def take(self, rows: np.ndarray) -> "_Posterior":
        return self._replace(counts=self.counts[rows], dispersions=self.dispersions[rows])

    def value(self, beta: np.ndarray) -> np.ndarray:
        log_mu = beta @ self.design.T + self.log_size_factors
        shrunken = beta[:, self.coefficient] / self.scale
        prior = 0.5 * beta**2 @ self.precision + np.log1p(shrunken**2)
        return prior - log_likelihood(self.counts, log_mu, self.dispersions, np.zeros(1))

    def slope(self, beta: np.ndarray) -> np.ndarray:
        mu = self._mu(beta)
        residuals = (self.counts - mu) / (1 + self.dispersions[:, None] * mu)
        slope = beta * self.precision - residuals @ self.design
        shrunken = beta[:, self.coefficient]
        slope[:, self.coefficient] += 2 * shrunken / (self.scale**2 + shrunken**2)
        return slope

    def curvature(self, beta: np.ndarray, convex: bool = False) -> np.ndarray:
        """Give the Hessian, or with `convex` a positive definite one that bounds it."""
        mu, alpha = self._mu(beta), self.dispersions[:, None]
        weights = mu * (1 + alpha * self.counts) / (1 + alpha * mu) ** 2
        hessian = gram(weights, self.design) + np.diag(self.precision)
        squares = beta[:, self.coefficient] ** 2
        prior = 2 * (self.scale**2 - squares) / (self.scale**2 + squares) ** 2
        if convex:
            prior = np.where(prior > 0, prior, 2 / (self.scale**2 + squares))
        hessian[:, self.coefficient, self.coefficient] += prior
        return hessian

    def _mu(self, beta: np.ndarray) -> np.ndarray:
        # Bounded, so that squares and products with counts do not overflow.
        return np.exp(np.minimum(beta @ self.design.T + self.log_size_factors, 200))


def _newton(start: np.ndarray, posterior: _Posterior) -> tuple[np.ndarray, ...]:
    """Minimise from a start; give where, the value, and whether each gene arrived."""
    beta, value = start.copy(), posterior.value(start)
    converged = np.zeros(len(start), dtype=bool)
    active = np.arange(len(start))
    for _ in range(MAX_ITERATIONS):
        part, at = posterior.take(active), beta[active]
        slope = part.slope(at)
        step = -_solve(part, at, slope)
        decrease = -(slope * step).sum(axis=1)
        length = _step_length(part, at, step, value[active], decrease)
        beta[active] = at + length[:, None] * step
        value[active] = part.value(beta[active])
        arrived = decrease < TOLERANCE
        converged[active[arrived]] = True
        active = active[~arrived & (length > 0)]
        if not len(active):
            break
    return beta, value, converged


def _solve(part: _Posterior, at: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Give Newton's step; where the Hessian does not lead downhill, a convex bound's."""
    step = np.linalg.solve(part.curvature(at), slope[:, :, None])[:, :, 0]
    uphill = ~((step * slope).sum(axis=1) > 0)
    if uphill.any():
        rest = part.take(uphill)
        convex = rest.curvature(at[uphill], convex=True)
        step[uphill] = np.linalg.solve(convex, slope[uphill][:, :, None])[:, :, 0]
    return step


def _step_length(
    part: _Posterior, at: np.ndarray, step: np.ndarray, value: np.ndarray, decrease: np.ndarray
) -> np.ndarray:
    """Halve each gene's step until it gains enough, or is given up as 0."""
    length = np.ones(len(at))
    rows = np.arange(len(at))
    for _ in range(30):
        tried = part.take(rows).value(at[rows] + length[rows, None] * step[rows])
        allowed = value[rows] - 1e-4 * length[rows] * decrease[rows]
        rows = rows[~(tried <= allowed + 1e-10 * np.abs(value[rows]))]
        if not len(rows):
            return length
        length[rows] /= 2
    length[rows] = 0
    return length
