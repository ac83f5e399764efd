"""Counts against the planted truth and against htseq-count, for both aligners."""

import io
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pysam
import pytest

from imid.counting import count_reads, counting
from imid.shared.sample_counts import read_counts
from imid.shared.tables import GENE, read_table
from running import completed, copy_experiment, snakemake

pytestmark = pytest.mark.workflow

# A gene of its own locus loses a few fragments to errors and to the aligner.
GENE_TOLERANCE = 0.05
SAMPLE_TOLERANCE = 0.01
ENOUGH_FRAGMENTS = 100


def agrees_with_truth(counts: pd.DataFrame, truth: pd.DataFrame, recoverable: pd.Index) -> None:
    """Hold counts, genes by samples, against the fragments that were made."""
    counts, truth = counts.loc[recoverable], truth.loc[recoverable, counts.columns]
    total = counts.sum() / truth.sum()
    assert (total - 1).abs().max() < SAMPLE_TOLERANCE, total
    enough = truth > ENOUGH_FRAGMENTS
    off = ((counts - truth).abs() / truth).where(enough)
    # Beside the tolerance, a few fragments either way weigh more in a gene of few.
    allowed = GENE_TOLERANCE + 6 / truth
    assert (off.isna() | (off < allowed)).all(axis=None), off.max().sort_values()
    faint = (counts - truth).abs().where(~enough, 0)
    assert faint.max(axis=None) <= 0.15 * ENOUGH_FRAGMENTS, faint.max()


@pytest.fixture(scope="session")
def truth(synthetic) -> pd.DataFrame:
    return read_table(synthetic / "truth/counts.tsv", index="gene_id").drop(columns="gene_name")


@pytest.fixture(scope="session")
def recoverable(synthetic) -> pd.Index:
    """Genes whose fragments can all be told from others': by their place, or by their strand."""
    genes = read_table(synthetic / "truth/genes.tsv", index="gene_id")
    return genes.index[genes["kind"].isin(["simple", "antisense"])]


@pytest.mark.parametrize("aligner", ["star_run", "hisat2_run"])
def test_counts_agree_with_the_planted_truth(aligner, truth, recoverable, request):
    directory = request.getfixturevalue(aligner)
    counts = read_table(directory / "results/cell_lines/MM1S/counts.tsv", index="gene_id")
    agrees_with_truth(counts.drop(columns="gene_name"), truth, recoverable)


def collated(run, sample, path):
    """Collate a sample's published alignments by name, as counting takes them."""
    source = run / f"results/samples/{sample}/aligned.bam"
    subprocess.run(["samtools", "collate", "-o", path, source], check=True)
    return path


def htseq_count(alignments, gtf, stranded="reverse", mode="union") -> pd.DataFrame:
    """Genes by files."""
    program = Path(sys.executable).with_name("htseq-count")
    options = ["--quiet", "--order", "name", "--stranded", stranded, "--mode", mode]
    command = [program, *options, *alignments, gtf]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    names = [path.stem for path in alignments]
    return pd.read_csv(io.StringIO(run.stdout), sep="\t", header=None, index_col=0, names=names)


@pytest.fixture(scope="module", params=["star_run", "hisat2_run"])
def aligned(request) -> Path:
    """The synthetic experiment after a run with each aligner."""
    return request.getfixturevalue(request.param)


def test_counts_are_those_of_htseq_count(aligned, tmp_path):
    """The published counts of all samples that both aligners have."""
    samples = list(read_table(aligned / "results/cell_lines/MM1S/counts.tsv").columns[2:])
    alignments = [collated(aligned, sample, tmp_path / f"{sample}.bam") for sample in samples]
    expected = htseq_count(alignments, aligned / "results/reference/annotation.gtf")
    assert len(expected.columns) == 9
    for sample in samples:
        table = read_table(aligned / f"results/samples/{sample}/counts.tsv", index="gene_id")
        assert table["count"].to_dict() == expected[sample].to_dict()


def cut(source, path, names):
    """Keep the records of the first names of a collated file."""
    with (
        pysam.AlignmentFile(source) as whole,
        pysam.AlignmentFile(path, "wb", template=whole) as part,
    ):
        groups = itertools.groupby(whole, key=lambda record: record.query_name)
        for _, group in itertools.islice(groups, names):
            for record in group:
                part.write(record)
    return path


