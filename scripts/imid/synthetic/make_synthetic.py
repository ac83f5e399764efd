"""Make the synthetic experiment: a genome, reads of every sample, its sheet, and the truth.

The plan (resources/synthetic.yaml) decides everything: the same plan gives the same bytes.
"""

import argparse
import gzip
import sys
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from imid.shared.files import written
from imid.shared.problems import InputError, did_you_mean, reported
from imid.shared.tables import GENE, read_table, write_table
from imid.synthetic.faults import (
    Preparation,
    fault_problems,
    fault_shares,
    mutual,
    plant_faults,
    source,
    tabulate_faults,
)
from imid.synthetic.synthetic_expression import fold_changes, list_samples
from imid.synthetic.synthetic_genome import BASES, fasta, gtf, uncovered
from imid.synthetic.synthetic_library import (
    Library,
    Transcriptome,
    build_transcriptome,
    draw_library,
    tallied,
    where_they_lie,
)
from imid.synthetic.synthetic_reads import fastq, read_names, read_out, sequence_mates

CONFIG = """\
# The synthetic experiment; what was planted in it lies in truth/.
# Paths are relative to the folder that holds config/, where the workflow runs.
samples: config/samples.tsv
reference: {{fasta: reference/genome.fa.gz, gtf: reference/annotation.gtf.gz}}
aligner: star
trim: true
strandedness: reverse
differential:
  design: "~ treatment"
  reference: {reference}
  fdr: 0.05
  log2_fold_change: 1.0
  contrasts:
{contrasts}
# Its libraries are small by intent.
qc:
  bounds:
    pairs: {{warn: {doubtful}, fail: {few}}}
"""
TREATMENTS = (
    "    - {{name: {numerator}_vs_{denominator}, factor: treatment, "
    "numerator: {numerator}, denominator: {denominator}}}"
)
LINES = (
    "    - {{name: {other}_vs_{parent}, factor: cell_line, "
    "numerator: {other}, denominator: {parent}, under: {{treatment: {control}}}}}"
)
RESPONSES = (
    "    - {{name: {drug}_in_{other}_vs_{parent}, factor: treatment, "
    "numerator: {drug}, denominator: {control},\n"
    "       between: {{factor: cell_line, numerator: {other}, denominator: {parent}}}}}"
)


def write_library(
    rng: np.random.Generator,
    plan: dict,
    pool: np.ndarray,
    fragments: pd.DataFrame,
    names: list[tuple[str, str]],
    output: Path,
) -> None:
    """Sequence a library and write its lanes.

    Parameters
    ----------
    rng : Generator
        The sample's own source of randomness.
    plan : dict
        The section ``reads`` of the plan.
    pool : ndarray of uint8
        Sequences of the templates.
    fragments : DataFrame
        What is sequenced, in this order.
    names : list of (str, str)
        Files of the two mates for each lane.
    output : Path
        The folder that the names are relative to.
    """
    index = rng.choice(BASES, 8).tobytes().decode()
    mates = sequence_mates(pool, fragments, plan["length"], index)
    reads = [read_out(rng, bases, plan) for bases in mates]
    for lane, rows in enumerate(np.array_split(np.arange(len(fragments)), len(names)), start=1):
        read_ids = read_names(rng, rows.size, lane)
        for mate, (bases, qualities) in enumerate(reads, start=1):
            text = fastq(read_ids, f"{mate}:N:0:{index}", bases[rows], qualities[rows])
            write_gzip(output / names[lane - 1][mate - 1], text)


def write_gzip(path: Path, content: bytes) -> None:
    """Write a compressed file whose bytes tell no time; quickly rather than tightly."""
    with written(path) as temporary:
        temporary.write_bytes(gzip.compress(content, compresslevel=1, mtime=0))


def lane_files(sample: str, lanes: int) -> list[tuple[str, str]]:
    """Name the two FASTQ files of each lane, relative to the experiment's folder."""
    return [
        (f"reads/{sample}_L{lane:03d}_R1.fastq.gz", f"reads/{sample}_L{lane:03d}_R2.fastq.gz")
        for lane in range(1, lanes + 1)
    ]


def write_reference(
    transcriptome: Transcriptome, contaminants: Iterable[str], folder: Path
) -> None:
    """Write the genome and its annotation, and what else reads may come from beside them."""
    write_gzip(folder / "genome.fa.gz", fasta(transcriptome.genome.contigs).encode())
    write_gzip(folder / "annotation.gtf.gz", gtf(transcriptome.genome).encode())
    for name in contaminants:
        sequence = {name: transcriptome.contaminant(name)}
        write_gzip(folder / f"{name}.fa.gz", fasta(sequence).encode())


