"""The count matrix that a run starts from, held against the sample sheet."""

from pathlib import Path

from check_samples import one_row_per_sample
from check_table import UserTable
from count_matrix import matrix_findings, read_matrix


def counts_findings(path: Path, name: str, sheet: UserTable) -> tuple[list[str], list[str]]:
    """Find what is wrong with a count matrix, and what should be known of it.

    Parameters
    ----------
    path : Path
        The matrix.
    name : str
        What messages call it.
    sheet : UserTable
        The samples it is to have.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    samples = list(one_row_per_sample(sheet.rows)["sample"])
    return matrix_findings(read_matrix(path, name), name, samples)
