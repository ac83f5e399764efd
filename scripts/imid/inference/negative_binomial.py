r"""Negative-binomial regression of many genes at once.

Counts :math:`y_{ij}` of gene i in sample j have mean :math:`\mu_{ij}` and variance
:math:`\mu_{ij} + \alpha_i \mu_{ij}^2`, with :math:`\log \mu_{ij} = \log s_j + x_j^T \beta_i`
(size factor :math:`s_j`, row :math:`x_j` of the design matrix). All arrays here are genes ×
samples, so that one gene's numbers lie together in memory.

The equations are those of Love, Huber and Anders, Genome Biology 15:550 (2014), with the
constants of R's DESeq2: a ridge of 1e-6 on the log2 scale, and no fitted mean below `min_mu`.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, ndtr

LN2 = np.log(2)
RIDGE = 1e-6 / LN2**2
LARGEST_COEFFICIENT = 30.0
QUASI_NEWTON_DIFFERENCE = 1e-3
FEW_COEFFICIENTS = 20


class CoefficientFit(NamedTuple):
    """Coefficients, log means where the iteration ended (both natural log), which converged."""

    coefficients: np.ndarray
    log_mu: np.ndarray
    converged: np.ndarray


class GlmFit(NamedTuple):
    """Fitted coefficients (natural log), leverages, and which genes converged."""

    coefficients: np.ndarray
    leverages: np.ndarray
    converged: np.ndarray


def column_products(design: np.ndarray) -> np.ndarray:
    """Give the products of each two columns of a design.

    Parameters
    ----------
    design : ndarray, samples × coefficients

    Returns
    -------
    ndarray, samples × coefficients²
    """
    return (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)


def gram(weights: np.ndarray, design: np.ndarray) -> np.ndarray:
    r"""Give :math:`X^T W_i X` of each gene.

    Parameters
    ----------
    weights : ndarray, genes × samples
        The diagonal of each gene's W.
    design : ndarray, samples × coefficients

    Returns
    -------
    ndarray, genes × coefficients × coefficients
    """
    size = design.shape[1]
    if size > FEW_COEFFICIENTS:
        return design.T @ (weights[:, :, None] * design)
    # One matrix product for all genes.
    return (weights @ column_products(design)).reshape(-1, size, size)


def log_likelihood_constant(counts: np.ndarray, dispersions: np.ndarray) -> np.ndarray:
    r"""Give the part of each gene's log likelihood that does not depend on the means.

    :math:`\sum_j \log\Gamma(y_j + 1/\alpha) - \log\Gamma(1/\alpha) - \log y_j! + y_j\log\alpha`.
    """
    size = 1 / dispersions[:, None]
    terms = gammaln(counts + size) - gammaln(size) - gammaln(counts + 1)
    return (terms - counts * np.log(size)).sum(axis=1)


def log_likelihood(
    counts: np.ndarray, log_mu: np.ndarray, dispersions: np.ndarray, constant: np.ndarray
) -> np.ndarray:
    r"""Give each gene's log likelihood.

    :math:`c + \sum_j y_j \log\mu_j - (y_j + 1/\alpha)\log(1 + \alpha\mu_j)`, with c from
    `log_likelihood_constant`.
    """
    alpha = dispersions[:, None]
    with np.errstate(over="ignore"):
        surplus = np.log1p(alpha * np.exp(log_mu))
    return constant + (counts * log_mu - (counts + 1 / alpha) * surplus).sum(axis=1)


def least_squares_means(normalized: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Give the ordinary least-squares fit of each gene's normalized counts to the design."""
    basis, _ = np.linalg.qr(design)
    return (normalized @ basis) @ basis.T


def fit_glm(
    counts: np.ndarray,
    size_factors: np.ndarray,
    design: np.ndarray,
    dispersions: np.ndarray,
    min_mu: float = 0.5,
    tolerance: float = 1e-8,
    max_iterations: int = 100,
) -> GlmFit:
    r"""Fit each gene's coefficients by iteratively reweighted least squares.

    One step solves :math:`(X^T W X + \lambda I)\beta = X^T W z` with weights
    :math:`w = \mu / (1 + \alpha\mu)` and working response
    :math:`z = \log(\mu/s) + (y - \mu)/\mu`. A gene leaves the iteration when its deviance D
    changes by less than `tolerance` :math:`\cdot (|D| + 0.1)`. Genes that diverge or do not
    arrive are handed to `fit_by_quasi_newton`, as R hands them to ``optim``. An intercept alone
    is the log of the mean of normalized counts, as in R.

    Parameters
    ----------
    counts : ndarray, genes × samples
    size_factors : ndarray, samples or genes × samples
    design : ndarray, samples × coefficients
        Of full column rank.
    dispersions : ndarray, genes
    min_mu : float
        No fitted mean is below this.
    tolerance : float
        Of the relative change of the deviance.
    max_iterations : int

    Returns
    -------
    GlmFit
    """
    if is_intercept(design):
        return _fit_intercept(counts, size_factors, dispersions)
    fitted = fit_coefficients(
        counts, size_factors, design, dispersions, min_mu, tolerance, max_iterations
    )
    leverages = _leverages(np.exp(fitted.log_mu), dispersions, design)
    return GlmFit(fitted.coefficients, leverages, fitted.converged)


