"""Contrasts of all genes' coefficients: standard errors, shrunken estimates, empty conditions.

Arrays are as PyDESeq2 has them, samples × genes.
"""

import numpy as np

from imid.inference import negative_binomial as nb
from imid.inference.blocks import in_blocks
from imid.inference.shrinkage import posterior_modes

LOWEST_MEAN = 0.5


def standard_errors(
    design: np.ndarray,
    dispersions: np.ndarray,
    coefficients: np.ndarray,
    mu: np.ndarray,
    contrast: np.ndarray,
    min_mu: float = LOWEST_MEAN,
) -> np.ndarray:
    """Give the standard error of a contrast for each gene.

    Parameters
    ----------
    design : ndarray, samples × coefficients
    dispersions : ndarray, genes
    coefficients : ndarray, genes × coefficients
        Natural log.
    mu : ndarray, samples × genes
        Fitted means.
    contrast : ndarray, coefficients
    min_mu : float
        No mean is taken to be lower, as in R, but where the design is an intercept alone.

    Returns
    -------
    ndarray, genes
        Natural log; missing where a coefficient or the dispersion is.
    """
    known = np.isfinite(dispersions) & np.isfinite(coefficients).all(axis=1)
    intercept = nb.is_intercept(design)

    def errors(block_mu: np.ndarray, block_dispersions: np.ndarray) -> tuple[np.ndarray]:
        means = block_mu if intercept else np.maximum(block_mu, min_mu)
        return (nb.contrast_standard_errors(means, block_dispersions, design, contrast),)

    result = np.full(len(dispersions), np.nan)
    (result[known],) = in_blocks(errors, mu.T[known], dispersions[known], design=design)
    return result


def shrunken(
    counts: np.ndarray,
    log_size_factors: np.ndarray,
    design: np.ndarray,
    size: np.ndarray,
    coefficient: int,
    scale: float,
    other_scale: float = 15.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shrink one coefficient of all genes: see `shrinkage.posterior_modes`.

    Parameters
    ----------
    counts : ndarray, samples × genes
    log_size_factors : ndarray, samples
    design : ndarray, samples × coefficients
    size : ndarray, genes
        The inverse of the dispersions.
    coefficient : int
    scale, other_scale : float

    Returns
    -------
    coefficients, covariances, converged : ndarray
        Genes first.
    """

    def fit(block_counts: np.ndarray, block_size: np.ndarray) -> tuple:
        return posterior_modes(
            block_counts,
            log_size_factors,
            design,
            1 / block_size,
            coefficient,
            scale,
            other_scale,
        )

    coefficients, covariances, converged = in_blocks(fit, counts.T, size, design=design)
    return coefficients, covariances, converged


def contrast_all_zero(
    counts: np.ndarray, design: np.ndarray, contrast: np.ndarray, samples: np.ndarray | None = None
) -> np.ndarray:
    """Tell which genes have no counts in the samples that a contrast compares.

    Their fitted coefficients are artefacts of the floor under the means. R gives them a log2
    fold change of 0 and a p-value of 1.

    Parameters
    ----------
    counts : ndarray, samples × genes
    design : ndarray, samples × coefficients
    contrast : ndarray, coefficients
    samples : ndarray of bool, optional
        The samples compared. Without it they are those in which a coefficient of the contrast
        plays a part, and a contrast of only one sign compares nothing.

    Returns
    -------
    ndarray of bool, genes
    """
    if samples is None:
        if (contrast >= 0).all() or (contrast <= 0).all():
            return np.zeros(counts.shape[1], dtype=bool)
        samples = design @ (contrast != 0) != 0
    return (counts[samples] == 0).all(axis=0)
