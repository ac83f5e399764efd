"""Count matrices that people bring: published ones, or those of another pipeline."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from problems import InputError, did_you_mean, place

GENE_ID, GENE_NAME = "gene_id", "gene_name"
# So many faulty cells are told one by one; a matrix of the wrong kind has millions.
TOLD = 5


def read_matrix(path: Path, name: str) -> pd.DataFrame:
    """Read a count matrix.

    Parameters
    ----------
    path : Path
        Tab-separated, plain or gzipped: a header, then a row for each gene, its id first. The
        header may lack the first column's name, as R writes it. Lines of ``#`` are skipped.
    name : str
        What messages call it.

    Returns
    -------
    DataFrame
        By gene_id, all cells as text; the index is the first column, whatever it is called.

    Raises
    ------
    InputError
        If it cannot be read, or is no such table.
    """
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig") as file:
            lines = ((n, line.rstrip("\r\n")) for n, line in enumerate(file, start=1))
            rows = [(n, line.split("\t")) for n, line in lines if line and line[0] != "#"]
    except OSError as error:
        raise InputError([f"{name}: cannot be read: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise InputError([f"{name}: is not UTF-8 text"]) from error
    if len(rows) < 2:
        raise InputError([f"{name}: a header and rows of genes are needed"])
    (_, header), *rows = rows
    if len(header) == len(rows[0][1]) - 1:
        header = [GENE_ID, *header]
    if len(header) < 2:
        raise InputError([f"{name}: has one column; columns must be separated by tabs"])
    uneven = [
        f"{place(name, line)}: has {len(cells)} cells, but the header has {len(header)}"
        for line, cells in rows
        if len(cells) != len(header)
    ]
    if uneven:
        raise InputError(_some(uneven))
    lines = pd.Index([line for line, _ in rows], name="line")
    table = pd.DataFrame([cells for _, cells in rows], columns=header, index=lines)
    return table.rename(columns={header[0]: GENE_ID})


def matrix_problems(matrix: pd.DataFrame, name: str, samples: list[str]) -> list[str]:
    """Find what is wrong in a count matrix.

    Parameters
    ----------
    matrix : DataFrame
        As given by `read_matrix`.
    name : str
        What messages call it.
    samples : list of str
        The samples it must have.

    Returns
    -------
    list of str
        The problems.
    """
    others = matrix.columns.difference([GENE_ID, GENE_NAME])
    columns = matrix.columns[matrix.columns.duplicated()]
    problems = [f"{name}: column '{column}' is there twice" for column in columns]
    problems += [
        f"{name}: has no column '{sample}', which is a sample of the sheet"
        f"{did_you_mean(sample, others)}"
        for sample in samples
        if sample not in others
    ]
    ids = matrix[GENE_ID]
    problems += [f"{place(name, line, GENE_ID)}: is empty" for line in ids.index[ids == ""]]
    problems += [
        f"{place(name, line, GENE_ID)}: '{gene}' is there twice; sum the rows of a gene"
        for line, gene in ids[ids.duplicated()].items()
    ]
    if problems:
        return _some(problems)
    return _some(
        [problem for sample in samples for problem in _cell_problems(matrix, name, sample)]
    )


def _cell_problems(matrix: pd.DataFrame, name: str, sample: str) -> list[str]:
    values = pd.to_numeric(matrix[sample], errors="coerce").to_numpy()
    wrong = ~(np.isfinite(values) & (values >= 0) & (values == np.floor(values)))
    return [
        f"{place(name, line, sample)}: '{value}' is no count; whole numbers are needed, not TPM or"
        " normalized values"
        for line, value in matrix[sample][wrong].items()
    ]


def _some(problems: list[str]) -> list[str]:
    left = len(problems) - TOLD
    return problems if left <= 0 else [*problems[:TOLD], f"… and {left} more such problems"]


def counts_of(matrix: pd.DataFrame, samples: list[str]) -> pd.DataFrame:
    """Give the counts of samples, as whole numbers.

    Parameters
    ----------
    matrix : DataFrame
        As given by `read_matrix`, without problems.
    samples : list of str
        Which, in this order.

    Returns
    -------
    DataFrame
        gene_id, gene_name (the id where the matrix has none), and a column for each sample.
    """
    ids = matrix[GENE_ID]
    names = matrix[GENE_NAME].where(matrix[GENE_NAME] != "", ids) if GENE_NAME in matrix else ids
    counts = matrix[samples].astype(float).astype("int64")
    return pd.concat([ids, names.rename(GENE_NAME), counts], axis=1).reset_index(drop=True)
