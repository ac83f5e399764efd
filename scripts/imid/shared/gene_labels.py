"""What genes are called."""

import pandas as pd


def gene_labels(genes: pd.DataFrame) -> pd.Series:
    """Name genes as a reader knows them.

    Parameters
    ----------
    genes : DataFrame
        gene_id and gene_name.

    Returns
    -------
    Series of str
        The name, or the id where there is no name.
    """
    return genes["gene_name"].replace("", pd.NA).fillna(genes["gene_id"])
