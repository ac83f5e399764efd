"""The genome of the synthetic experiment: its genes, where they lie, and a sequence that splices.

Positions are 0-based and half-open everywhere; `gtf` alone turns them into the 1-based,
closed positions of its format.
"""

from collections.abc import Iterable
from itertools import count
from typing import NamedTuple

import numpy as np
import pandas as pd

BASES = np.frombuffer(b"ACGT", np.uint8)
PYRIMIDINES = np.frombuffer(b"CT", np.uint8)
DONOR = np.frombuffer(b"GTAAGT", np.uint8)
ACCEPTOR = np.frombuffer(b"CAG", np.uint8)
PYRIMIDINE_TRACT = 14
BASE_SHARES = [0.29, 0.21, 0.21, 0.29]
SOURCE = "synthetic"

# Biotypes, in turn, of genes in a locus of their own and of the second gene of each pair.
LONELY = ["protein_coding"] * 5 + ["lncRNA"]
PARTNERS = {
    "overlapping": ["protein_coding"],
    "antisense": ["lncRNA"],
    "duplicated": ["protein_coding", "processed_pseudogene"],
}

COMPLEMENT = np.zeros(256, np.uint8)
COMPLEMENT[BASES] = BASES[::-1]

Isoforms = list[np.ndarray]


class Genome(NamedTuple):
    """A genome and its annotation.

    Attributes
    ----------
    contigs : dict of str to ndarray
        Sequences as ASCII codes.
    genes : DataFrame
        gene_id, gene_name, kind (simple, overlapping, antisense, duplicated, or a class of
        `class_genes`), biotype, partner (the first gene of a pair, or nothing), target, strand,
        start, end, contig.
    exons : DataFrame
        gene_id, transcript_id, contig, strand, start, end; ascending in each transcript.
    """

    contigs: dict[str, np.ndarray]
    genes: pd.DataFrame
    exons: pd.DataFrame


def build_genome(rng: np.random.Generator, plan: dict, targets: pd.DataFrame) -> Genome:
    """Invent genes, lay them out on contigs and write a sequence that fits them.

    Parameters
    ----------
    rng : Generator
        Source of all randomness.
    plan : dict
        The section ``genome`` of the plan.
    targets : DataFrame
        gene_id and gene_name of the genes that bear real names.

    Returns
    -------
    Genome
        Targets first, then the invented genes.
    """
    genes = list_genes(plan, targets)
    structures = draw_structures(rng, genes)
    genes, lengths = place_loci(rng, plan, genes, structures)
    exons = place_exons(genes, structures)
    contigs = {name: rng.choice(BASES, size, p=BASE_SHARES) for name, size in lengths.items()}
    genome = Genome(contigs, genes, exons)
    copy_duplicates(rng, plan["divergence"], genome)
    write_splice_sites(rng, genome)
    return genome


def list_genes(plan: dict, targets: pd.DataFrame) -> pd.DataFrame:
    """List the genes before they have a place.

    Made-up genes are called SYN001 and so on, with ids from ENSG09000000001, a range that
    Ensembl does not use. The second gene of a pair names the first as its `partner`.
    """
    invented = [("simple", LONELY[number % len(LONELY)], "") for number in range(plan["simple"])]
    for kind, partners in PARTNERS.items():
        for number in range(plan[kind]):
            first = invented_id(len(invented))
            invented.append((kind, "protein_coding", ""))
            invented.append((kind, partners[number % len(partners)], first))
    named = targets[["gene_id", "gene_name"]].drop_duplicates()
    rows = [(*target, "simple", "protein_coding", "") for target in named.itertuples(index=False)]
    rows += [
        (invented_id(number), f"SYN{number + 1:03d}", *gene) for number, gene in enumerate(invented)
    ]
    genes = pd.DataFrame(rows, columns=["gene_id", "gene_name", "kind", "biotype", "partner"])
    return genes.assign(target=genes.index < len(named))


def invented_id(number: int) -> str:
    """Return the id of the made-up gene of that number, counted from 0."""
    return f"ENSG09{number + 1:09d}"


def draw_structures(rng: np.random.Generator, genes: pd.DataFrame) -> dict[str, Isoforms]:
    """Give each gene its isoforms: exons in the direction of transcription, from position 0."""
    structures: dict[str, Isoforms] = {}
    for gene in genes.itertuples():
        if gene.kind != "duplicated" or not gene.partner:
            structures[gene.gene_id] = draw_isoforms(rng, gene.biotype)
        elif gene.biotype == "processed_pseudogene":
            spliced = np.diff(structures[gene.partner][0]).sum()
            structures[gene.gene_id] = [np.array([[0, spliced]])]
        else:
            structures[gene.gene_id] = structures[gene.partner]
    return structures


