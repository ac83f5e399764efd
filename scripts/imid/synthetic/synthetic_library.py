"""The libraries of the synthetic experiment: what there is to sequence, and fragments of it.

A template is a stretch of RNA in its own direction: a transcript, an intron of a pre-mRNA, noise
from between the genes, or something that is not of this genome. All templates lie end to end in
one pool, so that the reads of a whole library are gathered in one step.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import truncnorm

from imid.synthetic.class_genes import build_class_genes, with_classes
from imid.synthetic.synthetic_expression import draw_counts, expected_counts, plan_expression
from imid.synthetic.synthetic_genome import BASES, Genome, build_genome, sense, spliced, uncovered
from imid.synthetic.variants import VARIANT, draw_variants, genotype_of, haplotypes

SHORTEST_INTRON = 150
FOREIGN_BASES = 10_000
# Of the plan's dispersion: together that of a gene that is hardly expressed.
TREND = ("trend", "extra_poisson")

Template = tuple[str, str, str, float, np.ndarray]


class Transcriptome(NamedTuple):
    """What all samples have in common.

    Attributes
    ----------
    genome : Genome
        Sequences and annotation.
    expression : DataFrame
        The genes with baseline, dispersion and effects, as `plan_expression` returns them; those
        of the classes are silent.
    templates : DataFrame
        kind (transcript, intron, gap, foreign, mycoplasma, dimer), gene_id, transcript_id,
        weight (among a gene's transcripts, or all of that kind), gene_class (of a transcript, or
        nothing), offset (in the pool), length (bases).
    pool : ndarray of uint8
        Sequences of the templates, end to end, as ASCII codes.
    pools : dict of str to ndarray of uint8
        By line, where lines have variants: the pools of its two haplotypes, end to end.
    variants : DataFrame
        cell_line, and as `draw_variants` returns them.
    """

    genome: Genome
    expression: pd.DataFrame
    templates: pd.DataFrame
    pool: np.ndarray
    pools: dict[str, np.ndarray]
    variants: pd.DataFrame

    def pool_of(self, cell_line: str) -> np.ndarray:
        """Give the sequences that a line's fragments are read from."""
        return self.pools.get(cell_line, self.pool)

    def contaminant(self, kind: str) -> np.ndarray:
        """Give the sequence of something that is not of this genome."""
        row = self.templates[self.templates["kind"] == kind].iloc[0]
        return self.pool[row["offset"] : row["offset"] + row["length"]]


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
        template (row of the templates), start (in the pool), length (bases), flipped (read from
        the other strand), haplotype (0 or 1); in random order.
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
    layout, levels, isoforms, apart = np.random.default_rng(plan["seed"]).spawn(4)
    genome = build_genome(layout, plan["genome"], targets)
    expression = plan_expression(levels, plan, genome.genes)
    classes = build_class_genes(apart, plan["genome"], genome)
    further = further_templates(apart, classes, plan["genome"].get("contaminants", {}))
    baseline = expression["baseline"].to_numpy()

    def lay_out(genome: Genome) -> tuple[pd.DataFrame, np.ndarray]:
        # Every genome, and so every haplotype, has the same isoforms in the same shares.
        usual = usual_templates(copy.deepcopy(isoforms), genome, baseline)
        return end_to_end([*usual, *further])

    templates, pool = lay_out(genome)
    variants = variants_per_line(plan, genome)
    pools = {
        line: np.concatenate([lay_out(haplotype)[1] for haplotype in haplotypes(genome, carried)])
        for line, carried in variants.groupby("cell_line")
    }
    return Transcriptome(
        with_classes(genome, classes),
        with_silent(expression, classes.genes, sum(plan["dispersion"][part] for part in TREND)),
        templates.assign(gene_class=classes_of(templates, classes.genes)),
        pool,
        pools,
        variants,
    )


def variants_per_line(plan: dict, genome: Genome) -> pd.DataFrame:
    """Draw the variants of every line that the plan gives some, or a parent that has some."""
    lines = plan["experiment"]["cell_lines"]
    tables = [pd.DataFrame(columns=["cell_line", *VARIANT])]
    for line in lines:
        bearer = genotype_of(lines, line)
        if number := lines[bearer].get("variants", 0):
            rng = np.random.default_rng([plan["seed"], *b"variants", *bearer.encode()])
            tables.append(draw_variants(rng, genome, number).assign(cell_line=line))
    return pd.concat(tables, ignore_index=True)


def with_silent(expression: pd.DataFrame, classes: pd.DataFrame, dispersion: float) -> pd.DataFrame:
    """Put the genes of the classes, which no sample expresses, after all others."""
    silent = classes.reindex(columns=expression.columns, fill_value=0.0)
    return pd.concat([expression, silent.assign(dispersion=dispersion)], ignore_index=True)


def classes_of(templates: pd.DataFrame, classes: pd.DataFrame) -> pd.Series:
    """Give each transcript's class, and nothing for what is no transcript of a class."""
    return templates["gene_id"].map(classes.set_index("gene_id")["kind"]).fillna("")


