r"""Negative-binomial regression by maximum likelihood alone, and its deviance.

`negative_binomial.fit_glm` has R's choices: no fitted mean below a floor, and for an intercept
alone the mean of normalized counts. A deviance takes the likelihood's maximum as it is.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

from imid.inference import negative_binomial as nb

# As low as makes no difference to a deviance.
LOWEST_MEAN = 1e-6
LARGEST_LOG_MEAN = 500


class LikelihoodFit(NamedTuple):
    """Coefficients (natural log), means (genes × samples) and deviances."""

    coefficients: np.ndarray
    mu: np.ndarray
    deviances: np.ndarray


def maximum_likelihood(
    counts: np.ndarray, size_factors: np.ndarray, design: np.ndarray, dispersions: np.ndarray
) -> LikelihoodFit:
    """Fit each gene's coefficients.

    Parameters
    ----------
    counts : ndarray, genes × samples
        They need not be whole numbers.
    size_factors : ndarray, samples or genes × samples
    design : ndarray, samples × coefficients
        Of full column rank.
    dispersions : ndarray, genes

    Returns
    -------
    LikelihoodFit
    """
    # In columns at right angles and of equal length, so that no coefficient is large.
    basis, triangle = np.linalg.qr(design)
    length = 2 * np.sqrt(len(design))
    basis, triangle = length * basis, triangle / length
    fitted = nb.fit_coefficients(counts, size_factors, basis, dispersions, min_mu=LOWEST_MEAN)
    written = fitted.coefficients
    log_mu = written @ basis.T + np.log(size_factors)
    mu = np.exp(np.clip(log_mu, np.log(LOWEST_MEAN), LARGEST_LOG_MEAN))
    coefficients = np.linalg.solve(triangle, written.T).T
    return LikelihoodFit(coefficients, mu, deviance(counts, mu, dispersions))


def deviance(counts: np.ndarray, mu: np.ndarray, dispersions: np.ndarray) -> np.ndarray:
    r"""Give the deviance of each gene.

    :math:`2 \sum_j y_j \log(y_j/\mu_j) - (y_j + 1/\alpha) \log r_j` with
    :math:`r_j = (1 + \alpha y_j)/(1 + \alpha\mu_j)`.

    Parameters
    ----------
    counts, mu : ndarray, genes × samples
    dispersions : ndarray, genes
        Above 0.

    Returns
    -------
    ndarray, genes
    """
    alpha = dispersions[:, None]
    surplus = (counts + 1 / alpha) * np.log1p(alpha * (counts - mu) / (1 + alpha * mu))
    return np.maximum(2 * (xlogy(counts, counts / mu) - surplus).sum(axis=1), 0)