def fit_coefficients(
    counts: np.ndarray,
    size_factors: np.ndarray,
    design: np.ndarray,
    dispersions: np.ndarray,
    min_mu: float = 0.5,
    tolerance: float = 1e-8,
    max_iterations: int = 100,
) -> CoefficientFit:
    """Fit each gene's coefficients as `fit_glm` does, an intercept alone like any other design.

    Parameters
    ----------
    counts, size_factors, design, dispersions, min_mu, tolerance, max_iterations
        As for `fit_glm`.

    Returns
    -------
    CoefficientFit
    """
    log_size_factors = np.broadcast_to(np.log(size_factors), counts.shape)
    start = np.log(counts / size_factors + 0.1) @ np.linalg.pinv(design).T
    coefficients, log_mu, converged = _reweighted_least_squares(
        counts, log_size_factors, design, dispersions, start, min_mu, tolerance, max_iterations
    )
    for gene in np.flatnonzero(~converged):
        coefficients[gene], converged[gene] = fit_by_quasi_newton(
            counts[gene],
            log_size_factors[gene],
            design,
            dispersions[gene],
            coefficients[gene],
            start[gene],
        )
    return CoefficientFit(coefficients, log_mu, converged)


def is_intercept(design: np.ndarray) -> bool:
    """Tell whether a design is an intercept alone, for which R has no iteration and no floor."""
    return design.shape[1] == 1 and bool((design == 1).all())


def _fit_intercept(counts: np.ndarray, size_factors: np.ndarray, dispersions: np.ndarray) -> GlmFit:
    """Take the mean of each gene's normalized counts; each gene has some."""
    means = (counts / size_factors).mean(axis=1, keepdims=True)
    mu = means * size_factors
    weights = mu / (1 + dispersions[:, None] * mu)
    leverages = weights / weights.sum(axis=1, keepdims=True)
    return GlmFit(np.log(means), leverages, np.ones(len(counts), dtype=bool))


def _reweighted_least_squares(
    counts: np.ndarray,
    log_size_factors: np.ndarray,
    design: np.ndarray,
    dispersions: np.ndarray,
    start: np.ndarray,
    min_mu: float,
    tolerance: float,
    max_iterations: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Iterate all genes in step; give coefficients, log means, and which converged."""
    coefficients = start.copy()
    log_mu = np.maximum(start @ design.T + log_size_factors, np.log(min_mu))
    converged = np.zeros(len(counts), dtype=bool)
    active = np.arange(len(counts))
    constant = log_likelihood_constant(counts, dispersions)
    genes = [counts, log_size_factors, dispersions, constant]
    eta, deviance = log_mu, np.full(len(counts), np.nan)
    for _ in range(1, max_iterations):
        y, offsets, alpha, constant = genes
        mu = np.exp(eta)
        weights = mu / (1 + alpha[:, None] * mu)
        response = weights * (eta - offsets + (y - mu) / mu)
        beta = _solve_ridged(gram(weights, design), response @ design)
        eta = np.maximum(beta @ design.T + offsets, np.log(min_mu))
        previous, deviance = deviance, -2 * log_likelihood(y, eta, alpha, constant)

        # A gene that diverges keeps the means of the step before, as in R.
        bounded = (np.abs(beta) <= LARGEST_COEFFICIENT).all(axis=1)
        coefficients[active] = beta
        log_mu[active[bounded]] = eta[bounded]
        arrived = bounded & (np.abs(deviance - previous) < tolerance * (np.abs(deviance) + 0.1))
        converged[active[arrived]] = True
        stays = bounded & ~arrived & np.isfinite(deviance)
        if not stays.any():
            break
        if not stays.all():
            active, eta, deviance = active[stays], eta[stays], deviance[stays]
            genes = [values[stays] for values in genes]
    return coefficients, log_mu, converged


def _solve_ridged(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve one system of equations for each gene, with the ridge on the diagonal."""
    ridge = RIDGE * np.eye(matrices.shape[1])
    return np.linalg.solve(matrices + ridge, right[:, :, None])[:, :, 0]


def _leverages(mu: np.ndarray, dispersions: np.ndarray, design: np.ndarray) -> np.ndarray:
    r"""Give the diagonal of :math:`W^{1/2} X (X^T W X + \lambda I)^{-1} X^T W^{1/2}`."""
    weights = mu / (1 + dispersions[:, None] * mu)
    inverse = np.linalg.inv(gram(weights, design) + RIDGE * np.eye(design.shape[1]))
    return weights * ((design @ inverse) * design).sum(axis=2)


def fit_by_quasi_newton(
    counts: np.ndarray,
    log_size_factors: np.ndarray,
    design: np.ndarray,
    dispersion: float,
    reached: np.ndarray,
    start: np.ndarray,
) -> tuple[np.ndarray, bool]:
    r"""Fit one gene that reweighted least squares could not, with L-BFGS-B.

    As R's DESeq2 does, the coefficients are on the log2 scale, within ±30, have a normal
    prior with variance 1e6, and the means have no floor. The slope is taken from differences
    of 1e-3 either side, as R's ``optim`` does: where a group has no counts the likelihood is
    nearly flat, and where the search gives up depends on such things.

    Parameters
    ----------
    counts, log_size_factors : ndarray, samples
    design : ndarray, samples × coefficients
    dispersion : float
    reached : ndarray, coefficients
        Where the iteration stopped (natural log); the start if it lies within bounds.
    start : ndarray, coefficients
        Where it began. R takes its numbers as if they were log2, and so does this.

    Returns
    -------
    coefficients : ndarray
        Natural log.
    converged : bool
    """
    # Hardly a gene comes to this, and every step that reads a fit would wait for its import.
    from scipy.optimize import minimize

    alpha = np.array([dispersion])
    # With the prior's constant, because the search ends at a relative gain.
    constant = log_likelihood_constant(counts[None], alpha)
    constant -= 0.5 * len(start) * np.log(2 * np.pi * 1e6)
    apart = QUASI_NEWTON_DIFFERENCE * np.vstack([np.eye(len(start)), -np.eye(len(start))])

    def values(points: np.ndarray) -> np.ndarray:
        log_mu = log_size_factors + LN2 * (points @ design.T)
        value = 0.5e-6 * (points**2).sum(axis=1)
        value -= log_likelihood(counts[None], log_mu, alpha, constant)
        return np.where(np.isfinite(value), value, 1e300)

    def objective(beta: np.ndarray) -> tuple[float, np.ndarray]:
        around = np.clip(beta + apart, -LARGEST_COEFFICIENT, LARGEST_COEFFICIENT)
        higher, lower = np.split(values(around), 2)
        distances = np.diag(around[: len(beta)]) - np.diag(around[len(beta) :])
        return values(beta[None])[0], (higher - lower) / distances

    usable = np.isfinite(reached).all() and (np.abs(reached / LN2) < LARGEST_COEFFICIENT).all()
    found = minimize(
        objective,
        reached / LN2 if usable else start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LARGEST_COEFFICIENT, LARGEST_COEFFICIENT)] * len(start),
        options={"maxcor": 5, "maxiter": 100, "ftol": 1e7 * np.finfo(float).eps, "gtol": 0},
    )
    return LN2 * found.x, bool(found.success)


