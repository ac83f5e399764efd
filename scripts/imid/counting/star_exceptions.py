"""The genes for which STAR's own counts cannot be those of HTSeq, whatever the reads.

STAR goes by transcripts: all exons of one ``transcript_id`` get one strand, while HTSeq goes by
each exon's own. RefSeq gives many genes the transcript ``unknown_transcript_1``, and other
annotations have an empty one. What lies upon their exons on either strand is counted otherwise,
too. Of a gene's id STAR takes the first word.
"""

import argparse
import gzip
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from imid.shared.problems import reported
from imid.shared.rows import write_rows

GENE_ID = re.compile(r'(?:^|[;\s])gene_id\s+"?([^";]+)')
TRANSCRIPT_ID = re.compile(r'(?:^|[;\s])transcript_id\s+"?([^";]*)')
SHARED = "its transcript_id is that of other genes, strands or contigs, too"
OVERLAPPED = "overlaps exons of a transcript_id that is shared"
BLANK = "its id has a blank"


class Exon(NamedTuple):
    """An exon line of a GTF, both ends included."""

    contig: str
    start: int
    end: int
    strand: str
    gene: str
    transcript: str | None


def read_exons(gtf: Path) -> Iterator[Exon]:
    """Read the exon lines of a GTF, one by one.

    Parameters
    ----------
    gtf : Path
        The annotation, plain or gzipped.

    Yields
    ------
    Exon
        Of each line with a gene_id; no transcript where the line has none.
    """
    with gtf.open("rb") as file:
        opened = gzip.open if file.read(2) == b"\x1f\x8b" else open
    with opened(gtf, "rt", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            columns = line.split("\t", 8)
            if len(columns) < 9 or columns[2] != "exon" or line.startswith("#"):
                continue
            contig, _, _, start, end, _, strand, _, attributes = columns
            if gene := GENE_ID.search(attributes):
                named = TRANSCRIPT_ID.search(attributes)
                transcript = named[1] if named else None
                yield Exon(contig, int(start), int(end), strand, gene[1], transcript)


def star_exceptions(gtf: Path) -> dict[str, str]:
    """Find the genes of an annotation that STAR cannot count as HTSeq does.

    Parameters
    ----------
    gtf : Path
        The annotation, plain or gzipped.

    Returns
    -------
    dict of str to str
        Why, by gene_id.
    """
    owner: dict[str, tuple[str, str, str]] = {}
    shared, blank = set(), set()
    for exon in read_exons(gtf):
        mine = exon.gene, exon.contig, exon.strand
        if exon.transcript is not None and owner.setdefault(exon.transcript, mine) != mine:
            shared.add(exon.transcript)
        if " " in exon.gene.strip():
            blank.add(exon.gene)
    return dict.fromkeys(sorted(blank), BLANK) | (_miscounted(gtf, shared) if shared else {})


def _miscounted(gtf: Path, shared: set[str]) -> dict[str, str]:
    """Find the genes with exons of shared transcripts, and those that overlap such exons."""
    involved, touched = set(), set()
    places = defaultdict(list)
    for exon in read_exons(gtf):
        if exon.transcript in shared:
            involved.add(exon.gene)
            places[exon.contig].append((exon.start, exon.end))
    merged = {contig: _merged(intervals) for contig, intervals in places.items()}
    for exon in read_exons(gtf):
        if exon.contig in merged and exon.gene not in touched:
            start, end = merged[exon.contig]
            # The last that begins no later than the exon ends; no earlier one reaches further.
            last = bisect_right(start, exon.end) - 1
            if last >= 0 and end[last] >= exon.start:
                touched.add(exon.gene)
    overlapped = dict.fromkeys(sorted(touched), OVERLAPPED)
    return overlapped | dict.fromkeys(sorted(involved), SHARED)


def _merged(intervals: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Give the starts of intervals in order, and how far those up to each reach."""
    intervals.sort()
    reach = accumulate((end for _, end in intervals), max)
    return [start for start, _ in intervals], list(reach)


def main(argv: list[str] | None = None) -> None:
    """List the genes of an annotation that STAR cannot count as HTSeq does."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--output", type=Path, required=True, help="gene_id, reason; to write")
    arguments = parser.parse_args(argv)
    found = star_exceptions(arguments.gtf)
    rows = [{"gene_id": gene, "reason": reason} for gene, reason in found.items()]
    write_rows(rows, ["gene_id", "reason"], arguments.output)


if __name__ == "__main__":
    reported(main)