def draw_isoforms(rng: np.random.Generator, biotype: str) -> Isoforms:
    """Draw one gene's isoforms.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    biotype : str
        A lncRNA has few exons.

    Returns
    -------
    list of ndarray, shape (exons, 2)
        Starts and ends. The first isoform has every exon, the others lack one, start late
        or retain an intron.
    """
    inner = rng.integers(0, 2) if biotype == "lncRNA" else rng.binomial(8, 0.4)
    exons = np.array(
        [rng.integers(120, 300), *rng.integers(70, 220, inner), rng.integers(300, 700)]
    )
    introns = np.clip(rng.lognormal(np.log(220), 0.6, inner + 1), 80, 1000).astype(int)
    starts = np.concatenate([[0], np.cumsum(exons[:-1] + introns)])
    full = np.column_stack([starts, starts + exons])
    if biotype == "lncRNA" and rng.random() < 0.5:
        return [full[-1:] - full[-1, 0]]
    skipped = [np.delete(full, exon, axis=0) for exon in range(1, inner + 1)]
    late = [full[1:]]
    retained = [
        np.vstack([full[:exon], [[full[exon, 0], full[exon + 1, 1]]], full[exon + 2 :]])
        for exon in np.flatnonzero(introns < 150)
    ]
    variants = [*skipped, *late, *retained] if inner else []
    chosen = rng.permutation(len(variants))[: rng.integers(0, 4)]
    return [full, *(variants[variant] for variant in chosen)]


