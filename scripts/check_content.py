"""The content of a user's file, plain or gzipped: whole where that is quick, else its beginning."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from gzip_stream import MAGIC as GZIP
from gzip_stream import decompressed
from problems import ContentError

# Files up to this size on disk are read whole before any job starts, which shows whether they
# are truncated. Of larger ones the beginning is read; the job that reads them first does the rest.
WHOLE = 16 * 2**20
BEGINNING = 2 * 2**20
BLOCK = 256 * 2**10
# What is read at once of a file of which little is needed.
SMALL_BLOCK = 2**10

OTHER_FORMATS = {
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"PK\x03\x04": "a zip archive",
}


def is_small(path: Path) -> bool:
    """Tell whether a file is small enough to be read whole.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    bool
        Whether it has at most `WHOLE` bytes on disk.
    """
    return path.stat().st_size <= WHOLE


def is_gzipped(path: Path) -> bool:
    """Tell by its first bytes whether a file is gzipped, whatever its name."""
    with path.open("rb") as file:
        return file.read(2) == GZIP


def read_content(path: Path, beginning: int | None = None) -> Iterator[bytes]:
    """Read a file block by block, decompressed, as far as `is_small` allows.

    Parameters
    ----------
    path : Path
        A file, plain or gzipped (of any number of members).
    beginning : int, optional
        Bytes on disk to read no more than, in small blocks: who needs less stops earlier.

    Yields
    ------
    bytes
        The content, in blocks of any size.

    Raises
    ------
    ContentError
        If it is missing, empty, unreadable, truncated or compressed in another way.
    """
    try:
        whole = is_small(path) and beginning is None
        with path.open("rb") as file:
            start = file.read(6)
            _refuse(path, start)
            file.seek(0)
            most, size = (BEGINNING, BLOCK) if beginning is None else (beginning, SMALL_BLOCK)
            blocks = iter(lambda: file.read(size), b"")
            blocks = blocks if whole else islice(blocks, most // size)
            yield from decompressed(blocks, whole) if start.startswith(GZIP) else blocks
    except FileNotFoundError:
        raise ContentError("does not exist") from None
    except OSError as error:
        raise ContentError(f"cannot be read: {error.strerror}") from error


def _refuse(path: Path, start: bytes) -> None:
    if not start:
        raise ContentError("is empty")
    for magic, what in OTHER_FORMATS.items():
        if start.startswith(magic):
            raise ContentError(f"is {what}; it must be plain text or gzipped")


def read_lines(path: Path) -> Iterator[bytes]:
    """Read a file as `read_content` does, in blocks that end with the end of a line.

    Parameters
    ----------
    path : Path
        A text file, plain or gzipped.

    Yields
    ------
    bytes
        One or more whole lines. A last line without an end is given one; of a file that is
        not read whole, the line that the reading ended in is left out.

    Raises
    ------
    ContentError
        As `read_content` does.
    """
    rest = b""
    for block in read_content(path):
        end = block.rfind(b"\n") + 1
        if end:
            yield rest + block[:end]
            rest = block[end:]
        else:
            rest += block
    if rest and is_small(path):
        yield rest + b"\n"
