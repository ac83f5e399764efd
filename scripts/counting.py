"""Assigning fragments to features by the rules of htseq-count, many at a time."""

from dataclasses import dataclass

import numpy as np

from bam import REVERSE, UNMAPPED, Records, read_hits
from features import POSITION_BITS, Features
from fragments import NONE, Fragments
from problems import InputError

MODES = ["union", "intersection-strict", "intersection-nonempty"]
COUNTERS = [
    "__no_feature",
    "__ambiguous",
    "__too_low_aQual",
    "__not_aligned",
    "__alignment_not_unique",
]
# A fragment's outcome is the number of its feature, or one of these.
NO_FEATURE, AMBIGUOUS, TOO_LOW_QUALITY, NOT_ALIGNED, NOT_UNIQUE = range(-5, 0)

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
        Fragments for each feature, then for each of `COUNTERS`.
    """
    outcome = judge(fragments, options.min_quality)
    open_ = np.flatnonzero(outcome == NO_FEATURE)
    fragment, start, end = find_blocks(fragments, open_, contig_number, options.stranded)
    unknown = start < 0
    steps = find_steps(features, fragment[~unknown], start[~unknown], end[~unknown])
    assign = assign_union if options.mode == "union" else assign_intersection
    outcome[open_] = assign(features, *steps, len(open_), options.mode)
    # One block on a contig that the annotation lacks, and HTSeq gives the fragment up.
    outcome[open_[fragment[unknown]]] = NO_FEATURE
    size = len(features.ids) + len(COUNTERS)
    return np.bincount(outcome % size, minlength=size)


def judge(fragments: Fragments, min_quality: int) -> np.ndarray:
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
    records, first, second = fragments.records, fragments.first, fragments.second
    has_first, has_second = first != NONE, second != NONE
    aligned = ~records.has(UNMAPPED)
    hits = read_hits(records)
    quality = records.head["quality"]
    not_aligned = ~(has_first & aligned[first]) & ~(has_second & aligned[second])
    # HTSeq gives up on NH at the first mate that has none.
    looks_at_second = has_second & (~has_first | (hits[first] != -1))
    not_unique = (has_first & (hits[first] > 1)) | (looks_at_second & (hits[second] > 1))
    too_low = (has_first & (quality[first] < min_quality)) | (
        has_second & (quality[second] < min_quality)
    )
    return np.select(
        [not_aligned, not_unique, too_low],
        [NOT_ALIGNED, NOT_UNIQUE, TOO_LOW_QUALITY],
        NO_FEATURE,
    )


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
    fragment : ndarray of int64, ascending
        To which of the chosen each stretch belongs.
    start, end : ndarray of int64
        Where it lies; places as numbered by `features.place`, negative on a contig that the
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
    mate, code, size = read_cigars(records)
    consumed = np.cumsum(np.where(CONSUMES_REFERENCE[code], size, 0))
    operations = records.head["operations"].astype(np.int64)
    before = np.concatenate([[0], consumed])[np.cumsum(operations) - operations]
    end = (place - before)[mate] + consumed
    block = np.flatnonzero(IS_MATCH[code] & (size > 0))
    return fragment[mate[block]], end[block] - size[block], end[block]


def read_cigars(records: Records) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the CIGAR operations of all records, one after the other.

    Parameters
    ----------
    records : Records
        Aligned records.

    Returns
    -------
    row : ndarray of int64, ascending
        To which record each operation belongs.
    code, size : ndarray of int64
        The operation, as its place in `CIGAR_CODES`, and its length.

    Raises
    ------
    InputError
        Where an operation is unknown, or a CIGAR is so long that BAM keeps it elsewhere.
    """
    operations = records.head["operations"].astype(np.int64)
    row = np.repeat(np.arange(len(records)), operations)
    first = np.cumsum(operations) - operations
    at = (records.cigar_start - 4 * first)[row] + 4 * np.arange(len(row))
    operation = records.words("<u4")[at]
    code, size = operation & 15, (operation >> 4).astype(np.int64)
    if (code >= len(CIGAR_CODES)).any():
        raise InputError(["a CIGAR has an operation that is not of BAM; the file is damaged"])
    two = np.flatnonzero(operations == 2)
    at = first[two]
    for suspect in two[(code[at] == SOFT_CLIP) & (code[at + 1] == SKIP)]:
        tags = records.buffer[records.tags_start[suspect] : records.end[suspect]]
        if b"CGBI" in tags:
            raise InputError(["a CIGAR has over 65,535 operations: count with htseq-count itself"])
    return row, code, size


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
    fragment : ndarray of int64, ascending
        The fragment that touches a step.
    number : ndarray of int32
        The number of the step's set of features.
    """
    key = features.step_key
    step = np.searchsorted(key, start, side="right") - 1
    count = np.ones(len(step), np.int64)
    longer = np.flatnonzero(key[step + 1] < end)
    count[longer] = np.searchsorted(key, end[longer]) - step[longer]
    begin = np.cumsum(count) - count
    steps = np.repeat(step - begin, count) + np.arange(count.sum())
    return np.repeat(fragment, count), features.step_set[steps]


def runs(fragment: np.ndarray) -> np.ndarray:
    """Tell where the rows of each fragment begin."""
    return np.flatnonzero(np.diff(fragment, prepend=-1))


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
    outcome = np.full(fragments, NO_FEATURE)
    if not len(fragment):
        return outcome
    begin = runs(fragment)
    lowest, highest = features.set_bounds
    low = np.minimum.reduceat(lowest[sets], begin)
    high = np.maximum.reduceat(highest[sets], begin)
    outcome[fragment[begin]] = np.select([high == -1, low == high], [NO_FEATURE, low], AMBIGUOUS)
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
    outcome = np.full(fragments, NO_FEATURE)
    if mode == "intersection-nonempty":
        some = sets != 0
        fragment, sets = fragment[some], sets[some]
    if not len(fragment):
        return outcome
    begin = runs(fragment)
    end = np.append(begin[1:], len(fragment))
    low, high = np.minimum.reduceat(sets, begin), np.maximum.reduceat(sets, begin)
    lowest, highest = features.set_bounds
    single = lowest[low] == highest[low]
    result = np.select([low == 0, single], [NO_FEATURE, lowest[low]], AMBIGUOUS)
    # One set throughout, or an empty one among them, is settled; the others are few.
    known = {}
    for run in np.flatnonzero((low != high) & (low != 0)):
        numbers = frozenset(sets[begin[run] : end[run]].tolist())
        if numbers not in known:
            known[numbers] = outcome_of(frozenset.intersection(*map(features.members, numbers)))
        result[run] = known[numbers]
    outcome[fragment[begin]] = result
    return outcome


def outcome_of(members: frozenset[int]) -> int:
    """Give the outcome of a fragment that has come down to a set of features."""
    if len(members) > 1:
        return AMBIGUOUS
    return next(iter(members), NO_FEATURE)
