"""A FASTQ file as lines of records, decompressed and hashed as it is read from disk."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from imid.shared.bgzf import is_cut_between_blocks
from imid.shared.problems import ContentError
from imid.userfiles.formats import MARKED, TELLING, UTF_16, format_of
from imid.userfiles.gzip_stream import MAGIC, decompressed

# Of one record.
LINES = 4
# As much as stays in a processor's cache.
RECORDS_AT_ONCE = 1024
BYTES_AT_ONCE = 32 * 2**10
# A line without an end is no line of FASTQ: read on, it would fill the memory.
LONGEST_LINE = 64 * 2**20

# What else people take for FASTQ, and what to do about it.
MADE_BY = {"BAM": "samtools fastq", "CRAM": "samtools fastq", "SAM": "samtools fastq"}
MADE_BY |= {"SRA": "fasterq-dump --split-files"}
OTHERS = {
    b">": "is FASTA: it has no qualities, and reads need them",
    b"{": "is JSON, not FASTQ",
}


def no_fastq(start: bytes) -> str | None:
    """Say what a file is by how it begins, where that is no FASTQ; None where it may be."""
    if other := format_of(start):
        made = MADE_BY.get(other.name)
        return f"{other.words}; {f'make FASTQ of it ({made})' if made else other.remedy}"
    if encoded := format_of(start, [UTF_16, MARKED]):
        return f"{encoded.words}; take the file as it came"
    if start.startswith(MAGIC):
        return "is gzipped twice; decompress it once"
    if said := next((what for magic, what in OTHERS.items() if start.startswith(magic)), None):
        return said
    if b"\0" in start[:TELLING]:
        return "is not FASTQ: it is no text"
    if not start.startswith(b"@"):
        return "is not FASTQ: its first line does not begin with '@'"
    return None


class FastqError(ContentError):
    """What is wrong with a FASTQ file, in words that follow its name.

    Attributes
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(what)
        self.path = path


class FastqFile:
    """A FASTQ file, plain or gzipped, whatever its name.

    Parameters
    ----------
    path : Path
        The file.

    Attributes
    ----------
    taken : int
        Records taken so far.
    windows : bool
        Whether line ends of Windows were met.

    Raises
    ------
    FastqError
        Where it cannot be read, or begins as no FASTQ file does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.taken = 0
        self.windows = False
        self._hash = hashlib.sha256()
        self._lines: list[bytes] = []
        self._rest = b""
        self._cut_within = 0
        self._text = self._guarded(self._read())
        self._begin(next(self._text, b""))

    def take(self, number: int) -> list[bytes]:
        """Take the lines of up to so many further records; fewer only at the end.

        Raises
        ------
        FastqError
            Where the file is damaged.
        """
        while len(self._lines) < LINES * number and self._text is not None:
            chunk = next(self._text, None)
            self._split(chunk)
        lines = self._lines[: LINES * number]
        del self._lines[: LINES * number]
        if len(lines) < LINES * number:
            lines = self._last(lines)
        self.taken += len(lines) // LINES
        return lines

    def refuse_cut(self) -> None:
        """Refuse a file whose end, once it is met, lies within a record.

        Apart from `take`, for where a line was lost earlier, that is what is to be told.
        """
        if self._cut_within:
            raise self.error(
                f"is truncated: it ends within record {self._cut_within}; copy it again"
            )

    def take_all(self) -> int:
        """Read on to the end; give the number of all records."""
        while self.take(RECORDS_AT_ONCE):
            pass
        return self.taken

    def error(self, what: str) -> FastqError:
        """Say what is wrong with this file."""
        return FastqError(self.path, what)

    def checksum(self) -> str:
        """Give the SHA-256 of what was read from disk: of the file, once it is read to its end."""
        return self._hash.hexdigest()

    def _read(self) -> Iterator[bytes]:
        if not self.path.is_file():
            raise ContentError("is no file" if self.path.exists() else "does not exist")
        with self.path.open("rb") as file:
            gzipped = file.peek(len(MAGIC)).startswith(MAGIC)
            blocks = self._hashed(file)
            yield from decompressed(blocks) if gzipped else blocks

    def _hashed(self, file: BinaryIO) -> Iterator[bytes]:
        while block := file.read(BYTES_AT_ONCE):
            self._hash.update(block)
            yield block

    def _guarded(self, text: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from text
        except ContentError as error:
            raise self.error(str(error)) from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise self.error(f"cannot be read: {reason}") from error

    def _begin(self, start: bytes) -> None:
        """Refuse what is no FASTQ at all, by how it begins."""
        while len(start) < TELLING:
            more = next(self._text, None)
            if more is None:
                break
            start += more
        if not start and not self.path.stat().st_size:
            raise self.error("is empty")
        if is_cut_between_blocks(self.path):
            raise self.error(
                "is truncated: its last block is full, as only those are that others follow; copy"
                " it again or, if it is whole, compress it anew"
            )
        if not start.strip(b"\r\n\t \x1a"):
            raise self.error("holds no reads")
        if fault := no_fastq(start):
            raise self.error(fault)
        self._split(start)

    def _split(self, chunk: bytes | None) -> None:
        """Split text into lines; None ends it."""
        if chunk is None:
            self._text = None
            if self._rest:
                self._lines.append(self._rest.removesuffix(b"\r"))
                self._rest = b""
            return
        text = self._rest + chunk
        if b"\r" in text and b"\r\n" in text:
            self.windows = True
            text = text.replace(b"\r\n", b"\n")
        lines = text.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE:
            raise self.error(f"is not FASTQ: one of its lines exceeds {LONGEST_LINE} bytes")
        self._lines += lines

    def _last(self, lines: list[bytes]) -> list[bytes]:
        """See that a file ends with a whole record; blank lines beyond it are none."""
        over = len(lines) % LINES
        while lines and not lines[-1].strip(b"\x1a") and (over or not any(lines[-LINES:])):
            lines.pop()
            over = len(lines) % LINES
        if over == LINES - 1 and not lines[-2]:
            # Of a read without bases the qualities are a line end, and that may be missing.
            return [*lines, b""]
        if over and not self.taken and len(lines) < LINES:
            if b"\r" in lines[0]:
                raise self.error("has the line ends of old Macs; convert it with mac2unix")
            raise self.error("is not FASTQ: it ends within its first record")
        if over:
            self._cut_within = self.taken + len(lines) // LINES + 1
        return lines[: len(lines) - over]
