# What all rules share: the checked experiment, and the questions that rules ask of it.

import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(workflow.basedir).parent
sys.path.insert(0, str(ROOT / "scripts"))
# Shell commands find the package by the environment: as one of a rule's params the path would rerun
# everything in another checkout. They run under the Python that runs Snakemake, also where its
# environment is not activated.
os.environ.update(
    IMID_ROOT=str(ROOT),
    PYTHONPATH=str(ROOT / "scripts"),
    PATH=os.pathsep.join([os.path.dirname(sys.executable), os.getenv("PATH")]),
)

# Snakemake's own settings of the shell, and one more: what a variable stands for is one word, for
# the checkout may lie under a folder whose name holds a blank.
shell.prefix("set -euo pipefail; IFS=; ")

from imid.inputs.check_programs import missing_programs
from imid.inputs.experiment import load_experiment
from imid.running.measure_jobs import measure_jobs
from imid.reads.origins import planned_origin, read_record
from imid.shared.problems import InputError
from imid.running.given_files import GivenFiles
from imid.running.sources import digest, digest_of_file
from imid.running.table_digests import digest_of_table
from imid.question.contrasts import conditions
from imid.question.formulas import read_formula

measure_jobs()

CONFIG_FILE = Path("config/config.yaml")


def config_files():
    """Name the configuration's files: ours, then those of --configfile, which override it."""
    given = workflow.config_settings.configfiles
    unasked = workflow.config_settings.replace_workflow_config or workflow.modifier.skip_configfile
    ours = [] if unasked or (given and not CONFIG_FILE.exists()) else [CONFIG_FILE]
    # As `configfile:` does, which Snakemake's own log then names.
    workflow.configfiles.extend(map(str, ours))
    return [*ours, *given]


def overrides():
    """Give the settings of --config; all, where another workflow has this one as a module."""
    return config if workflow.modifier.skip_configfile else workflow.config_settings.config


def checked_experiment():
    """Check everything the user gave; say all that is wrong and stop, before any job starts."""
    try:
        experiment = load_experiment(
            config_files(),
            overrides(),
            workflow_root=ROOT,
            working_directory=Path.cwd(),
            check_contents=workflow.is_main_process,
        )
        settings = experiment.settings
        needed = settings["counts"] is None and not workflow.deployment_settings.deployment_method
        if workflow.is_main_process and needed:
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
# What the user gives is no rule's input but its parameter, which is compared by its content.
GIVEN = GivenFiles(Path.cwd(), look=workflow.is_main_process)
SHEET = GIVEN.given(SETTINGS["samples"], "sheet")
REFERENCE = {
    key: GIVEN.given(SETTINGS["reference"][key], key)
    for key in ("fasta", "gtf")
    if SETTINGS["reference"].get(key)
}
COLLECTIONS = [
    GIVEN.given(file, f"gene sets {name}", text=f"{name}={file}")
    for name, file in SETTINGS["gene_sets"].items()
]
MATRIX = GIVEN.given(SETTINGS["counts"], "counts") if SETTINGS["counts"] else None
# What Snakemake itself says of the configuration.
config.update(SETTINGS)
DIFFERENTIAL = SETTINGS["differential"]
GENE_SETS = SETTINGS["gene_sets"]
FROM_READS = SETTINGS["counts"] is None
# Units that need the genes' lengths, which the annotation tells.
UNITS = ["fpkm", "tpm"] if FROM_READS or SETTINGS["reference"].get("gtf") else []
SAMPLES = EXPERIMENT.samples.set_index("sample", drop=False)
FITS = {fit.name: fit for fit in EXPERIMENT.fits}
CONTRASTS = {contrast["name"]: contrast for fit in FITS.values() for contrast in fit.contrasts}


def one_of(names):
    """Match these names and no others; without any, match nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


wildcard_constraints:
    sample="[^/]+",
    fit=one_of(FITS),
    contrast=one_of(CONTRASTS),


def code(*modules):
    """Digest what modules do, with all that they import and read of the workflow.

    As one of a rule's `params` it reruns what an edit changes, and nothing after a mere touch.
    """
    return digest(*(f"imid.{module}" for module in modules))


def growing(mem_mb):
    """Ask for more memory at each attempt; half a gigabyte is for Snakemake in the job."""
    return lambda wildcards, attempt: (500 + mem_mb) * attempt


# Samples, fits and contrasts


def samples_of_fit(wildcards):
    lines = FITS[wildcards.fit].cell_lines
    return list(SAMPLES.index[SAMPLES["cell_line"].isin(lines)])


def counts_of_fit(wildcards):
    return [f"results/samples/{sample}/counts.tsv" for sample in samples_of_fit(wildcards)]


def checks_of_fit(wildcards):
    return [f"results/samples/{sample}/checks.json" for sample in samples_of_fit(wildcards)]


def metadata_rows(wildcards):
    """Write a fit's samples and their factors as the lines of a table."""
    samples = SAMPLES.loc[samples_of_fit(wildcards)].astype(str)
    return ["\t".join(samples.columns), *samples.agg("\t".join, axis=1)]


