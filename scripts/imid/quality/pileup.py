"""Which bases the reads show at each base of chosen regions, counted in bulk.

A fragment counts once at each base: where its mates overlap, the right one is asked. Bases near
the end of an aligned block are left out, for there an aligner that cannot open a gap or a junction
writes mismatches instead.
"""

from pathlib import Path

import numpy as np

from imid.counting.alignments import output_of
from imid.counting.annotation import POSITION_BITS
from imid.counting.bam import (
    FIRST,
    PAIRED,
    Records,
    read_header,
    read_records,
)
from imid.quality.genotype_regions import Regions
from imid.shared.bgzf import read_blocks

# As callers of genotypes ask: what has one place in the genome, and one error in a hundred bases.
LEAST_MAPPING_QUALITY = 10
LEAST_BASE_QUALITY = 20
BLOCK_END = 6
# Unmapped, secondary, failed, duplicate where marked, supplementary.
LEFT_OUT = 0xF04
MATCH, INSERTION, DELETION, SKIP, SOFT_CLIP, EQUAL, DIFFERENT = 0, 1, 2, 3, 4, 7, 8
IS_MATCH, ON_REFERENCE, ON_READ = (
    np.isin(np.arange(16), codes)
    for codes in (
        [MATCH, EQUAL, DIFFERENT],
        [MATCH, DELETION, SKIP, EQUAL, DIFFERENT],
        [MATCH, INSERTION, SOFT_CLIP, EQUAL, DIFFERENT],
    )
)
BASES = "ACGT"
# Four bits of BAM to the number of a base; what is not read as one base is none.
BASE = np.full(16, -1)
BASE[[1, 2, 4, 8]] = range(4)
# Of the fragments' ends one of these many is kept, chosen by a checksum: the same in each sample.
ONE_OF = 8
MIX = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)


