"""FASTQ files: what is seen of them, and whether mates belong together."""

import pytest

import check_content
from check_content import ContentError
from check_fastq import Reads, inspect, mate_fault
from small_experiment import reads, write


def test_reads_are_counted(tmp_path):
    for name in ["a.fastq", "a.fastq.gz"]:
        write(tmp_path / name, reads(1, number=20_000))
        assert inspect(tmp_path / name) == Reads("read0 1:N:0:A", 20_000)


def test_a_file_may_end_without_a_line_end(tmp_path):
    write(tmp_path / "a.fq", reads(1, number=3).rstrip("\n"))
    assert inspect(tmp_path / "a.fq").number == 3


def test_reads_that_trimming_emptied_are_reads(tmp_path):
    write(tmp_path / "a.fq", "@a\nAC\n+\nII\n@b\n\n+\n\n")
    assert inspect(tmp_path / "a.fq").number == 2


def test_of_a_large_file_only_the_first_read_is_known(tmp_path, monkeypatch):
    write(tmp_path / "a.fastq.gz", reads(1, number=1000))
    monkeypatch.setattr(check_content, "WHOLE", 100)
    assert inspect(tmp_path / "a.fastq.gz") == Reads("read0 1:N:0:A", None)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.fq", "\n", "holds no reads"),
        ("a.fq", ">a\nACGT\n", "is not FASTQ: its first line does not begin with '@'"),
        ("a.fq", "@a\nAC", "is not FASTQ: it ends within its first read"),
        (
            "a.fq",
            "@a\nACGT\nACGT\n+\nIIIIIIII\n",
            "is not FASTQ: its first read is not a name, the bases, '+', and as many qualities",
        ),
        (
            "a.fq",
            reads(1).replace("\n", "\r\n"),
            "has the line ends of Windows; convert it with dos2unix",
        ),
        ("a.fq", reads(1) + "@b\nAC\n", "is truncated: it ends within a read; copy it again"),
        ("a.fq", reads(1) + "@b\nACGT\n", "is truncated: it ends within a read; copy it again"),
        ("a.fq", reads(1)[:-2], "is truncated: it ends within a read; copy it again"),
        (
            "a.fq.gz",
            reads(1)[:-3],
            "is truncated: it ends within a read; copy it again",
        ),
    ],
)
def test_what_is_no_fastq_is_refused(tmp_path, name, text, message):
    write(tmp_path / name, text)
    with pytest.raises(ContentError) as raised:
        inspect(tmp_path / name)
    assert str(raised.value) == message


def test_the_name_tells_whether_a_file_is_gzipped(tmp_path):
    write(tmp_path / "a.fastq", reads(1))
    (tmp_path / "a.fastq").rename(tmp_path / "b.fastq.gz")
    with pytest.raises(ContentError, match=r"is not gzipped, but its name ends in \.gz"):
        inspect(tmp_path / "b.fastq.gz")
    write(tmp_path / "c.fastq.gz", reads(1))
    (tmp_path / "c.fastq.gz").rename(tmp_path / "d.fastq")
    with pytest.raises(ContentError, match=r"is gzipped, but its name does not end in \.gz"):
        inspect(tmp_path / "d.fastq")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A00:1:H:1:1:5:7 1:N:0:ACGT", "A00:1:H:1:1:5:7 2:N:0:ACGT"),
        ("61G9:5:100:8601/1", "61G9:5:100:8601/2"),
        ("SRR1.1 1 length=68", "SRR1.1 1 length=68"),
        ("SRR1.1.1 1 length=68", "SRR1.1.2 1 length=68"),
        ("read", "read"),
    ],
)
def test_mates_are_known_in_every_naming(first, second):
    assert mate_fault(Reads(first, 5), Reads(second, 5)) is None
    assert mate_fault(Reads(first, None), Reads(second, None)) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [("SRR1.1", "SRR1.2"), ("a/1", "b/2"), ("A:1:2 1:N:0:A", "A:1:3 2:N:0:A")],
)
def test_reads_of_other_pairs_are_no_mates(first, second):
    assert "mates are in the same order" in mate_fault(Reads(first, 5), Reads(second, 5))


def test_unequal_numbers_are_told_where_both_are_known():
    assert mate_fault(Reads("a/1", 5), Reads("a/2", 4)) == (
        "holds 4 reads, but fastq_1 5; one of them is incomplete or was filtered alone"
    )
    assert mate_fault(Reads("a/1", 5), Reads("a/2", None)) is None


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("a/1", "a/1", "and fastq_1 both say that they hold mates 1"),
        ("a 2:N:0:A", "a 2:N:0:A", "and fastq_1 both say that they hold mates 2"),
        ("a/2", "a/1", "holds the first mates, and fastq_1 the second; exchange them"),
    ],
)
def test_mates_in_the_wrong_place(first, second, message):
    assert mate_fault(Reads(first, 5), Reads(second, 5)) == message
