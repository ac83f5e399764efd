"""FASTQ files before any job: how much is read of them, and what is said of which file."""

import gzip
import os

import pandas as pd
import pytest

from fastq_forms import NAMES, fastq, reads
from imid.inputs import check_fastq
from imid.inputs.check_fastq import fastq_problems, inspect
from imid.reads.fastq_file import FastqError, FastqFile
from imid.userfiles import check_content
from imid.userfiles.check_table import UserTable


@pytest.fixture
def told(tmp_path):
    """What is said of a sheet's FASTQ files, one lane on each line from the second on."""

    def look(*lanes):
        rows = []
        for number, lane in enumerate(lanes):
            names = [f"{number}_{mate}.fq" for mate, _ in enumerate(lane, start=1)]
            for name, text in zip(names, lane, strict=True):
                if text is not None:
                    (tmp_path / name).write_bytes(text)
            rows.append({"sample": "s", "fastq_1": names[0], "fastq_2": "".join(names[1:])})
        table = pd.DataFrame(rows, index=range(2, 2 + len(rows)))
        return fastq_problems(UserTable("samples.tsv", 1, table), tmp_path)

    return look


SOUND = [fastq(reads(), NAMES["slash"], mate) for mate in (1, 2)]


def test_sound_files_are_not_spoken_of(told):
    assert told(SOUND, list(map(gzip.compress, SOUND)), SOUND[:1]) == []


def test_each_lane_is_told_of_with_its_line_and_column(told):
    short = SOUND[1][:-9] + b"\n"
    assert told(SOUND, [SOUND[0], short], [b"", None], [SOUND[1], SOUND[0]]) == [
        "samples.tsv, line 3, column fastq_2: '1_2.fq' is damaged at record 60: it has 50 bases and"
        " 42 qualities; copy it again",
        "samples.tsv, line 4, column fastq_1: '2_1.fq' is empty",
        "samples.tsv, line 4, column fastq_2: '2_2.fq' does not exist",
        "samples.tsv, line 5, column fastq_2: '3_2.fq' holds the first mates, and fastq_1 the"
        " second; exchange them",
    ]


@pytest.mark.parametrize("limit", ["WHOLE", "WHOLE_TOGETHER"])
def test_of_large_files_the_first_thousand_records_are_read(told, monkeypatch, limit):
    module = check_fastq if limit == "WHOLE_TOGETHER" else check_content
    monkeypatch.setattr(module, limit, 100)
    many = reads(1200, 20)
    early, late = list(many), list(many)
    early[900] = late[1100] = (b"ACGT", b"I")
    assert told([fastq(late)]) == []
    assert "at record 901" in told([fastq(early)])[0]


def test_interleaved_pairs_are_seen_before_any_job(told):
    pairs = b"".join(b"@r%d\nACGT\n+\nIIII\n" % (n // 2) for n in range(40))
    assert "one mate after the other" in told([pairs])[0]


def test_a_folder_that_is_missing_is_told_once(tmp_path):
    rows = pd.DataFrame(
        [{"sample": "s", "fastq_1": f"none/{n}.fq", "fastq_2": ""} for n in range(9)],
        index=range(2, 11),
    )
    assert fastq_problems(UserTable("samples.tsv", 1, rows), tmp_path) == [
        "samples.tsv, line 2, column fastq_1: the folder 'none' does not exist; 9 FASTQ files are"
        " looked for in it"
    ]


def test_what_was_seen_of_a_lane_is_at_hand(tmp_path):
    (tmp_path / "a.fq").write_bytes(SOUND[0])
    lane = inspect([FastqFile(tmp_path / "a.fq")])
    assert lane.records == 60


def test_the_error_names_its_file(tmp_path):
    with pytest.raises(FastqError) as raised:
        FastqFile(tmp_path / "none")
    assert raised.value.path == tmp_path / "none"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.fq", "'a.fq' does not exist; did you mean 'a.fq.gz'?"),
        ("reads", "'reads' is a folder; a file is needed"),
        ("pipe.fq", "'pipe.fq' is a pipe or a device; a file is needed, which can be read more"),
        ("x" * 300, " is too long a name for a file"),
        ("link.fq", "'link.fq' does not exist; it is a link to 'archive/a.fq'"),
        ("~/a.fq", "the folder '~' does not exist; ~ and $ are not replaced here: write the path"),
        ("https://x.org/a.fq", "the folder 'https://x.org' does not exist; it is an address"),
        ("READS/a.fq", "does not exist; did you mean 'reads'?; 1 FASTQ file is looked for in it"),
    ],
)
def test_what_is_no_file_is_told_with_what_was_meant(tmp_path, name, words):
    """As of every other file that people name."""
    (tmp_path / "a.fq.gz").write_bytes(gzip.compress(SOUND[0]))
    (tmp_path / "reads").mkdir()
    os.mkfifo(tmp_path / "pipe.fq")
    (tmp_path / "link.fq").symlink_to("archive/a.fq")
    table = pd.DataFrame([{"sample": "s", "fastq_1": name, "fastq_2": ""}], index=[2])
    (said,) = fastq_problems(UserTable("samples.tsv", 1, table), tmp_path)
    assert said.startswith("samples.tsv, line 2, column fastq_1: ")
    assert words in said