def usual_templates(
    rng: np.random.Generator, genome: Genome, baseline: np.ndarray
) -> list[Template]:
    """Collect what the fragments of a sound sample are drawn from.

    Parameters
    ----------
    rng : Generator
        Source of randomness, for the shares of a gene's isoforms and the foreign sequence.
    genome : Genome
        Sequences, genes and exons.
    baseline : ndarray, shape (genes,)
        Expression of each gene; weighs the introns.
    """
    foreign = ("foreign", "", "", 1.0, rng.choice(BASES, FOREIGN_BASES))
    return [*transcripts(rng, genome), *introns(genome, baseline), *gaps(genome), foreign]


def further_templates(
    rng: np.random.Generator, classes: Genome, contaminants: dict[str, dict]
) -> list[Template]:
    """Collect what only faults draw fragments from.

    Parameters
    ----------
    rng : Generator
        Source of randomness, for the contaminants' sequences.
    classes : Genome
        As `build_class_genes` returns them.
    contaminants : dict of str to dict
        By name: bases (their number) and gc (the share of G and C).
    """
    sequences = {
        transcript_id: (gene_id, sequence)
        for _, gene_id, transcript_id, _, sequence in transcripts(rng, classes)
    }
    weights = classes.genes.set_index("gene_id")["weight"]
    found = [
        ("transcript", gene_id, transcript_id, weights[gene_id], sequence)
        for transcript_id, (gene_id, sequence) in sequences.items()
    ]
    for name, contaminant in contaminants.items():
        at, gc = (1 - contaminant["gc"]) / 2, contaminant["gc"] / 2
        sequence = rng.choice(BASES, contaminant["bases"], p=[at, gc, gc, at])
        found.append((name, "", "", 1.0, sequence))
    # Two adapters with a single base between them.
    return [*found, ("dimer", "", "", 1.0, rng.choice(BASES, 1))]


def end_to_end(collected: Iterable[Template]) -> tuple[pd.DataFrame, np.ndarray]:
    """Lay templates out in one pool.

    Returns
    -------
    templates : DataFrame
        kind, gene_id, transcript_id, weight, offset (in the pool), length (bases).
    pool : ndarray of uint8
        Their sequences, end to end, as ASCII codes.
    """
    collected = list(collected)
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
        As in `Transcriptome`.
    counts : Series
        Fragments of each gene's transcripts, by gene_id.
    noise : dict of str to int
        Fragments of each other kind of template.
    sizes : dict of str to float
        mean, sd, min and max of the fragment lengths, in bases.

    Returns
    -------
    DataFrame
        As in `Library`, of the first haplotype.
    """
    numbers = np.zeros(len(templates), dtype=int)
    weights = templates["weight"].to_numpy()
    wanted = {**counts, **noise}
    groups = templates["gene_id"].where(templates["kind"] == "transcript", templates["kind"])
    for group, rows in templates.groupby(groups).groups.items():
        if wanted.get(group):
            numbers[rows] = rng.multinomial(wanted[group], weights[rows] / weights[rows].sum())
    template = rng.permutation(np.repeat(np.arange(len(templates)), numbers))
    return cut_fragments(rng, templates, template, sizes)


def cut_fragments(
    rng: np.random.Generator,
    templates: pd.DataFrame,
    template: np.ndarray,
    sizes: dict[str, float],
) -> pd.DataFrame:
    """Cut one fragment, of random length and place, out of each of these templates."""
    available = templates["length"].to_numpy()[template]
    length = np.minimum(draw_lengths(rng, template.size, sizes), available)
    start = rng.integers(0, available - length + 1) + templates["offset"].to_numpy()[template]
    cut = pd.DataFrame({"template": template, "start": start, "length": length})
    return cut.assign(flipped=False, haplotype=0)


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
    experiment = plan["experiment"]
    # The classes of genes are silent, and draw nothing from the stream of the others.
    expression = transcriptome.expression[~in_a_class(plan, transcriptome.expression)]
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
    if sample.cell_line in transcriptome.pools:
        # Of a stream of its own, so that variants change no fragment.
        fragments["haplotype"] = rng.spawn(1)[0].integers(0, 2, len(fragments))
    return tallied(transcriptome, size_factor, fragments)


def in_a_class(plan: dict, genes: pd.DataFrame) -> pd.Series:
    """Tell the genes of the classes from all others."""
    return genes["kind"].isin(plan["genome"].get("classes", {}))


def tallied(transcriptome: Transcriptome, size_factor: float, fragments: pd.DataFrame) -> Library:
    """Count what a library's fragments are of."""
    kinds = transcriptome.templates["kind"].drop_duplicates()
    origin = transcriptome.templates.iloc[fragments["template"]]
    genic = origin.loc[origin["kind"] == "transcript", "gene_id"].value_counts()
    counts = genic.reindex(transcriptome.expression["gene_id"], fill_value=0)
    found = origin["kind"].value_counts().reindex(kinds, fill_value=0).drop("transcript")
    return Library(size_factor, counts, found.to_dict(), fragments)


def where_they_lie(fragments: pd.DataFrame, bases: int) -> pd.DataFrame:
    """Give fragments their start in the pools of both haplotypes, which have so many bases each."""
    return fragments.assign(start=fragments["start"] + bases * fragments["haplotype"])
