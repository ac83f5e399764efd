"""Reading the table of counts of one sample, as htseq-count writes it: ``gene_id count``."""

from pathlib import Path

import pandas as pd

from imid.shared.tables import read_table


def read_counts(path: str | Path) -> pd.Series:
    """Read one sample's counts, the special counters (``__no_feature`` and so on) left out.

    Parameters
    ----------
    path : str or Path
        The table.

    Returns
    -------
    Series
        Fragments by gene_id.
    """
    counts = read_table(path, index="gene_id")["count"]
    return counts[~counts.index.str.startswith("__")]
