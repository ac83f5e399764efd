"""A lane of FASTQ, a block of records at a time, with every record checked.

Both the check before any job and the feeding of the aligner go through `read_lane`, so that
nothing is FASTQ to one and not to the other. The checks of a block are made on all its records
together; only where one fails is it looked for.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from imid.reads.fastq_file import LINES, RECORDS_AT_ONCE, FastqFile
from imid.reads.fastq_names import FragmentNames
from imid.reads.fastq_qualities import Encoding

BASES = b"ACGTN"
# Both aligners take an ambiguous base for N; one of RNA is U.
TO_BASES = bytes.maketrans(b"acgtnuU.RYSWKMBDHVryswkmbdhv", b"ACGTNTTN" + 20 * b"N")
NOT_PLAIN = {
    "lower-case bases": b"acgtn",
    "bases written '.'": b".",
    "bases of RNA (U)": b"uU",
    "ambiguous bases (IUPAC)": b"RYSWKMBDHVryswkmbdhv",
}
# STAR stops at a read without bases, HISAT2 skips one of a single base, and pysam, by which HTSeq
# reads, cannot give the quality of that. No aligner places two.
SHORTEST = 2
TOO_SHORT = "reads of one base or none, filled up with N"

WINDOWS = "line ends of Windows"
SHOWN = 20


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
    checksums : list of str
        SHA-256 of the files as they are on disk, once they are read to their ends.
    """

    paths: list[Path]
    records: int = 0
    notes: Counter = field(default_factory=Counter)
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
        # What is empty at the end ends the last line.
        lines = [b"+"] * (LINES * len(self.names)) + [b""]
        lines[0:-1:LINES] = self.names
        lines[1::LINES] = self.sequences[mate]
        lines[3::LINES] = self.qualities[mate]
        return b"\n".join(lines)


def read_lane(
    files: list[FastqFile],
    lane: Lane,
    beginning: int | None = None,
    last_name: bytes = b"",
) -> Iterator[Block]:
    """Read the files of a lane side by side, and check every record.

    Parameters
    ----------
    files : list of FastqFile
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
    encoding, names = Encoding(files, lane.notes), FragmentNames(files, last_name)
    at_once = min(RECORDS_AT_ONCE, beginning or RECORDS_AT_ONCE)
    while beginning is None or lane.records < beginning:
        records = [file.take(at_once) for file in files]
        for file, lines in zip(files, records, strict=True):
            _check_shape(file, lines, lane.records)
            file.refuse_cut()
        _refuse_unequal(files, records)
        if not records[0]:
            encoding.refuse_change()
            break
        block = Block(
            names.of([lines[0::LINES] for lines in records], lane.records),
            [
                _plain_bases(file, lines[1::LINES], lane)
                for file, lines in zip(files, records, strict=True)
            ],
            encoding.to_phred33([lines[3::LINES] for lines in records], lane.records),
        )
        _fill_up(block, lane.notes)
        lane.records += len(block.names)
        yield block
    if any(file.windows for file in files):
        lane.notes[WINDOWS] = lane.records
    lane.checksums = [file.checksum() for file in files]


def _refuse_unequal(files: list[FastqFile], records: Sequence[list[bytes]]) -> None:
    """Refuse two files of which one ends before the other."""
    if len(set(map(len, records))) > 1:
        first, second = (file.take_all() for file in files)
        raise files[1].error(
            f"holds {second} reads, but fastq_1 {first};"
            " one of them is incomplete or was filtered alone"
        )


def _check_shape(file: FastqFile, lines: list[bytes], before: int) -> None:
    """Refuse what is no record: four lines, of which the second and the last are of one length."""
    if not lines or (
        {line[:1] for line in lines[0::LINES]} == {b"@"}
        and _all_begin_with_plus(lines[2::LINES])
        and list(map(len, lines[1::LINES])) == list(map(len, lines[3::LINES]))
    ):
        return
    for number, row in enumerate(range(0, len(lines), LINES), before + 1):
        if fault := _record_fault(*lines[row : row + LINES]):
            if number == 1:
                raise file.error(f"is not FASTQ: its first record {fault}")
            raise file.error(f"is damaged at record {number}: it {fault}; copy it again")


def _all_begin_with_plus(lines: list[bytes]) -> bool:
    # Most have nothing else, which is seen in no time.
    return lines.count(b"+") == len(lines) or {line[:1] for line in lines} == {b"+"}


def _record_fault(header: bytes, sequence: bytes, plus: bytes, quality: bytes) -> str | None:
    """Say why four lines are no record."""
    if not header.startswith(b"@"):
        return f"begins with {_line_shown(header)}, not with '@'"
    if not plus.startswith(b"+"):
        return f"has {_line_shown(plus)} where '+' should be: four lines are a record"
    if len(sequence) != len(quality):
        return f"has {len(sequence)} bases and {len(quality)} qualities"
    return None


def _are_plain(text: bytes) -> bool:
    """Tell whether all bases are of `BASES`; compared with each of them, in half the time."""
    codes = np.frombuffer(text, np.uint8)
    plain = codes == BASES[0]
    for base in BASES[1:]:
        plain |= codes == base
    return bool(plain.all())


def _plain_bases(file: FastqFile, sequences: list[bytes], lane: Lane) -> list[bytes]:
    """Bring bases to those that both aligners and fastp know."""
    text = b"".join(sequences)
    if _are_plain(text):
        return sequences
    other = text.translate(None, BASES)
    plain = [sequence.translate(TO_BASES) for sequence in sequences]
    if b"".join(plain).translate(None, BASES):
        row = next(i for i, sequence in enumerate(plain) if sequence.translate(None, BASES))
        strange = plain[row].translate(None, BASES)[:1]
        raise file.error(
            f"has {_line_shown(strange)} among the bases of record {lane.records + row + 1}"
            + ("; is it of colour space (SOLiD)?" if strange.isdigit() else "")
        )
    for what, letters in NOT_PLAIN.items():
        if found := len(other) - len(other.translate(None, letters)):
            lane.notes[what] += found
    return plain


def _fill_up(block: Block, notes: Counter) -> None:
    """Make reads that are too short for the programs downstream as long as they need."""
    for sequences, qualities in zip(block.sequences, block.qualities, strict=True):
        if min(map(len, sequences)) < SHORTEST:
            for row, sequence in enumerate(sequences):
                if len(sequence) < SHORTEST:
                    sequences[row] = sequence.ljust(SHORTEST, b"N")
                    qualities[row] = qualities[row].ljust(SHORTEST, b"#")
                    notes[TOO_SHORT] += 1


def _line_shown(text: bytes) -> str:
    return repr(text[:SHOWN].decode("latin-1"))
