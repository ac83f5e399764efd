"""Adjusting p-values for their number, leaving out genes with too few counts to be found.

The filter on the mean count is chosen where most genes are found (Bourgon, Gentleman and Huber,
PNAS 107:9546 (2010)), in the way of R's DESeq2: the number of rejections at 50 quantiles is
smoothed, and the lowest quantile taken that comes within the residuals' root mean square of
the smooth curve's maximum.
"""

import numpy as np

from imid.inference.local_regression import lowess
from imid.shared.significance import benjamini_hochberg

QUANTILES = 50


def independently_filtered(
    p_values: np.ndarray, base_means: np.ndarray, alpha: float
) -> np.ndarray:
    """Give false discovery rates of the genes that pass the best filter on the mean.

    Parameters
    ----------
    p_values : ndarray, genes
        Missing where there was no test.
    base_means : ndarray, genes
        Means of normalized counts.
    alpha : float
        The false discovery rate at which rejections are counted.

    Returns
    -------
    ndarray, genes
        Missing where the p-value is, or where the mean is below the filter.
    """
    lowest = np.mean(base_means == 0)
    quantiles = np.linspace(lowest, 0.95 if lowest < 0.95 else 1, QUANTILES)
    cutoffs = _quantiles(base_means, quantiles)
    rejections = np.array([_rejections(p_values[base_means >= cut], alpha) for cut in cutoffs])
    cutoff = cutoffs[_best(quantiles, rejections)]
    return benjamini_hochberg(np.where(base_means >= cutoff, p_values, np.nan))


def _rejections(p_values: np.ndarray, alpha: float) -> int:
    # The step-up rule alone: fewer than all false discovery rates, which are not needed here.
    ordered = np.sort(p_values[~np.isnan(p_values)])
    below = len(ordered) / np.arange(1, len(ordered) + 1) * ordered < alpha
    return int(np.flatnonzero(below)[-1]) + 1 if below.any() else 0


def _best(quantiles: np.ndarray, rejections: np.ndarray) -> int:
    if rejections.max() <= 10:
        return 0
    smooth = lowess(quantiles, rejections.astype(float), fraction=1 / 5)
    found = rejections > 0
    spread = np.sqrt(np.mean((rejections[found] - smooth[found]) ** 2))
    enough = rejections > smooth.max() - spread
    return int(np.argmax(enough)) if enough.any() else 0


def _quantiles(values: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    # As R computes them: a value that is met exactly is not blurred by interpolation.
    ordered = np.sort(values)
    position = (len(values) - 1) * probabilities
    below = np.floor(position).astype(int)
    above = np.ceil(position).astype(int)
    share = position - below
    between = (1 - share) * ordered[below] + share * ordered[above]
    return np.where(ordered[above] == ordered[below], ordered[below], between)
