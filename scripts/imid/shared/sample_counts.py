"""Reading the table of counts of one sample, as htseq-count writes it: ``gene_id count``."""

from pathlib import Path

import pandas as pd

from imid.shared.tables import read_table


def read_all_counts(path: str | Path) -> pd.Series:
    """Read one sample's counts with the special counters.

    Parameters
    ----------
    path : str or Path
        The table.

    Returns
    -------
    Series
        Fragments by gene_id, then by counter.
    """
    return read_table(path, index="gene_id")["count"]


def read_counts(path: str | Path) -> pd.Series:
    """Read one sample's counts, the special counters left out; fragments by gene_id."""
    return of_genes(read_all_counts(path))


def of_genes(counts: pd.Series) -> pd.Series:
    """Leave out the special counters (``__no_feature`` and so on)."""
    return counts[~counts.index.str.startswith("__")]