def factor_rows(wildcards):
    """Write those columns of a fit's samples that its model, or a contrast of it, names."""
    contrasts = FITS[wildcards.fit].contrasts
    compared = [levels for contrast in contrasts for _, levels in conditions(contrast)]
    named = {"sample", "cell_line", "treatment", *read_formula(DIFFERENTIAL["design"]).columns}
    named = named.union(*compared, DIFFERENTIAL["covariates"])
    samples = SAMPLES.loc[samples_of_fit(wildcards)].astype(str)
    samples = samples[[column for column in samples.columns if column in named]]
    return ["\t".join(samples.columns), *samples.agg("\t".join, axis=1)]


def excluded_from_fit(wildcards):
    """Write which samples of a fit's lines were left out, as JSON."""
    lines = FITS[wildcards.fit].cell_lines
    return json.dumps([item for item in EXPERIMENT.excluded if item["cell_line"] in lines])


def contrast_as_json(wildcards):
    return json.dumps(CONTRASTS[wildcards.contrast])


def settings_as_json(wildcards):
    """Write all settings; of a text in `params` itself, Snakemake would fill in the braces."""
    return json.dumps(SETTINGS)


def contrasts_of_fit(fit):
    return [contrast["name"] for contrast in FITS[fit].contrasts]


def contrasts_in_order(wildcards):
    """Name a fit's contrasts: of a rule's inputs Snakemake compares the set, not the order."""
    return contrasts_of_fit(wildcards.fit)


def contrast_files(suffix):
    """Give a function that names the files of all contrasts of a fit, in their order."""
    return lambda wildcards: [
        f"results/{wildcards.fit}/contrasts/{name}{suffix}"
        for name in contrasts_of_fit(wildcards.fit)
    ]


# What a run begins with, and what it leaves


def given_fasta(wildcards):
    return REFERENCE["fasta"]


def given_gtf(wildcards):
    return REFERENCE.get("gtf", "")


def given_gene_sets(wildcards):
    return COLLECTIONS


def given_matrix(wildcards):
    return MATRIX


def given_sheet(wildcards):
    return SHEET


def given_files(wildcards):
    """Name what all samples have in common: genome and annotation, or their count matrix."""
    annotation = [REFERENCE["gtf"]] if "gtf" in REFERENCE else []
    return [REFERENCE["fasta"] if FROM_READS else MATRIX, *annotation]


def of_reads():
    """Name what a run leaves of the reads: of each sample, of each line, and of all."""
    if not FROM_READS:
        return []
    made = ["aligned.bam", "aligned.bam.bai", "counts.tsv", "reports", "checks.json"]
    quality = ["multiqc.html", "multiqc_data", "samples.tsv", "reads.sha256"]
    return [
        *expand("results/samples/{sample}/{made}", sample=SAMPLES.index, made=made),
        *expand("results/strandedness/{line}.json", line=EXPERIMENT.cell_lines),
        *expand("results/qc/{made}", made=quality),
        *index_in_use(),
    ]


def of_fits():
    """Name what a run leaves of each fit, and of the lines side by side."""
    tables = ["counts", *UNITS, "normalized", "vst", "dispersions", "samples", "design"]
    tables += ["targets", "verdict", "warnings/fit", "warnings/targets"]
    made = [*(f"{table}.tsv" for table in tables), "fit.h5ad", "tables.xlsx"]
    of_contrast = ["contrasts/{}.tsv", "contrasts/{}.significant.tsv", "contrasts/{}.json"]
    of_contrast += ["enrichment/{}.tsv", "enrichment/{}.rnk"]
    of_comparison = ["comparisons/{}.tsv", "comparisons/{}.json"]
    files = expand("results/{fit}/{made}", fit=FITS, made=made)
    for fit in FITS:
        files += [
            f"results/{fit}/{f.format(c)}" for c in contrasts_of_fit(fit) for f in of_contrast
        ]
        files += [
            f"results/{fit}/{f.format(c)}" for c in comparisons_of_fit(fit) for f in of_comparison
        ]
    files += expand(
        "results/across/{contrast}{made}", contrast=ACROSS, made=[".tsv", ".targets.tsv"]
    )
    pictures = all_figures()
    return [*files, *pictures, *(picture.replace(".svg", ".png") for picture in pictures)]