def write_config(
    samples: pd.DataFrame, treatments: list[str], fragments: int, folder: Path
) -> None:
    """Write the sheet, one row for each lane, and a config with its contrasts."""
    files = [lane_files(row.sample, row.lanes) for row in samples.itertuples()]
    sheet = samples.assign(files=files).explode("files", ignore_index=True)
    sheet[["fastq_1", "fastq_2"]] = sheet["files"].tolist()
    write_table(sheet.drop(columns=["lanes", "files"]), folder / "samples.tsv")
    contrasts = list_contrasts(treatments, samples["cell_line"].unique())
    with written(folder / "config.yaml") as temporary:
        temporary.write_text(
            CONFIG.format(
                reference=treatments[0],
                contrasts="\n".join(contrasts),
                doubtful=fragments // 2,
                few=fragments // 4,
            )
        )


def list_contrasts(treatments: list[str], cell_lines: Sequence[str]) -> list[str]:
    """Write contrasts of all treatments, and of the other lines with the first one.

    Parameters
    ----------
    treatments : list of str
        The control first.
    cell_lines : sequence of str
        The parent first.

    Returns
    -------
    list of str
        Items of the config's list.
    """
    control, *drugs = treatments
    parent, *others = cell_lines
    pairs = [
        TREATMENTS.format(numerator=numerator, denominator=denominator)
        for denominator, numerator in combinations(treatments, 2)
    ]
    lines = [LINES.format(other=other, parent=parent, control=control) for other in others]
    responses = [
        RESPONSES.format(drug=drug, other=other, parent=parent, control=control)
        for other in others
        for drug in drugs
    ]
    return [*pairs, *lines, *responses]


def write_truth(
    transcriptome: Transcriptome,
    libraries: dict[str, Library],
    changes: pd.DataFrame,
    faults: dict[str, list[dict]],
    scale: float,
    folder: Path,
) -> None:
    """Write what was planted and what was drawn.

    Parameters
    ----------
    transcriptome : Transcriptome
        What the samples share.
    libraries : dict of str to Library
        By sample.
    changes : DataFrame
        As `synthetic_expression.fold_changes` returns them.
    faults : dict of str to list of dict
        By sample.
    scale : float
        Size of the experiment's libraries, relative to the planned one.
    folder : Path
        Where counts.tsv, log2_fold_changes.tsv, genes.tsv, samples.tsv, faults.tsv and
        variants.tsv (with 1-based positions) go.
    """
    names = transcriptome.expression[GENE]
    counts = {sample: library.counts.to_numpy() for sample, library in libraries.items()}
    write_table(names.assign(**counts), folder / "counts.tsv")
    write_table(changes, folder / "log2_fold_changes.tsv")
    write_table(describe_genes(transcriptome, scale), folder / "genes.tsv")
    write_table(describe_libraries(libraries), folder / "samples.tsv")
    shares = {
        sample: fault_shares(library.fragments, transcriptome.templates)
        for sample, library in libraries.items()
    }
    write_table(tabulate_faults(faults, shares), folder / "faults.tsv")
    variants = transcriptome.variants
    variants = variants[variants["cell_line"].isin(changes["cell_line"])]
    write_table(variants.assign(position=variants["position"] + 1), folder / "variants.tsv")


def describe_libraries(libraries: dict[str, Library]) -> pd.DataFrame:
    """Tabulate what each library's fragments are of.

    Returns
    -------
    DataFrame
        sample, size_factor, fragments, and of these genic, intronic, intergenic, foreign, of each
        contaminant, and dimers.
    """
    totals = pd.DataFrame(
        {
            "sample": sample,
            "size_factor": library.size_factor,
            "fragments": len(library.fragments),
            "genic": library.counts.sum(),
            **library.noise,
        }
        for sample, library in libraries.items()
    )
    return totals.rename(columns={"intron": "intronic", "gap": "intergenic", "dimer": "dimers"})


def describe_genes(transcriptome: Transcriptome, scale: float) -> pd.DataFrame:
    """Tabulate what each gene is.

    Returns
    -------
    DataFrame
        gene_id, gene_name, biotype, kind, isoforms (their number), length (bases of all exons
        together), baseline (expected fragments in the reference treatment of the first line),
        dispersion.
    """
    genes = transcriptome.expression
    exons = transcriptome.genome.exons.groupby("gene_id")
    introns = [
        np.diff(uncovered(exons.get_group(gene.gene_id), gene.start, gene.end)).sum()
        for gene in genes.itertuples()
    ]
    described = genes.assign(
        isoforms=genes["gene_id"].map(exons["transcript_id"].nunique()),
        length=genes["end"] - genes["start"] - introns,
        baseline=genes["baseline"] * scale,
    )
    columns = ["biotype", "kind", "isoforms", "length", "baseline", "dispersion"]
    return described[[*GENE, *columns]]


