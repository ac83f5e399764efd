"""The workflow itself by the profile, in two directories at once over one reference.

One run goes through. The other one's main process is killed while its samples are aligned, and
resumed. What comes out is what a local run makes.
"""

import hashlib
import json
import subprocess

import pytest
import yaml

from cluster_runs import RESUME, jobs, printed, started
from imid.reads.origins import ORIGIN
from imid.running.job_records import ENVIRONMENTS, RECORDS
from imid.shared.tables import read_table
from running import ROOT, completed, copy_experiment, snakemake
from slurm import until

pytestmark = [pytest.mark.slurm, pytest.mark.workflow]

SNAKEFILE = ["--snakefile", str(ROOT / "workflow/Snakefile")]
SAMPLES = ["MM1S_dmso_1", "MM1S_dmso_2", "MM1S_pomalidomide_1", "MM1S_pomalidomide_2"]
COUNTS = "results/cell_lines/MM1S/counts.tsv"
# What Slurm's jobs that align are called, before the sample.
ALIGN = "rule_align_wildcards_"
LOCAL = [
    "metadata",
    "factors",
    "samples",
    "cross_check",
    "targets",
    "activities",
    "verdict",
    "sample_summary",
    "sample_quality",
    "sample_agreement",
    "measure_counts",
    "markers",
]
LOCAL += ["input_checksums", "provenance", "report"]
# Dates, temporary names and command lines; alignments are held against each other by content.
NOT_COMPARED = [
    *["results/provenance.json", "results/report.html", "results/qc/resources.tsv"],
    *["results/qc/multiqc*", "results/qc/multiqc_data/*", "results/samples/*/reports/fastp.*"],
    *["results/samples/*/aligned.bam*", "results/samples/*/reports/Log.final.out"],
    "results/reference/star/Log.out",
]


@pytest.fixture(scope="module")
def experiment(small_synthetic, tmp_path_factory):
    """Two samples of each of two treatments, by STAR: few jobs, of every rule."""
    directory = tmp_path_factory.mktemp("cluster") / "experiment"
    copy_experiment(small_synthetic, directory)
    path = directory / "config/config.yaml"
    config = yaml.safe_load(path.read_text())
    contrasts = config["differential"]["contrasts"]
    config["aligner"] = "star"
    config["differential"]["contrasts"] = [
        each for each in contrasts if {each["numerator"], each["denominator"]} <= _treatments()
    ]
    path.write_text(yaml.safe_dump(config))
    sheet = directory / "config/samples.tsv"
    header, *rows = sheet.read_text().splitlines(keepends=True)
    kept = [row for row in rows if row.split("\t")[0] in SAMPLES]
    sheet.write_text("".join([header, *kept]))
    return directory


def _treatments() -> set[str]:
    return {sample.split("_")[1] for sample in SAMPLES}


@pytest.fixture(scope="module")
def runs(cluster, experiment):
    """The directories of the local run, of the one on Slurm and of the one that was killed."""
    local, whole, killed = (
        copy_experiment(experiment, experiment.with_name(name))
        for name in ["local", "whole", "killed"]
    )
    with started(whole, *SNAKEFILE) as run:
        with started(killed, *SNAKEFILE, COUNTS) as driver:
            until(lambda: aligned(killed), 480)
            driver.kill()
            driver.wait()
        with started(killed, *SNAKEFILE, COUNTS, by=RESUME) as resumed:
            completed(snakemake(local))
            assert resumed.wait() == 0, printed(killed)
        assert run.wait() == 0, printed(whole)
    return local, whole, killed, jobs(killed)


def aligned(directory) -> list:
    """List the alignments that have been submitted, once all are and one is done."""
    found = alignments_submitted(directory)
    done = any(job[-1][1] == "COMPLETED" for job in found.values())
    return found if len(found) == len(SAMPLES) and done else []


def alignments_submitted(directory) -> dict:
    return {step: job for step, job in jobs(directory).items() if step.startswith(ALIGN)}


def compared(path, name) -> bytes:
    """Give what is compared of a file.

    Of an origin and of a job's record that is all but dates, and digests of what is not compared.
    """
    recorded = name.is_relative_to(RECORDS) and not name.is_relative_to(RECORDS / ENVIRONMENTS)
    if not recorded and name.name != ORIGIN:
        return path.read_bytes()
    content = json.loads(path.read_text())
    content.pop("made", None)
    named = [sorted(content.pop(files, [])) for files in ["inputs", "outputs"]]
    return json.dumps([content, named]).encode()


def checksums(directory) -> dict[str, str]:
    """Digest what a run publishes."""
    paths = [path for path in (directory / "results").rglob("*") if path.is_file()]
    names = {path.relative_to(directory): path for path in paths}
    return {
        str(name): hashlib.sha256(compared(path, name)).hexdigest()
        for name, path in names.items()
        if not any(name.match(pattern) for pattern in NOT_COMPARED)
    }


def alignments(directory, sample: str) -> list[str]:
    path = directory / f"results/samples/{sample}/aligned.bam"
    return sorted(subprocess.check_output(["samtools", "view", path], text=True).splitlines())


def test_results_are_those_of_a_local_run(runs):
    local, whole, *_ = runs
    expected = checksums(local)
    assert {COUNTS, "results/cell_lines/MM1S/targets.tsv"} <= set(expected)
    assert checksums(whole) == expected


@pytest.mark.parametrize("sample", SAMPLES)
def test_alignments_are_those_of_a_local_run(runs, sample):
    local, whole, killed, _ = runs
    expected = alignments(local, sample)
    assert alignments(whole, sample) == expected
    assert alignments(killed, sample) == expected


def test_the_resumed_run_makes_the_same(runs):
    local, _, killed, _ = runs
    expected = checksums(local)
    made = checksums(killed)
    assert COUNTS in made
    assert made == {name: expected[name] for name in made}


def test_no_output_is_written_by_two_jobs(runs):
    *_, found = runs
    assert {f"{ALIGN}{sample}" for sample in SAMPLES} <= set(found)
    for step, attempts in found.items():
        assert sum(state == "COMPLETED" for _, state, *_ in attempts) == 1, step
        assert {state for _, state, *_ in attempts} <= {"COMPLETED", "CANCELLED"}, step


def test_the_reference_that_runs_share_is_not_written_to(runs, small_synthetic):
    names = {path.name for path in (small_synthetic / "reference").iterdir()}
    assert names == {"genome.fa.gz", "annotation.gtf.gz", "mycoplasma.fa.gz"}


def test_what_each_job_asked_for_stands_beside_what_it_used(runs):
    _, whole, *_ = runs
    table = read_table(whole / "results/qc/resources.tsv")
    aligned = table[table["rule"] == "align"].set_index("wildcards")
    assert set(aligned.index) == {f"sample={sample}" for sample in SAMPLES}
    assert (aligned["mem_mb"] > aligned["peak_mb"]).all()
    ids = {job[0][0] for job in alignments_submitted(whole).values()}
    assert set(aligned["slurm_job"].astype(int).astype(str)) == ids
    # Trivial steps do not go to the queue.
    assert table.loc[table["rule"].isin(LOCAL), "slurm_job"].isna().all()
    assert table.loc[~table["rule"].isin(LOCAL), "slurm_job"].notna().all()
