import json
from pathlib import Path

import pytest

from imid.reads.known_adapters import adapter_name
from imid.reads.trimming import Trimmed, cut_as, read_trimmed, trim_command

TRUSEQ, TRUSEQ_TAIL = "AGATCGGAAGAGC", "AGATCGGAAGAGCACACGTCTGAAC"


def command(adapters, paired=True):
    inputs, outputs = ["/dev/stdin", "b"][: 1 + paired], ["c", "d"][: 1 + paired]
    return list(map(str, trim_command(inputs, outputs, adapters, Path("reports"), 8)))


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("adapters", [["illumina"], ["none"], ["ACGTACGT"]])
def test_nothing_is_guessed_and_nothing_is_compressed(adapters, paired):
    words = command(adapters, paired)
    assert "--detect_adapter_for_pe" not in words
    assert "--dont_eval_duplication" in words
    # Of a single read's file fastp guesses by itself, unless it is the standard input.
    assert words[words.index("--in1") + 1] == "/dev/stdin"
    assert not any(word.endswith(".gz") for word in words)


def test_pairs_are_cut_by_their_overlap_whatever_the_kit():
    for kit in ["illumina", "nextera", "smallrna"]:
        assert not [word for word in command([kit]) if word.startswith("--adapter")]


@pytest.mark.parametrize(
    ("adapters", "paired", "options"),
    [
        (["illumina"], False, ["--adapter_sequence", TRUSEQ]),
        (["nextera"], False, ["--adapter_sequence", "CTGTCTCTTATACACATCT"]),
        (["ACGTA"], False, ["--adapter_sequence", "ACGTA"]),
        (["ACGTA", "CCCCC"], False, ["--adapter_sequence", "ACGTA"]),
        (["ACGTA"], True, ["--adapter_sequence", "ACGTA", "--adapter_sequence_r2", "ACGTA"]),
        (
            ["ACGTA", "CCCCC"],
            True,
            ["--adapter_sequence", "ACGTA", "--adapter_sequence_r2", "CCCCC"],
        ),
        (["none"], True, ["--disable_adapter_trimming"]),
        (["none"], False, ["--disable_adapter_trimming"]),
    ],
)
def test_what_is_given_is_cut(adapters, paired, options):
    words = command(adapters, paired)
    place = words.index(options[0])
    assert words[place : place + len(options)] == options


def test_every_sample_is_treated_alike_whatever_its_names_are():
    """fastp reads out of names whether a sequencer has two colours, and archives replace them."""
    assert "--trim_poly_g" in command(["illumina"])


@pytest.mark.parametrize(
    ("sequence", "name"),
    [(TRUSEQ_TAIL, "illumina"), (TRUSEQ[:8], "illumina"), (TRUSEQ[:7], None), ("ACGT" * 9, None)],
)
def test_a_tail_is_named_after_its_kit_where_it_is_long_enough(sequence, name):
    assert adapter_name(sequence) == name


@pytest.mark.parametrize(
    ("tails", "adapters", "paired", "told"),
    [
        ({"A": 90, TRUSEQ_TAIL: 30, "others": 99}, ["illumina"], True, "overlap: illumina"),
        ({"ACGTTGCAACGTTGCA" * 2: 30}, ["illumina"], True, "overlap: ACGTTGCAACGTTGCAACGT"),
        ({}, ["illumina"], True, "overlap: nothing"),
        ({TRUSEQ_TAIL: 3}, ["ACGTA", "CCCCC"], True, "overlap: illumina, and ACGTA/CCCCC"),
        ({TRUSEQ_TAIL: 3}, ["nextera"], False, "nextera"),
        ({}, ["none"], True, "none"),
    ],
)  # fmt: skip
def test_what_was_cut_is_named(tails, adapters, paired, told):
    assert cut_as(Trimmed(9, 9, 0.1, tails), adapters, paired) == told


def test_fastp_counts_both_mates(tmp_path):
    totals = {"before_filtering": {"total_reads": 200}, "after_filtering": {"total_reads": 180}}
    cutting = {"adapter_trimmed_reads": 50, "read1_adapter_counts": {"A": 1}}
    (tmp_path / "f.json").write_text(json.dumps({"summary": totals, "adapter_cutting": cutting}))
    assert read_trimmed(tmp_path / "f.json", paired=True) == Trimmed(100, 90, 0.25, {"A": 1})
    assert read_trimmed(tmp_path / "f.json", paired=False) == Trimmed(200, 180, 0.25, {"A": 1})
