"""Bringing mates together by the rules of HTSeq (`pair_SAM_alignments`)."""

from dataclasses import dataclass

import numpy as np

from imid.counting.bam import (
    FIRST,
    MATE_UNMAPPED,
    NOT_PRIMARY,
    PAIRED,
    SECOND,
    UNMAPPED,
    Records,
    is_new_name,
)
from imid.shared.problems import InputError

NONE = -1


@dataclass(frozen=True)
class Fragments:
    """Sequenced fragments, each of one or two records.

    Attributes
    ----------
    records : Records
        The records they are made of.
    first, second : ndarray of int64
        Row of the first and the second mate, or `NONE`; a single read is a first mate.
    orphan : ndarray of int64
        Rows of the records that are all there is of their name, and yet say their mate is aligned.
    names : int
        How many names follow each other among primary records; of single reads each has its own.
    """

    records: Records
    first: np.ndarray
    second: np.ndarray
    orphan: np.ndarray
    names: int


def single_fragments(records: Records) -> Fragments:
    """Take single reads as they are.

    Of reads that are not aligned HTSeq counts secondary records, too: it looks at that later.

    Parameters
    ----------
    records : Records
        Of single reads.

    Returns
    -------
    Fragments
    """
    check_paired(records, expected=False)
    first = np.flatnonzero(records.has(UNMAPPED) | ~records.has(NOT_PRIMARY))
    names = int((~records.has(NOT_PRIMARY)).sum())
    return Fragments(records, first, np.full_like(first, NONE), first[:0], names)


def paired_fragments(records: Records) -> Fragments:
    """Pair mates among records of one name that follow each other.

    Parameters
    ----------
    records : Records
        Of paired reads, no name being cut off.

    Returns
    -------
    Fragments

    Raises
    ------
    InputError
        Where a record is of a single read, or of neither the first nor the second mate.
    """
    check_paired(records, expected=True)
    records = records[~records.has(NOT_PRIMARY)]
    begin = np.flatnonzero(is_new_name(records))
    size = np.diff(begin, append=len(records))
    one, other = pair_groups(records, begin, size)
    is_first = records.has(FIRST)[one]
    lone = begin[size == 1]
    orphan = lone[mate_aligned(records[lone])]
    first, second = np.where(is_first, one, other), np.where(is_first, other, one)
    return Fragments(records, first, second, orphan, len(begin))


def check_paired(records: Records, expected: bool) -> None:
    """Refuse files that mix single and paired reads, and mates of no order."""
    wrong = records.has(PAIRED) != expected
    if wrong.any():
        name = records.name(int(wrong.argmax())).decode(errors="replace")
        kinds = ("a single read", "a paired one") if expected else ("a paired read", "a single one")
        raise InputError(
            [f"record '{name}' is of {kinds[0]}, the file's first of {kinds[1]}: count them apart"]
        )
    orderless = ~records.has(FIRST | SECOND) & expected
    if orderless.any():
        name = records.name(int(orderless.argmax())).decode(errors="replace")
        raise InputError([f"record '{name}' is of a pair, but neither its first nor second read"])


def mate_aligned(records: Records) -> np.ndarray:
    """Tell which records say that their mate is aligned, as HTSeq understands them."""
    return ~records.has(MATE_UNMAPPED) & (records.head["mate_contig"] != -1)


def pair_groups(
    records: Records, begin: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pair the records of each name.

    Parameters
    ----------
    records : Records
        Primary records.
    begin, size : ndarray of int64
        The row at which each name begins, and how many records it has.

    Returns
    -------
    one, other : ndarray of int64
        The earlier and the later row of each pair; a record without a mate is one, with `NONE`.
    """
    couple = begin[size == 2]
    matching = are_mates(records[couple], records[couple + 1])
    mated, unmated = couple[matching], couple[~matching]
    alone = np.concatenate([begin[size == 1], unmated, unmated + 1])
    many = zip(begin[size > 2].tolist(), size[size > 2].tolist(), strict=True)
    pairs = [pair for row, count in many for pair in pair_many(records, row, row + count)]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    return (
        np.concatenate([mated, alone, one]),
        np.concatenate([mated + 1, np.full_like(alone, NONE), other]),
    )


def are_mates(one: Records, other: Records) -> np.ndarray:
    """Tell which records are mates of each other.

    Parameters
    ----------
    one, other : Records
        Primary records of one name, as many of each, or a single one.

    Returns
    -------
    ndarray of bool
    """
    aligned, other_aligned = ~one.has(UNMAPPED), ~other.has(UNMAPPED)
    agree = (aligned == mate_aligned(other)) & (mate_aligned(one) == other_aligned)
    placed = (one.place == other.mate_place) & (other.place == one.mate_place)
    return (one.has(FIRST) != other.has(FIRST)) & agree & (placed | ~(aligned & other_aligned))


def pair_many(records: Records, begin: int, end: int) -> list[tuple[int, int]]:
    """Pair three or more records of one name: each takes the next that matches.

    Parameters
    ----------
    records : Records
        Primary records.
    begin, end : int
        The rows of the name.

    Returns
    -------
    list of (int, int)
        The earlier and the later row; `NONE` where there is no mate.
    """
    pairs = []
    group = records[begin:end]
    left = np.arange(len(group))
    while len(left):
        one, left = left[0], left[1:]
        matching = are_mates(group[one : one + 1], group[left])
        other = int(left[matching.argmax()]) if matching.any() else NONE
        left = left[left != other]
        pairs.append((begin + int(one), begin + other if other != NONE else NONE))
    return pairs
