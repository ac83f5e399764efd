"""The libraries of the synthetic experiment: what there is to sequence, and fragments of it.

A template is a stretch of RNA in its own direction: a transcript, an intron of a pre-mRNA, noise
from between the genes, or something that is not of this genome. All templates lie end to end in
one pool, so that the reads of a whole library are gathered in one step.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import truncnorm

from imid.synthetic.synthetic_expression import draw_counts, expected_counts, plan_expression
from imid.synthetic.synthetic_genome import BASES, Genome, build_genome, sense, spliced, uncovered

SHORTEST_INTRON = 150
FOREIGN_BASES = 10_000

Template = tuple[str, str, str, float, np.ndarray]


class Transcriptome(NamedTuple):
    """What all samples have in common.

    Attributes
    ----------
    genome : Genome
        Sequences and annotation.
    expression : DataFrame
        The genes with baseline, dispersion and effects, as `plan_expression` returns them.
    templates : DataFrame
        kind (transcript, intron, gap, foreign), gene_id, transcript_id, weight (among a gene's
        transcripts, or all of that kind), offset (in the pool), length (bases).
    pool : ndarray of uint8
        Sequences of the templates, end to end, as ASCII codes.
    """

    genome: Genome
    expression: pd.DataFrame
    templates: pd.DataFrame
    pool: np.ndarray


class Library(NamedTuple):
    """One sample's library.

    Attributes
    ----------
    size_factor : float
        Its size, relative to the reference library of the plan.
    counts : Series
        Fragments of each gene's mature transcripts, by gene_id.
    noise : dict of str to int
        Fragments of each other kind of template.
    fragments : DataFrame
        template (row of the templates), start (in the pool), length (bases); in random order.
    """

    size_factor: float
    counts: pd.Series
    noise: dict[str, int]
    fragments: pd.DataFrame


def build_transcriptome(plan: dict, targets: pd.DataFrame) -> Transcriptome:
    """Make everything that the samples share.

    Parameters
    ----------
    plan : dict
        The whole plan.
    targets : DataFrame
        gene_id and gene_name of the genes that bear real names.

    Returns
    -------
    Transcriptome
    """
    layout, levels, isoforms = np.random.default_rng(plan["seed"]).spawn(3)
    genome = build_genome(layout, plan["genome"], targets)
    expression = plan_expression(levels, plan, genome.genes)
    templates, pool = build_templates(isoforms, genome, expression["baseline"].to_numpy())
    return Transcriptome(genome, expression, templates, pool)


def build_templates(
    rng: np.random.Generator, genome: Genome, baseline: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Collect everything that fragments are drawn from.

    Parameters
    ----------
    rng : Generator
        Source of randomness, for the shares of a gene's isoforms and the foreign sequence.
    genome : Genome
        Sequences, genes and exons.
    baseline : ndarray, shape (genes,)
        Expression of each gene; weighs the introns.

    Returns
    -------
    templates : DataFrame
        kind (transcript, intron, gap, foreign), gene_id, transcript_id, weight (among a
        gene's transcripts, or all of that kind), offset (in the pool), length (bases).
    pool : ndarray of uint8
        Their sequences, end to end, as ASCII codes.
    """
    foreign = ("foreign", "", "", 1.0, rng.choice(BASES, FOREIGN_BASES))
    collected = [*transcripts(rng, genome), *introns(genome, baseline), *gaps(genome), foreign]
    templates = pd.DataFrame(
        [template[:-1] for template in collected],
        columns=["kind", "gene_id", "transcript_id", "weight"],
    )
    sequences = [template[-1] for template in collected]
    lengths = np.array([sequence.size for sequence in sequences])
    templates = templates.assign(offset=np.cumsum(lengths) - lengths, length=lengths)
    return templates, np.concatenate(sequences)


def transcripts(rng: np.random.Generator, genome: Genome) -> Iterator[Template]:
    """Yield the isoforms; their shares of a gene are a Dirichlet draw."""
    for (gene_id, transcript_id), exons in genome.exons.groupby(["gene_id", "transcript_id"]):
        contig, strand = exons[["contig", "strand"]].iloc[0]
        pieces = exons[["start", "end"]].to_numpy()
        sequence = spliced(genome.contigs[contig], pieces, strand)
        yield "transcript", gene_id, transcript_id, rng.gamma(2.0), sequence


