"""Which genes are spike-ins: by an expression that their ids or names have."""

import re

import pandas as pd


def are_spike_ins(genes: pd.DataFrame, pattern: str) -> pd.Series:
    """Tell which genes are spike-ins.

    Parameters
    ----------
    genes : DataFrame
        gene_id and gene_name, which may be missing.
    pattern : str
        A regular expression that is found in the id or the name of each of them.

    Returns
    -------
    Series of bool
        With the index of `genes`.
    """
    named = [genes[column].fillna("").astype(str) for column in ["gene_id", "gene_name"]]
    found = [names.map(lambda name: bool(re.search(pattern, name))) for names in named]
    return found[0] | found[1]
