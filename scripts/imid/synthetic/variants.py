"""Variants that tell one cell line from another: single bases of its transcripts."""

import numpy as np
import pandas as pd

from imid.synthetic.synthetic_genome import BASES, Genome

VARIANT = ["gene_id", "contig", "position", "reference", "alternative", "genotype"]
HETEROZYGOUS, HOMOZYGOUS = "0/1", "1/1"


def draw_variants(rng: np.random.Generator, genome: Genome, number: int) -> pd.DataFrame:
    """Draw the variants of one line.

    Parameters
    ----------
    rng : Generator
        The line's own source of randomness.
    genome : Genome
        The variants lie in exons of genes that share their locus with no other and have no copy.
    number : int
        How many; every other one is heterozygous.

    Returns
    -------
    DataFrame
        gene_id, contig, position (0-based), reference, alternative, genotype.
    """
    alone = genome.genes.loc[genome.genes["kind"] == "simple", "gene_id"]
    exons = genome.exons[genome.exons["gene_id"].isin(alone)]
    sites = pd.DataFrame(
        [
            (exon.gene_id, exon.contig, position)
            for exon in exons.itertuples()
            for position in range(exon.start, exon.end)
        ],
        columns=["gene_id", "contig", "position"],
    ).drop_duplicates()
    chosen = sites.iloc[rng.permutation(len(sites))[:number]].reset_index(drop=True)
    reference = np.array(
        [genome.contigs[site.contig][site.position] for site in chosen.itertuples()]
    )
    other = np.searchsorted(BASES, reference) + rng.integers(1, BASES.size, len(chosen))
    return chosen.assign(
        reference=[chr(base) for base in reference],
        alternative=[chr(base) for base in BASES[other % BASES.size]],
        genotype=np.where(np.arange(len(chosen)) % 2, HETEROZYGOUS, HOMOZYGOUS),
    )


def haplotypes(genome: Genome, variants: pd.DataFrame) -> list[Genome]:
    """Write a line's variants into copies of the genome: all into the first of the two."""
    found = []
    for carried in (variants, variants[variants["genotype"] == HOMOZYGOUS]):
        contigs = {name: sequence.copy() for name, sequence in genome.contigs.items()}
        for variant in carried.itertuples():
            contigs[variant.contig][variant.position] = ord(variant.alternative)
        found.append(genome._replace(contigs=contigs))
    return found


def genotype_of(cell_lines: dict, cell_line: str) -> str:
    """Name the line that a line has its variants from: its parent, if the plan names one."""
    return cell_lines[cell_line].get("variants_of", cell_line)
