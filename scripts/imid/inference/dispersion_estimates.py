r"""Dispersions of many genes at once: gene-wise, and shrunken towards a trend.

The quantity maximised over :math:`\log\alpha` is, for each gene by itself,

.. math:: \ell(\alpha) - \tfrac12 \log\det(X^T W X)
          - \frac{(\log\alpha - \log\alpha_{tr})^2}{2\sigma^2}

the negative-binomial log likelihood at given means, the Cox-Reid adjustment with
:math:`w_j = 1/(1/\mu_j + \alpha)`, and, for maximum a posteriori (MAP) estimates, the log-normal
prior around the trend (Love, Huber and Anders, Genome Biology 15:550 (2014), equations 6-9).

R's DESeq2 climbs by gradient steps and stops when a step gains less than 1e-6, which is not
quite at the top: in flat likelihoods its estimates lie up to some percent from the maximum.
The same steps are taken here, for all genes in step, because only the same path ends in the
same place.
"""

from typing import NamedTuple

import numpy as np

from imid.inference.cox_reid import CoxReid
from imid.inference.gamma_functions import digamma, log_gamma

TOLERANCE = 1e-6
MAX_ITERATIONS = 100
SUFFICIENT_GAIN = 1e-4
LOG_ALPHA_RANGE = (-30.0, 10.0)
GRID_POINTS = 20


class Genes(NamedTuple):
    """What the posterior of each gene's dispersion depends on.

    counts, mu: samples × genes; prior_mean: genes.
    """

    counts: np.ndarray
    mu: np.ndarray
    prior_mean: np.ndarray

    def take(self, chosen: np.ndarray) -> "Genes":
        """Give some of the genes."""
        return Genes(self.counts[:, chosen], self.mu[:, chosen], self.prior_mean[chosen])


class Model(NamedTuple):
    """What all genes have in common; None means no adjustment, and no prior."""

    cox_reid: CoxReid | None
    prior_variance: float | None = None


class Search(NamedTuple):
    """Where the line search ended."""

    log_alpha: np.ndarray
    first_value: np.ndarray
    last_value: np.ndarray
    iterations: np.ndarray


def rough_dispersions(normalized: np.ndarray, fitted: np.ndarray, coefficients: int) -> np.ndarray:
    r"""Estimate dispersions from the residuals of a linear model.

    :math:`\frac{1}{m - p} \sum_j ((q_j - \mu_j)^2 - \mu_j) / \mu_j^2`, with fitted means of at
    least 1, and at least 0 itself.

    Parameters
    ----------
    normalized, fitted : ndarray, genes × samples
    coefficients : int
        Columns of the design, p.

    Returns
    -------
    ndarray, genes
    """
    mu = np.maximum(fitted, 1)
    freedom = normalized.shape[1] - coefficients
    return np.maximum((((normalized - mu) ** 2 - mu) / mu**2).sum(axis=1) / freedom, 0)


def moments_dispersions(normalized: np.ndarray, size_factors: np.ndarray) -> np.ndarray:
    r"""Estimate dispersions from the overall mean m and variance v, whatever the design.

    :math:`(v - m \, \overline{1/s}) / m^2`.
    """
    mean = normalized.mean(axis=1)
    variance = normalized.var(axis=1, ddof=1)
    return (variance - np.mean(1 / size_factors) * mean) / mean**2


def log_posterior(log_alpha: np.ndarray, genes: Genes, model: Model) -> np.ndarray:
    r"""Give the function that is maximised, up to a constant.

    Its likelihood part is :math:`\sum_j \log\Gamma(y_j + 1/\alpha) - \log\Gamma(1/\alpha)
    - y_j \log(\mu_j + 1/\alpha) - \log(1 + \alpha\mu_j) / \alpha`.
    """
    alpha = np.exp(log_alpha)
    size = 1 / alpha
    shape = genes.counts + size
    terms = log_gamma(shape, np.log(shape))
    terms -= log_gamma(size, np.log(size))
    terms -= genes.counts * np.log(genes.mu + size)
    terms -= size * np.log(1 + genes.mu * alpha)
    value = terms.sum(axis=0)
    if model.prior_variance is not None:
        value -= (log_alpha - genes.prior_mean) ** 2 / (2 * model.prior_variance)
    if model.cox_reid is not None:
        value -= 0.5 * model.cox_reid.log_determinant(1 / (1 / genes.mu + alpha))
    return value


def log_posterior_slope(log_alpha: np.ndarray, genes: Genes, model: Model) -> np.ndarray:
    """Give the derivative of `log_posterior` by the log dispersion."""
    alpha = np.exp(log_alpha)
    size = 1 / alpha
    shape = genes.counts + size
    terms = digamma(size, np.log(size)) - digamma(shape, np.log(shape))
    terms += np.log(1 + genes.mu * alpha)
    terms += (genes.counts - genes.mu) / (genes.mu + size)
    slope = terms.sum(axis=0) * size
    if model.prior_variance is not None:
        slope -= (log_alpha - genes.prior_mean) / model.prior_variance
    if model.cox_reid is not None:
        weights = 1 / (1 / genes.mu + alpha)
        slope -= 0.5 * alpha * model.cox_reid.log_determinant_change(weights, -(weights**2))
    return slope


