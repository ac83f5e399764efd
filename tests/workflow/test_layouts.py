"""Other ways to give reads and reference: single-end, untrimmed, uncompressed, prebuilt."""

import gzip
import subprocess

import pytest

from collect_counts import read_counts
from running import completed, copy_experiment, snakemake
from tables import read_table

pytestmark = pytest.mark.workflow

SAMPLE = "MM1S_dmso_1"
COUNTS = f"results/samples/{SAMPLE}/counts.tsv"


@pytest.fixture(scope="module")
def truth(small_synthetic):
    counts = read_table(small_synthetic / "truth/counts.tsv", index="gene_id")[SAMPLE]
    kinds = read_table(small_synthetic / "truth/genes.tsv", index="gene_id")["kind"]
    return counts[kinds == "simple"]


@pytest.fixture
def experiment(small_synthetic, tmp_path):
    return copy_experiment(small_synthetic, tmp_path / "experiment")


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def close_to(counts, truth):
    """All fragments of genes of their own locus, but for a few in a hundred."""
    counts = counts[truth.index]
    assert counts.sum() == pytest.approx(truth.sum(), rel=0.04)
    assert ((counts - truth).abs() <= 0.15 * truth + 5).all()


def drop_second_mates(experiment):
    sheet = experiment / "config/samples.tsv"
    rows = [line.split("\t")[:-1] for line in sheet.read_text().splitlines()]
    sheet.write_text("".join("\t".join(row) + "\n" for row in rows))


@pytest.mark.parametrize("aligner", ["star", "hisat2"])
def test_single_end_reads(experiment, truth, aligner):
    drop_second_mates(experiment)
    edit(experiment / "config/config.yaml", "aligner: star", f"aligner: {aligner}")
    completed(snakemake(experiment, COUNTS))
    close_to(read_counts(experiment / COUNTS), truth)


def test_untrimmed_reads_with_an_uncompressed_reference_and_a_prebuilt_index(experiment, truth):
    prefix = experiment / "index/genome"
    prefix.parent.mkdir()
    for name in ["genome.fa", "annotation.gtf"]:
        packed = (experiment / f"reference/{name}.gz").read_bytes()
        (experiment / name).write_bytes(gzip.decompress(packed))
    build = ["hisat2-build", "--quiet", experiment / "genome.fa", prefix]
    subprocess.run(build, check=True, capture_output=True)
    config = experiment / "config/config.yaml"
    edit(config, "reference/genome.fa.gz", "genome.fa")
    edit(config, "reference/annotation.gtf.gz}", "annotation.gtf, index: index/genome}")
    edit(config, "aligner: star", "aligner: hisat2")
    edit(config, "trim: true", "trim: false")
    completed(snakemake(experiment, COUNTS))
    close_to(read_counts(experiment / COUNTS), truth)
    assert not (experiment / "results/reference/hisat2").exists()
    assert not (experiment / f"results/samples/{SAMPLE}/reports/fastp.json").exists()


@pytest.mark.parametrize("aligner", ["star", "hisat2"])
def test_both_counting_engines_give_the_same_bytes(experiment, truth, aligner):
    config = experiment / "config/config.yaml"
    edit(config, "aligner: star", f"aligner: {aligner}\ncount_engine: fast")
    completed(snakemake(experiment, COUNTS))
    fast = (experiment / COUNTS).read_bytes()
    close_to(read_counts(experiment / COUNTS), truth)
    edit(config, "count_engine: fast", "count_engine: htseq")
    completed(snakemake(experiment, COUNTS))
    assert (experiment / COUNTS).read_bytes() == fast
