"""The counts of one sample's genes, as numbers to be worked with."""

from pathlib import Path

import pandas as pd

from imid.shared.count_table import read_count_table


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

    Raises
    ------
    InputError
        Where the table is damaged.
    """
    counts = pd.Series(read_count_table(Path(path)), name="count").rename_axis("gene_id")
    return counts[~counts.index.str.startswith("__")]
