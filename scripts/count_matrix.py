"""Count matrices that people bring: published ones, or those of another pipeline."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from problems import InputError, did_you_mean, place

GENE_ID, GENE_NAME = "gene_id", "gene_name"
# So many faulty cells are told one by one; a matrix of the wrong kind has millions.
TOLD = 5
MILLION = 1e6
LARGEST_LOGARITHM = 30


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


def matrix_findings(
    matrix: pd.DataFrame, name: str, samples: list[str]
) -> tuple[list[str], list[str]]:
    """Find what is wrong in a count matrix, and what should be known of it.

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
    tuple of list of str and list of str
        Problems and warnings.
    """
    if problems := [*_column_problems(matrix, name, samples), *_gene_problems(matrix, name)]:
        return _some(problems), []
    if problems := [p for sample in samples for p in _cell_problems(matrix, name, sample)]:
        return _some(problems), []
    values = matrix[samples].astype(float)
    fractions = (values % 1 != 0).to_numpy().any(axis=0)
    if not fractions.any():
        return [], []
    if problems := list(_other_units(values, name)):
        return _some(problems), []
    return [], [f"{name}: has fractions, as estimated counts do; they are rounded"]


def _column_problems(matrix: pd.DataFrame, name: str, samples: list[str]) -> Iterator[str]:
    for column in matrix.columns[matrix.columns.duplicated()]:
        yield f"{name}: column '{column}' is there twice"
    others = matrix.columns.difference([GENE_ID, GENE_NAME])
    for sample in samples:
        if sample not in others:
            hint = did_you_mean(sample, others)
            yield f"{name}: has no column '{sample}', which is a sample of the sheet{hint}"


def _gene_problems(matrix: pd.DataFrame, name: str) -> Iterator[str]:
    ids = matrix[GENE_ID]
    for line in ids.index[ids == ""]:
        yield f"{place(name, line, GENE_ID)}: is empty"
    for line, gene in ids[ids.duplicated()].items():
        yield f"{place(name, line, GENE_ID)}: '{gene}' is there twice; sum the rows of a gene"


def _cell_problems(matrix: pd.DataFrame, name: str, sample: str) -> Iterator[str]:
    values = pd.to_numeric(matrix[sample], errors="coerce").to_numpy()
    wrong = ~(np.isfinite(values) & (values >= 0))
    for line, value in matrix[sample][wrong].items():
        yield f"{place(name, line, sample)}: '{value}' is no count, which is a number of at least 0"


def _other_units(values: pd.DataFrame, name: str) -> Iterator[str]:
    """Recognise what is no count: TPM sum to a million, and logarithms stay small."""
    for sample, column in values.items():
        if abs(column.sum() - MILLION) < 0.01 * MILLION:
            yield f"{name}, column {sample}: sums to a million, as TPM do; raw counts are needed"
        elif column.max() < LARGEST_LOGARITHM:
            yield (
                f"{name}, column {sample}: has fractions and no value above"
                f" {LARGEST_LOGARITHM}, as logarithms do; raw counts are needed"
            )


def _some(problems: list[str]) -> list[str]:
    left = len(problems) - TOLD
    return problems if left <= 0 else [*problems[:TOLD], f"… and {left} more such problems"]


def counts_of(matrix: pd.DataFrame, samples: list[str]) -> pd.DataFrame:
    """Give the counts of samples, rounded to whole numbers.

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
    counts = matrix[samples].astype(float).round().astype("int64")
    return pd.concat([ids, names.rename(GENE_NAME), counts], axis=1).reset_index(drop=True)
