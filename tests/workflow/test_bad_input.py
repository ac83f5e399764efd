"""Bad input, given to the workflow itself: one clear message, nothing run, nothing written.

What the messages say of each kind of fault is tested with the checks' own modules.
"""

import gzip
import re
import shutil
from pathlib import Path

import pytest

from running import copy_experiment, edit, snakemake


@pytest.fixture(scope="module")
def experiment(small_synthetic, tmp_path_factory):
    return copy_experiment(small_synthetic, tmp_path_factory.mktemp("bad") / "experiment")


@pytest.fixture
def broken(experiment, tmp_path):
    return copy_experiment(experiment, tmp_path / "experiment")


def refused(directory) -> str:
    """Run the workflow, which must stop at once, and hand back what it says."""
    run = snakemake(directory)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert not (directory / "results").exists()
    return run.stderr


def test_all_problems_are_told_at_once(broken):
    edit(broken / "config/config.yaml", "aligner:", "alinger:")
    edit(broken / "config/config.yaml", "numerator: pomalidomide", "numerator: pomalidomid")
    edit(broken / "config/samples.tsv", "MM1S_dmso_2_L001_R1", "MM1S_dmso_2_missing")
    told = refused(broken)
    assert "config/config.yaml, line 5, alinger: unknown setting; did you mean 'aligner'?" in told
    assert "'pomalidomid'" in told
    assert "did you mean 'pomalidomide'?" in told
    assert "config/samples.tsv, line 4, column fastq_1" in told


def test_a_truncated_fastq(broken):
    reads = broken / "cut.fastq.gz"
    whole = (broken / "reads/MM1S_dmso_2_L001_R1.fastq.gz").read_bytes()
    reads.write_bytes(whole[: len(whole) // 2])
    edit(broken / "config/samples.tsv", "reads/MM1S_dmso_2_L001_R1.fastq.gz", "cut.fastq.gz")
    told = refused(broken)
    assert "config/samples.tsv, line 4, column fastq_1" in told
    assert "truncated" in told


def test_other_contig_names(broken):
    annotation = gzip.decompress((broken / "reference/annotation.gtf.gz").read_bytes()).decode()
    lines = ["other" + line if line[0] != "#" else line for line in annotation.splitlines()]
    (broken / "other.gtf").write_text("\n".join(lines) + "\n")
    edit(broken / "config/config.yaml", "reference/annotation.gtf.gz", "other.gtf")
    assert "contig" in refused(broken)


def test_another_assembly_under_the_same_names(broken):
    """Exons beyond the end of their contig; the genome has all contigs that are annotated."""
    annotation = gzip.decompress((broken / "reference/annotation.gtf.gz").read_bytes()).decode()
    rows = [line.split("\t") for line in annotation.splitlines() if line[0] != "#"]
    rows = [[*row[:3], *(str(int(end) + 10**6) for end in row[3:5]), *row[5:]] for row in rows]
    (broken / "other.gtf").write_text("".join("\t".join(row) + "\n" for row in rows))
    edit(broken / "config/config.yaml", "reference/annotation.gtf.gz", "other.gtf")
    genome = gzip.decompress((broken / "reference/genome.fa.gz").read_bytes()).decode()
    bases = len(genome.split(">")[1].partition("\n")[2].replace("\n", ""))
    told = refused(broken)
    assert re.search(
        rf"other\.gtf, line \d+: the exon ends at 1,\d{{3}},\d{{3}} on 1, which has {bases:,}", told
    )
    assert "they are of different assemblies" in told


def test_the_same_reads_under_two_samples(broken):
    edit(broken / "config/samples.tsv", "reads/MM1S_dmso_3_L001_R1", "copy_R1")
    shutil.copy(broken / "reads/MM1S_dmso_2_L001_R1.fastq.gz", broken / "copy_R1.fastq.gz")
    told = refused(broken)
    assert "config/samples.tsv, line 5, column fastq_1: 'copy_R1.fastq.gz' of MM1S_dmso_3" in told


def test_missing_programs_are_named(broken, tmp_path, monkeypatch):
    """All else that a system has stays: Snakemake needs a shell and more."""
    for program in Path(shutil.which("bash")).resolve().parent.iterdir():
        if program.name not in {"samtools", "STAR", "fastp"}:
            (tmp_path / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    told = refused(broken)
    assert "not on the PATH: samtools, STAR, fastp" in told


def test_no_config_at_all(tmp_path):
    run = snakemake(tmp_path)
    assert run.returncode == 1
    assert "config/config.yaml" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a:\n\tb: 1\n", ", line 2, character 1: is not YAML: found character that cannot start"),
        (b"a: Caf\xe9\n", ", line 1: is not UTF-8 text; save it as text in UTF-8"),
        (None, ": does not exist; run Snakemake in the folder of the experiment"),
    ],
    ids=["tab", "ansi", "missing"],
)
def test_a_configfile_that_is_none_is_told_with_its_line(tmp_path, content, told):
    """Snakemake reads it before any file of the workflow, and names neither file nor line."""
    if content:
        (tmp_path / "other.yaml").write_bytes(content)
    run = snakemake(tmp_path, "--configfile", str(tmp_path / "other.yaml"))
    assert run.returncode == 1
    assert f"\n{tmp_path / 'other.yaml'}{told}" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / ".snakemake").exists()