def climb(start: np.ndarray, genes: Genes, model: Model, lowest: float) -> Search:
    r"""Maximise each gene's posterior by gradient ascent with Armijo's condition.

    A step of length :math:`\kappa` times the slope is taken if it gains at least
    :math:`10^{-4} \kappa \cdot slope^2`; otherwise :math:`\kappa` is halved. After each step
    taken :math:`\kappa` grows by a tenth, up to 1, and is halved after each fifth. A gene is
    done when a step taken gains less than 1e-6, or lands below `lowest`.

    Parameters
    ----------
    start : ndarray, genes
        Log dispersions.
    genes : Genes
    model : Model
    lowest : float
        A log dispersion that means "none".

    Returns
    -------
    Search
        `iterations` is 100 where the search was cut off.
    """
    at = _Climbers.starting(start, genes, model)
    result = Search(
        start.copy(), at.value.copy(), at.value.copy(), np.full(len(start), MAX_ITERATIONS)
    )
    active = np.arange(len(start))
    for iteration in range(1, MAX_ITERATIONS + 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            target = np.clip(at.position + at.step * at.slope, *LOG_ALPHA_RANGE)
            cut = target != at.position + at.step * at.slope
            at.step[cut] = ((target - at.position) / at.slope)[cut]
        proposed = log_posterior(target, genes, model)
        # Written so that no gain is enough where the gain asked for is lost in rounding.
        taken = -proposed <= -at.value - at.step * SUFFICIENT_GAIN * at.slope**2
        flat = taken & (proposed - at.value < TOLERANCE)
        bottom = taken & ~flat & (target < lowest)
        at.move(target, proposed, taken)

        result.log_alpha[active] = at.position
        result.last_value[active] = np.where(bottom, result.last_value[active], at.value)
        done = flat | bottom
        result.iterations[active[done]] = iteration
        if done.all():
            break
        if done.any():
            active, genes = active[~done], genes.take(~done)
            at, taken = at.take(~done), taken[~done]
        if taken.any():
            at.slope[taken] = log_posterior_slope(at.position[taken], genes.take(taken), model)
    return result


class _Climbers(NamedTuple):
    """Where each gene's search is; arrays of genes, changed in place."""

    position: np.ndarray
    value: np.ndarray
    slope: np.ndarray
    step: np.ndarray
    steps_taken: np.ndarray

    @classmethod
    def starting(cls, start: np.ndarray, genes: Genes, model: Model) -> "_Climbers":
        value = log_posterior(start, genes, model)
        slope = log_posterior_slope(start, genes, model)
        return cls(start.copy(), value, slope, np.ones(len(start)), np.zeros(len(start), int))

    def take(self, chosen: np.ndarray) -> "_Climbers":
        return _Climbers(*(array[chosen] for array in self))

    def move(self, target: np.ndarray, value: np.ndarray, taken: np.ndarray) -> None:
        """Take the steps that were good enough, and set the length of the next."""
        self.position[taken] = target[taken]
        self.value[taken] = value[taken]
        self.steps_taken[taken] += 1
        grown = np.minimum(self.step * 1.1, 1.0)
        halved = ~taken | (self.steps_taken % 5 == 0)
        self.step[:] = np.where(taken, grown, self.step) * np.where(halved, 0.5, 1.0)


def search_grid(genes: Genes, model: Model, highest: float, lowest: float = 1e-8) -> np.ndarray:
    """Maximise each gene's posterior on a grid of 20 log dispersions, then on a finer one.

    Parameters
    ----------
    genes : Genes
    model : Model
    highest, lowest : float
        The range of dispersions.

    Returns
    -------
    ndarray, genes
        Log dispersions.
    """
    grid = np.linspace(np.log(lowest), np.log(highest), GRID_POINTS)
    spacing = grid[1] - grid[0]
    count = len(genes.prior_mean)
    points = np.broadcast_to(grid[:, None], (GRID_POINTS, count))
    for finer in (True, False):
        values = np.array([log_posterior(point, genes, model) for point in points])
        values[np.isnan(values)] = -np.inf
        best = points[values.argmax(axis=0), np.arange(count)]
        if finer:
            points = best + np.linspace(-spacing, spacing, GRID_POINTS)[:, None]
    return best


def gene_wise_dispersions(
    genes: Genes, model: Model, start: np.ndarray, lowest: float, highest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate each gene's dispersion by itself.

    A start that the search does not improve by a millionth is kept. Where the search did not
    arrive, and the dispersion is not next to zero, the grid decides.

    Parameters
    ----------
    genes : Genes
    model : Model
        Without prior.
    start : ndarray, genes
        Dispersions.
    lowest, highest : float
        The range of dispersions.

    Returns
    -------
    dispersions : ndarray, genes
    converged : ndarray of bool, genes
    """
    found = climb(np.log(start), genes, model, np.log(lowest / 10))
    estimates = np.minimum(np.exp(found.log_alpha), highest)
    needed = found.first_value + np.abs(found.first_value) / 1e6
    estimates = np.where(found.last_value < needed, start, estimates)
    converged = (found.iterations < MAX_ITERATIONS) & (found.iterations != 1)
    lost = ~converged & (estimates > 10 * lowest)
    if lost.any():
        estimates[lost] = np.exp(search_grid(genes.take(lost), model, highest))
    return np.clip(estimates, lowest, highest), converged


def map_dispersions(
    genes: Genes, model: Model, start: np.ndarray, lowest: float, highest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate each gene's dispersion with the prior around the trend.

    Parameters and results are those of `gene_wise_dispersions`; the model has a prior.
    """
    found = climb(np.log(start), genes, model, np.log(lowest / 10))
    estimates = np.exp(found.log_alpha)
    converged = found.iterations < MAX_ITERATIONS
    if not converged.all():
        lost = ~converged
        estimates[lost] = np.exp(search_grid(genes.take(lost), model, highest))
    return np.clip(estimates, lowest, highest), converged
