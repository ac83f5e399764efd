"""What is measured of alignments one by one: where their bases lie, what they skip, how long.

- Bases in exons of any gene, in introns (within a gene, in no exon) and between genes, as Picard's
  CollectRnaSeqMetrics counts them; an exon of any gene goes before another's intron.
- Splices, each N of a CIGAR being one: known where a transcript has this very intron.
- Coverage of whole transcripts from end to end, and how long fragments are on them.

The last two are taken on the bodies of `gene_regions.GeneRegions` alone, for elsewhere nobody can
say which transcript a fragment is of.
"""

import numpy as np

from imid.counting.bam import REVERSE, Records
from imid.quality.cigars import (
    MATE_REVERSE,
    Intervals,
    follow_alignments,
    mate_places,
    paired_on_contig,
)
from imid.quality.gene_regions import INTRON, SEVERAL, GeneRegions, mixed

# Of fragments; longer ones are counted as this long.
LONGEST_INSERT = 2000
PERCENTILES = 100
# Introns that are kept at least until equal ones are brought together.
AT_ONCE = 1 << 18
# Bases that cover each of a body's, on average, for its coverage to be looked at.
LEAST_DEPTH = 3


class AlignedBases:
    """Adds up bases, splices and fragments.

    Parameters
    ----------
    regions : GeneRegions
        On the contigs of the alignments.

    Attributes
    ----------
    records, bases, exonic, intronic : int
        Alignments; their aligned bases, in all, in exons and in introns.
    spliced, splices, known_splices : int
        Alignments with an intron; introns in them, and those that are known.
    inserts : ndarray of int64, shape (LONGEST_INSERT + 1,)
        Fragments by their length without introns.
    """

    def __init__(self, regions: GeneRegions) -> None:
        self.records = self.bases = self.exonic = self.intronic = 0
        self.spliced = self.splices = self.known_splices = 0
        self.inserts = np.zeros(LONGEST_INSERT + 1, np.int64)
        self._regions = regions
        self._junctions = {True: np.zeros(0, np.uint64), False: np.zeros(0, np.uint64)}
        self._new = [np.zeros(0, np.uint64)]
        self._waiting = 0
        # What is begun and what ends at each base of the bodies, laid end to end.
        self._changes = np.zeros(int(regions.body_start[-1]) + 1, np.int32)

    def add(self, records: Records) -> None:
        """Take up aligned records."""
        blocks, introns = follow_alignments(records)
        self.records += len(records)
        self._add_bases(blocks)
        self._add_introns(introns)
        if len(self._regions.exon_start):
            self._cover(blocks)
            self._add_inserts(records, blocks)

    def junctions(self, known: bool) -> int:
        """Count the different introns, known or new."""
        return len(self._junctions[known])

    def _add_bases(self, blocks: Intervals) -> None:
        regions = self._regions
        first, last = regions.step_of(blocks.start), regions.step_of(blocks.end)
        from_start, from_end = blocks.start - regions.step[first], blocks.end - regions.step[last]
        for name, before in [
            ("exonic", regions.exonic_before),
            ("intronic", regions.intronic_before),
        ]:
            inside = regions.gene == INTRON if name == "intronic" else regions.gene >= SEVERAL
            covered = before[last] + from_end * inside[last]
            covered -= before[first] + from_start * inside[first]
            setattr(self, name, getattr(self, name) + int(covered.sum()))
        self.bases += int((blocks.end - blocks.start).sum())

    def _add_introns(self, introns: Intervals) -> None:
        self.splices += len(introns.row)
        self.spliced += int((np.bincount(introns.row) > 0).sum())
        self._new.append(mixed(introns.start, introns.end))
        self._waiting += len(introns.row)
        if self._waiting >= AT_ONCE:
            self._bring_together()

    def _bring_together(self) -> None:
        junction, number = np.unique(np.concatenate(self._new), return_counts=True)
        known = np.isin(junction, self._regions.introns)
        self.known_splices += int(number[known].sum())
        for kind, met in self._junctions.items():
            self._junctions[kind] = np.union1d(met, junction[known == kind])
        self._new, self._waiting = [junction[:0]], 0

    def finish(self) -> None:
        """Count what is left, at the end of the alignments."""
        self._bring_together()

    def _cover(self, blocks: Intervals) -> None:
        regions = self._regions
        exon = np.searchsorted(regions.exon_start, blocks.end) - 1
        start = np.maximum(blocks.start, regions.exon_start[exon])
        end = np.minimum(blocks.end, regions.exon_end[exon])
        inside = np.flatnonzero((exon >= 0) & (start < end))
        shift = (regions.exon_before - regions.exon_start)[exon[inside]]
        np.add.at(self._changes, start[inside] + shift, 1)
        np.subtract.at(self._changes, end[inside] + shift, 1)

    def _add_inserts(self, records: Records, blocks: Intervals) -> None:
        """Take up fragments by their mates on the minus strand.

        These have one end themselves, and name the other: the length that records tell is without
        the introns in reads where HISAT2 wrote it.
        """
        chosen = np.flatnonzero(
            paired_on_contig(records) & records.has(REVERSE) & ~records.has(MATE_REVERSE)
        )
        end = np.zeros(len(records), np.int64)
        np.maximum.at(end, blocks.row, blocks.end)
        body, first_base = self._on_body(mate_places(records)[chosen])
        other_body, last_base = self._on_body(end[chosen] - 1)
        told = (body >= 0) & (body == other_body) & (first_base <= last_base)
        length = np.minimum((last_base - first_base)[told] + 1, LONGEST_INSERT)
        self.inserts += np.bincount(length, minlength=LONGEST_INSERT + 1)

    def _on_body(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the body that each place lies in, -1 being none, and where in the row of all."""
        regions = self._regions
        exon = np.searchsorted(regions.exon_start, place, side="right") - 1
        inside = (exon >= 0) & (place < regions.exon_end[exon])
        body = np.where(inside, regions.exon_body[exon], -1)
        return body, (regions.exon_before - regions.exon_start)[exon] + place

    def body_coverage(self) -> np.ndarray:
        """Give the coverage of each body that has `LEAST_DEPTH`.

        Returns
        -------
        ndarray of float, shape (bodies, PERCENTILES)
            From the 5' to the 3' end, 1 being a body's mean.
        """
        start, end = self._regions.body_start[:-1], self._regions.body_start[1:]
        depth = np.cumsum(self._changes, dtype=np.int32)
        before = np.concatenate([[0], np.cumsum(depth, dtype=np.int64)])
        mean = (before[end] - before[start]) / (end - start)
        deep = np.flatnonzero(mean >= LEAST_DEPTH)
        at = start[deep, None] + np.outer((end - start)[deep], np.linspace(0, 1, PERCENTILES + 1))
        base = np.floor(at).astype(np.int64)
        summed = before[base] + (at - base) * depth[base]
        share = np.diff(summed, axis=1) / (summed[:, -1:] - summed[:, :1])
        minus = self._regions.body_minus[deep]
        share[minus] = share[minus, ::-1]
        return PERCENTILES * share
