"""The steps that prepare genome, annotation and index: no exit code is evidence."""

import json
import random

import pytest

from imid.shared.tables import read_table
from running import completed, copy_experiment, edit, snakemake

pytestmark = pytest.mark.workflow


@pytest.fixture
def experiment(small_synthetic, tmp_path):
    return copy_experiment(small_synthetic, tmp_path / "experiment")


def test_a_contig_that_a_large_genome_has_twice_is_found_when_it_is_read_whole(experiment):
    """Of a file over 16 MB the check before the run reads the beginning."""
    line = "".join(random.Random(1).choices("ACGT", k=60)) + "\n"
    twice, far = f">spike_in\n{line * 10}", f">far\n{line * 300_000}"
    (experiment / "genome.fa").write_text(twice + far + twice)
    edit(experiment / "config/config.yaml", "reference/genome.fa.gz", "genome.fa")
    run = snakemake(experiment, "results/reference/genome.fa")
    assert run.returncode == 1
    told = "genome.fa has a sequence twice: spike_in"
    assert told in run.stdout + run.stderr
    assert not (experiment / "results/reference/genome.fa").exists()


def test_an_index_is_built_without_a_trace_in_the_scratch_folder_that_all_share(
    experiment, tmp_path
):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    index = "results/reference/star"
    resources = ["--default-resources", f"tmpdir='{scratch}'"]
    completed(snakemake(experiment, f"{index}/SAindex", *resources))
    assert list(scratch.iterdir()) == []
    assert (experiment / index / "SAindex").exists()
    assert not (experiment / index / "_STARtmp").exists()


def test_the_versions_are_those_of_the_programs_that_were_used(star_run):
    provenance = json.loads((star_run / "results/provenance.json").read_text())
    versions = provenance["programs"]
    assert [*versions] == ["snakemake", "python", "STAR", "fastp", "samtools"]
    assert all(version[0].isdigit() for version in versions.values())
    (aligned,) = [
        job
        for job in provenance["results"]
        if job["wildcards"] == {"sample": "MM1S_dmso_1"} and job["rule"] == "align"
    ]
    assert aligned["programs"] == {name: versions[name] for name in [*versions][2:]}


def test_every_result_but_the_page_has_its_record(star_run):
    provenance = json.loads((star_run / "results/provenance.json").read_text())
    assert provenance["unrecorded"] == []
    made = {file for job in provenance["results"] for file in job["outputs"]}
    assert {"results/cell_lines/MM1S/fit.npz", "results/reference/star/SA"} <= made
    assert len(provenance["versions"]) == 1
    assert len(provenance["jobs"]) == len(provenance["results"])


def test_every_job_has_its_cpu_time(star_run):
    """Also those that are over before Snakemake looks at them."""
    table = read_table(star_run / "results/qc/resources.tsv")
    assert table["cpu_s"].notna().all()
    threads = table["threads"].clip(lower=2)
    assert (table["cpu_s"] <= table["run_s"] * threads * 2 + 1).all()
    python = table[table["rule"].isin(["gene_models", "fit", "report"])]
    # The table tells tenths, and Python with numpy takes one to load.
    assert (python["cpu_s"] >= 0.1).all()
    assert python["peak_mb"].between(30, 2000).all()
