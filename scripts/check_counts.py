"""The count matrix that a run starts from, held against the sample sheet."""

from pathlib import Path

from check_depth import depth_findings
from check_samples import one_row_per_sample
from check_table import UserTable
from count_matrix import counts_of, matrix_findings, read_matrix


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
    lines = one_row_per_sample(sheet.rows).set_index("sample")["cell_line"]
    matrix = read_matrix(path, name)
    problems, warnings = matrix_findings(matrix, name, list(lines.index))
    if problems:
        return problems, warnings
    failed, shallow = depth_findings(counts_of(matrix, list(lines.index)), lines)
    return [f"{name}: {problem}" for problem in failed], [*warnings, *shallow]
