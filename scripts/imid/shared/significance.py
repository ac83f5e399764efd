"""Which genes are significant: the one rule for tables, figures and targets."""

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
