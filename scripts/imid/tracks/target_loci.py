"""Where the genes of the target panel lie."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.counting.annotation import Exons, decoded, gene_table
from imid.question.target_genes import find_genes, panel_genes

GENE_COLUMNS = ["gene_id", "gene_name", "biotype", "length"]


class Locus(NamedTuple):
    """A stretch of the genome, 0-based and half-open, and what it is called."""

    name: str
    contig: str
    start: int
    end: int

    @property
    def shown(self) -> str:
        """The place as people and browsers write it, counted from 1."""
        return f"{self.contig}:{self.start + 1}-{self.end}"


def target_loci(panel: pd.DataFrame, exons: Exons) -> list[Locus]:
    """Find the loci of the panel's genes, from their first exon to their last.

    Parameters
    ----------
    panel : DataFrame
        The target panel.
    exons : Exons
        Of the annotation.

    Returns
    -------
    list of Locus
        In the order of the panel, by its symbols; genes that the annotation lacks are left out. Of
        one that lies on several contigs, such as X and Y, the first in the annotation.
    """
    targets = panel_genes(panel)
    genes = pd.DataFrame(gene_table(exons), columns=GENE_COLUMNS)
    found = find_genes(targets, genes)["found"].dropna()
    number = {decoded(gene_id): gene for gene_id, gene in exons.genes.items()}
    contigs = [decoded(contig) for contig in exons.contigs]
    return [
        Locus(targets["gene_name"][row], *_span(exons, number[gene_id], contigs))
        for row, gene_id in found.items()
    ]


def _span(exons: Exons, gene: int, contigs: list[str]) -> tuple[str, int, int]:
    rows = np.flatnonzero(exons.gene == gene)
    contig = exons.contig[rows[0]]
    rows = rows[exons.contig[rows] == contig]
    return contigs[contig], int(exons.start[rows].min()), int(exons.end[rows].max())