class Pileup:
    """Counts bases, and keeps a sample of the fragments' ends.

    Parameters
    ----------
    regions : Regions
        Where bases are counted.
    contigs : list of str
        Of the alignments, in the order of their numbers.

    Attributes
    ----------
    counts : ndarray of int32, shape (bases of the regions, 4)
        Reads that show A, C, G or T.
    """

    def __init__(self, regions: Regions, contigs: list[str]) -> None:
        number = {name: index for index, name in enumerate(regions.contigs)}
        self._contig = np.array([number.get(name, -1) for name in contigs], np.int64)
        self._regions = regions
        self._ends: list[np.ndarray] = []
        self.counts = np.zeros((len(regions), 4), np.int32)

    def add(self, records: Records) -> None:
        """Count the bases of further records, each of them aligned."""
        records = records[self._contig[records.head["contig"]] >= 0]
        self._ends.append(_sampled(fragment_ends(records)))
        row, place, at, size = aligned_blocks(records)
        place += self._contig[records.head["contig"][row]] << POSITION_BITS
        base, at, row = self._within(row, place, at, size, _seen_by_mate_from(records))
        shown = bases_of(records, row, at)
        good = shown >= 0
        # Regions and alignments may be sorted by different orders of contigs; within a stretch of
        # alignments the bases mostly lie together.
        cell = 4 * base[good] + shown[good]
        if len(cell):
            low = int(cell.min())
            counted = np.bincount(cell - low)
            self.counts.reshape(-1)[low : low + len(counted)] += counted.astype(np.int32)

    def _within(
        self,
        row: np.ndarray,
        place: np.ndarray,
        at: np.ndarray,
        size: np.ndarray,
        until: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Spread blocks that begin in a region into bases: their number, place in the read, row."""
        regions = self._regions
        stretch = np.searchsorted(regions.start, place, side="right") - 1
        inside = (stretch >= 0) & (place < regions.end[stretch.clip(0)])
        row, place, at, size, stretch = (
            values[inside] for values in (row, place, at, size, stretch)
        )
        end = np.minimum(place + size - BLOCK_END, regions.end[stretch])
        mate = until[row] + (place >> POSITION_BITS << POSITION_BITS)
        length = (np.minimum(end, mate) - place - BLOCK_END).clip(0)
        step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + BLOCK_END
        begin = regions.first[stretch] + place - regions.start[stretch]
        return np.repeat(begin, length) + step, np.repeat(at, length) + step, np.repeat(row, length)

    @property
    def fragment_ends(self) -> np.ndarray:
        """Checksums of the ends of one in `ONE_OF` fragments, each once, sorted."""
        return np.unique(np.concatenate([np.zeros(0, np.uint64), *self._ends]))


def aligned_blocks(records: Records) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Find the stretches in which reads are aligned base by base.

    Parameters
    ----------
    records : Records
        Aligned ones.

    Returns
    -------
    row, position, at, size : ndarray of int64
        Of each block the record, where it begins on the contig and in the read, and its length.
    """
    row, position = np.arange(len(records)), records.head["position"].astype(np.int64)
    at, word_at = np.zeros(len(records), np.int64), records.cigar_start
    left = records.head["operations"].astype(np.int64)
    blocks = [(row[:0], position[:0], at[:0], at[:0])]
    going = left > 0
    while going.any():
        row, position, at = row[going], position[going], at[going]
        word_at, left = word_at[going], left[going]
        word = records.read("<u4", word_at)
        code, size = word & 15, (word >> 4).astype(np.int64)
        match = IS_MATCH[code]
        blocks.append((row[match], position[match], at[match], size[match]))
        position = position + size * ON_REFERENCE[code]
        at = at + size * ON_READ[code]
        word_at, left = word_at + 4, left - 1
        going = left > 0
    row, position, at, size = map(np.concatenate, zip(*blocks, strict=True))
    return row, position, at, size


def _seen_by_mate_from(records: Records) -> np.ndarray:
    """Tell from which position on the right mate shows the same bases; of itself, from nowhere."""
    head = records.head
    left = (head["mate_position"] > head["position"]) | (
        (head["mate_position"] == head["position"]) & ~records.has(FIRST)
    )
    mated = records.has(PAIRED) & (head["mate_contig"] == head["contig"]) & left
    return np.where(mated, head["mate_position"].astype(np.int64), 1 << POSITION_BITS - 1)


def bases_of(records: Records, row: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Read bases, as their place in `BASES`; -1 for one that is none or of low quality.

    Parameters
    ----------
    records : Records
        Any.
    row, at : ndarray of int64
        Of each base the record, and its place in the read.

    Returns
    -------
    ndarray of int64
    """
    sequence = records.cigar_start + 4 * records.head["operations"].astype(np.int64)
    qualities = sequence + ((records.head["bases"].astype(np.int64) + 1) >> 1)
    buffer = np.frombuffer(records.buffer, np.uint8)
    pair = buffer[sequence[row] + (at >> 1)]
    shown = BASE[np.where(at & 1, pair & 15, pair >> 4)]
    quality = buffer[qualities[row] + at]
    return np.where((quality >= LEAST_BASE_QUALITY) & (quality != 0xFF), shown, -1)


def fragment_ends(records: Records) -> np.ndarray:
    """Give the ends of paired fragments as checksums; of single reads there is but one end.

    Parameters
    ----------
    records : Records
        Aligned ones. Of each pair the left mate counts, for its record tells of both.

    Returns
    -------
    ndarray of uint64
        Of contig, both positions, length and which mate is the left one.
    """
    head = records.head
    left = records.has(PAIRED) & (head["template_length"] > 0)
    left &= head["mate_contig"] == head["contig"]
    head = head[left]
    number = head["contig"].astype(np.uint64) << np.uint64(33)
    number |= head["position"].astype(np.uint64) << np.uint64(1)
    number |= (head["flag"] & FIRST != 0).astype(np.uint64)
    mate = head["mate_position"].astype(np.uint64) << np.uint64(32)
    mate |= head["template_length"].astype(np.uint64)
    return _mixed(_mixed(number) ^ mate)


def _mixed(number: np.ndarray) -> np.ndarray:
    # The finalizer of splitmix64 (Steele and others, OOPSLA 2014).
    number = number + MIX[0]
    number = (number ^ (number >> np.uint64(30))) * MIX[1]
    number = (number ^ (number >> np.uint64(27))) * MIX[2]
    return number ^ (number >> np.uint64(31))


def _sampled(checksums: np.ndarray) -> np.ndarray:
    return checksums[checksums % np.uint64(ONE_OF) == 0]


def pile_up(alignments: Path, bed: Path, regions: Regions) -> Pileup:
    """Count the bases of the reads that lie in regions; the index leads to them.

    Parameters
    ----------
    alignments : Path
        A sorted BAM with its index.
    bed : Path
        The regions, as a file.
    regions : Regions

    Returns
    -------
    Pileup

    Raises
    ------
    InputError
        Where samtools fails, or what it gives is damaged.
    """
    quality = ["-q", str(LEAST_MAPPING_QUALITY), "-F", str(LEFT_OUT)]
    command = ["samtools", "view", "-u", "-M", "-L", str(bed), *quality, str(alignments)]
    with output_of(command) as stream:
        blocks = read_blocks(stream, str(alignments))
        header, rest = read_header(blocks)
        pileup = Pileup(regions, header.contigs)
        for records in read_records(blocks, rest, len(header.contigs), by_name=False):
            pileup.add(records)
    return pileup
