"""Reading FASTQ, a block of records at a time, with every record checked.

Both the check before any job and the feeding of the aligner go through `read_lane`, so that
nothing is FASTQ to one and not to the other. The checks of a block are made on all its records
together; only where one fails is it looked for.
"""

import hashlib
import operator
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gzip_stream import MAGIC, decompressed
from problems import ContentError
from read_names import (
    Mark,
    find_mark,
    look_interleaved,
    made_safe,
    said_mate,
    without_suffix,
)

# Of one record.
LINES = 4
# As much as stays in a processor's cache.
RECORDS_AT_ONCE = 1024
BYTES_AT_ONCE = 32 * 2**10
# A line without an end is no line of FASTQ: read on, it would fill the memory.
LONGEST_LINE = 64 * 2**20
NAMES_LOOKED_AT = 64

BASES = b"ACGTN"
# Both aligners take an ambiguous base for N; one of RNA is U.
TO_BASES = bytes.maketrans(b"acgtnuU.RYSWKMBDHVryswkmbdhv", b"ACGTNTTN" + 20 * b"N")
NOT_PLAIN = {
    "lower-case bases": b"acgtn",
    "bases written '.'": b".",
    "bases of RNA (U)": b"uU",
    "ambiguous bases (IUPAC)": b"RYSWKMBDHVryswkmbdhv",
}
# No aligner places one N; STAR stops at a read without bases.
EMPTY = (b"N", b"#")
EMPTY_READS = "reads without bases"

# Qualities as ASCII: Phred + 33 or, until 2011, Phred + 64; Solexa's went down to -5.
LOWEST, HIGHEST = 33, 126
PHRED64, SOLEXA = 64, 59
SHIFT = PHRED64 - LOWEST
# No sequencer's Phred + 33 lies between these alone (Q26 to Q43 are 59 to 76).
PLAUSIBLE_PHRED33 = 76
TO_PHRED33 = bytes(max(code - SHIFT, LOWEST) for code in range(256))
PHRED64_CONVERTED = "qualities of Phred+64, converted"

