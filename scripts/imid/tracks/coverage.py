"""The coverage of a sample by strand, from its sorted alignments, in one pass.

Shown is what is counted: primary alignments of reads with one place in the genome. A spliced read
leaves its introns empty, and a fragment counts once where both of its mates lie.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from imid.counting.alignments import opened_file
from imid.counting.annotation import POSITION_BITS
from imid.counting.bam import (
    MATE_UNMAPPED,
    NOT_PRIMARY,
    PAIRED,
    REVERSE,
    SECOND,
    UNMAPPED,
    Header,
    Records,
    read_header,
    read_records,
)
from imid.counting.counting import Options, follow_cigars
from imid.shared.bgzf import read_blocks
from imid.shared.problems import InputError
from imid.tracks.depth import END, Depth, Runs
from imid.tracks.mate_overlaps import MateOverlaps, ShownBlocks, may_overlap, name_numbers

# Of a library that does not keep the strand there is one track.
PLUS, MINUS, BOTH = "plus", "minus", "both"
STRANDS = {"no": [BOTH], "yes": [PLUS, MINUS], "reverse": [PLUS, MINUS]}
# Of a record that cannot overlap with its mate, the mate's place.
NOWHERE = -1


def coverage(alignments: Path, strandedness: str) -> Iterator[tuple[str, Runs]]:
    """Give the depth of fragments along the genome.

    Parameters
    ----------
    alignments : Path
        A BAM, sorted by position.
    strandedness : {"no", "yes", "reverse"}
        Of the library.

    Yields
    ------
    strand : {"plus", "minus", "both"}
        Of the fragments.
    runs : Runs
        Stretches that follow those given before of this strand.

    Raises
    ------
    InputError
        Where the file is damaged, or sorted otherwise.
    """
    strands = STRANDS[strandedness]
    depths = [Depth() for _ in strands]
    overlaps = MateOverlaps()
    for records in _placed_records(alignments):
        frontier = int(_begins(records[-1:])[0])
        shown = blocks_of(records[_is_shown(records)], strandedness)
        near = shown.chosen(np.flatnonzero(shown.mate_place != NOWHERE))
        start, end, is_minus = overlaps.of(near, frontier)
        for minus, (strand, depth) in enumerate(zip(strands, depths, strict=True)):
            here = shown.minus[shown.owner] == minus
            depth.add(shown.start[here], shown.end[here])
            here = is_minus == minus
            depth.add(start[here], end[here], fragments=-1)
            yield strand, depth.settle(frontier)
    for strand, depth in zip(strands, depths, strict=True):
        yield strand, depth.settle(END)


def blocks_of(records: Records, strandedness: str) -> ShownBlocks:
    """Find the blocks of records, and of which strand they are.

    The `mate_place` of a record that cannot overlap with its mate is `NOWHERE`, its `name` is 0.
    """
    place = _begins(records)
    owner, start, end = follow_cigars(records, np.arange(len(records)), place)
    # They come operation by operation.
    order = np.argsort(owner, kind="stable")
    owner, start, end = owner[order], start[order], end[order]
    last = place.copy()
    np.maximum.at(last, owner, end)
    near = may_overlap(records, place, last)
    mate_place, name = np.full(len(records), NOWHERE), np.zeros(len(records), np.uint64)
    head = records.head
    mate_place[near] = (place + head["mate_position"] - head["position"])[near]
    name[near] = name_numbers(records[near])
    second = records.has(PAIRED) & records.has(SECOND)
    minus = records.has(REVERSE) ^ second ^ (strandedness == "reverse")
    minus &= strandedness != "no"
    return ShownBlocks(place, mate_place, second, minus, name, owner, start, end)


def _placed_records(alignments: Path) -> Iterator[Records]:
    """Read records that have a place; those without come last."""
    with opened_file(alignments) as stream:
        blocks = read_blocks(stream, str(alignments))
        header, rest = read_header(blocks)
        _refuse_unsorted(header, alignments)
        for records in read_records(blocks, rest, len(header.contigs), by_name=False):
            placed = records[records.head["contig"] >= 0]
            if len(placed):
                yield placed
            if len(placed) < len(records):
                return


def _refuse_unsorted(header: Header, alignments: Path) -> None:
    if not header.sorted_by_position:
        raise InputError([f"{alignments}: is not sorted by position, as its header says"])


def _is_shown(records: Records) -> np.ndarray:
    """Tell which records are of what is counted, as far as one record tells."""
    hidden = records.has(UNMAPPED | NOT_PRIMARY)
    # A pair of which one mate is not aligned is not counted.
    hidden |= records.has(PAIRED) & records.has(MATE_UNMAPPED)
    return ~hidden & (records.head["quality"] >= Options.min_quality)


def _begins(records: Records) -> np.ndarray:
    """Give where records begin, as one number."""
    contig = records.head["contig"].astype(np.int64)
    return (contig << POSITION_BITS) + records.head["position"]
