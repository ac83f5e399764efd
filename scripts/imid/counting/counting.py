"""Assigning fragments to features by the rules of htseq-count, many at a time."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from imid.counting.annotation import POSITION_BITS
from imid.counting.bam import REVERSE, UNMAPPED, Records, read_hits
from imid.counting.features import Features
from imid.counting.fragments import NONE, Fragments
from imid.shared.counters import COUNTERS
from imid.shared.problems import InputError

MODES = ["union", "intersection-strict", "intersection-nonempty"]
# A fragment's outcome is the number of its feature, or one of these.
NO_FEATURE, AMBIGUOUS, TOO_LOW_QUALITY, NOT_ALIGNED, NOT_UNIQUE = range(-5, 0)

# What is known of a mate before it is looked up: a sum of the first four, or that it is not there.
UNALIGNED, WITHOUT_HITS, MULTIPLE, LOW_QUALITY, ABSENT = (np.uint8(1 << bit) for bit in range(5))
STATES = range(ABSENT + 1)

SOFT_CLIP, SKIP = 4, 3
CIGAR_CODES = "MIDNSHP=X"
CONSUMES_REFERENCE = np.array([code in "MDN=X" for code in CIGAR_CODES] + [False] * 7)
IS_MATCH = np.array([code in "M=X" for code in CIGAR_CODES] + [False] * 7)


@dataclass(frozen=True)
class Options:
    """How htseq-count is asked to count.

    Attributes
    ----------
    mode : str
        One of `MODES`.
    stranded : str
        yes, no or reverse.
    min_quality : int
        Lowest mapping quality counted.
    """

    mode: str = "union"
    stranded: str = "yes"
    min_quality: int = 10


def count_fragments(
    fragments: Fragments, features: Features, contig_number: np.ndarray, options: Options
) -> np.ndarray:
    """Count fragments.

    Parameters
    ----------
    fragments : Fragments
        Reads or pairs.
    features : Features
        What they are counted in.
    contig_number : ndarray of int64
        For each contig of the alignments its number among the features, or `NONE`.
    options : Options
        The mode, the strandedness and the quality.

    Returns
    -------
    ndarray of int64, shape (ids + counters,)
        Fragments for each feature, then for each of the `COUNTERS`.
    """
    outcome = screen_fragments(fragments, options.min_quality)
    open_ = np.flatnonzero(outcome == NO_FEATURE)
    fragment, start, end = find_blocks(fragments, open_, contig_number, options.stranded)
    steps = find_steps(features, fragment, start, end)
    assign = assign_union if options.mode == "union" else assign_intersection
    outcome[open_] = assign(features, *steps, len(open_), options.mode)
    # One block on a contig that the annotation lacks, and HTSeq gives the fragment up, whatever
    # was found for it.
    outcome[open_[fragment[start < 0]]] = NO_FEATURE
    size = len(features.ids) + len(COUNTERS)
    return np.bincount(outcome % size, minlength=size)


def screen_fragments(fragments: Fragments, min_quality: int) -> np.ndarray:
    """Sort out what is not to be looked up, by the same tests in the same order as HTSeq.

    Parameters
    ----------
    fragments : Fragments
        Reads or pairs.
    min_quality : int
        Lowest mapping quality counted.

    Returns
    -------
    ndarray of int64, shape (fragments,)
        `NO_FEATURE` for those to be looked up.
    """
    records = fragments.records
    hits = read_hits(records)
    state = np.full(len(records) + 1, ABSENT)
    # A mate that is `NONE`, the last of all, stays absent.
    state[:-1] = (
        UNALIGNED * records.has(UNMAPPED)
        | WITHOUT_HITS * (hits == -1)
        | MULTIPLE * (hits > 1)
        | LOW_QUALITY * (records.head["quality"] < min_quality)
    )
    return VERDICT[state[fragments.first], state[fragments.second]]


def judge_one(first: int, second: int) -> int:
    """Judge one fragment by the states of its mates."""
    states = [state for state in (first, second) if state != ABSENT]
    if all(state & UNALIGNED for state in states):
        return NOT_ALIGNED
    for state in states:
        # HTSeq gives up on NH at the first mate that has none.
        if state & WITHOUT_HITS:
            break
        if state & MULTIPLE:
            return NOT_UNIQUE
    if any(state & LOW_QUALITY for state in states):
        return TOO_LOW_QUALITY
    return NO_FEATURE


# For the state of the first mate and that of the second.
VERDICT = np.array([[judge_one(first, second) for second in STATES] for first in STATES])


def mates(fragments: Fragments, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the aligned mates of chosen fragments.

    Returns
    -------
    fragment : ndarray of int64, ascending
        Which of the chosen.
    row : ndarray of int64
        The mate's record.
    is_second : ndarray of bool
        Whether it is the second mate.
    """
    row = np.stack([fragments.first[chosen], fragments.second[chosen]], axis=1).ravel()
    aligned = np.flatnonzero((row != NONE) & ~fragments.records.has(UNMAPPED)[row])
    return aligned >> 1, row[aligned], aligned & 1 == 1


