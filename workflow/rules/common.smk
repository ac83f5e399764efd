# What all rules share: the checked experiment, its plan, and how rules ask it. What follows from
# what is asked is computed in scripts/imid/question/plan.py.

import os
import re
import sys
from pathlib import Path

ROOT = Path(workflow.basedir).parent
sys.path.insert(0, str(ROOT / "scripts"))
# Shell commands find the package by the environment: as one of a rule's params the path would rerun
# everything in another checkout. They run under the Python that runs Snakemake, also where its
# environment is not activated; what lies in the working directory is none of their modules.
os.environ.update(
    IMID_ROOT=str(ROOT),
    PYTHONPATH=str(ROOT / "scripts"),
    PYTHONSAFEPATH="1",
    PATH=os.pathsep.join([os.path.dirname(sys.executable), os.getenv("PATH")]),
)

# Snakemake's own settings of the shell, and one more: what a variable stands for is one word, for
# the checkout may lie under a folder whose name holds a blank.
shell.prefix("set -euo pipefail; IFS=; ")

from imid.figures import catalogue
from imid.figures.declaration import STEMS
from imid.question.plan import Plan
from imid.running.beginning import checked_experiment
from imid.running.code_digests import CodeDigests
from imid.running.demands import growing, lasting
from imid.running.finished_results import FinishedResults, watch_results
from imid.running.given_files import GivenFiles
from imid.running.measure_jobs import measure_jobs
from imid.running.planned_files import planned_files
from imid.running.sources import digest_of_file
from imid.running.table_digests import digest_of_table
from imid.shared.json_files import as_json
from imid.shared.steps import options

measure_jobs()

# Jobs do not look: they make what the main process planned.
RESULTS = FinishedResults(Path.cwd())
if workflow.is_main_process:
    watch_results(RESULTS)

EXPERIMENT = checked_experiment(workflow, config)
PLAN = Plan(EXPERIMENT)
# The panel may be the workflow's own; it is found like the scripts, and for the same reason.
PANEL = EXPERIMENT.targets.resolve()
os.environ.update(IMID_TARGETS=str(PANEL))
# What of it those steps read that ask for its genes alone.
PANEL_GENES = digest_of_table(PANEL, ["gene_id", "gene_name", "aliases", "group"])
SETTINGS = EXPERIMENT.settings
CODE = CodeDigests(Path.cwd())
# What the user gives is no rule's input but its parameter, which is compared by its content.
GIVEN = GivenFiles(Path.cwd())
SHEET = GIVEN.given(SETTINGS.samples, "sheet")
REFERENCE = {
    key: GIVEN.given(file, key) for key, file in SETTINGS.reference.given.items() if key != "index"
}
COLLECTIONS = [
    GIVEN.given(file, f"gene sets {name}", text=f"{name}={file}")
    for name, file in SETTINGS.gene_sets.items()
]
MATRIX = GIVEN.given(SETTINGS.counts, "counts") if SETTINGS.counts else None
# What Snakemake itself says of the configuration.
config.update(EXPERIMENT.configuration)
QUALITY = EXPERIMENT.quality
SITES = [GIVEN.given(QUALITY.sites, "sites")] if QUALITY.sites else []
# How spike-ins are known, as an option of those steps that look at them; and whether the fit does.
SPIKE_INS = [f"--spike-ins={QUALITY.spike_ins.pattern}"] if QUALITY.spike_ins else []
BY_SPIKE_INS = bool(QUALITY.spike_ins and QUALITY.spike_ins.normalize)
DIFFERENTIAL = SETTINGS.differential
FROM_READS = PLAN.from_reads
UNITS = PLAN.units
SAMPLES = [*PLAN.line_of]
FITS = [*PLAN.fits]
CONTRASTS = [*PLAN.contrasts]


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
    return CODE.of(*(f"imid.{module}" for module in modules))


def asked(method, wildcard):
    """Give a function of a rule's wildcards: what a method says of the name that one holds."""
    return lambda wildcards: method(getattr(wildcards, wildcard))


def asked_as_json(method, wildcard):
    """Give the like, as JSON."""
    return lambda wildcards: as_json(method(getattr(wildcards, wildcard)))


samples_of_fit = asked(PLAN.samples_of_fit, "fit")
counts_of_fit = asked(PLAN.counts_of_fit, "fit")
checks_of_fit = asked(PLAN.checks_of_fit, "fit")
metadata_rows = asked(PLAN.metadata_rows, "fit")
factor_rows = asked(PLAN.factor_rows, "fit")
excluded_from_fit = asked_as_json(PLAN.excluded_from_fit, "fit")
contrast_as_json = asked_as_json(PLAN.contrasts.get, "contrast")
# Of a rule's inputs Snakemake compares the set, not the order.
contrasts_in_order = asked(PLAN.contrasts_of_fit, "fit")
fits_in_order = asked(PLAN.fits_across, "contrast")


def contrast_files(suffix):
    """Give a function that names the files of all contrasts of a fit, in their order."""
    return lambda wildcards: PLAN.contrast_files(wildcards.fit, suffix)


def across_files(file):
    """Give a function that names one file in each line that has a contrast."""
    return lambda wildcards: PLAN.across_files(wildcards.contrast, file)


# Inputs that a rule comes after, and its step does not read.
WAITED_FOR = ["accepted"]


def as_options(wildcards, input, output):
    """Write all named inputs and outputs as a step's options; an output without a name is the output."""
    read = {name: files for name, files in input.items() if name not in WAITED_FOR}
    written = dict(output.items()) or {"output": list(output)}
    return options({**read, **written})


def pictures(what, category, contrast, caption):
    """Name the files of all figures of such; those that Snakemake's own report shows, too."""
    named = []
    for figure, stem in catalogue.stems_of(what).items():
        labels = {"result": figure.replace("_", " "), "contrast": contrast}
        svg = report(f"{stem}.svg", caption=caption, category=category, labels=labels)
        named += [svg, f"{stem}.png"]
    return named


def stem_of(what):
    """Give a function that says how the names of all figures of such begin."""
    return lambda wildcards: STEMS[what].format(**wildcards)


def drawn_from(what):
    """Give a function that writes the tables of all figures of such as options."""
    tables = catalogue.tables_of(what)
    return lambda wildcards, input: options({name: input[name] for name in tables})


def as_it_is(value):
    """Give a parameter by a function: else braces in it are wildcards, and a given file plain text."""
    return lambda wildcards: value


# What all samples have in common: genome and annotation, or their count matrix.
COMMON_FILES = [REFERENCE["fasta"] if FROM_READS else MATRIX]
COMMON_FILES += [REFERENCE["gtf"]] if "gtf" in REFERENCE else []
# All that a whole run makes: what else there is, is of what was asked before.
PLANNED = planned_files(EXPERIMENT)
