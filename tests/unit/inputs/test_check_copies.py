"""Copies of FASTQ files under other names, planted in a sheet."""

import gzip

import pytest

from small_experiment import load, problems, reads, rows, write, write_experiment

R1, R2 = "reads/MM1S_dmso_1_L1_R1.fastq.gz", "reads/MM1S_dmso_1_L1_R2.fastq.gz"
COPY = "reads/MM1S_res_dmso_2_L1_R1.fastq.gz"


@pytest.fixture
def folder(tmp_path):
    return write_experiment(tmp_path)


def line_of(name):
    return next(n for n, row in enumerate(rows(), start=2) if row["fastq_1"] == name)


def told(name=COPY):
    return (
        f"config/samples.tsv, line {line_of(name)}, column fastq_1: '{name}' of MM1S_res_dmso_2"
        f" has the same reads as '{R1}' of MM1S_dmso_1 on line 2; each file of each sample has"
        " reads of its own: name the right one, or leave the copy out"
    )


def spoil(folder, content):
    """Put first mates in a file, and second mates that belong to them beside it."""
    (folder / COPY).write_bytes(content)
    second = gzip.decompress((folder / R2).read_bytes()).replace(b"ACGT", b"GGGG")
    (folder / COPY.replace("_R1", "_R2")).write_bytes(gzip.compress(second))


def test_a_copy_is_refused_by_name(folder):
    spoil(folder, (folder / R1).read_bytes())
    assert problems(folder) == [told()]


def test_a_copy_compressed_anew_is_refused(folder):
    content = gzip.decompress((folder / R1).read_bytes())
    middle = content.index(b"@", 1)
    spoil(folder, gzip.compress(content[:middle], 9) + gzip.compress(content[middle:], 1))
    assert (folder / COPY).read_bytes() != (folder / R1).read_bytes()
    assert problems(folder) == [told()]


def test_both_mates_are_told(folder):
    for mate in ["R1", "R2"]:
        name = COPY.replace("R1", mate)
        (folder / name).write_bytes((folder / R1.replace("R1", mate)).read_bytes())
    assert len(problems(folder)) == 2


def test_a_hard_link_is_a_copy(folder):
    (folder / COPY).unlink()
    (folder / COPY).hardlink_to(folder / R1)
    (folder / COPY.replace("_R1", "_R2")).write_bytes(gzip.compress(reads(2).encode()))
    assert told() in problems(folder)


def test_reads_that_begin_alike_and_go_on_otherwise_are_two_libraries(folder):
    """As those of two simulated libraries may, whose reads have but numbers."""
    for name, last in [(R1, "ACG"), (COPY, "ACC")]:
        for mate, base in [(1, "A"), (2, "C")]:
            more = f"@x {mate}:N:0:A\n{last}{base}\n+\nIIII\n"
            mates = reads(mate).replace("ACGT", "ACGA") if mate == 2 else reads(mate)
            write(folder / name.replace("R1", f"R{mate}"), mates + more)
    load(folder)
