"""Genes of the classes that quality is asked of: rRNA, mitochondrial, immunoglobulin, haemoglobin.

They lie on contigs of their own and no sound sample expresses them: only a planted fault makes
fragments of them, so that the other genes and their reads are the same with and without them.
"""

from collections import defaultdict

import numpy as np
import pandas as pd

from imid.synthetic.synthetic_genome import (
    BASE_SHARES,
    BASES,
    Genome,
    Isoforms,
    invented_id,
    place_exons,
    width,
    write_splice_sites,
)

INTRON = 200


def build_class_genes(rng: np.random.Generator, plan: dict, genome: Genome) -> Genome:
    """Invent the genes of the classes and the contigs that they lie on.

    Parameters
    ----------
    rng : Generator
        Source of all randomness.
    plan : dict
        The section ``genome`` of the plan; its ``classes`` name each class's contig and, for
        each gene, the biotype, the bases of the exons and the weight among the class.
    genome : Genome
        All other genes, whose numbers theirs follow.

    Returns
    -------
    Genome
        These genes alone. Their kind is their class, and they have a weight.
    """
    classes = plan.get("classes", {})
    invented = int((~genome.genes["target"]).sum())
    genes = list_class_genes(classes, invented)
    described = [gene for members in classes.values() for gene in members["genes"].values()]
    structures = {
        gene_id: single_isoform(gene["exons"])
        for gene_id, gene in zip(genes["gene_id"], described, strict=True)
    }
    genes, lengths = place_in_turn(rng, plan["intergenic"], genes, structures)
    exons = place_exons(genes, structures, genome.exons["transcript_id"].nunique() + 1)
    contigs = {name: rng.choice(BASES, size, p=BASE_SHARES) for name, size in lengths.items()}
    found = Genome(contigs, genes, exons)
    write_splice_sites(rng, found)
    return found


def list_class_genes(classes: dict, invented: int) -> pd.DataFrame:
    """List the genes of all classes; their ids follow those of so many invented ones."""
    rows = [
        (name, kind, gene["biotype"], members["contig"], float(gene["weight"]))
        for kind, members in classes.items()
        for name, gene in members["genes"].items()
    ]
    genes = pd.DataFrame(rows, columns=["gene_name", "kind", "biotype", "contig", "weight"])
    ids = [invented_id(invented + number) for number in range(len(genes))]
    return genes.assign(gene_id=ids, partner="", target=False)


def single_isoform(exons: list[int]) -> Isoforms:
    """Lay exons of these lengths out from position 0, with an intron after each but the last."""
    bases = np.array(exons)
    starts = np.cumsum(bases + INTRON) - bases - INTRON
    return [np.column_stack([starts, starts + bases])]


def place_in_turn(
    rng: np.random.Generator,
    intergenic: list[int],
    genes: pd.DataFrame,
    structures: dict[str, Isoforms],
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Place each gene after the one before on its contig.

    Returns
    -------
    genes : DataFrame
        With strand, start and end.
    lengths : dict of str to int
        Bases of each contig.
    """
    lengths: dict[str, int] = defaultdict(int)
    placed = []
    for gene in genes.itertuples():
        start = lengths[gene.contig] + rng.integers(*intergenic)
        lengths[gene.contig] = start + width(structures[gene.gene_id])
        placed.append((rng.choice(["+", "-"]), start, lengths[gene.contig]))
    places = pd.DataFrame(placed, columns=["strand", "start", "end"], index=genes.index)
    return genes.join(places), {name: end + intergenic[1] for name, end in lengths.items()}


def with_classes(genome: Genome, classes: Genome) -> Genome:
    """Put the genes of the classes, and their contigs, after all others."""
    genes = classes.genes.drop(columns="weight")
    return Genome(
        genome.contigs | classes.contigs,
        pd.concat([genome.genes, genes[genome.genes.columns]], ignore_index=True),
        pd.concat([genome.exons, classes.exons], ignore_index=True),
    )
