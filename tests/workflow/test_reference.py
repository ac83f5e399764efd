"""The steps that prepare genome, annotation and index: no exit code is evidence."""

import random

import pytest

from imid.shared.tables import read_table
from running import completed, copy_experiment, snakemake

pytestmark = pytest.mark.workflow


@pytest.fixture
def experiment(small_synthetic, tmp_path):
    return copy_experiment(small_synthetic, tmp_path / "experiment")


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


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


@pytest.mark.parametrize(("says", "returns"), [("", 0), ("fastp: error", 0), ("fastp 0.23.2", 1)])
def test_a_program_that_does_not_tell_its_version_is_named(
    experiment, tmp_path, monkeypatch, says, returns
):
    program = tmp_path / "bin/fastp"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho {says}\nexit {returns}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    run = snakemake(experiment, "results/reference/programs.tsv")
    assert run.returncode == 1
    assert not (experiment / "results/reference/programs.tsv").exists()


def test_the_versions_are_those_of_the_programs_that_are_used(experiment):
    completed(snakemake(experiment, "results/reference/programs.tsv"))
    rows = (experiment / "results/reference/programs.tsv").read_text().splitlines()
    versions = dict(row.split("\t") for row in rows)
    assert list(versions) == ["STAR", "samtools", "fastp"]
    assert all(version[0].isdigit() for version in versions.values())


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
