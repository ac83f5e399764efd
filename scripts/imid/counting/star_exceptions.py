"""The genes for which STAR's own counts cannot be those of HTSeq, whatever the reads.

STAR goes by transcripts: all exons of one ``transcript_id`` get one strand, while HTSeq goes by
each exon's own. RefSeq gives many genes the transcript ``unknown_transcript_1``, and other
annotations have an empty one. What lies upon their exons on either strand is counted otherwise,
too. Of a gene's id STAR takes the first word.
"""

import argparse
from pathlib import Path

import numpy as np

from imid.counting.annotation import Exons, merge_intervals, numbered, read_genes
from imid.counting.gtf_rules import decoded
from imid.shared.problems import reported
from imid.shared.rows import write_rows

SHARED = "its transcript_id is that of other genes, strands or contigs, too"
OVERLAPPED = "overlaps exons of a transcript_id that is shared"
BLANK = "its id has a blank"
# Above all positions: intervals of several contigs are compared as numbers.
CONTIG = 1 << 32


def star_exceptions(exons: Exons) -> dict[str, str]:
    """Find the genes of an annotation that STAR cannot count as HTSeq does.

    Parameters
    ----------
    exons : Exons
        As given by `annotation.read_genes`.

    Returns
    -------
    dict of str to str
        Why, by gene_id.
    """
    shared = of_shared_transcripts(exons)
    ids = list(map(decoded, exons.genes))
    found = {gene: BLANK for gene in ids if " " in gene.strip()}
    for rows, reason in [(overlapping_exons(exons, shared), OVERLAPPED), (shared, SHARED)]:
        found |= dict.fromkeys((ids[gene] for gene in np.unique(exons.gene[rows])), reason)
    return dict(sorted(found.items()))


def of_shared_transcripts(exons: Exons) -> np.ndarray:
    """Find the exons of transcripts that have several genes, contigs or strands.

    Parameters
    ----------
    exons : Exons
        As given by `annotation.read_genes`.

    Returns
    -------
    ndarray of bool, shape (lines,)
    """
    owner, _ = numbered(exons.gene, exons.contig, exons.strand)
    named = exons.transcript >= 0
    first = np.full(len(exons.transcripts), np.iinfo(np.int64).max)
    last = np.full(len(exons.transcripts), -1)
    np.minimum.at(first, exons.transcript[named], owner[named])
    np.maximum.at(last, exons.transcript[named], owner[named])
    # What has no transcript_id has number -1, which would be the last one's.
    return named & np.append(first < last, False)[exons.transcript]


def overlapping_exons(exons: Exons, some: np.ndarray) -> np.ndarray:
    """Find the exons that share a base with some of them, on either strand.

    Parameters
    ----------
    exons : Exons
        As given by `annotation.read_genes`.
    some : ndarray of bool, shape (lines,)
        Which.

    Returns
    -------
    ndarray of bool, shape (lines,)
    """
    contig = exons.contig.astype(np.int64) * CONTIG
    if not some.any():
        return some
    of, start, end = merge_intervals(exons.contig[some], exons.start[some], exons.end[some])
    # The last that begins before the exon ends; no earlier one reaches further.
    before = np.searchsorted(of * CONTIG + start, contig + exons.end) - 1
    return (before >= 0) & ((of * CONTIG + end)[before] > contig + exons.start)


def main(argv: list[str] | None = None) -> None:
    """List the genes of an annotation that STAR cannot count as HTSeq does."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--output", type=Path, required=True, help="gene_id, reason; to write")
    arguments = parser.parse_args(argv)
    found = star_exceptions(read_genes(arguments.gtf))
    rows = [{"gene_id": gene, "reason": reason} for gene, reason in found.items()]
    write_rows(rows, ["gene_id", "reason"], arguments.output)


if __name__ == "__main__":
    reported(main)
