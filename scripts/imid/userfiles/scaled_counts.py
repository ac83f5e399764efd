"""Marks of whole numbers that were counts once, and were scaled and rounded.

Counting leaves two traces. Of thousands of genes some have each small count, so that a number that
no gene has between numbers that many have is a gap, as scaling up makes it. And two samples differ
by chance at least: were counts scaled down, or their logarithms taken, samples agree more closely
than any two countings can.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from imid.shared.problems import place

RAW = "raw counts are needed"
# A column of so many numbers above 0 is no multiple of anything by chance (2 ** -25).
FEWEST_MULTIPLES = 25
# A gap is at most as wide as it is far from 0, and beside it, in a space as wide or this wide, lie
# so many genes: where 20 are expected none is found once in e ** 20.
NARROWEST_SIDE, FEWEST_BESIDE = 3, 60
# Of two samples the genes of alike size are compared, for in large counts other scatter prevails.
SIZES = [6, 40, 400, np.inf]
# Where small counts were left out those beyond scatter less, up to so many times the least.
CLEAR_OF_LEAST = 6
FEWEST_COMPARED = 200
# Counting alone gives 1, and 0.9 as the mean over so many genes is rare.
FAR_TOO_ALIKE, TOO_ALIKE = 0.5, 0.75
# Pairs that are compared, the samples beside each other before those far apart.
MOST_PAIRS = 300


def scaled_findings(values: pd.DataFrame, name: str) -> tuple[list[str], list[str]]:
    """Recognise counts that were scaled and rounded.

    Parameters
    ----------
    values : DataFrame
        Genes × samples, whole numbers of at least 0; in each sample some are above 0.
    name : str
        What messages call the matrix.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.
    """
    columns = {sample: column.to_numpy() for sample, column in values.items()}
    factors = {sample: common_factor(column) for sample, column in columns.items()}
    gaps = {sample: first_gap(column) for sample, column in columns.items()}
    ratio, first, second = likeness(values.to_numpy())
    if multiples := [sample for sample, factor in factors.items() if factor > 1]:
        return [
            f"{place(name, column=multiples[0])}: all counts are multiples of"
            f" {factors[multiples[0]]} (so in {len(multiples)} of {len(columns)} samples); {RAW},"
            " in which each read or pair counts once"
        ], []
    if gapped := [sample for sample, gap in gaps.items() if gap]:
        before, after = gaps[gapped[0]] or (0, 0)
        return [
            f"{place(name, column=gapped[0])}: many genes have {before}, many {after}, and none a"
            f" number between (so in {len(gapped)} of {len(columns)} samples), as normalized"
            f" counts, CPM and logarithms that were rounded; {RAW}"
        ], []
    if ratio >= TOO_ALIKE:
        return [], []
    alike = (
        f"{name}: columns {values.columns[first]} and {values.columns[second]} agree more closely"
        f" than two countings can (genes of one size scatter by {ratio:.0%} of what counting alone"
        " makes), as rounded FPKM, TPM, CPM, logarithms and means do"
    )
    if ratio < FAR_TOO_ALIKE:
        return [f"{alike}; {RAW}"], []
    return [], [f"{alike}; make sure that these are raw counts"]


def common_factor(column: np.ndarray) -> int:
    """Give the number that all of a sample's counts are multiples of; 1 where too few say so."""
    present = column[column > 0].astype(np.int64)
    return int(np.gcd.reduce(present)) if len(present) >= FEWEST_MULTIPLES else 1


def first_gap(column: np.ndarray) -> tuple[int, int] | None:
    """Find small numbers that no gene has, though many have those on both sides of them.

    Parameters
    ----------
    column : array
        A sample's whole numbers, one for each gene.

    Returns
    -------
    tuple of int and int or None
        The numbers that are there before and after the first gap; None where there is none.
    """
    ordered = np.sort(column[column > 0])
    there = np.unique(ordered)
    before, after = there[:-1], there[1:]
    wide = after - before - 1
    side = np.maximum(wide, NARROWEST_SIDE)
    below = _number_up_to(ordered, before) - _number_up_to(ordered, before - side)
    above = _number_up_to(ordered, after + side - 1) - _number_up_to(ordered, after - 1)
    gaps = (wide > 0) & (wide < before) & (np.minimum(below, above) >= FEWEST_BESIDE)
    first = np.flatnonzero(gaps)[:1]
    return (int(before[first[0]]), int(after[first[0]])) if len(first) else None


def _number_up_to(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.searchsorted(ordered, values, side="right")


def likeness(values: np.ndarray) -> tuple[float, int, int]:
    """Tell how closely the two samples agree that are most alike, beside what counting allows.

    Of two counts of a gene, given their sum, the first is binomial at best; what else differs
    between samples adds to its variance.

    Parameters
    ----------
    values : array of int
        Genes × samples.

    Returns
    -------
    tuple of float, int and int
        The mean over genes of a squared difference by its smallest variance (1 or more of counts;
        infinite where too few genes tell), and the two samples.
    """
    found = [(np.inf, 0, 0)]
    for first, second in _pairs(values.shape[1]):
        found += [(ratio, first, second) for ratio in _ratios(*values[:, [first, second]].T)]
    return min(found)


def _pairs(samples: int) -> list[tuple[int, int]]:
    pairs = itertools.combinations(range(samples), 2)
    return sorted(pairs, key=lambda pair: pair[1] - pair[0])[:MOST_PAIRS]


def _ratios(first: np.ndarray, second: np.ndarray) -> Iterator[float]:
    """Give for genes of each size the variance of two counts by that of counting alone."""
    both = first + second
    clear = both >= CLEAR_OF_LEAST * min(first.min(), second.min())
    for least, most in itertools.pairwise(SIZES):
        of_size = clear & (both >= least) & (both < most)
        if of_size.sum() < FEWEST_COMPARED:
            continue
        n, x = both[of_size], first[of_size]
        # The median of the shares, for a few genes may be most of what was counted.
        share = np.median(x / n)
        if 0 < share < 1:
            yield float(np.mean((x - n * share) ** 2 / (n * share * (1 - share))))
