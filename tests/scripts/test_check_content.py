"""Files read whole or in part, plain or gzipped."""

import gzip
import random

import pytest

import check_content
from check_content import ContentError, read_content, read_lines

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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"BZh91AY", "is compressed with bzip2; it must be plain text or gzipped"),
        (b"\xfd7zXZ\0", "is compressed with xz; it must be plain text or gzipped"),
        (b"\x28\xb5\x2f\xfd", "is compressed with zstd; it must be plain text or gzipped"),
        (b"PK\x03\x04", "is a zip archive; it must be plain text or gzipped"),
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
