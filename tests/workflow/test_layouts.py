"""Other ways to give reads and reference: single-end, untrimmed, uncompressed, prebuilt."""

import gzip
import json
import re
import subprocess

import pytest

from imid.shared.sample_counts import read_counts
from imid.shared.tables import read_table
from running import completed, copy_experiment, edit, snakemake

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


def shared_transcript(gtf, genes):
    """Give all transcripts of some genes one id, as RefSeq's GTF does."""
    lines = gtf.splitlines(keepends=True)
    return "".join(
        re.sub('transcript_id "[^"]+"', 'transcript_id "unknown_transcript_1"', line)
        if any(f'"{gene}"' in line for gene in genes)
        else line
        for line in lines
    )


@pytest.mark.parametrize("engine", ["fast", "htseq"])
def test_genes_of_one_transcript_id_are_counted_as_htseq_counts_them(experiment, truth, engine):
    """Two on each strand: STAR gives them all one, and its own counts are others."""
    gtf = gzip.decompress((experiment / "reference/annotation.gtf.gz").read_bytes()).decode()
    strand = {
        line.split('"')[1]: line.split("\t")[6] for line in gtf.splitlines() if line[0] != "#"
    }
    busy = truth.sort_values(ascending=False).index
    genes = [gene for side in "+-" for gene in [g for g in busy if strand[g] == side][:2]]
    (experiment / "refseq.gtf").write_text(shared_transcript(gtf, genes))
    edit(experiment / "config/config.yaml", "reference/annotation.gtf.gz", "refseq.gtf")
    edit(experiment / "config/config.yaml", "trim: true", f"trim: true\ncount_engine: {engine}")
    checks = f"results/samples/{SAMPLE}/checks.json"
    completed(snakemake(experiment, checks))
    close_to(read_counts(experiment / COUNTS), truth)
    found = json.loads((experiment / checks).read_text())["findings"]["star"]
    # Those of the one strand, or of the other, have no fragment of STAR's.
    by_star, by_htseq = re.search(r"it has (\d+) fragments, HTSeq (\d+): ", found).groups()
    assert int(by_star) == 0
    of_strand = [truth[genes[:2]].sum(), truth[genes[2:]].sum()]
    assert any(int(by_htseq) == pytest.approx(planted, rel=0.1) for planted in of_strand)


def test_an_index_of_another_annotation_is_refused_before_any_job(experiment):
    """Half of the exons were left out of it, and with them genes of one exon."""
    for name in ["genome.fa", "annotation.gtf"]:
        packed = (experiment / f"reference/{name}.gz").read_bytes()
        (experiment / name).write_bytes(gzip.decompress(packed))
    lines = (experiment / "annotation.gtf").read_text().splitlines(keepends=True)
    other = [line for n, line in enumerate(lines) if n % 2 or "\texon\t" not in line]
    (experiment / "other.gtf").write_text("".join(other))
    genes, left = (
        {re.search('gene_id "([^"]+)"', line)[1] for line in rows if "\texon\t" in line}
        for rows in (lines, other)
    )
    build = ["STAR", "--runMode", "genomeGenerate", "--genomeDir", experiment / "index"]
    build += ["--genomeFastaFiles", experiment / "genome.fa", "--genomeSAindexNbases", "8"]
    build += ["--sjdbGTFfile", experiment / "other.gtf"]
    build += ["--outFileNamePrefix", experiment / "build_"]
    subprocess.run(build, check=True, capture_output=True)
    config = experiment / "config/config.yaml"
    edit(config, "annotation.gtf.gz}", "annotation.gtf.gz, index: index}")
    run = snakemake(experiment, f"results/samples/{SAMPLE}/checks.json")
    assert run.returncode == 1
    lost = f"{len(genes - left)} of {len(genes)} genes"
    assert left < genes
    assert f"index was built with another annotation: {lost}" in run.stderr
    assert not (experiment / "results").exists()
