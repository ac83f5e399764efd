"""A FASTQ file as lines of records, decompressed and hashed as it is read from disk."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from imid.shared.bgzf import is_cut_between_blocks
from imid.shared.problems import ContentError
from imid.userfiles.gzip_stream import MAGIC, decompressed

# Of one record.
LINES = 4
# As much as stays in a processor's cache.
RECORDS_AT_ONCE = 1024
BYTES_AT_ONCE = 32 * 2**10
# A line without an end is no line of FASTQ: read on, it would fill the memory.
LONGEST_LINE = 64 * 2**20

# What people take for FASTQ, by how it begins, and what to do about it.
OTHERS = {
    b"BAM\1": "is BAM; make FASTQ of it (samtools fastq)",
    b"CRAM": "is CRAM; make FASTQ of it (samtools fastq)",
    b"@HD\t": "is SAM; make FASTQ of it (samtools fastq)",
    b"@SQ\t": "is SAM; make FASTQ of it (samtools fastq)",
    b"NCBI.sra": "is an archive of the SRA; make FASTQ of it (fasterq-dump --split-files)",
    b"\x89HDF": "is HDF5 (fast5, h5ad …), not FASTQ",
    b"BZh": "is compressed with bzip2; it must be plain text or gzipped (bzip2 -dc, then gzip)",
    b"\xfd7zXZ": "is compressed with xz; it must be plain text or gzipped (xz -dc, then gzip)",
    b"\x28\xb5\x2f\xfd": (
        "is compressed with zstd; it must be plain text or gzipped (zstd -dc, then gzip)"
    ),
    b"\x04\x22\x4d\x18": "is compressed with lz4; it must be plain text or gzipped",
    b"\x1f\x9d": "is compressed with compress; it must be plain text or gzipped",
    b"7z\xbc\xaf\x27\x1c": "is a 7-Zip archive; it must be plain text or gzipped",
    b"PK\x03\x04": "is a zip archive; it must be plain text or gzipped (unzip -p, then gzip)",
    b"Rar!": "is a RAR archive; it must be plain text or gzipped",
    b"version https://git-lfs": "is a pointer of Git LFS; fetch the file itself (git lfs pull)",
    b"\xef\xbb\xbf": "begins with the byte order mark of an editor; take the file as it came",
    b"\xff\xfe": "is UTF-16, as an editor writes it; take the file as it came",
    b"\xfe\xff": "is UTF-16, as an editor writes it; take the file as it came",
    b">": "is FASTA: it has no qualities, and reads need them",
    b"{": "is JSON, not FASTQ",
}
WEB_PAGE = re.compile(rb"\s*<(!doctype|html|head|\?xml)", re.IGNORECASE)
TAR = (257, b"ustar")


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
        while len(start) < TAR[0] + len(TAR[1]):
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
        for magic, what in OTHERS.items():
            if start.startswith(magic):
                raise self.error(what)
        if start[TAR[0] :].startswith(TAR[1]):
            raise self.error("is a tar archive; take the files out of it (tar -xf)")
        if start.startswith(MAGIC):
            raise self.error("is gzipped twice; decompress it once")
        if WEB_PAGE.match(start):
            raise self.error("is a web page, not FASTQ: the download failed")
        if b"\0" in start[: TAR[0]]:
            raise self.error("is not FASTQ: it is no text")
        if not start.startswith(b"@"):
            raise self.error("is not FASTQ: its first line does not begin with '@'")
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
