"""The content of a user's file, plain or gzipped: whole where that is quick, else its beginning."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from imid.shared.bgzf import END_OF_FILE, EXTRA, MAGIC, MAX_DATA
from imid.shared.problems import ContentError
from imid.userfiles.formats import TELLING, format_of
from imid.userfiles.gzip_stream import MAGIC as GZIP
from imid.userfiles.gzip_stream import decompressed
from imid.userfiles.user_files import file_fault

# Files up to this size on disk are read whole before any job starts, which shows whether they
# are truncated. Of larger ones the beginning is read; the job that reads them first does the rest.
WHOLE = 16 * 2**20
BEGINNING = 2 * 2**20
BLOCK = 256 * 2**10
# What is read at once of a file of which little is needed.
SMALL_BLOCK = 2**10

BGZF_HEADER = re.compile(re.escape(MAGIC) + b"......" + re.escape(EXTRA) + b"(..)", re.DOTALL)


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


def read_content(path: Path, beginning: int | None = None, whole: bool = False) -> Iterator[bytes]:
    """Read a file block by block, decompressed, as far as `is_small` allows.

    Parameters
    ----------
    path : Path
        A file, plain or gzipped (of any number of members).
    beginning : int, optional
        Bytes on disk to read no more than, in small blocks: who needs less stops earlier.
    whole : bool
        Whether to read all of it, whatever its size.

    Yields
    ------
    bytes
        The content, in blocks of any size.

    Raises
    ------
    ContentError
        If it is missing, empty, unreadable, truncated or of another format.
    """
    if fault := file_fault(path):
        raise ContentError(fault)
    try:
        whole = whole or (is_small(path) and beginning is None)
        with path.open("rb") as file:
            start = file.read(TELLING)
            if not start:
                raise ContentError("is empty")
            _refuse_other_formats(start)
            file.seek(0)
            most, size = (BEGINNING, BLOCK) if beginning is None else (beginning, SMALL_BLOCK)
            blocks = iter(lambda: file.read(size), b"")
            blocks = blocks if whole else islice(blocks, most // size)
            yield from _unpacked(blocks, whole) if start.startswith(GZIP) else blocks
    except FileNotFoundError:
        raise ContentError("does not exist") from None
    except OSError as error:
        raise ContentError(f"cannot be read: {error.strerror}") from error


def _refuse_other_formats(start: bytes) -> None:
    if other := format_of(start):
        raise ContentError(f"{other.words}; {other.remedy}")


def _unpacked(blocks: Iterable[bytes], to_the_end: bool) -> Iterator[bytes]:
    """Decompress, and look at what comes out as at a plain file."""
    start = b""
    for block in decompressed(blocks, to_the_end):
        if len(start) < TELLING:
            start += block
            if start.startswith(GZIP):
                raise ContentError("is gzipped twice; decompress it once")
            _refuse_other_formats(start)
        yield block


def refuse_cut_bgzf(path: Path) -> None:
    """Refuse a file of BGZF that lacks its end, however large it is.

    What was cut between two of its blocks is whole gzip, and nothing else tells.

    Parameters
    ----------
    path : Path
        An existing file of any kind, also one of gzip after BGZF.

    Raises
    ------
    ContentError
        If its last block is cut, or is none that ends a file.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - MAX_DATA))
        tail = file.read()
    *_, last = [None, *BGZF_HEADER.finditer(tail)]
    if last is None:
        return
    missing = int.from_bytes(last[1], "little") + 1 - len(tail[last.start() :])
    if missing > 0 or (missing == 0 and not tail.endswith(END_OF_FILE)):
        raise ContentError("is truncated: it does not end as bgzip ends a file; copy it again")


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
