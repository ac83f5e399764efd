"""What exons must be, judged once all of them are known: rules over whole columns cost nothing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from imid.counting.annotation import LAST_POSITION, Exons, decoded
from imid.counting.gtf_rules import NO_IDS, more_lines
from imid.shared.problems import InputError, place


def refuse_unfit(exons: Exons, contig_lengths: dict[bytes, int]) -> None:
    """Refuse an annotation whose exons cannot be counted, or lie where no genome is.

    Parameters
    ----------
    exons : Exons
        As given by `annotation.read_exons`.
    contig_lengths : dict of bytes to int
        Of the genome, in bases; a contig that is not among them is passed over.

    Raises
    ------
    InputError
        Each rule that is broken, with the first line that breaks it.
    """
    broken = [nameless(exons), beyond_contigs(exons, contig_lengths)]
    if problems := [problem for found in broken for problem in found]:
        raise InputError(problems)


def nameless(exons: Exons) -> Iterator[str]:
    """Find exons whose gene has no name of its own."""
    numbers = [number for gene_id, number in exons.genes.items() if gene_id in NO_IDS]
    rows = np.flatnonzero(np.isin(exons.gene, numbers))
    if len(rows):
        gene_id = decoded(list(exons.genes)[exons.gene[rows[0]]])
        yield (
            f"{at_line(exons, rows)}: the gene_id '{gene_id}' says that there is none; give it"
            f" an id, or take the line out{more_lines(len(rows))}"
        )


def beyond_contigs(exons: Exons, contig_lengths: dict[bytes, int]) -> Iterator[str]:
    """Find exons that end beyond their contigs."""
    lengths = [contig_lengths.get(contig, LAST_POSITION) for contig in exons.contigs]
    rows = np.flatnonzero(exons.end > np.array(lengths)[exons.contig])
    if len(rows):
        contig = exons.contig[rows[0]]
        yield (
            f"{at_line(exons, rows)}: the exon ends at {exons.end[rows[0]]:,}, but"
            f" {decoded(list(exons.contigs)[contig])} of the genome has {lengths[contig]:,} bases:"
            f" genome and annotation are of different assemblies{more_lines(len(rows))}"
        )


def at_line(exons: Exons, rows: np.ndarray) -> str:
    """Say where the first of some exons stands."""
    return place(exons.source, int(exons.line[rows[0]]))


def read_lengths(index: Path) -> dict[bytes, int]:
    """Read the lengths of a genome's contigs from its index, a ``.fai``."""
    rows = (line.split(b"\t") for line in index.read_bytes().splitlines())
    return {row[0]: int(row[1]) for row in rows}
