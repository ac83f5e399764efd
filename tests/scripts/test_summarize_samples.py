import json

import pandas as pd
import pytest

import summarize_samples
from problems import InputError
from summarize_samples import fragments_before_trimming, fragments_of
from tables import read_table

FATES = """\
assigned\t700
__no_feature\t120
__ambiguous\t30
__too_low_aQual\t10
__not_aligned\t90
__alignment_not_unique\t50
"""
NO_FRAGMENTS = "".join(f"{line.split()[0]}\t0\n" for line in FATES.splitlines())


def fastp_report(reads, paired):
    """The part of fastp's JSON that is read; fastp counts both mates."""
    report = {"summary": {"before_filtering": {"total_reads": reads}}, "read1_before_filtering": {}}
    return {**report, "read2_before_filtering": {}} if paired else report


def test_counters_get_plain_names_and_add_up():
    assert fragments_of(FATES.splitlines()) == {
        "fragments": 1000,
        "unaligned": 90,
        "multimapped": 50,
        "low_quality": 10,
        "no_feature": 120,
        "ambiguous": 30,
        "assigned": 700,
    }


@pytest.mark.parametrize(
    ("reports", "fragments"),
    [
        ([(2000, True)], 1000),
        ([(2000, False)], 2000),
        ([(2000, True), (500, True)], 1250),
        ([(2000, False), (501, False)], 2501),
    ],
    ids=["pairs", "single reads", "lanes of pairs", "lanes of single reads"],
)
def test_fragments_are_pairs_or_single_reads_summed_over_lanes(reports, fragments):
    assert fragments_before_trimming([fastp_report(*report) for report in reports]) == fragments


LANES = {"01": [1600, 800], "02": [0]}


@pytest.fixture
def summary(tmp_path):
    """Run the command over two samples: one on two lanes, one without any read."""

    def run(trimmed, **changes):
        for sample, fates in [("01", FATES), ("02", NO_FRAGMENTS)]:
            folder = tmp_path / sample
            folder.mkdir()
            (folder / "fragments.tsv").write_text(fates)
            (folder / "reads.sha256").write_text(f"abc  {sample}.fastq.gz\n")
            finding = {"strandedness": f"seen in {sample}", "htseq": "agrees", "star": "too"}
            reads = {f"{sample}.fastq.gz": sample}
            found = {"findings": finding, "reads": reads, "counts_sha256": sample}
            (tmp_path / f"{sample}.json").write_text(json.dumps(found | changes.get(sample, {})))
            for lane, reads in enumerate(LANES[sample] if trimmed else [], start=1):
                (folder / "fastp").mkdir(exist_ok=True)
                report = json.dumps(fastp_report(reads, paired=True))
                (folder / "fastp" / f"{lane}.json").write_text(report)
                (folder / "fastp" / f"{lane}.html").write_text("<p>for people</p>")
        arguments = ["--samples", *LANES, "--reports", *(str(tmp_path / name) for name in LANES)]
        arguments += ["--checks", *(str(tmp_path / f"{name}.json") for name in LANES)]
        arguments += ["--table", str(tmp_path / "samples.tsv")]
        summarize_samples.main([*arguments, "--checksums", str(tmp_path / "reads.sha256")])
        return read_table(tmp_path / "samples.tsv", index="sample")

    return run


def test_each_sample_has_a_row_in_the_order_given(summary):
    assert summary(trimmed=True).index.tolist() == ["01", "02"]


def test_the_lanes_of_a_sample_are_added_up(summary):
    assert summary(trimmed=True)["sequenced"].tolist() == [800 + 400, 0]


def test_without_trimming_all_that_was_sequenced_reached_the_aligner(summary):
    table = summary(trimmed=False)
    assert table["sequenced"].tolist() == table["fragments"].tolist() == [1000, 0]


def test_shares_are_of_the_fragments_that_reached_the_aligner(summary):
    sample = summary(trimmed=True).loc["01"]
    assert sample["aligned_share"] == pytest.approx(0.91)
    assert sample["assigned_share"] == pytest.approx(0.7)


def test_a_sample_without_any_fragment_has_shares_of_zero(summary):
    sample = summary(trimmed=True).loc["02"]
    assert sample[["fragments", "assigned"]].tolist() == [0, 0]
    assert sample["assigned_share"] == 0


def test_what_the_reads_say_of_the_strand_stands_beside(summary):
    assert summary(trimmed=True)["strandedness"].tolist() == ["seen in 01", "seen in 02"]


def test_what_the_cross_checks_say_stands_beside(summary):
    assert summary(trimmed=True)["cross_checks"].tolist() == ["agrees; too", "agrees; too"]


@pytest.mark.parametrize(
    "same", [{"reads": {"02.fastq.gz": "01"}}, {"counts_sha256": "01"}], ids=["reads", "counts"]
)
def test_the_same_reads_in_two_cell_lines_are_refused(summary, tmp_path, same):
    with pytest.raises(InputError, match="samples 01 and 02"):
        summary(trimmed=True, **{"02": same})
    assert not (tmp_path / "samples.tsv").exists()


def test_the_fates_of_the_fragments_add_up(summary):
    table = summary(trimmed=True)
    fates = ["unaligned", "multimapped", "low_quality", "no_feature", "ambiguous", "assigned"]
    pd.testing.assert_series_equal(table[fates].sum(axis=1), table["fragments"], check_names=False)


def test_the_checksums_of_all_reads_stand_in_one_file(summary, tmp_path):
    summary(trimmed=True)
    assert (tmp_path / "reads.sha256").read_text() == "abc  01.fastq.gz\nabc  02.fastq.gz\n"
