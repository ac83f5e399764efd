import json

import pandas as pd
import pytest

from imid.reads import summarize_samples
from imid.reads.summarize_samples import fragments_of
from imid.shared.problems import InputError
from imid.shared.tables import read_table

FATES = """\
assigned\t700
__no_feature\t120
__ambiguous\t30
__too_low_aQual\t10
__not_aligned\t90
__alignment_not_unique\t50
"""
NO_FRAGMENTS = "".join(f"{line.split()[0]}\t0\n" for line in FATES.splitlines())


def fastp_report(cut=0, reads=2000, tails=None):
    """The part of fastp's JSON that is read; fastp counts both mates."""
    cutting = {"adapter_trimmed_reads": cut, "read1_adapter_counts": tails or {}}
    totals = {f"{when}_filtering": {"total_reads": reads} for when in ("before", "after")}
    return {"summary": totals, "adapter_cutting": cutting}


def test_counters_get_plain_names_and_add_up():
    told = dict(line.split("\t") for line in FATES.splitlines())
    assert fragments_of({fate: int(number) for fate, number in told.items()}) == {
        "fragments": 1000,
        "unaligned": 90,
        "multimapped": 50,
        "low_quality": 10,
        "no_feature": 120,
        "ambiguous": 30,
        "assigned": 700,
    }


LANES = {"01": [800, 400], "02": [0]}
TRUSEQ = {"AGATCGGAAGAGCACACG": 40, "AGAT": 50, "A": 90, "others": 1000}


@pytest.fixture
def summary(tmp_path):
    """Run the command over two samples: one on two lanes, one without any read."""

    def run(
        trimmed=True, cut=None, seen=None, notes=None, adapters="illumina", paired=True, **changes
    ):
        for sample, fates in [("01", FATES), ("02", NO_FRAGMENTS)]:
            folder = tmp_path / sample
            folder.mkdir()
            (folder / "fragments.tsv").write_text(fates)
            (folder / "reads.sha256").write_text(f"abc  {sample}.fastq.gz\n")
            finding = {"strandedness": f"seen in {sample}", "htseq": "agrees", "star": "too"}
            reads = {f"{sample}.fastq.gz": sample}
            check = {"findings": finding, "reads": reads, "counts_sha256": sample}
            (tmp_path / f"{sample}.json").write_text(json.dumps(check | changes.get(sample, {})))
            files = ["a", "b"] if paired else ["a"]
            lanes = [{"files": files, "records": n, "notes": notes or {}} for n in LANES[sample]]
            found = (seen or {}).get(sample, {"illumina": 0, "nextera": 0})
            reads = {"lanes": lanes, "adapters": {"reads": 1000, "found": found}}
            (folder / "reads.json").write_text(json.dumps(reads))
            if trimmed:
                report = fastp_report((cut or {}).get(sample, 0), tails=TRUSEQ)
                (folder / "fastp.json").write_text(json.dumps(report))
        arguments = ["--samples", *LANES, "--reports", *(str(tmp_path / name) for name in LANES)]
        arguments += ["--checks", *(str(tmp_path / f"{name}.json") for name in LANES)]
        arguments += ["--table", str(tmp_path / "samples.tsv"), "--adapters", adapters]
        summarize_samples.main([*arguments, "--checksums", str(tmp_path / "reads.sha256")])
        return read_table(tmp_path / "samples.tsv", index="sample")

    return run


def test_each_sample_has_a_row_in_the_order_given(summary):
    assert summary(trimmed=True).index.tolist() == ["01", "02"]


def test_the_lanes_of_a_sample_are_added_up(summary):
    assert summary(trimmed=True)["sequenced"].tolist() == [800 + 400, 0]


def test_without_trimming_nothing_is_cut(summary):
    table = summary(trimmed=False)
    assert table["adapter_cut"].tolist() == ["none", "none"]
    assert table["adapter_share"].tolist() == [0, 0]


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


def test_what_was_cut_as_what_is_told(summary):
    sample = summary(cut={"01": 60}).loc["01"]
    assert sample["adapter_cut"] == "overlap: illumina"
    assert sample["adapter_share"] == pytest.approx(0.03)


def test_of_single_reads_the_given_sequence_is_what_is_cut(summary):
    assert summary(paired=False, adapters="ACGTACGT")["adapter_cut"].tolist() == ["ACGTACGT"] * 2


def test_a_sample_that_differs_from_the_others_is_named(summary, capsys):
    remark = summary(cut={"01": 1200, "02": 20}).loc["01", "remarks"]
    assert remark == "adapters cut in 60.0% of its reads, in the other samples 1.0%"
    told = capsys.readouterr().err
    assert f"Warning: sample 01: {remark}" in told


def test_an_adapter_that_is_seen_and_not_cut_is_told_with_the_remedy(summary):
    seen = {sample: {"illumina": 0, "nextera": 150} for sample in LANES}
    assert (
        summary(seen=seen, paired=False)["remarks"].tolist()
        == [
            "15.0% of its reads run into the adapter nextera, and it is not cut; set adapters:"
            " CTGTCTCTTATACACATCT"
        ]
        * 2
    )


def test_another_kit_in_one_sample_is_told(summary):
    seen = {"01": {"illumina": 30, "nextera": 0}, "02": {"illumina": 0, "nextera": 30}}
    remarks = summary(cut={"01": 100, "02": 100}, seen=seen)["remarks"].tolist()
    assert remarks == [
        "its reads have the adapter illumina, those of the others nextera",
        "its reads have the adapter nextera, those of the others illumina",
    ]


def test_samples_that_are_alike_need_no_remark(summary, capsys):
    assert summary(cut={"01": 60, "02": 50})["remarks"].tolist() == ["", ""]
    assert not capsys.readouterr().err


def test_what_was_changed_in_the_reads_is_told(summary):
    changed = summary(notes={"lower-case bases": 5})["reads_changed"].tolist()
    assert changed == ["10 lower-case bases", "5 lower-case bases"]