@pytest.fixture(scope="module")
def some_pairs(aligned, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    whole = collated(aligned, "MM1S_pomalidomide_1", folder / "whole.bam")
    return cut(whole, folder / "some.bam", 4000)


@pytest.mark.parametrize("stranded", ["yes", "no", "reverse"])
@pytest.mark.parametrize("mode", counting.MODES)
def test_every_mode_and_strandedness(aligned, some_pairs, mode, stranded, capsys):
    gtf = aligned / "results/reference/annotation.gtf"
    options = ["-s", stranded, "-m", mode, "--audit", "0"]
    count_reads.main([*options, str(some_pairs), str(gtf)])
    ours = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    expected = htseq_count([some_pairs], gtf, stranded, mode)["some"]
    assert {gene: int(count) for gene, count in ours.items()} == expected.to_dict()


def as_frame(counts: pd.Series, sample: str) -> pd.DataFrame:
    return counts[~counts.index.str.startswith("__")].to_frame(sample)


class TestTheToleranceNotices:
    """Each fault is made, and the comparison above must fail."""

    sample = "MM1S_dmso_1"

    @pytest.fixture(scope="class")
    def alignments(self, star_run, tmp_path_factory):
        return collated(star_run, self.sample, tmp_path_factory.mktemp("faults") / "sound.bam")

    @pytest.fixture
    def gtf(self, star_run):
        return star_run / "results/reference/annotation.gtf"

    def assert_noticed(self, counts, truth, recoverable):
        with pytest.raises(AssertionError):
            agrees_with_truth(as_frame(counts, self.sample), truth, recoverable)

    def test_nothing_where_nothing_is_wrong(self, alignments, gtf, truth, recoverable):
        counts = htseq_count([alignments], gtf)["sound"]
        agrees_with_truth(as_frame(counts, self.sample), truth, recoverable)

    @pytest.mark.parametrize("strand", ["yes", "no"])
    def test_a_wrong_strand(self, strand, alignments, gtf, truth, recoverable):
        counts = htseq_count([alignments], gtf, strand)["sound"]
        self.assert_noticed(counts, truth, recoverable)

    def test_mates_counted_twice(self, alignments, gtf, truth, recoverable, tmp_path):
        """Each mate as a read of its own, the second turned to the fragment's strand."""
        with (
            pysam.AlignmentFile(alignments) as source,
            pysam.AlignmentFile(tmp_path / "single.bam", "wb", template=source) as single,
        ):
            for read in source:
                reverse = read.is_reverse != read.is_read2
                read.flag = (read.flag & (0x100 | 0x4)) | (0x10 if reverse else 0)
                single.write(read)
        counts = htseq_count([tmp_path / "single.bam"], gtf)["single"]
        self.assert_noticed(counts, truth, recoverable)

    def test_a_shifted_annotation(self, alignments, gtf, truth, recoverable, tmp_path):
        lines = [line.split("\t") for line in gtf.read_text().splitlines() if line[0] != "#"]
        for line in lines:
            line[3:5] = [str(int(position) + 150) for position in line[3:5]]
        shifted = tmp_path / "shifted.gtf"
        shifted.write_text("".join("\t".join(line) + "\n" for line in lines))
        counts = htseq_count([alignments], shifted)["sound"]
        self.assert_noticed(counts, truth, recoverable)

    def test_a_lost_lane(self, synthetic, star_run, truth, recoverable, tmp_path):
        experiment = copy_experiment(synthetic, tmp_path / "experiment")
        sheet = experiment / "config/samples.tsv"
        rows = sheet.read_text().splitlines(keepends=True)
        lanes = [row for row in rows if row.startswith(f"{self.sample}\t")]
        assert len(lanes) == 2
        rows.remove(lanes[1])
        sheet.write_text("".join(rows))
        (experiment / "results").mkdir()
        (experiment / "results/reference").symlink_to(star_run / "results/reference")
        path = f"results/samples/{self.sample}/counts.tsv"
        completed(snakemake(experiment, path, "--rerun-triggers", "mtime"))
        self.assert_noticed(read_counts(experiment / path), truth, recoverable)


def test_each_fragment_is_accounted_for(star_run):
    summary = read_table(star_run / "results/qc/fates.tsv", index="sample")
    made = read_table(star_run / "truth/samples.tsv", index="sample")
    assert summary["sequenced"].to_dict() == made["fragments"].to_dict()
    parts = ["unaligned", "multimapped", "low_quality", "no_feature", "ambiguous", "assigned"]
    assert (summary[parts].sum(axis=1) == summary["fragments"]).all()
    # Trimming drops no more than the fragments that are hardly longer than the adapter's seed.
    assert (summary["fragments"] > 0.97 * summary["sequenced"]).all()


def test_expression_units_come_from_the_counts_and_lengths(star_run):
    line = star_run / "results/cell_lines/MM1S"
    counts, tpm, fpkm = (
        read_table(line / f"{name}.tsv").drop(columns=GENE).to_numpy()
        for name in ["counts", "tpm", "fpkm"]
    )
    length = read_table(star_run / "results/reference/genes.tsv")["length"].to_numpy()[:, None]
    np.testing.assert_allclose(tpm.sum(axis=0), 1e6)
    np.testing.assert_allclose(fpkm * length, counts / counts.sum(axis=0) * 1e9)
    np.testing.assert_allclose(tpm / tpm.sum(axis=0), fpkm / fpkm.sum(axis=0))
