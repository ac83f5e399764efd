# What all rules share: the checked experiment, and the questions that rules ask of it.

import json
import os
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(workflow.basedir).parent
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS))
# Shell commands find the scripts by IMID_ROOT: as one of a rule's params the path would rerun
# everything in another checkout. They run under the Python that runs Snakemake, also where its
# environment is not activated.
os.environ.update(
    IMID_ROOT=str(ROOT), PATH=os.pathsep.join([os.path.dirname(sys.executable), os.getenv("PATH")])
)

from check_programs import missing_programs
from experiment import load_experiment
from problems import InputError
from sources import digest


def checked_experiment():
    """Check everything the user gave; say all that is wrong and stop, before any job starts."""
    try:
        experiment = load_experiment(
            config,
            workflow.configfiles,
            workflow_root=ROOT,
            working_directory=Path.cwd(),
            check_contents=workflow.is_main_process,
        )
        provided = workflow.deployment_settings.deployment_method
        if workflow.is_main_process and not provided:
            settings = experiment.settings
            if missing := missing_programs(settings["aligner"], settings["trim"]):
                raise InputError(missing)
    except InputError as error:
        sys.exit("\n".join(["Nothing was run; this needs mending:", *error.problems]))
    if workflow.is_main_process:
        for warning in experiment.warnings:
            print(f"Warning: {warning}", file=sys.stderr)
    return experiment


EXPERIMENT = checked_experiment()
# The panel may be the workflow's own; it is found like the scripts, and for the same reason.
PANEL = EXPERIMENT.targets.resolve()
os.environ.update(IMID_TARGETS=str(PANEL))
SETTINGS = EXPERIMENT.settings
DIFFERENTIAL = SETTINGS["differential"]
SAMPLES = EXPERIMENT.samples.set_index("sample", drop=False)
LANES = {
    sample: lanes.to_dict("records")
    for sample, lanes in EXPERIMENT.units.groupby("sample", sort=False)
}
CONTRASTS = {contrast["name"]: contrast for contrast in DIFFERENTIAL["contrasts"]}


def one_of(names):
    """Match these names and no others; without any, match nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    sample=one_of(SAMPLES.index),
    cell_line=one_of(EXPERIMENT.cell_lines),
    contrast=one_of(CONTRASTS),


def code(script, *others):
    """Digest a script with the modules it imports, and other files of the workflow.

    As one of a rule's `params` it reruns what an edit changes, and nothing after a mere touch.
    """
    return digest(SCRIPTS / f"{script}.py", *(ROOT / other for other in others))


def growing(mem_mb):
    """Ask for more memory at each attempt."""
    return lambda wildcards, attempt: mem_mb * attempt


# Reads, and the aligner's index: a prebuilt one that the config names, or our own

ALIGNER = SETTINGS["aligner"]
ALIGNER_SUMMARIES = {
    "star": ["Log.final.out", "ReadsPerGene.out.tab", "SJ.out.tab"],
    "hisat2": ["hisat2.txt"],
}[ALIGNER]
PREBUILT = SETTINGS["reference"]["index"]
OWN_INDEX = {"star": "results/reference/star", "hisat2": "results/reference/hisat2/genome"}[ALIGNER]


def reads_of_sample(wildcards):
    """Name a sample's FASTQ files, lane by lane; single-end reads have no second mates."""
    lanes = LANES[wildcards.sample]
    first = [lane["fastq_1"] for lane in lanes]
    return {"first": first, "second": [lane["fastq_2"] for lane in lanes if lane.get("fastq_2")]}


def mates_as_options(wildcards):
    """Write a sample's FASTQ files as a script's options."""
    reads = reads_of_sample(wildcards)
    given = {name: " ".join(map(shlex.quote, files)) for name, files in reads.items() if files}
    return " ".join(f"--{name} {files}" for name, files in given.items())


def aligner_index():
    """Name the input that stands for the index: a folder, or the first file of a prefix."""
    if PREBUILT is None:
        return f"results/reference/{ALIGNER}"
    if ALIGNER == "star":
        return ancient(PREBUILT)
    files = (f"{PREBUILT}.1.ht2", f"{PREBUILT}.1.ht2l")
    return ancient(next(file for file in files if Path(file).exists()))


def index_as_option(wildcards):
    """Name the index as its aligner takes it: STAR's folder, the prefix of HISAT2's files."""
    return PREBUILT or OWN_INDEX


def gigabytes(path):
    """Give the size of a file, or of what lies in a folder; 0 before it is made."""
    path = Path(path)
    files = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    return sum(file.stat().st_size for file in files) / 1e9


def align_memory(wildcards, input, attempt):
    """Ask for the index, which STAR holds in memory whole, and room for sorting."""
    index = gigabytes(input.index) if ALIGNER == "star" else 6
    return int(8000 + 1100 * index) * attempt


def star_index_memory(wildcards, input, attempt):
    """Ask for what STAR's manual gives for an index: ten bytes for each base, and a margin."""
    return int(4000 + 12_000 * gigabytes(input.fasta)) * attempt


# Samples, cell lines and contrasts


def samples_of_cell_line(wildcards):
    return list(SAMPLES.index[SAMPLES["cell_line"] == wildcards.cell_line])


def counts_of_cell_line(wildcards):
    return [f"results/samples/{sample}/counts.tsv" for sample in samples_of_cell_line(wildcards)]


def metadata_rows(wildcards):
    """Write a cell line's samples and their factors as the lines of a table."""
    lines = SAMPLES[SAMPLES["cell_line"] == wildcards.cell_line].astype(str)
    return ["\t".join(lines.columns), *lines.agg("\t".join, axis=1)]


def contrast_setting(key):
    """Give a function that looks up one setting of the contrast a job is for."""
    return lambda wildcards: CONTRASTS[wildcards.contrast][key]


def contrast_files(suffix):
    """Give a function that names the files of all contrasts of a cell line, in their order."""
    return lambda wildcards: [
        f"results/cell_lines/{wildcards.cell_line}/contrasts/{contrast['name']}{suffix}"
        for contrast in EXPERIMENT.contrasts_of(wildcards.cell_line)
    ]


# What a whole run makes

CELL_LINES = EXPERIMENT.cell_lines


def cell_line_tables():
    """Name the tables of each cell line that nothing later reads."""
    return expand(
        "results/cell_lines/{cell_line}/{table}.tsv",
        cell_line=CELL_LINES,
        table=["counts", "tpm", "fpkm", "normalized", "vst", "dispersions", "targets"],
    )
