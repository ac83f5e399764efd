"""On which strand's exons first mates lie, from which a library's strandedness is told.

Of the first fragments of a stream all are looked at, of those that follow some of each stretch:
where the mates of a later lane changed places and their names do not say so, it shows. Those are
counted on the exons alone that showed the first stretch's majority: where reads come sorted by
position a whole stretch lies on few genes, and that one of them is read against says nothing of a
lane.
"""

from pathlib import Path

import numpy as np

from imid.counting.alignments import opened_file
from imid.counting.annotation import POSITION_BITS
from imid.counting.bam import (
    NOT_PRIMARY,
    REVERSE,
    SECOND,
    UNMAPPED,
    Records,
    read_header,
    read_records,
)
from imid.counting.counting import follow_cigars
from imid.shared.bgzf import read_blocks

FRAGMENTS = 200_000
# Of the fragments beyond the first stretch one of so many is looked at: these tell it as well.
LATER = 20


class StrandTally:
    """Counts fragments of known strand, stretch after stretch of `FRAGMENTS` that are aligned.

    Parameters
    ----------
    exons : Path
        BED of merged exons of each strand, sorted.
    contigs : list of str
        The contigs of the alignments, in the order of their numbers.

    Attributes
    ----------
    stretches : list of dict
        For each how many fragments came before (``after``), its ``sense`` ones, of which the
        first mate reads as the gene does (strandedness yes), and its ``antisense`` ones, of which
        it reads against it (reverse). Of later stretches on the exons that agree with the first;
        of that, how many exons at least hold half of them (``exons``).
    """

    def __init__(self, exons: Path, contigs: list[str]) -> None:
        self._stretches: list[dict[str, int]] = []
        self._bounds = read_bounds(exons, contigs)
        self._seen = 0
        exons_of_both = sum(len(bounds) for bounds in self._bounds) // 2
        self._first = np.zeros((2, exons_of_both), np.int64)
        self._agreeing: np.ndarray | None = None

    @property
    def stretches(self) -> list[dict[str, int]]:
        """What was counted so far."""
        first, later = self._stretches[:1], self._stretches[1:]
        return [*({**stretch, "exons": exons_of_half(self._first)} for stretch in first), *later]

    def add(self, records: Records) -> None:
        """Count the fragments of further records, first mates or single reads telling of each."""
        first = np.flatnonzero(~records.has(UNMAPPED | NOT_PRIMARY | SECOND))
        number = self._seen + np.arange(len(first))
        self._seen += len(first)
        while (after := len(self._stretches) * FRAGMENTS) < self._seen:
            self._stretches.append({"after": after, "sense": 0, "antisense": 0})
        looked_at = (number < FRAGMENTS) | (number % FRAGMENTS % LATER == 0)
        chosen, stretch = records[first[looked_at]], number[looked_at] // FRAGMENTS
        row, middle = middles(chosen)
        places = [np.searchsorted(bounds, middle, side="right") for bounds in self._bounds]
        on_plus, on_minus = (place % 2 == 1 for place in places)
        told = on_plus != on_minus
        sense = (on_minus == chosen.has(REVERSE)[row])[told]
        exon = np.where(on_plus, places[0], len(self._bounds[0]) + places[1])[told] // 2
        stretch = stretch[row[told]]
        for at in np.unique(stretch).tolist():
            here = stretch == at
            if at:
                here &= self._agrees()[exon]
            else:
                np.add.at(self._first, (sense[here].astype(int), exon[here]), 1)
            self._stretches[at]["sense"] += int(sense[here].sum())
            self._stretches[at]["antisense"] += int((~sense[here]).sum())

    def _agrees(self) -> np.ndarray:
        """Tell of each exon whether the first stretch, now complete, had its majority there."""
        if self._agreeing is None:
            antisense, sense = self._first
            more = np.sign(sense.sum() - antisense.sum()) or 1
            self._agreeing = (sense - antisense) * more > 0
        return self._agreeing


def exons_of_half(fragments: np.ndarray) -> int:
    """Count the fewest exons that hold half of some fragments.

    Parameters
    ----------
    fragments : ndarray of int64, shape (2, exons)
        Those of either strand on each exon.

    Returns
    -------
    int
        0 where there are none.
    """
    most_first = np.sort(fragments.sum(axis=0))[::-1]
    held = np.cumsum(most_first)
    return int(np.searchsorted(held, held[-1] / 2)) + 1 if fragments.any() else 0


def tally_strands(alignments: Path, exons: Path) -> list[dict[str, int]]:
    """Count the fragments of a file of alignments by strand, as `StrandTally` does."""
    with opened_file(alignments) as stream:
        blocks = read_blocks(stream, str(alignments))
        header, rest = read_header(blocks)
        tally = StrandTally(exons, header.contigs)
        for records in read_records(blocks, rest, len(header.contigs), by_name=False):
            tally.add(records)
    return tally.stretches


def read_bounds(exons: Path, contigs: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Read the exons of either strand: where each begins and where it ends, in one sorted row.

    Parameters
    ----------
    exons, contigs
        As for `StrandTally`; exons on other contigs are left out.

    Returns
    -------
    plus, minus : ndarray of int64
        Contig numbers above `POSITION_BITS`, positions below; at even places exons begin.
    """
    number = {contig: index << POSITION_BITS for index, contig in enumerate(contigs)}
    bounds: dict[str, list[int]] = {"+": [], "-": []}
    with exons.open(encoding="utf-8") as lines:
        for line in lines:
            contig, start, end, _, _, strand = line.rstrip("\n").split("\t")
            if contig in number:
                bounds[strand] += [number[contig] + int(start), number[contig] + int(end)]
    plus, minus = (np.sort(np.array(bounds[strand], np.int64)) for strand in "+-")
    return plus, minus


def middles(records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Find the middle base that is aligned, which in a spliced read is not that of its span.

    Parameters
    ----------
    records : Records
        Aligned ones.

    Returns
    -------
    row : ndarray of int64
        Which records have a base that is aligned.
    middle : ndarray of int64
        Its place, the contig's number above `POSITION_BITS`.
    """
    place = (records.head["contig"].astype(np.int64) << POSITION_BITS) + records.head["position"]
    row, start, end = follow_cigars(records, np.arange(len(records)), place)
    # Blocks come operation by operation; those of a record follow each other then.
    order = np.argsort(row, kind="stable")
    row, start, length = row[order], start[order], (end - start)[order]
    aligned = np.bincount(row, length, len(records)).astype(np.int64)
    before = np.cumsum(length) - length - (np.cumsum(aligned) - aligned)[row]
    within = (aligned[row] >> 1) - before
    here = (within >= 0) & (within < length)
    return row[here], start[here] + within[here]
