"""Bringing mates together by the rules of HTSeq (`pair_SAM_alignments`)."""

from dataclasses import dataclass

import numpy as np

from bam import FIRST, MATE_UNMAPPED, NOT_PRIMARY, PAIRED, SECOND, UNMAPPED, Records, is_new_name
from problems import InputError

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
    orphan : ndarray of bool
        Whether the fragment is all there is of its name, and yet says that its mate is aligned.
    """

    records: Records
    first: np.ndarray
    second: np.ndarray
    orphan: np.ndarray


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
    return Fragments(records, first, np.full_like(first, NONE), np.zeros(len(first), bool))


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
    orphan = mate_aligned(records)[one] & np.isin(one, begin[size == 1], assume_unique=True)
    return Fragments(
        records, np.where(is_first, one, other), np.where(is_first, other, one), orphan
    )


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
    matching = are_mates(records, couple, couple + 1)
    mated, unmated = couple[matching], couple[~matching]
    alone = np.concatenate([begin[size == 1], unmated, unmated + 1])
    pairs = [np.stack([mated, mated + 1], axis=1), np.stack([alone, np.full_like(alone, NONE)], 1)]
    many = zip(begin[size > 2].tolist(), size[size > 2].tolist(), strict=True)
    pairs += [np.array(pair_many(records, row, row + count)) for row, count in many]
    one, other = np.concatenate(pairs).T
    return one, other


def are_mates(records: Records, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Tell which records are mates of each other.

    Parameters
    ----------
    records : Records
        Primary records.
    one, other : ndarray of int64
        Rows, or one of them a single row.

    Returns
    -------
    ndarray of bool
    """
    contig, position = records.head["contig"], records.head["position"]
    mate_contig, mate_position = records.head["mate_contig"], records.head["mate_position"]
    is_first = records.has(FIRST)
    aligned, claims = ~records.has(UNMAPPED), mate_aligned(records)
    agree = (aligned[one] == claims[other]) & (claims[one] == aligned[other])
    placed = (
        (contig[one] == mate_contig[other])
        & (position[one] == mate_position[other])
        & (contig[other] == mate_contig[one])
        & (position[other] == mate_position[one])
    )
    either_unaligned = ~(aligned[one] & aligned[other])
    return (is_first[one] != is_first[other]) & agree & (either_unaligned | placed)


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
        matching = are_mates(group, one, left)
        other = int(left[matching.argmax()]) if matching.any() else NONE
        left = left[left != other]
        pairs.append((begin + int(one), begin + other if other != NONE else NONE))
    return pairs