def place_loci(
    rng: np.random.Generator, plan: dict, genes: pd.DataFrame, structures: dict[str, Isoforms]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Place the loci, in random order, along the contigs.

    Returns
    -------
    genes : DataFrame
        With contig, strand, start and end.
    lengths : dict of str to int
        Bases of each contig.
    """
    names = [str(number + 1) for number in range(plan["contigs"])]
    lengths = dict.fromkeys(names, 0)
    sharing = genes["kind"].isin(["overlapping", "antisense"]) & (genes["partner"] != "")
    loci = genes["gene_id"].mask(sharing, genes["partner"])
    placed = []
    for turn, locus in enumerate(rng.permutation(loci.unique())):
        contig = names[turn % len(names)]
        start = lengths[contig] + rng.integers(*plan["intergenic"])
        members = place_locus(rng, genes[loci == locus], structures, start)
        placed.append(members.assign(contig=contig))
        lengths[contig] = members["end"].max()
    lengths = {name: end + plan["intergenic"][1] for name, end in lengths.items()}
    return pd.concat(placed).sort_index(), lengths


def place_locus(
    rng: np.random.Generator, members: pd.DataFrame, structures: dict[str, Isoforms], start: int
) -> pd.DataFrame:
    """Place one gene, or two whose outer exons overlap.

    They share at most the whole outer exon of the second and two thirds of the first's, so
    that no gene's splice site lies within the other.
    """
    antisense = members["kind"].iloc[0] == "antisense"
    strands = "+-" if antisense else rng.choice(["+", "-"]) * len(members)
    starts, ends, shared = [], [], 0
    for gene_id, strand in zip(members["gene_id"], strands, strict=True):
        exons = oriented(structures[gene_id][0], strand, width(structures[gene_id]))
        start -= min(shared, exons[0, 1])
        starts.append(start)
        start += exons[-1, 1]
        ends.append(start)
        shared = (exons[-1, 1] - exons[-1, 0]) * 2 // 3
    return members.assign(strand=list(strands), start=starts, end=ends)


def width(isoforms: Isoforms) -> int:
    """Return the bases a gene covers; its first isoform has both of its ends."""
    return isoforms[0][-1, 1]


def oriented(exons: np.ndarray, strand: str, width: int) -> np.ndarray:
    """Turn exons in the direction of transcription into ascending positions on the contig."""
    return exons if strand == "+" else width - exons[::-1, ::-1]


def place_exons(
    genes: pd.DataFrame, structures: dict[str, Isoforms], first: int = 1
) -> pd.DataFrame:
    """Put every isoform's exons where its gene lies; number the transcripts as made-up ids."""
    numbers = count(first)
    rows = []
    for gene in genes.itertuples():
        isoforms = structures[gene.gene_id]
        for isoform in isoforms:
            transcript_id = f"ENST09{next(numbers):09d}"
            exons = gene.start + oriented(isoform, gene.strand, width(isoforms))
            place = (gene.gene_id, transcript_id, gene.contig, gene.strand)
            rows += [(*place, start, end) for start, end in exons]
    columns = ["gene_id", "transcript_id", "contig", "strand", "start", "end"]
    return pd.DataFrame(rows, columns=columns)


def reverse_complement(sequence: np.ndarray) -> np.ndarray:
    """Reverse and complement ASCII bases along the last axis."""
    return COMPLEMENT[sequence[..., ::-1]]


def sense(sequence: np.ndarray, strand: str) -> np.ndarray:
    """Read a stretch of a contig on a strand; its own inverse."""
    return sequence if strand == "+" else reverse_complement(sequence)


def copy_duplicates(rng: np.random.Generator, divergence: float, genome: Genome) -> None:
    """Write each copy's sequence, a little diverged, over its stretch of the contig.

    A processed pseudogene copies its original's first transcript, any other copy the locus.
    """
    genes = genome.genes
    originals = genes.set_index("gene_id")
    for copy in genes[(genes["kind"] == "duplicated") & (genes["partner"] != "")].itertuples():
        original = originals.loc[copy.partner]
        if copy.biotype == "processed_pseudogene":
            exons = genome.exons[genome.exons["gene_id"] == copy.partner]
            first = exons[exons["transcript_id"] == exons["transcript_id"].iloc[0]]
            pieces = first[["start", "end"]].to_numpy()
        else:
            pieces = [(original["start"], original["end"])]
        sequence = spliced(genome.contigs[original["contig"]], pieces, original["strand"])
        changed = rng.random(sequence.size) < divergence
        sequence[changed] = COMPLEMENT[sequence[changed]]
        genome.contigs[copy.contig][copy.start : copy.end] = sense(sequence, copy.strand)


def spliced(contig: np.ndarray, pieces: Iterable[tuple[int, int]], strand: str) -> np.ndarray:
    """Return the pieces of a contig, given in ascending order, as one sequence on a strand."""
    return sense(np.concatenate([contig[start:end] for start, end in pieces]), strand)


def write_splice_sites(rng: np.random.Generator, genome: Genome) -> None:
    """Make every intron start with a donor and end with a pyrimidine tract and an acceptor."""
    exons = genome.exons
    following = exons.groupby("transcript_id")["start"].shift(-1)
    introns = exons.assign(start=exons["end"], end=following).dropna().astype({"end": int})
    for intron in introns.drop_duplicates(["contig", "start", "end"]).itertuples():
        stretch = genome.contigs[intron.contig][intron.start : intron.end]
        sequence = sense(stretch, intron.strand).copy()
        acceptor = np.concatenate([rng.choice(PYRIMIDINES, PYRIMIDINE_TRACT), ACCEPTOR])
        sequence[: DONOR.size] = DONOR
        sequence[-acceptor.size :] = acceptor
        stretch[:] = sense(sequence, intron.strand)


def uncovered(features: pd.DataFrame, start: int, end: int) -> np.ndarray:
    """Return the stretches from start to end that no feature covers, shape (stretches, 2)."""
    covered = np.ones(end - start + 2, dtype=np.int8)
    covered[1:-1] = 0
    for feature in features.itertuples():
        covered[feature.start - start + 1 : feature.end - start + 1] = 1
    return start + np.flatnonzero(np.diff(covered)).reshape(-1, 2)


def fasta(contigs: dict[str, np.ndarray], width: int = 60) -> str:
    """Return the genome as FASTA.

    Parameters
    ----------
    contigs : dict of str to ndarray
        Sequences as ASCII codes.
    width : int
        Bases in a line.
    """
    lines = []
    for name, sequence in contigs.items():
        text = sequence.tobytes().decode()
        lines += [f">{name}", *(text[at : at + width] for at in range(0, len(text), width))]
    return "\n".join(lines) + "\n"


def gtf(genome: Genome) -> str:
    """Return the annotation as Ensembl writes it: a gene, its transcripts, their exons."""
    exons = dict(list(genome.exons.groupby("gene_id")))
    lines = ["#!genome-build synthetic"]
    for gene in genome.genes.sort_values(["contig", "start"]).itertuples():
        attributes = {
            "gene_id": gene.gene_id,
            "gene_name": gene.gene_name,
            "gene_source": SOURCE,
            "gene_biotype": gene.biotype,
        }
        lines.append(gtf_line(gene, "gene", gene.start, gene.end, attributes))
        for transcript_id, transcript in exons[gene.gene_id].groupby("transcript_id"):
            named = {**attributes, "transcript_id": transcript_id}
            first, last = transcript["start"].min(), transcript["end"].max()
            lines.append(gtf_line(gene, "transcript", first, last, named))
            ordered = transcript.sort_values("start", ascending=gene.strand == "+")
            for number, exon in enumerate(ordered.itertuples(), start=1):
                numbered = {**named, "exon_number": number}
                lines.append(gtf_line(gene, "exon", exon.start, exon.end, numbered))
    return "\n".join(lines) + "\n"


def gtf_line(gene: tuple, feature: str, start: int, end: int, attributes: dict) -> str:
    """Return one line, with the 1-based and closed positions of GTF."""
    described = " ".join(f'{key} "{value}";' for key, value in attributes.items())
    return (
        f"{gene.contig}\t{SOURCE}\t{feature}\t{start + 1}\t{end}\t.\t{gene.strand}\t.\t{described}"
    )
