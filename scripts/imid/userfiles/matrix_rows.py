"""Rows of a count matrix that are no genes: what htseq-count, STAR and spreadsheets add."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imid.shared.counters import COUNTERS

# htseq-count (before version 0.6 without the underscores), STAR, featureCounts.
ADDED = re.compile(
    rf"__.*|{'|'.join(name.strip('_') for name in COUNTERS)}"
    r"|n_(?:unmapped|multimapping|nofeature|ambiguous)|assigned|unassigned_\w+",
    re.I,
)
SUMMARY = re.compile(
    r"(?:(?:grand|column|sub)?[ _.-]*(?:totals?|sums?|mean|average|median)"
    r"|(?:total|mapped|sum|library)[ _.-]*(?:of[ _.-]*)?(?:reads?|counts?|sizes?|genes?|all)"
    r"|lib[ _.-]?sizes?|size[ _.-]?factors?|norm[ _.-]?factors?|gesamt|summe|somme|suma|mittelwert)"
    r"[:.]?",
    re.I,
)
# Below so many genes a row may equal the sum of the others by chance.
FEWEST = 4


@dataclass(frozen=True)
class Rows:
    """What the rows of a matrix are.

    Attributes
    ----------
    kept : Series of bool
        By line, whether it is a gene.
    counters : list of str
        Ids of rows that an aligner or a counter added.
    totals : list of int
        Lines that are the sum of the others in every column.
    unclear : dict of int to str
        Lines of which that cannot be said, with the reason.
    """

    kept: pd.Series
    counters: list[str]
    totals: list[int]
    unclear: dict[int, str]


def gene_rows(ids: pd.Series, numbers: pd.DataFrame) -> Rows:
    """Tell the genes of a matrix from its other rows.

    Parameters
    ----------
    ids : Series of str
        The first cell of each row, by line.
    numbers : DataFrame
        The numbers of all columns that may be samples; columns with NaN are passed over, those
        of the sheet have none.

    Returns
    -------
    Rows
        Which are genes.
    """
    counters = ids.map(lambda name: ADDED.fullmatch(name) is not None).astype(bool)
    numbers = numbers.loc[:, numbers.notna().all() & (numbers > 0).any()]
    totals, unclear = [], {}
    for line, equal in _totals(numbers, ~counters):
        if equal == numbers.shape[1]:
            totals.append(line)
        else:
            unclear[line] = (
                f"equals the sum of the other rows in {equal} of {numbers.shape[1]} columns; if"
                " it is their total, take it out"
            )
    for line, name in zip(ids.index[~counters].tolist(), ids[~counters], strict=True):
        if line not in totals and SUMMARY.fullmatch(name):
            unclear.setdefault(
                line, "is called as a summary of the others, but is not their sum; take it out"
            )
    kept = ~counters & ~ids.index.isin(totals)
    return Rows(kept, list(ids[counters]), totals, unclear)


def _totals(numbers: pd.DataFrame, genes: pd.Series) -> Iterator[tuple[int, int]]:
    """Find rows that are, in two columns or more, the sum of the others or of the genes alone."""
    if numbers.shape[1] < 2 or genes.sum() <= FEWEST:
        return
    values = numbers.to_numpy()
    whole = not (values % 1).any()
    relative, absolute = (0.0, 0.0) if whole else (1e-6, 1.0)
    # A total is half the sum of a column that it is part of.
    with_counters = values.sum(axis=0)
    of_genes = values[genes].sum(axis=0)
    # One column in which a row holds half of everything tells which rows to look at.
    for row in np.flatnonzero((values >= of_genes * 0.499).sum(axis=1) >= 2):
        if genes.iloc[row]:
            equal = np.isclose(2 * values[row], of_genes, relative, absolute)
            also = np.isclose(2 * values[row], with_counters, relative, absolute)
            number = max(int(equal.sum()), int(also.sum()))
            if number >= 2:
                yield numbers.index.tolist()[row], number
