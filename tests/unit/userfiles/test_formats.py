"""Files that are something else are told by how they begin, and texts are not taken for one."""

import bz2
import lzma

import pytest

from imid.userfiles.formats import FORMATS, UTF_16, format_of


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (bz2.compress(b"x"), "bzip2"),
        (bz2.compress(b""), "bzip2"),
        (lzma.compress(b"x"), "xz"),
        (b"CRAM\x03\x00", "CRAM"),
        (b"PAR1\x15\x04\x15", "Parquet"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\r\n<HTML>", "web page"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_a_format_is_told_by_its_beginning(start, name):
    assert format_of(start).name == name


@pytest.mark.parametrize(
    "text",
    [
        *["CRAMP_UP\tna\tA\tB\n", "PAR1_TARGETS\tna\tA\n", "BZh\tx\n", "Rar!\n", "RDA\n", "X\n"],
        *["samples: s.tsv\n", "@read1\nACGT\n", ">chr1\nACGT\n", "gene_id\tA\n", "#!genome\n"],
    ],
)
def test_a_text_that_begins_alike_is_a_text(text):
    assert format_of(text.encode()) is None
    assert format_of(text.encode(), [UTF_16]) is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_with_and_without_its_mark(encoding):
    assert format_of("gene_id\tA\n".encode(encoding), [UTF_16]) is UTF_16


def test_every_format_says_what_it_is_and_what_would_be_right():
    assert all(known.words.startswith("is ") and known.remedy for known in FORMATS)
