"""Count matrices that people bring: published ones, or those of another pipeline."""

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from imid.shared.problems import InputError, place
from imid.userfiles.check_table import SEPARATORS
from imid.userfiles.matrix_columns import match_columns
from imid.userfiles.matrix_rows import gene_rows
from imid.userfiles.plain_text import user_lines

GENE_ID, GENE_NAME = "gene_id", "gene_name"
# What biomaRt, Bioconductor and featureCounts call the names.
NAME_COLUMNS = {
    *["gene_name", "genename", "gene_symbol", "genesymbol", "symbol", "hgnc_symbol"],
    *["external_gene_name", "gene_short_name"],
}
# What featureCounts writes beside the counts.
FEATURE_COLUMNS = ["Chr", "Start", "End", "Strand", "Length"]
# So many faults of a kind are told one by one; a matrix of the wrong kind has millions.
TOLD = 5
# A number as programs write it. R makes 1e+05 of 100000.
NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?|\.\d+", re.ASCII)
MISSING_NAMES = {"", "NA", "N/A", "-"}


def read_matrix(path: Path, name: str) -> pd.DataFrame:
    """Read a count matrix.

    Parameters
    ----------
    path : Path
        Tab-separated, plain or gzipped: a header, then a row for each gene, its id first. The
        header may lack the first column's name, as R writes it. Lines of ``#`` before the header
        are skipped; quotes, blanks around a cell and empty cells beyond the header are taken off.
    name : str
        What messages call it.

    Returns
    -------
    DataFrame
        All cells as text, by line of the file; the ids are the column gene_id, whatever it was
        called, and the names, if there are any, gene_name.

    Raises
    ------
    InputError
        If it cannot be read, or is no such table.
    """
    header, rows = _split(user_lines(path, name), name)
    width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    if width == len(header) + 1:
        header = ["", *header]
    if len(header) < 2:
        raise InputError([f"{name}: has one column; {_separator(header[0])}"])
    uneven = [
        f"{place(name, line)}: has {len(cells)} cells, but the header has {len(header)}"
        f"{_why_uneven(cells)}"
        for line, cells in rows
        if len(cells) != len(header)
    ]
    if uneven:
        raise InputError(some(uneven))
    lines = pd.Index([line for line, _ in rows], name="line")
    return _with_our_names(pd.DataFrame([cells for _, cells in rows], columns=header, index=lines))