def contrast_standard_errors(
    mu: np.ndarray, dispersions: np.ndarray, design: np.ndarray, contrast: np.ndarray
) -> np.ndarray:
    r"""Give the standard error of a contrast of each gene's coefficients, in natural log.

    :math:`\sqrt{c^T \Sigma c}` with :math:`\Sigma = H X^T W X H` and
    :math:`H = (X^T W X + \lambda I)^{-1}`.

    Parameters
    ----------
    mu : ndarray, genes × samples
    dispersions : ndarray, genes
    design : ndarray, samples × coefficients
    contrast : ndarray, coefficients

    Returns
    -------
    ndarray, genes
    """
    information = gram(mu / (1 + dispersions[:, None] * mu), design)
    solved = _solve_ridged(information, np.broadcast_to(contrast, (len(mu), len(contrast))))
    return np.sqrt(np.einsum("gi,gij,gj->g", solved, information, solved))


def wald_test(
    estimates: np.ndarray,
    standard_errors: np.ndarray,
    null: float = 0.0,
    alternative: str = "greaterAbs",
) -> tuple[np.ndarray, np.ndarray]:
    r"""Test each estimate b against a null hypothesis with threshold T = `null`.

    Parameters
    ----------
    estimates, standard_errors : ndarray, genes
        On the same scale as `null`.
    null : float
        The threshold, at least 0.
    alternative : str
        ``greaterAbs``: :math:`|b| > T`, :math:`p = 2 P(Z > (|b| - T)/se)`, at most 1;
        ``lessAbs``: :math:`|b| < T`, the larger p-value of the two one-sided tests;
        ``greater``: :math:`b > T`; ``less``: :math:`b < -T`.

    Returns
    -------
    statistics, p_values : ndarray, genes
    """
    above = (estimates - null) / standard_errors
    below = (estimates + null) / standard_errors
    if alternative == "greaterAbs":
        beyond = (np.abs(estimates) - null) / standard_errors
        return np.sign(estimates) * np.maximum(beyond, 0), np.minimum(1, 2 * ndtr(-beyond))
    if alternative == "lessAbs":
        statistics = np.minimum(np.maximum(-above, 0), np.maximum(below, 0))
        return statistics, np.maximum(ndtr(above), ndtr(-below))
    if alternative == "greater":
        return np.maximum(above, 0), ndtr(-above)
    if alternative == "less":
        return np.minimum(below, 0), ndtr(below)
    raise ValueError(f"alternative {alternative!r}: use greaterAbs, lessAbs, greater or less")