def find_blocks(
    fragments: Fragments, chosen: np.ndarray, contig_number: np.ndarray, stranded: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the aligned stretches of fragments.

    Parameters
    ----------
    fragments : Fragments
        Reads or pairs.
    chosen : ndarray of int64
        Which of them.
    contig_number : ndarray of int64
        For each contig of the alignments its number among the features.
    stranded : str
        yes, no or reverse.

    Returns
    -------
    fragment : ndarray of int64
        To which of the chosen each stretch belongs.
    start, end : ndarray of int64
        Where it lies; places as numbered by `features.coordinate`, negative on a contig that the
        annotation lacks.
    """
    fragment, row, is_second = mates(fragments, chosen)
    records = fragments.records[row]
    if stranded == "no":
        minus = np.zeros(len(row), bool)
    else:
        minus = records.has(REVERSE) ^ is_second ^ (stranded == "reverse")
    vector = 2 * contig_number[records.head["contig"]] + minus
    place = (vector << POSITION_BITS) + records.head["position"]
    refuse_long_cigars(records)
    return follow_cigars(records, fragment, place)


def follow_cigars(
    records: Records, fragment: np.ndarray, place: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow the CIGARs of all records together, operation by operation.

    Parameters
    ----------
    records : Records
        Aligned records.
    fragment, place : ndarray of int64
        To which fragment each belongs, and where it begins.

    Returns
    -------
    fragment, start, end : ndarray of int64
        As `find_blocks` gives them.

    Raises
    ------
    InputError
        Where an operation is unknown.
    """
    at, left = records.cigar_start, records.head["operations"]
    blocks = [(fragment[:0], place[:0], place[:0])]
    while len(at):
        word = records.read("<u4", at)
        code, size = word & 15, (word >> 4).astype(np.int64)
        if (code >= len(CIGAR_CODES)).any():
            raise InputError(["a CIGAR has an operation that is not of BAM; the file is damaged"])
        end = place + size * CONSUMES_REFERENCE[code]
        found = np.flatnonzero(IS_MATCH[code] & (size > 0))
        blocks.append((fragment[found], place[found], end[found]))
        going = np.flatnonzero(left > 1)
        fragment, place, at, left = fragment[going], end[going], at[going] + 4, left[going] - 1
    fragment, start, end = map(np.concatenate, zip(*blocks, strict=True))
    return fragment, start, end


def refuse_long_cigars(records: Records) -> None:
    """Refuse CIGARs so long that BAM keeps them in a tag, and writes "kSmN" in their place."""
    two = np.flatnonzero(records.head["operations"] == 2)
    code = [records.read("u1", records.cigar_start[two] + at) & 15 for at in (0, 4)]
    stand_in = (code[0] == SOFT_CLIP) & (code[1] == SKIP)
    for suspect in two[stand_in]:
        tags = records.buffer[records.tags_start[suspect] : records.end[suspect]]
        if b"CGBI" in tags:
            raise InputError(["a CIGAR has over 65,535 operations: count with htseq-count itself"])


def find_steps(
    features: Features, fragment: np.ndarray, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Look up what lies under blocks.

    Parameters
    ----------
    features : Features
        The steps.
    fragment, start, end : ndarray of int64
        As given by `find_blocks`.

    Returns
    -------
    fragment : ndarray of int64
        The fragment that touches a step.
    number : ndarray of int32
        The number of the step's set of features.
    """
    key = features.step_key
    # Places that follow each other are looked up faster than places here and there.
    order = np.argsort(start)
    fragment, start, end = fragment[order], start[order], end[order]
    step = np.searchsorted(key, start, side="right") - 1
    longer = np.flatnonzero(key[step + 1] < end)
    further = np.searchsorted(key, end[longer]) - 1 - step[longer]
    before = np.cumsum(further) - further
    steps = np.repeat(step[longer] + 1 - before, further) + np.arange(further.sum())
    return (
        np.concatenate([fragment, np.repeat(fragment[longer], further)]),
        features.step_set[np.concatenate([step, steps])],
    )


def extremes(
    fragment: np.ndarray, lowest: np.ndarray, highest: np.ndarray, fragments: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the lowest and the highest number of each fragment; the highest of none is -1."""
    low = np.full(fragments, np.iinfo(np.int32).max, np.int32)
    high = np.full(fragments, -1, np.int32)
    np.minimum.at(low, fragment, lowest)
    np.maximum.at(high, fragment, highest)
    return low, high


def assign_union(
    features: Features, fragment: np.ndarray, sets: np.ndarray, fragments: int, mode: str
) -> np.ndarray:
    """Assign each fragment to the one feature it touches.

    Parameters
    ----------
    features : Features
        The sets of features.
    fragment, sets : ndarray
        As given by `find_steps`.
    fragments : int
        How many fragments there are.
    mode : str
        union.

    Returns
    -------
    ndarray of int64, shape (fragments,)
        Outcomes.
    """
    lowest, highest = features.set_bounds
    low, high = extremes(fragment, lowest[sets], highest[sets], fragments)
    outcome = np.where(low == high, low, AMBIGUOUS)
    outcome[high == -1] = NO_FEATURE
    return outcome


def assign_intersection(
    features: Features, fragment: np.ndarray, sets: np.ndarray, fragments: int, mode: str
) -> np.ndarray:
    """Assign each fragment to the one feature that all its steps have.

    Parameters
    ----------
    features : Features
        The sets of features.
    fragment, sets : ndarray
        As given by `find_steps`.
    fragments : int
        How many fragments there are.
    mode : str
        intersection-nonempty passes over steps without features.

    Returns
    -------
    ndarray of int64, shape (fragments,)
        Outcomes.
    """
    if mode == "intersection-nonempty":
        some = sets != 0
        fragment, sets = fragment[some], sets[some]
    low, high = extremes(fragment, sets, sets, fragments)
    number = np.where(high == -1, 0, low)
    lowest, highest = features.set_bounds
    of_set = np.where(lowest == highest, lowest, AMBIGUOUS)
    of_set[0] = NO_FEATURE
    outcome = of_set[number]

    # One set throughout, or an empty one among them, is settled; the others are few.
    mixed = (number != high) & (number != 0)
    rows = np.flatnonzero(mixed[fragment])
    met: dict[int, set[int]] = defaultdict(set)
    for which, one in zip(fragment[rows].tolist(), sets[rows].tolist(), strict=True):
        met[which].add(one)
    known: dict[frozenset[int], int] = {}
    for which, all_met in met.items():
        numbers = frozenset(all_met)
        if numbers not in known:
            known[numbers] = outcome_of(frozenset.intersection(*map(features.members, numbers)))
        outcome[which] = known[numbers]
    return outcome


def outcome_of(members: frozenset[int]) -> int:
    """Give the outcome of a fragment that has come down to a set of features."""
    if len(members) > 1:
        return AMBIGUOUS
    return next(iter(members), NO_FEATURE)