def _split(
    lines: list[tuple[int, str]], name: str
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Split lines into cells; give the header, and the rows with their lines."""
    comments = 0
    while comments < len(lines) and lines[comments][1].startswith("#"):
        comments += 1
    if comments and _is_header(lines[comments - 1 : comments + 1]):
        comments -= 1
        lines[comments] = (lines[comments][0], lines[comments][1].lstrip("#"))
    if len(lines) - comments < 2:
        raise InputError([f"{name}: a header and rows of genes are needed"])
    # Most cells of a matrix say the same few numbers: each is kept once.
    kept: dict[str, str] = {}
    (_, header), *rows = [(n, _split_line(line, kept)) for n, line in lines[comments:]]
    while header and not header[-1]:
        header.pop()
    # Rows may end in tabs that the header has not, or has for want of a first name.
    full = max(len(header), max(_filled(cells) for _, cells in rows))
    return header, [(n, cells[:full]) for n, cells in rows]


def _is_header(lines: list[tuple[int, str]]) -> bool:
    """Tell a header that begins with ``#``: the line after it has as many cells, with numbers."""
    header, *after = [line.split("\t") for _, line in lines]
    return any(
        len(header) == len(row) > 1 and NUMBER.fullmatch(row[-1].strip('" ')) is not None
        for row in after
    )


def _split_line(line: str, kept: dict[str, str]) -> list[str]:
    parts = next(csv.reader([line], delimiter="\t")) if '"' in line else line.split("\t")
    return [kept.setdefault(cell, cell) for cell in map(str.strip, parts)]


def _why_uneven(cells: list[str]) -> str:
    if cells[0].startswith("#"):
        return "; comments may stand before the header alone"
    return "; a quote is not closed" if any("\t" in cell for cell in cells) else ""


def _filled(cells: list[str]) -> int:
    """Count cells up to the last that is not empty."""
    return next((n for n in range(len(cells), 0, -1) if cells[n - 1]), 0)


def _separator(header: str) -> str:
    for separator, word in SEPARATORS.items():
        if separator in header:
            return f"the columns are separated by {word}, and must be by tabs"
    return "columns must be separated by tabs"


def _with_our_names(matrix: pd.DataFrame) -> pd.DataFrame:
    """Call the columns of ids and names as we do, wherever they are."""
    columns = list(matrix.columns)
    if GENE_ID not in columns:
        columns[0] = GENE_ID
    aliases = [at for at, column in enumerate(columns) if _plain(column) in NAME_COLUMNS]
    if GENE_NAME not in columns and len(aliases) == 1:
        columns[aliases[0]] = GENE_NAME
    return matrix.set_axis(columns, axis=1)


def _plain(column: str) -> str:
    return re.sub(r"[ .]", "_", column.casefold())


def some(problems: list[str]) -> list[str]:
    """Give the first problems of a kind, and how many more there are."""
    left = len(problems) - TOLD
    return problems if left <= 0 else [*problems[:TOLD], f"… and {left} more such problems"]


class _Numbers(dict):
    """The number that each text stands for; what is none is NaN."""

    def __missing__(self, text: str) -> float:
        number = float(text) if NUMBER.fullmatch(text) else np.nan
        self[text] = number if np.isfinite(number) else np.nan
        return self[text]


def numeric(matrix: pd.DataFrame) -> pd.DataFrame:
    """Give the numbers in a matrix.

    Parameters
    ----------
    matrix : DataFrame
        As given by `read_matrix`, each column there once.

    Returns
    -------
    DataFrame
        Its columns but for ids, names and featureCounts' description of genes; NaN where a cell
        is no number of at least 0.
    """
    numbers = _Numbers()
    return pd.DataFrame(
        {
            column: np.fromiter(map(numbers.__getitem__, cells), float, len(cells))
            for column, cells in matrix.items()
            if column not in [GENE_ID, GENE_NAME, *FEATURE_COLUMNS]
        },
        index=matrix.index,
    )


def gene_names(matrix: pd.DataFrame) -> pd.Series:
    """Give each row's gene name, or its id where the matrix has none."""
    ids = matrix[GENE_ID]
    if GENE_NAME not in matrix:
        return ids.rename(GENE_NAME)
    return matrix[GENE_NAME].where(~matrix[GENE_NAME].isin(MISSING_NAMES), ids)


def genes_of(matrix: pd.DataFrame) -> pd.DataFrame:
    """List the genes of a matrix.

    Parameters
    ----------
    matrix : DataFrame
        As given by `read_matrix`, without problems.

    Returns
    -------
    DataFrame
        gene_id and gene_name (the id where the matrix has none), by line; rows that are no genes
        are left out.
    """
    return _matrix_genes(matrix, numeric(matrix))


def _matrix_genes(matrix: pd.DataFrame, numbers: pd.DataFrame) -> pd.DataFrame:
    genes = pd.concat([matrix[GENE_ID], gene_names(matrix)], axis=1)
    return genes[gene_rows(matrix[GENE_ID], numbers).kept]


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
        gene_id, gene_name (the id where the matrix has none), and a column for each sample; rows
        that are no genes are left out.
    """
    numbers = numeric(matrix)
    genes = _matrix_genes(matrix, numbers)
    taken = match_columns(list(numbers.columns), samples)
    counts = numbers.loc[genes.index, [taken[sample] for sample in samples]]
    counts = counts.round().astype("int64").set_axis(samples, axis=1)
    return pd.concat([genes, counts], axis=1).reset_index(drop=True)