def introns(genome: Genome, baseline: np.ndarray) -> Iterator[Template]:
    """Yield what is intron in every isoform of a gene that shares its locus with no other."""
    genes = genome.genes.assign(baseline=baseline)
    exons = dict(list(genome.exons.groupby("gene_id")))
    for gene in genes[genes["kind"] == "simple"].itertuples():
        for start, end in uncovered(exons[gene.gene_id], gene.start, gene.end):
            if end - start >= SHORTEST_INTRON:
                sequence = sense(genome.contigs[gene.contig][start:end], gene.strand)
                yield "intron", gene.gene_id, "", (end - start) * gene.baseline, sequence


def gaps(genome: Genome) -> Iterator[Template]:
    """Yield both strands of the stretches between genes."""
    for name, contig in genome.contigs.items():
        genes = genome.genes[genome.genes["contig"] == name]
        for start, end in uncovered(genes, 0, contig.size):
            for strand in "+-":
                yield "gap", "", "", end - start, sense(contig[start:end], strand)


def draw_fragments(
    rng: np.random.Generator,
    templates: pd.DataFrame,
    counts: pd.Series,
    noise: dict[str, int],
    sizes: dict[str, float],
) -> pd.DataFrame:
    """Draw the fragments of one library, in random order.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    templates : DataFrame
        As `build_templates` returns them.
    counts : Series
        Fragments of each gene's transcripts, by gene_id.
    noise : dict of str to int
        Fragments of each other kind of template.
    sizes : dict of str to float
        mean, sd, min and max of the fragment lengths, in bases.

    Returns
    -------
    DataFrame
        template (row of `templates`), start (in the pool), length (bases).
    """
    numbers = np.zeros(len(templates), dtype=int)
    weights = templates["weight"].to_numpy()
    wanted = {**counts, **noise}
    groups = templates["gene_id"].where(templates["kind"] == "transcript", templates["kind"])
    for group, rows in templates.groupby(groups).groups.items():
        numbers[rows] = rng.multinomial(wanted[group], weights[rows] / weights[rows].sum())
    template = rng.permutation(np.repeat(np.arange(len(templates)), numbers))
    available = templates["length"].to_numpy()[template]
    length = np.minimum(draw_lengths(rng, template.size, sizes), available)
    start = rng.integers(0, available - length + 1) + templates["offset"].to_numpy()[template]
    return pd.DataFrame({"template": template, "start": start, "length": length})


def draw_lengths(rng: np.random.Generator, number: int, sizes: dict[str, float]) -> np.ndarray:
    """Draw fragment lengths from a normal distribution cut off at both ends."""
    mean, sd = sizes["mean"], sizes["sd"]
    low, high = (sizes["min"] - mean) / sd, (sizes["max"] - mean) / sd
    drawn = truncnorm.rvs(low, high, loc=mean, scale=sd, size=number, random_state=rng)
    return drawn.round().astype(int)


def draw_library(
    rng: np.random.Generator,
    plan: dict,
    transcriptome: Transcriptome,
    sample: tuple,
    scale: float,
) -> Library:
    """Draw one sample's fragments.

    Parameters
    ----------
    rng : Generator
        The sample's own source of randomness.
    plan : dict
        The whole plan.
    transcriptome : Transcriptome
        What the samples share.
    sample : named tuple
        A row of the experiment's samples: cell_line and treatment.
    scale : float
        Size of the experiment's libraries, relative to the planned one.

    Returns
    -------
    Library
    """
    experiment, expression = plan["experiment"], transcriptome.expression
    size_factor = rng.lognormal(0, experiment["library_size_sd"])
    mean = expected_counts(
        expression,
        experiment["cell_lines"][sample.cell_line],
        sample.treatment,
        scale * size_factor,
    )
    drawn = draw_counts(rng, mean, expression["dispersion"].to_numpy())
    counts = pd.Series(drawn, index=expression["gene_id"])
    total = scale * size_factor * experiment["fragments"]
    shares = plan["expression"]["noise"]
    noise = {kind: rng.poisson(total * part) for kind, part in shares.items()}
    sizes = plan["reads"]["fragment"]
    fragments = draw_fragments(rng, transcriptome.templates, counts, noise, sizes)
    return Library(size_factor, counts, noise, fragments)
