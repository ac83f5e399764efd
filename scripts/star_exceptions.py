"""The genes for which STAR's own counts cannot be those of HTSeq, whatever the reads.

STAR goes by transcripts: all exons of one ``transcript_id`` get one strand, while HTSeq goes by
each exon's own. RefSeq gives many genes the transcript ``unknown_transcript_1``, and other
annotations have an empty one. What lies upon their exons on either strand is counted otherwise,
too. Of a gene's id STAR takes the first word.
"""

import argparse
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from problems import reported
from tables import write_table

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


def shared_transcripts(exons: Iterator[Exon]) -> set[str]:
    """List the transcript ids that are not of one gene on one strand of one contig."""
    owner: dict[str, tuple[str, str, str]] = {}
    shared = set()
    for exon in exons:
        if exon.transcript is not None:
            mine = exon.gene, exon.contig, exon.strand
            if owner.setdefault(exon.transcript, mine) != mine:
                shared.add(exon.transcript)
    return shared


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
    shared = shared_transcripts(read_exons(gtf))
    exons = pd.DataFrame(read_exons(gtf), columns=Exon._fields) if shared else None
    found = {} if exons is None else _miscounted(exons, shared)
    blank = {exon.gene for exon in read_exons(gtf) if " " in exon.gene.strip()}
    return dict.fromkeys(sorted(blank), BLANK) | found


def _miscounted(exons: pd.DataFrame, shared: set[str]) -> dict[str, str]:
    involved = exons["transcript"].isin(shared)
    touched = pd.Series(False, index=exons.index)
    for contig, group in exons[involved].groupby("contig"):
        here = exons[exons["contig"] == contig]
        touched[here.index] = _overlap(here, group)
    genes = dict.fromkeys(sorted(exons["gene"][touched].unique()), OVERLAPPED)
    return genes | dict.fromkeys(sorted(exons["gene"][involved].unique()), SHARED)


def _overlap(exons: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Tell which exons overlap any of others, all of them on one contig."""
    others = others.sort_values("start")
    start, reach = others["start"].to_numpy(), others["end"].cummax().to_numpy()
    # The last that begins no later than the exon ends; no other reaches further.
    last = np.searchsorted(start, exons["end"].to_numpy(), side="right") - 1
    return (last >= 0) & (reach[last] >= exons["start"].to_numpy())


def main(argv: list[str] | None = None) -> None:
    """List the genes of an annotation that STAR cannot count as HTSeq does."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--output", type=Path, required=True, help="gene_id, reason; to write")
    arguments = parser.parse_args(argv)
    found = star_exceptions(arguments.gtf)
    write_table(pd.DataFrame(found.items(), columns=["gene_id", "reason"]), arguments.output)


if __name__ == "__main__":
    reported(main)
