"""What alignments cover, skip and clip: the CIGARs of many records followed together."""

from dataclasses import dataclass

import numpy as np

from imid.counting.annotation import POSITION_BITS
from imid.counting.bam import MATE_UNMAPPED, NOT_PRIMARY, PAIRED, UNMAPPED, Records
from imid.counting.counting import CONSUMES_REFERENCE, IS_MATCH, SOFT_CLIP, refuse_long_cigars
from imid.shared.problems import InputError

SKIPPED, HARD_CLIP, OPERATIONS = 3, 5, 9
# The flag of a record whose mate lies on the minus strand.
MATE_REVERSE = 0x20


@dataclass(frozen=True)
class Intervals:
    """Stretches of the genome that belong to records.

    Attributes
    ----------
    row : ndarray of int64
        Of which record each is.
    start, end : ndarray of int64
        Places: the contig's number above `POSITION_BITS`, the position below them; half-open.
    """

    row: np.ndarray
    start: np.ndarray
    end: np.ndarray


def primary(records: Records) -> np.ndarray:
    """List the rows of aligned records that are neither secondary nor supplementary."""
    return np.flatnonzero(~records.has(UNMAPPED | NOT_PRIMARY))


def genome_places(records: Records) -> np.ndarray:
    """Give the place of each aligned record."""
    contig = records.head["contig"].astype(np.int64)
    return (contig << POSITION_BITS) + records.head["position"]


def mate_places(records: Records) -> np.ndarray:
    """Give the place that each record says its mate has."""
    contig = records.head["mate_contig"].astype(np.int64)
    return (contig << POSITION_BITS) + records.head["mate_position"]


def paired_on_contig(records: Records) -> np.ndarray:
    """Tell which aligned records have an aligned mate on the same contig."""
    same = records.head["contig"] == records.head["mate_contig"]
    return records.has(PAIRED) & ~records.has(MATE_UNMAPPED) & same


def follow_alignments(records: Records) -> tuple[Intervals, Intervals]:
    """Find what records cover of the genome, and what they skip of it.

    Parameters
    ----------
    records : Records
        Aligned records.

    Returns
    -------
    blocks, introns : Intervals
        What is aligned base by base; what an N of the CIGAR passes over. Not sorted.

    Raises
    ------
    InputError
        Where an operation is unknown, or a CIGAR too long for BAM.
    """
    refuse_long_cigars(records)
    row, place = np.arange(len(records)), genome_places(records)
    at, left = records.cigar_start, records.head["operations"]
    blocks, introns = [(row[:0], place[:0], place[:0])], [(row[:0], place[:0], place[:0])]
    while len(at):
        word = records.read("<u4", at)
        code, size = word & 15, (word >> 4).astype(np.int64)
        if (code >= OPERATIONS).any():
            raise InputError(["a CIGAR has an operation that is not of BAM; the file is damaged"])
        end = place + size * CONSUMES_REFERENCE[code]
        for kept, is_such in [(blocks, IS_MATCH[code]), (introns, code == SKIPPED)]:
            found = np.flatnonzero(is_such & (size > 0))
            kept.append((row[found], place[found], end[found]))
        going = np.flatnonzero(left > 1)
        row, place, at, left = row[going], end[going], at[going] + 4, left[going] - 1
    return _intervals(blocks), _intervals(introns)


def _intervals(parts: list[tuple[np.ndarray, ...]]) -> Intervals:
    return Intervals(*map(np.concatenate, zip(*parts, strict=True)))


def clipped_before(records: Records) -> np.ndarray:
    """Count the bases of each aligned record that are clipped off before its place."""
    return _clipped(records, np.zeros(len(records), np.int64), 1)


def clipped_behind(records: Records) -> np.ndarray:
    """Count the bases of each aligned record that are clipped off behind its end."""
    return _clipped(records, records.head["operations"].astype(np.int64) - 1, -1)


def _clipped(records: Records, outermost: np.ndarray, inward: int) -> np.ndarray:
    """Add up clips from one end on: a hard one, if any, lies outside of a soft one."""
    word = records.read("<u4", records.cigar_start + 4 * outermost)
    code, size = word & 15, (word >> 4).astype(np.int64)
    clipped = np.where((code == SOFT_CLIP) | (code == HARD_CLIP), size, 0)
    hard = np.flatnonzero((code == HARD_CLIP) & (records.head["operations"] > 1))
    if len(hard):
        clipped[hard] += _clipped(records[hard], outermost[hard] + inward, inward)
    return clipped