# What people take for FASTQ, by how it begins, and what to do about it.
OTHERS = {
    b"BAM\1": "is BAM; make FASTQ of it (samtools fastq)",
    b"CRAM": "is CRAM; make FASTQ of it (samtools fastq)",
    b"@HD\t": "is SAM; make FASTQ of it (samtools fastq)",
    b"@SQ\t": "is SAM; make FASTQ of it (samtools fastq)",
    b"NCBI.sra": "is an archive of the SRA; make FASTQ of it (fasterq-dump --split-files)",
    b"\x89HDF": "is HDF5 (fast5, h5ad …), not FASTQ",
    b".snap": "is not FASTQ",
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


@dataclass
class Lane:
    """What was read of a lane.

    Attributes
    ----------
    paths : list of Path
        The files of its mates; one where reads are single.
    records : int
        Reads, or pairs.
    notes : Counter
        What was brought to the common form: how many records, by what it was.
    qualities : tuple of int
        The lowest and the highest as they stand in the files.
    checksums : list of str
        SHA-256 of the files as they are on disk, once they are read to their ends.
    """

    paths: list[Path]
    records: int = 0
    notes: Counter = field(default_factory=Counter)
    qualities: tuple[int, int] = (HIGHEST, LOWEST)
    checksums: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """Records as both aligners take them: checked, and of one form.

    Attributes
    ----------
    names : list of bytes
        One for a read or pair, with the ``@`` before it.
    sequences, qualities : list of list of bytes
        For each mate.
    """

    names: list[bytes]
    sequences: list[list[bytes]]
    qualities: list[list[bytes]]

    def text(self, mate: int) -> bytes:
        """Write a mate's records as FASTQ."""
        lines = [b"+"] * (LINES * len(self.names))
        lines[0::LINES] = self.names
        lines[1::LINES] = self.sequences[mate]
        lines[3::LINES] = self.qualities[mate]
        return b"\n".join(lines) + b"\n"


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
        self._text = self._guarded(self._read())
        self._begin(next(self._text, b""))

    def take(self, number: int) -> list[bytes]:
        """Take the lines of up to so many further records; fewer only at the end.

        Raises
        ------
        FastqError
            Where the file is damaged, or ends within a record.
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

    def number_of_records(self) -> int:
        """Read on to the end, and count all records."""
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
        if not start:
            raise self.error("is empty")
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
        if b"\0" in start:
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
        if over:
            if not self.taken and len(lines) < LINES:
                if b"\r" in lines[0]:
                    raise self.error("has the line ends of old Macs; convert it with mac2unix")
                raise self.error("is not FASTQ: it ends within its first record")
            number = self.taken + len(lines) // LINES + 1
            raise self.error(f"is truncated: it ends within record {number}; copy it again")
        return lines


def read_lane(
    paths: Sequence[Path],
    lane: Lane,
    beginning: int | None = None,
    last_name: bytes = b"",
) -> Iterator[Block]:
    """Read the files of a lane side by side, and check every record.

    Parameters
    ----------
    paths : sequence of Path
        One file, or those of the first and the second mates.
    lane : Lane
        What is read is added up here; complete when the last block was taken.
    beginning : int, optional
        Records to read at most, instead of all.
    last_name : bytes
        The name before the first, which must be another.

    Yields
    ------
    Block

    Raises
    ------
    FastqError
        At the first record that is not as it should be; says which.
    """
    files = list(map(FastqFile, paths))
    checker = LaneChecker(files, lane, last_name)
    at_once = min(RECORDS_AT_ONCE, beginning or RECORDS_AT_ONCE)
    while records := [file.take(at_once) for file in files]:
        checker.refuse_unequal(records)
        if not records[0]:
            break
        yield checker.checked(records)
        if beginning is not None and lane.records >= beginning:
            return
    checker.refuse_changed_encoding()
    lane.checksums = [file.checksum() for file in files]


class LaneChecker:
    """Checks the records of a lane, and brings them to one form.

    Parameters
    ----------
    files : list of FastqFile
        Of the mates; named in messages.
    lane : Lane
        What is read is added up here.
    last_name : bytes
        The name before the first.
    """

    def __init__(self, files: list[FastqFile], lane: Lane, last_name: bytes = b"") -> None:
        self.files = files
        self.lane = lane
        self.last_name = last_name
        self.mark: Mark | None = None
        self.phred64: bool | None = None

    def checked(self, records: list[list[bytes]]) -> Block:
        """Check the lines of as many records of each mate, and give them in one form.

        Raises
        ------
        FastqError
            Where a record is not as it should be.
        """
        for file, lines in zip(self.files, records, strict=True):
            self._check_shape(file, lines)
        bases = [self._bases(file, lines) for file, lines in zip(self.files, records, strict=True)]
        qualities = self._qualities(records)
        names = self._names([lines[::LINES] for lines in records])
        block = Block(names, bases, qualities)
        self._fill_empty(block)
        self.lane.records += len(names)
        for file in self.files:
            if file.windows:
                self.lane.notes["line ends of Windows, converted"] = self.lane.records
        return block

    def refuse_unequal(self, records: list[list[bytes]]) -> None:
        """Refuse two files of which one ends before the other."""
        if len(set(map(len, records))) > 1:
            first, second = (file.number_of_records() for file in self.files)
            raise self.files[1].error(
                f"holds {second} reads, but fastq_1 {first};"
                " one of them is incomplete or was filtered alone"
            )

    def refuse_changed_encoding(self) -> None:
        """Refuse qualities that all together are of another encoding than the first were."""
        if self.phred64 is not None and self._is_phred64(*self.lane.qualities) != self.phred64:
            raise self.files[0].error(
                "has qualities of Phred+64, which its first reads did not show;"
                " convert them (seqtk seq -Q64 -V)"
            )

    # Shape

    def _check_shape(self, file: FastqFile, lines: list[bytes]) -> None:
        sound = (
            {line[:1] for line in lines[0::LINES]} == {b"@"}
            and {line[:1] for line in lines[2::LINES]} == {b"+"}
            and list(map(len, lines[1::LINES])) == list(map(len, lines[3::LINES]))
        )
        if sound:
            return
        for number, row in enumerate(range(0, len(lines), LINES), self.lane.records + 1):
            if fault := _fault(*lines[row : row + LINES]):
                if number == 1:
                    raise file.error(f"is not FASTQ: {fault}")
                raise file.error(f"is damaged at record {number}: {fault}; copy it again")

    # Bases and qualities

    def _bases(self, file: FastqFile, lines: list[bytes]) -> list[bytes]:
        sequences = lines[1::LINES]
        other = b"".join(sequences).translate(None, BASES)
        if not other:
            return sequences
        plain = [sequence.translate(TO_BASES) for sequence in sequences]
        if b"".join(plain).translate(None, BASES):
            row = next(i for i, sequence in enumerate(plain) if sequence.translate(None, BASES))
            strange = sequences[row].translate(None, BASES + b"".join(NOT_PLAIN.values()))
            raise file.error(
                f"has at record {self.lane.records + row + 1} {_shown(strange[:1])} among its bases"
                + ("; is it of colour space (SOLiD)?" if strange[:1].isdigit() else "")
            )
        for what, letters in NOT_PLAIN.items():
            if found := len(other) - len(other.translate(None, letters)):
                self.lane.notes[what] += found
        return plain

    def _qualities(self, records: list[list[bytes]]) -> list[list[bytes]]:
        qualities = [lines[3::LINES] for lines in records]
        lowest, highest = HIGHEST, LOWEST
        for file, lines in zip(self.files, qualities, strict=True):
            codes = np.frombuffer(b"".join(lines), np.uint8)
            low, high = int(codes.min(initial=HIGHEST)), int(codes.max(initial=LOWEST))
            if low < LOWEST or high > HIGHEST:
                row = next(i for i, line in enumerate(lines) if _unprintable(line))
                raise file.error(
                    f"is damaged at record {self.lane.records + row + 1}: a quality is"
                    f" {_shown(_unprintable(lines[row])[:1])}; copy it again"
                )
            lowest, highest = min(lowest, low), max(highest, high)
        seen = self.lane.qualities
        self.lane.qualities = min(seen[0], lowest), max(seen[1], highest)
        if self.phred64 is None:
            self.phred64 = self._is_phred64(*self.lane.qualities)
        if not self.phred64:
            return qualities
        if lowest < PHRED64:
            self._refuse_mixed(qualities)
        self.lane.notes[PHRED64_CONVERTED] += len(qualities[0])
        return [[line.translate(TO_PHRED33) for line in lines] for lines in qualities]

    def _is_phred64(self, lowest: int, highest: int) -> bool:
        if lowest < SOLEXA or highest <= PLAUSIBLE_PHRED33:
            return False
        if lowest < PHRED64:
            raise self.files[0].error(
                f"has qualities from {chr(lowest)} to {chr(highest)}, which are Solexa's or of"
                " another unknown encoding; write them as Phred+33"
            )
        return True

    def _refuse_mixed(self, qualities: list[list[bytes]]) -> None:
        for file, lines in zip(self.files, qualities, strict=True):
            for row, line in enumerate(lines):
                if min(line, default=PHRED64) < PHRED64:
                    raise file.error(
                        f"has at record {self.lane.records + row + 1} a quality of"
                        f" {_shown(bytes([min(line)]))}, but the records before are of Phred+64;"
                        " files of both were joined: convert them apart"
                    )

    def _fill_empty(self, block: Block) -> None:
        for sequences, qualities in zip(block.sequences, block.qualities, strict=True):
            if b"" in sequences:
                for row, sequence in enumerate(sequences):
                    if not sequence:
                        sequences[row], qualities[row] = EMPTY
                        self.lane.notes[EMPTY_READS] += 1

    # Names

    def _names(self, headers: list[list[bytes]]) -> list[bytes]:
        for file, mate in zip(self.files, headers, strict=True):
            self._refuse_nameless(file, mate)
        split = [[header.partition(b" ") for header in _without_tabs(mate)] for mate in headers]
        given = [[parts[0] for parts in mate] for mate in split]
        names = self._fragment_names(given, split) if len(given) > 1 else self._single(given[0])
        safe = made_safe(names)
        if safe is not names or names is not given[0]:
            changed = sum(map(operator.ne, safe, given[0]))
            if changed:
                self.lane.notes["names without what tells mates apart"] += changed
        self._refuse_repeated(safe)
        self.last_name = safe[-1]
        return safe

    def _refuse_nameless(self, file: FastqFile, headers: list[bytes]) -> None:
        begin = {header[1:2] for header in headers}
        if b"" in begin or any(map(bytes.isspace, begin)):
            row = next(i for i, header in enumerate(headers) if not header[1:2].strip())
            raise file.error(f"has no name at record {self.lane.records + row + 1}")

    def _single(self, names: list[bytes]) -> list[bytes]:
        if look_interleaved(names[:NAMES_LOOKED_AT]):
            raise self.files[0].error(
                f"holds pairs, one mate after the other: records {self.lane.records + 1} and"
                f" {self.lane.records + 2} are called {_shown(names[0])} and {_shown(names[1])};"
                " write the mates to two files, fastq_1 and fastq_2"
            )
        return without_suffix(names) if b"/" in b"".join(names) else names

    def _fragment_names(
        self, given: list[list[bytes]], split: list[list[list[bytes]]]
    ) -> list[bytes]:
        """Hold the names of mates against each other, and give those of their fragments."""
        if not self.lane.records:
            self._refuse_wrong_mates(split, 0)
            self.mark = find_mark(given[0][0], given[1][0])
        if self.mark is None:
            names, others = given
        else:
            names, others = (self.mark.removed(mate, n) for n, mate in enumerate(given))
        if names is None or names != others:
            self._tell_strangers(given, split)
        said = [{parts[2][:2] for parts in mate} for mate in split]
        suspect = said[0] == said[1] or said == [{b"2:"}, {b"1:"}]
        if suspect and said[0] & {b"1:", b"2:"} or b"/" in b"".join(names):
            for row in range(len(names)):
                self._refuse_wrong_mates(split, row)
        return names

    def _refuse_wrong_mates(self, split: list[list[list[bytes]]], row: int) -> None:
        """Refuse mates that both say to be the same, or each the other."""
        first, second = (said_mate(mate[row][0], mate[row][2]) for mate in split)
        if first and first == second:
            raise self.files[1].error(f"and fastq_1 both say that they hold mates {first}")
        if (first, second) == (2, 1):
            raise self.files[1].error(
                "holds the first mates, and fastq_1 the second; exchange them"
            )

    def _tell_strangers(self, given: list[list[bytes]], split: list[list[list[bytes]]]) -> None:
        """Find the first two records that are no mates."""
        for row, (name, other) in enumerate(zip(*given, strict=True)):
            self._refuse_wrong_mates(split, row)
            mates = name == other if self.mark is None else find_mark(name, other) == self.mark
            if not mates:
                number = self.lane.records + row + 1
                raise self.files[1].error(
                    f"has {_shown(other)} as record {number}, but fastq_1 has {_shown(name)};"
                    " mates are in the same order in both files"
                )

    def _refuse_repeated(self, names: list[bytes]) -> None:
        before = [self.last_name, *islice(names, len(names) - 1)]
        if not any(map(operator.eq, before, names)):
            return
        row = next(i for i, pair in enumerate(zip(before, names, strict=True)) if len({*pair}) == 1)
        number = self.lane.records + row + 1
        where = f"records {number - 1} and {number}" if number > 1 else "the first record"
        if number == 1:
            raise self.files[0].error(
                f"begins with {_shown(names[0])}, the name that the lane before it ends with;"
                " every read or pair needs a name of its own"
            )
        if len(self.files) == 1:
            raise self.files[0].error(
                f"has the name {_shown(names[row])} twice, {where}: if it holds pairs, one mate"
                " after the other, write them to two files, fastq_1 and fastq_2; if not, every"
                " read needs a name of its own"
            )
        raise self.files[0].error(
            f"has the name {_shown(names[row])} twice, {where}; every pair needs a name of its own"
        )


def _fault(header: bytes, sequence: bytes, plus: bytes, quality: bytes) -> str | None:
    """Say why four lines are no record."""
    if not header.startswith(b"@"):
        return f"its first line does not begin with '@' but {_shown(header[:20])}"
    if not plus.startswith(b"+"):
        return f"its third line does not begin with '+' but {_shown(plus[:20])}"
    if len(sequence) != len(quality):
        return f"it has {len(sequence)} bases and {len(quality)} qualities"
    return None


def _without_tabs(headers: list[bytes]) -> list[bytes]:
    if b"\t" in b"".join(headers):
        return [header.replace(b"\t", b" ") for header in headers]
    return headers


def _unprintable(line: bytes) -> bytes:
    return line.translate(None, bytes(range(LOWEST, HIGHEST + 1)))


def _shown(text: bytes) -> str:
    return repr(text.decode("latin-1"))
