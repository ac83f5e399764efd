r"""How the ratio of two genes changed, with an interval that needs no independence of their errors.

The difference of two log2 fold changes has the variance
:math:`s_1^2 + s_2^2 - 2\,\mathrm{Cov}`, and what replicates share (their age, their share of dead
cells) makes the covariance of two genes positive or negative. So the ratio is taken in each sample,

.. math:: y_i = \log_2 (K_{1i} + s_i/2) - \log_2 (K_{2i} + s_i/2),

with counts K and size factors s, and the design is fitted to y by least squares: the covariance is
in the scatter of y. The interval is Student's t with the degrees of freedom of the residuals.
"""

import numpy as np

from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.evidence.agreement import Estimate
from imid.question.contrasts import Contrast

# Normalized reads, added to both so that none is no infinity.
PRIOR_READS = 0.5


def change_of_ratio(fit: FittedModel, contrast: Contrast, upper: str, lower: str) -> Estimate:
    """Estimate how a contrast changes the ratio of two genes.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast
    upper, lower : str
        The two genes, by id.

    Returns
    -------
    Estimate
        Of the log2 ratio; without an error where no sample is left to the residuals.
    """
    genes = fit.genes.index.get_indexer([upper, lower])
    ratio = log_ratio(*fit.normalized[:, genes].T)
    weights = deseq.coefficients(fit, contrast).to_numpy()
    return estimate(ratio, fit.design_matrix.to_numpy(dtype=float), weights)


def log_ratio(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Give the log2 ratio of two genes' normalized counts in each sample."""
    return np.log2(upper + PRIOR_READS) - np.log2(lower + PRIOR_READS)


def estimate(values: np.ndarray, design: np.ndarray, contrast: np.ndarray) -> Estimate:
    """Fit a design to values by least squares, and give a contrast of its coefficients.

    Parameters
    ----------
    values : ndarray, samples
    design : ndarray, samples × coefficients
    contrast : ndarray, coefficients

    Returns
    -------
    Estimate
    """
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ values
    residuals = values - design @ coefficients
    degrees = float(np.subtract(*design.shape))
    variance = residuals @ residuals / degrees if degrees else np.nan
    error = np.sqrt(variance * (contrast @ inverse @ contrast))
    return Estimate(float(contrast @ coefficients), float(error), degrees)
