"""A contrast as it is published, and what its genes are called."""

import json
from pathlib import Path

import pandas as pd

from imid.shared.significance import decided, deciding_test
from imid.shared.tables import read_table


def read_contrast(table: Path, sidecar: Path) -> tuple[pd.DataFrame, dict]:
    """Read a contrast table, as the test that decides has it, and its sidecar."""
    settings = json.loads(sidecar.read_text())
    return decided(read_table(table), deciding_test(settings)), settings


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
