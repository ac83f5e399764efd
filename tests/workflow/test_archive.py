"""A finished run whose reads and reference were moved away: what it still does, and what not."""

import os
import shutil

import pytest

from running import completed, copy_experiment, edit, planned, rules, snakemake

pytestmark = pytest.mark.workflow

BACK = "{name: back, factor: treatment, numerator: dmso, denominator: lenalidomide}"
OF_READS = {"align", "strandedness", "cross_check", "genome", "annotation", "aligner_index", "fit"}


@pytest.fixture
def archived(star_run, tmp_path):
    """A copy of the finished run without its reads."""
    directory = copy_experiment(star_run, tmp_path / "experiment", results=True)
    (directory / "reads").unlink()
    return directory


def test_nothing_is_to_be_done_anew_but_to_say_so(archived):
    assert rules(planned(archived)) == {"provenance", "report"}


def test_a_new_contrast_is_answered(archived):
    (archived / "reference").unlink()
    edit(archived / "config/config.yaml", "  contrasts:\n", f"  contrasts:\n    - {BACK}\n")
    contrast = "results/cell_lines/MM1S/contrasts/back.tsv"
    assert not rules(planned(archived)) & OF_READS
    run = completed(snakemake(archived, contrast))
    assert "Warning: config/samples.tsv: the FASTQ files of MM1S_dmso_1, " in run.stderr
    assert (archived / contrast).exists()


def test_an_exclusion_is_followed(archived):
    with (archived / "config/config.yaml").open("a") as config:
        config.write("exclude: [{sample: MM1S_dmso_1, reason: swapped}]\n")
    jobs = planned(archived)
    assert ("fit", "cell_lines/MM1S") in jobs
    assert not rules(jobs) & (OF_READS - {"fit"})


def test_a_changed_row_is_refused_before_any_job(archived):
    edit(archived / "config/samples.tsv", "reads/MM1S_dmso_2_L001_R1", "reads/MM1S_dmso_2_new_R1")
    run = snakemake(archived)
    assert run.returncode == 1
    assert "the FASTQ files of MM1S_dmso_2 are gone, and counts were made from" in run.stderr
    assert "bring the reads back" in run.stderr


def test_a_cut_bam_is_refused_before_any_job(archived):
    bam = archived / "results/samples/MM1S_res_dmso_2/aligned.bam"
    os.truncate(bam, bam.stat().st_size - 28)
    run = snakemake(archived)
    assert run.returncode == 1
    assert "are gone, and of what was made aligned.bam was changed or cut" in run.stderr


def test_reads_that_come_back_redo_nothing(archived, star_run):
    """Their dates are new, as after a copy, and they are too large to be compared whole."""
    shutil.copytree(star_run / "reads", archived / "reads")
    assert not planned(archived, "--max-checksum-file-size", "1000")
