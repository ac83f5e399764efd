"""The count matrix that a run starts from, held against the sample sheet."""

from pathlib import Path

from check_samples import one_row_per_sample
from check_table import UserTable
from count_matrix import matrix_problems, read_matrix


def counts_problems(path: Path, name: str, sheet: UserTable) -> list[str]:
    """Find what is wrong with a count matrix.

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
    list of str
        The problems.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    samples = list(one_row_per_sample(sheet.rows)["sample"])
    return matrix_problems(read_matrix(path, name), name, samples)
