"""Files read whole or in part, plain or gzipped."""

import bz2
import gzip
import lzma
import os
import random
from pathlib import Path

import pysam
import pytest

from imid.userfiles import check_content
from imid.userfiles.check_content import ContentError, read_content, read_lines, refuse_cut_bgzf

# Incompressible, so that it spans several blocks however it is stored.
TEXT = b"\n".join(b"%x" % random.Random(n).getrandbits(4000) for n in range(2000)) + b"\n"


def members(text, size):
    """Gzip a text in members of a size, as bgzip does."""
    return b"".join(gzip.compress(text[i : i + size]) for i in range(0, len(text), size))


@pytest.mark.parametrize(
    "content",
    [TEXT, gzip.compress(TEXT), members(TEXT, 60_000), members(TEXT, 900)],
    ids=["plain", "gzip", "members", "many members"],
)
def test_content_is_read_whole(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert b"".join(read_content(path)) == TEXT
    assert b"".join(read_lines(path)) == TEXT
    assert all(block.endswith(b"\n") for block in read_lines(path))


def test_a_last_line_without_an_end_is_given_one(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"a\nb")
    assert b"".join(read_lines(path)) == b"a\nb\n"


@pytest.mark.parametrize("cut", [1, 8, 200, 500_000])
@pytest.mark.parametrize("size", [len(TEXT), 60_000])
def test_truncated_gzip(tmp_path, cut, size):
    path = tmp_path / "file.gz"
    path.write_bytes(members(TEXT, size)[:-cut])
    with pytest.raises(ContentError, match="truncated"):
        list(read_content(path))


@pytest.fixture
def bgzf(tmp_path):
    """A text as bgzip writes it."""
    path = tmp_path / "file.gz"
    with pysam.BGZFile(str(path), "wb") as file:
        file.write(TEXT)
    return path


@pytest.mark.parametrize("cut", [28, 29, 40, 500, 40_000])
def test_bgzf_without_its_end(bgzf, cut):
    """Also where it was cut between two blocks, and is gzip without a fault."""
    bgzf.write_bytes(bgzf.read_bytes()[:-cut])
    with pytest.raises(ContentError, match="truncated"):
        refuse_cut_bgzf(bgzf)


def test_what_is_whole_is_not_taken_for_cut(bgzf, tmp_path):
    refuse_cut_bgzf(bgzf)
    for name, content in {
        "plain": TEXT,
        "gzip": gzip.compress(TEXT),
        "both": bgzf.read_bytes() + gzip.compress(TEXT[:5000]),
        "cut, and gzip": bgzf.read_bytes()[:-28] + gzip.compress(TEXT),
        "small": b"a",
        "empty": b"",
    }.items():
        (tmp_path / name).write_bytes(content)
        refuse_cut_bgzf(tmp_path / name)


def test_damaged_gzip(tmp_path):
    path = tmp_path / "file.gz"
    content = bytearray(gzip.compress(TEXT))
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ContentError, match="damaged"):
        list(read_content(path))


@pytest.mark.parametrize("compress", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_of_a_large_file_the_beginning_is_read(tmp_path, monkeypatch, compress):
    monkeypatch.setattr(check_content, "WHOLE", 1000)
    monkeypatch.setattr(check_content, "BEGINNING", 40_000)
    monkeypatch.setattr(check_content, "BLOCK", 10_000)
    path = tmp_path / "file"
    path.write_bytes(compress(TEXT)[:-100])
    seen = b"".join(read_content(path))
    assert 0 < len(seen) < len(TEXT) / 2
    assert TEXT.startswith(seen)
    lines = b"".join(read_lines(path))
    assert lines == seen[: seen.rindex(b"\n") + 1]


PLAIN = "it must be plain text or gzipped"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (
            b"BZh91AY",
            "is compressed with bzip2; it must be plain text or gzipped (bzip2 -dc, then gzip)",
        ),
        (
            b"\xfd7zXZ\0",
            f"is compressed with xz; {PLAIN} (xz -dc, then gzip)",
        ),
        (
            b"\x28\xb5\x2f\xfd",
            f"is compressed with zstd; {PLAIN} (zstd -dc, then gzip)",
        ),
        (b"PK\x03\x04", f"is a zip archive; {PLAIN} (unzip -p, then gzip)"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ContentError) as raised:
        list(read_content(path))
    assert str(raised.value) == message


def test_what_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(ContentError, match="does not exist"):
        list(read_content(tmp_path / "file"))
    with pytest.raises(ContentError, match="is a folder; a file is needed"):
        list(read_content(tmp_path))


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ContentError, match="is a pipe or a device"):
        list(read_content(tmp_path / "pipe"))


@pytest.mark.parametrize(
    ("path", "words"),
    [("a\0b", "holds a NUL character"), ("https://x/y.gz", "it is an address: download")],
)
def test_what_is_no_path_is_told(path, words):
    with pytest.raises(ContentError, match=words):
        list(read_content(Path(path)))


TAR = bytes(257) + b"ustar" + bytes(300)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bz2.compress(b"x"), "is compressed with bzip2"),
        (lzma.compress(b"x"), "is compressed with xz"),
        (TAR, "is a tar archive"),
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "is an Excel file"),
        (b"PK\x03\x04" + bytes(26) + b"counts.tsv", "is a zip archive"),
        (b"\n<!DOCTYPE html><html>404</html>", "is a web page"),
        (b"BAM\x01" + bytes(10), "is BAM, a file of alignments"),
    ],
)
def test_other_formats_are_named_plain_or_gzipped(tmp_path, content, words):
    for packed in [content, gzip.compress(content)]:
        (tmp_path / "file").write_bytes(packed)
        with pytest.raises(ContentError, match=words):
            list(read_content(tmp_path / "file"))


def test_what_is_gzipped_twice_is_told(tmp_path):
    (tmp_path / "file").write_bytes(gzip.compress(gzip.compress(TEXT)))
    with pytest.raises(ContentError, match="is gzipped twice"):
        list(read_content(tmp_path / "file"))


def test_a_file_of_any_size_is_read_whole_if_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(check_content, "WHOLE", 100)
    monkeypatch.setattr(check_content, "BEGINNING", 200)
    (tmp_path / "file").write_bytes(gzip.compress(TEXT))
    assert b"".join(read_content(tmp_path / "file", whole=True)) == TEXT
