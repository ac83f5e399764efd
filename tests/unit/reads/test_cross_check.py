"""A finished sample held against what is known of it."""

import json

import pytest

from imid.reads import cross_check
from imid.shared.problems import InputError

COUNTS = "gene_id\tcount\nA\t{a}\nB\t60\n__no_feature\t3\n__ambiguous\t0\n"
COUNTS += "__too_low_aQual\t0\n__not_aligned\t0\n__alignment_not_unique\t0\n"
STAR = "N_unmapped\t0\t0\t0\nN_multimapping\t0\t0\t0\nN_noFeature\t0\t0\t3\n"
STAR += "N_ambiguous\t0\t0\t0\nA\t0\t0\t50\nB\t0\t0\t60\n"
LINE = {"cell_line": "MM1S", "sample": "MM1S_dmso_1", "strandedness": "reverse"}
LINE |= {"configured": "auto", "sense": 90, "antisense": 810, "message": "90.0% read antisense"}


@pytest.fixture
def check(tmp_path):
    """Check a sample, one of whose reports may be spoilt."""

    def run(a=50, wrong=False, differences=(), star=STAR, aligner="star"):
        reports = tmp_path / "s1/reports"
        reports.mkdir(parents=True)
        (tmp_path / "s1/counts.tsv").write_text(COUNTS.format(a=a))
        strand = {"sense": 900, "antisense": 100, "message": "90.0% read sense", "wrong": wrong}
        (reports / "strandedness.json").write_text(json.dumps(strand))
        audit = {"fragments": 113, "differences": list(differences)}
        (reports / "audit.json").write_text(json.dumps(audit))
        (reports / "ReadsPerGene.out.tab").write_text(star)
        (reports / "reads.sha256").write_text("abc  s1.fastq.gz\n")
        (tmp_path / "line.json").write_text(json.dumps(LINE))
        output = tmp_path / "s1/checks.json"
        options = ["--sample", "s1", "--counts", tmp_path / "s1/counts.tsv", "--reports", reports]
        options += ["--strandedness", tmp_path / "line.json", "--output", output]
        options += ["--aligner", aligner]
        cross_check.main([str(option) for option in options])
        return json.loads(output.read_text())

    return run


def test_what_agrees_is_said(check):
    found = check()
    assert found["findings"] == {
        "strandedness": "90.0% read sense",
        "htseq": "HTSeq agrees on the first 113 fragments",
        "star": "STAR's counts agree for 2 genes",
    }
    assert found["reads"] == {"s1.fastq.gz": "abc"}


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"a": 49}, "A: 50 by STAR, 49 by us"),
        ({"wrong": True}, "of another strandedness than those of MM1S_dmso_1"),
        ({"differences": ["our counts differ from HTSeq's for 1 feature"]}, "differ from HTSeq's"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_made_stays(check, tmp_path, spoilt, words):
    with pytest.raises(InputError) as caught:
        check(**spoilt)
    assert words in str(caught.value)
    assert all(problem.startswith("sample s1: ") for problem in caught.value.problems)
    assert f"kept in {tmp_path / 's1'}" in caught.value.problems[-1]
    assert (tmp_path / "s1/counts.tsv").exists()
    assert not (tmp_path / "s1/checks.json").exists()


def test_all_that_is_wrong_is_told_at_once(check):
    with pytest.raises(InputError) as caught:
        check(a=49, wrong=True, differences=["HTSeq has another"])
    told = str(caught.value)
    assert all(word in told for word in ["by STAR", "another strandedness", "HTSeq has another"])


def test_an_aligner_that_counts_nothing_is_no_witness(check):
    assert check(aligner="hisat2")["findings"].keys() == {"strandedness", "htseq"}


def test_counts_stand_for_their_reads_where_they_are_enough(check):
    assert check()["counts_sha256"] is not None


def test_few_counts_may_be_those_of_another_by_chance(check, monkeypatch):
    monkeypatch.setattr(cross_check, "ENOUGH_FRAGMENTS", 111)
    assert check()["counts_sha256"] is None
