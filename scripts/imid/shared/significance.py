"""Which genes are significant: the one rule for tables, figures and targets."""

import numpy as np
import pandas as pd

# Half the width of a 95 % interval, in standard errors.
NORMAL_95 = 1.959963984540054


def significant(table: pd.DataFrame, fdr: float, log2_fold_change: float) -> pd.Series:
    """Decide which genes of a contrast are significant.

    Parameters
    ----------
    table : DataFrame
        A contrast table.
    fdr : float
        Genes below this false discovery rate pass.
    log2_fold_change : float
        Genes whose |log2 fold change| is above this pass.

    Returns
    -------
    Series of bool
        False where there is no false discovery rate.
    """
    return (table["fdr"] < fdr) & (table["log2_fold_change"].abs() > log2_fold_change)


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Give false discovery rates (Benjamini and Hochberg, J R Stat Soc B 57:289 (1995)).

    Parameters
    ----------
    p_values : ndarray
        Missing where there was no test.

    Returns
    -------
    ndarray
        Missing where the p-value is; those do not count as tests.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known])[::-1]]
    ranks = np.arange(len(known), 0, -1)
    adjusted[order] = np.minimum(1, np.minimum.accumulate(len(known) / ranks * p_values[order]))
    return adjusted