def check_plan(plan: dict, targets: pd.DataFrame, cell_lines: list[str]) -> None:
    """Check a plan's names against the panel, its faults, and the lines asked for against it.

    Raises
    ------
    InputError
        Naming every name that is not known.
    """
    lines = plan["experiment"]["cell_lines"]
    panel = set(targets["gene_name"])
    planted = [*plan["effects"]["targets"], *plan["expression"]["targets"]]
    planted += [name for line in lines.values() for name in line.get("baseline", {})]
    problems = [
        f"the plan names {name}, which is no target of the panel{did_you_mean(name, panel)}"
        for name in dict.fromkeys(planted)
        if name not in panel
    ]
    problems += [
        f"the plan has no cell line {line}{did_you_mean(line, lines)}"
        for line in cell_lines
        if line not in lines
    ]
    everyone = list_samples(plan["experiment"], list(lines))
    problems += fault_problems(plan.get("faults", {}), list(everyone["sample"]))
    if problems:
        raise InputError(problems)


def make_synthetic(
    plan: dict,
    targets: pd.DataFrame,
    output: Path,
    *,
    fragments: int | None = None,
    cell_lines: list[str] | None = None,
) -> None:
    """Write the whole experiment: reference/, reads/, config/ and truth/.

    Parameters
    ----------
    plan : dict
        As read from resources/synthetic.yaml.
    targets : DataFrame
        gene_id and gene_name of the genes that bear real names.
    output : Path
        The folder to write to.
    fragments : int, optional
        Expected fragments of a library, if not the plan's.
    cell_lines : list of str, optional
        Lines to make, if not all of the plan's. A sample's reads do not depend on it.

    Raises
    ------
    InputError
        If the plan names something that is not there.
    """
    experiment = plan["experiment"]
    cell_lines = cell_lines or list(experiment["cell_lines"])
    check_plan(plan, targets, cell_lines)
    faults = mutual(plan.get("faults", {}))
    scale = (fragments or experiment["fragments"]) / experiment["fragments"]
    transcriptome = build_transcriptome(plan, targets)
    write_reference(transcriptome, plan["genome"].get("contaminants", {}), output / "reference")
    samples = list_samples(experiment, cell_lines)
    libraries = {}
    for sample in samples.itertuples():
        planted = faults.get(sample.sample, [])
        library = make_sample(plan, transcriptome, sample, planted, scale, output)
        libraries[sample.sample] = library
        print(f"{sample.sample}: {len(library.fragments)} read pairs", file=sys.stderr)
    changes = fold_changes(transcriptome.expression, experiment, cell_lines)
    write_truth(transcriptome, libraries, changes, faults, scale, output / "truth")
    expected = fragments or experiment["fragments"]
    write_config(samples, list(experiment["dose_um"]), expected, output / "config")


def make_sample(
    plan: dict,
    transcriptome: Transcriptome,
    sample: tuple,
    faults: list[dict],
    scale: float,
    output: Path,
) -> Library:
    """Draw one sample's library, plant its faults, and write its reads.

    Parameters
    ----------
    plan : dict
        The whole plan.
    transcriptome : Transcriptome
        What the samples share.
    sample : named tuple
        Its row in the experiment's samples.
    faults : list of dict
        Those of this sample.
    scale : float
        Size of the experiment's libraries, relative to the planned one.
    output : Path
        The experiment's folder.

    Returns
    -------
    Library
        What was sequenced under the sample's name, whosever it is.
    """
    everyone = list_samples(plan["experiment"], list(plan["experiment"]["cell_lines"]))
    name = source(sample.sample, faults)
    owner = next(row for row in everyone.itertuples() if row.sample == name)
    rng = np.random.default_rng([plan["seed"], *name.encode()])
    library = draw_library(rng, plan, transcriptome, owner, scale)
    if faults:
        # A stream of its own, of which the sample is sequenced too: twice, if its library is.
        rng = np.random.default_rng([plan["seed"], *b"faults", *sample.sample.encode()])
        preparation = Preparation(transcriptome.templates, plan["reads"]["fragment"])
        fragments = plant_faults(rng, library.fragments, faults, preparation)
        library = tallied(transcriptome, library.size_factor, fragments)
    pool = transcriptome.pool_of(owner.cell_line)
    fragments = where_they_lie(library.fragments, transcriptome.pool.size)
    files = lane_files(sample.sample, sample.lanes)
    write_library(rng, plan["reads"], pool, fragments, files, output)
    return library


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, required=True, help="resources/synthetic.yaml")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    parser.add_argument(
        "--targets", type=Path, help="table with gene_id, gene_name (targets.tsv beside the plan)"
    )
    parser.add_argument("--fragments", type=int, help="read pairs of a library, if not the plan's")
    parser.add_argument("--cell-lines", nargs="+", help="lines to make, if not all of the plan's")
    arguments = parser.parse_args(argv)
    targets = arguments.targets or arguments.plan.with_name("targets.tsv")
    missing = [f"{path}: no such file" for path in (arguments.plan, targets) if not path.is_file()]
    if missing:
        raise InputError(missing)
    make_synthetic(
        yaml.safe_load(arguments.plan.read_text()),
        read_table(targets),
        arguments.output,
        fragments=arguments.fragments,
        cell_lines=arguments.cell_lines,
    )


if __name__ == "__main__":
    reported(main)
