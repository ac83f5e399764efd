"""BGZF that breaks off between two of its blocks."""

import pysam
import pytest

from fastq_forms import bgzf_block, bgzip, fastq, reads
from imid.shared.bgzf import END_OF_FILE, FULL, is_cut_between_blocks

TEXT = fastq(reads(3000, 50))


def cut(path, content):
    path.write_bytes(content)
    return is_cut_between_blocks(path)


def blocks_of(content):
    """Where the blocks of a file end."""
    ends, at = [], 0
    while at < len(content):
        at += int.from_bytes(content[at + 16 : at + 18], "little") + 1
        ends.append(at)
    return ends


@pytest.fixture
def of_htslib(tmp_path):
    """A file as htslib writes it."""
    with pysam.BGZFile(str(tmp_path / "a.gz"), "wb") as file:
        file.write(TEXT)
    return (tmp_path / "a.gz").read_bytes()


def test_a_file_of_htslib_cut_after_any_block(of_htslib, tmp_path):
    *ends, left_over, _ = blocks_of(of_htslib)
    assert of_htslib.endswith(END_OF_FILE)
    assert len(ends) > 3
    assert not cut(tmp_path / "whole", of_htslib)
    assert not cut(tmp_path / "without its end", of_htslib[:left_over])
    assert not cut(tmp_path / "one block", of_htslib[: ends[0]])
    for end in ends[1:]:
        assert cut(tmp_path / "cut", of_htslib[:end])


@pytest.mark.parametrize("size", [3000, 65280, 65498])
def test_blocks_of_any_size_without_an_end_of_file(tmp_path, size):
    whole = bgzip(TEXT, end=b"", size=size)
    *ends, last = blocks_of(whole)
    assert last == len(whole)
    assert not cut(tmp_path / "whole", whole)
    assert all(cut(tmp_path / "cut", whole[:end]) for end in ends[1:])


def by_line(text):
    """Blocks as bgzip makes them that ends them where lines do."""
    parts, at = [], 0
    while at < len(text):
        end = len(text) if len(text) - at < FULL else text.rindex(b"\n", at, at + FULL) + 1
        parts.append(bgzf_block(text[at:end]))
        at = end
    return parts


def test_blocks_that_end_with_a_line(tmp_path):
    parts = by_line(fastq(reads(3000, 51), lambda n, mate: f"read{n**2}"))
    assert len(parts) > 3
    assert not cut(tmp_path / "without its end", b"".join(parts))
    for number in range(2, len(parts)):
        assert cut(tmp_path / "cut", b"".join(parts[:number]))


def test_what_is_not_bgzf_to_its_end_is_not_judged(tmp_path, of_htslib):
    ends = blocks_of(of_htslib)
    for content in [b"", TEXT, of_htslib[: ends[2] - 5], of_htslib[: ends[2]] + b"more"]:
        assert not cut(tmp_path / "other", content)
    # A part of a larger file: several were joined, of which only the last one is seen.
    joined = bgzip(TEXT[:100_000], end=b"") + bgzip(TEXT, end=b"")
    assert not cut(tmp_path / "joined", joined)


def test_of_a_large_file_the_end_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr("imid.shared.bgzf.TAIL", 100_000)
    whole = bgzip(TEXT, end=b"", size=20_000)
    *_, last_but_one, _ = blocks_of(whole)
    assert len(whole) > 150_000
    assert not cut(tmp_path / "whole", whole)
    assert cut(tmp_path / "cut", whole[:last_but_one])
