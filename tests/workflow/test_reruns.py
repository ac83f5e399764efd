"""What an edit redoes, and what it leaves alone: read from the job list of a dry run."""

import os
import shutil

import pytest

from running import copy_experiment, edit, planned, rules, snakemake

pytestmark = pytest.mark.workflow

ALIGNMENT = {"genome", "annotation", "aligner_index", "gene_models", "align"}


@pytest.fixture
def finished(star_run, tmp_path):
    """A copy of the finished run, to be edited."""
    return copy_experiment(star_run, tmp_path / "experiment", results=True)


def test_a_second_run_has_nothing_to_do(finished):
    assert not planned(finished)


def test_fdr_redoes_contrasts_and_what_follows(finished):
    edit(finished / "config/config.yaml", "fdr: 0.05", "fdr: 0.01")
    jobs = planned(finished)
    assert {"contrast", "targets", "report"} <= rules(jobs)
    assert not rules(jobs) & (ALIGNMENT | {"count_matrix", "fit", "metadata"})


def test_a_treatment_in_the_sheet_redoes_that_lines_fit(finished):
    sheet = finished / "config/samples.tsv"
    lines = sheet.read_text().splitlines(keepends=True)
    position = [i for i, line in enumerate(lines) if line.startswith("MM1S_lenalidomide_3\t")]
    fields = lines[position[0]].split("\t")
    fields[lines[0].rstrip().split("\t").index("treatment")] = "pomalidomide"
    fields[lines[0].rstrip().split("\t").index("replicate")] = "4"
    fields[lines[0].rstrip().split("\t").index("dose_um")] = "1"
    lines[position[0]] = "\t".join(fields)
    sheet.write_text("".join(lines))
    jobs = planned(finished)
    assert ("fit", "cell_lines/MM1S") in jobs
    assert ("fit", "cell_lines/MM1S_res") not in jobs
    assert not [job for job in jobs if job[0] == "contrast" and job[1] == "cell_lines/MM1S_res"]
    assert not rules(jobs) & (ALIGNMENT | {"count_matrix"})


def test_an_excluded_sample_redoes_the_fits_it_was_in(finished):
    with (finished / "config/config.yaml").open("a") as config:
        config.write("exclude: [{sample: MM1S_dmso_2, reason: swapped}]\n")
    jobs = planned(finished)
    assert ("fit", "cell_lines/MM1S") in jobs
    assert ("fit", "joint/MM1S+MM1S_res") in jobs
    assert ("fit", "cell_lines/MM1S_res") not in jobs
    assert not rules(jobs) & ALIGNMENT


def test_a_new_contrast_redoes_no_fit(finished):
    edit(
        finished / "config/config.yaml",
        "  contrasts:\n",
        "  contrasts:\n    - {name: back, factor: treatment, numerator: dmso,"
        " denominator: lenalidomide}\n",
    )
    jobs = planned(finished)
    assert {"contrast", "cell_lines/MM1S", "back"} in map(set, jobs)
    assert not rules(jobs) & (ALIGNMENT | {"fit", "metadata", "count_matrix"})


def test_a_second_cell_line_runs_its_own_jobs_alone(synthetic, star_run, tmp_path):
    """With the first line finished, another adds its samples' jobs and its own fit."""
    finished = copy_experiment(star_run, tmp_path / "experiment", results=True)
    for folder in ["cell_lines/MM1S_res", "joint", "across"]:
        shutil.rmtree(finished / "results" / folder)
    for folder in (finished / "results/samples").glob("MM1S_res_*"):
        shutil.rmtree(folder)
    jobs = planned(finished)
    assert ("fit", "cell_lines/MM1S_res") in jobs
    assert ("fit", "cell_lines/MM1S") not in jobs
    of_samples = [job for job in jobs if job[0] in {"align", "read_checksums"}]
    assert of_samples
    assert all(name.startswith("MM1S_res_") for _, name, *_ in of_samples)
    assert not rules(jobs) & {"genome", "annotation", "gene_models", "aligner_index"}


def test_a_helper_module_redoes_the_steps_that_import_it(finished, clone):
    """expression.py is imported by collect_counts.py alone."""
    with (clone / "scripts/imid/differential/expression.py").open("a") as module:
        module.write("\nEDITED = True\n")
    jobs = planned(finished, "--snakefile", str(clone / "workflow/Snakefile"))
    assert ("count_matrix", "cell_lines/MM1S") in jobs
    assert not rules(jobs) & ALIGNMENT


def test_an_edit_of_the_published_tables_aligns_nothing(finished, clone):
    """The gene table is made by the pass that makes what reads are counted in."""
    with (clone / "scripts/imid/shared/tables.py").open("a") as module:
        module.write("\nEDITED = True\n")
    jobs = planned(finished, "--snakefile", str(clone / "workflow/Snakefile"))
    assert ("count_matrix", "cell_lines/MM1S") in jobs
    assert not rules(jobs) & ALIGNMENT


def test_the_strandedness_leaves_the_prepared_annotation_alone(finished):
    edit(finished / "config/config.yaml", "strandedness: reverse", "strandedness: 'no'")
    assert not rules(planned(finished)) & (ALIGNMENT - {"align"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("trim: true", "trim: false"),
        ("aligner: star", "aligner: hisat2"),
        ("strandedness: reverse", "strandedness: 'no'"),
        ("aligner: star", "aligner: star\ncount_engine: htseq"),
    ],
)
def test_how_reads_are_treated_redoes_every_sample(finished, old, new):
    edit(finished / "config/config.yaml", old, new)
    assert sum(rule == "align" for rule, *_ in planned(finished).elements()) == 18


def test_the_sample_that_the_strandedness_was_found_with_may_be_left_out(finished):
    with (finished / "config/config.yaml").open("a") as config:
        config.write("exclude: [{sample: MM1S_dmso_1, reason: swapped}]\n")
    assert not rules(planned(finished)) & (ALIGNMENT | {"strandedness", "cross_check"})


def test_a_touched_script_redoes_nothing(finished, clone):
    for script in (clone / "scripts").rglob("*.py"):
        os.utime(script)
    assert not planned(finished, "--snakefile", str(clone / "workflow/Snakefile"))


def test_a_fresh_clone_over_old_results_aligns_nothing(finished, clone):
    """Even where Snakemake's own records are gone and every config file looks new."""
    shutil.rmtree(finished / ".snakemake")
    for path in (finished / "config").iterdir():
        os.utime(path)
    jobs = planned(finished, "--snakefile", str(clone / "workflow/Snakefile"))
    assert not rules(jobs) & ALIGNMENT


def test_a_failure_leaves_finished_results_alone(finished):
    """A run that stops at its inputs touches no result."""
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("results/**/*.tsv")}
    edit(finished / "config/config.yaml", "fdr: 0.05", "fdr: 5")
    assert snakemake(finished).returncode == 1
    assert before == {path: path.stat().st_mtime_ns for path in finished.rglob("results/**/*.tsv")}


def test_cell_lines_of_the_config_are_run_alone(synthetic, tmp_path):
    experiment = copy_experiment(synthetic, tmp_path / "experiment")
    with (experiment / "config/config.yaml").open("a") as config:
        config.write("cell_lines: [MM1S_res]\n")
    jobs = planned(experiment)
    assert ("fit", "cell_lines/MM1S_res") in jobs
    assert all("MM1S_res" in job[1] for job in jobs if len(job) > 1)
