"""FASTQ files: that they are there, are FASTQ, are whole, and that mates belong together."""

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from check_content import ContentError, is_gzipped, is_small, read_content
from check_samples import FASTQ
from check_table import UserTable
from problems import place, quoted

# Of one read.
LINES = 4
# More than a short read takes: what is kept of a file's two ends.
ENDS = 64 * 2**10
# More than a short read takes on disk: what is read of a file that is not read whole.
BEGINNING = 8 * 2**10
# Reading as much takes a second.
WHOLE_TOGETHER = 32 * 2**20


class Reads(NamedTuple):
    """What was seen of a FASTQ file.

    Attributes
    ----------
    header : str
        The first line of its first read, without the @.
    number : int or None
        Of its reads; None for a file too large to be read whole here.
    """

    header: str
    number: int | None


def fastq_problems(sheet: UserTable, working_directory: Path) -> list[str]:
    """Look into the FASTQ files of a sheet.

    Files that are small, one by one and together, are read whole. Of others the beginning is
    read; whether those are truncated is for the job that reads them first.

    Parameters
    ----------
    sheet : UserTable
        As given by `read_sheet`; the rows of the cell lines to analyse.
    working_directory : Path
        What relative paths start from.

    Returns
    -------
    list of str
        The problems.
    """
    absent = _absent_folders(sheet, working_directory)
    whole = _together(sheet, working_directory) <= WHOLE_TOGETHER
    problems = [
        f"{place(sheet.name, *cells[0])}: the folder '{folder}' does not exist;"
        f" {len(cells)} FASTQ files are looked for in it"
        for folder, cells in absent.items()
    ]
    for line, row in sheet.records:
        mates = []
        for column in FASTQ:
            if row[column] and os.path.dirname(row[column]) not in absent:
                try:
                    mates.append(inspect(working_directory / row[column], whole))
                except ContentError as error:
                    problems.append(
                        f"{place(sheet.name, line, column)}: {quoted(row[column])} {error}"
                    )
        if len(mates) < 2 or row["fastq_1"] == row["fastq_2"]:
            continue
        if fault := mate_fault(*mates):
            problems.append(f"{place(sheet.name, line, 'fastq_2')}: '{row['fastq_2']}' {fault}")
    return problems


def _together(sheet: UserTable, working_directory: Path) -> int:
    names = {name for name in sheet.rows[FASTQ].to_numpy().flat if name}
    paths = [os.path.join(working_directory, name) for name in names]
    return sum(os.path.getsize(path) for path in paths if os.path.exists(path))


def _absent_folders(sheet: UserTable, working_directory: Path) -> dict[str, list[tuple[int, str]]]:
    # One wrong folder is one problem, not one for each file.
    cells = defaultdict(list)
    for column in FASTQ:
        for line, name in sheet.rows[column].items():
            if name:
                cells[os.path.dirname(name)].append((line, column))
    return {
        folder: found
        for folder, found in cells.items()
        if not os.path.exists(working_directory / folder)
    }


def inspect(path: Path, whole: bool = True) -> Reads:
    """Read a FASTQ file, or the beginning of a large one.

    Parameters
    ----------
    path : Path
        The file, plain or gzipped.
    whole : bool
        Whether to read it whole if it is small.

    Returns
    -------
    Reads
        What was seen.

    Raises
    ------
    ContentError
        If it is missing, empty, truncated, or not FASTQ; or if its name hides that it is gzipped,
        by which programs go.
    """
    head, tail, lines = b"", b"", 0
    whole = whole and os.path.isfile(path) and is_small(path)
    for block in read_content(path, None if whole else BEGINNING):
        head += block[: ENDS - len(head)]
        tail = (tail + block)[-ENDS:]
        lines += block.count(b"\n")
        if not whole and lines >= LINES:
            break
    _check_suffix(path)
    header = _first_header(head)
    return Reads(header, _number_of_reads(lines, tail) if whole else None)


def _check_suffix(path: Path) -> None:
    gzipped = is_gzipped(path)
    if gzipped and path.suffix != ".gz":
        raise ContentError("is gzipped, but its name does not end in .gz, by which programs go")
    if not gzipped and path.suffix == ".gz":
        raise ContentError("is not gzipped, but its name ends in .gz, by which programs go")


def _number_of_reads(lines: int, tail: bytes) -> int:
    """Count reads by the line ends of a file, and see that its tail is that of a whole one."""
    if not tail.endswith(b"\n"):
        lines += 1
        tail += b"\n"
    last_read = tail.split(b"\n")[-5:-1]
    if lines % LINES or len(last_read[1]) != len(last_read[3]):
        raise ContentError("is truncated: it ends within a read; copy it again")
    return lines // LINES


def _first_header(head: bytes) -> str:
    lines = head.split(b"\n", LINES)
    if not head.strip():
        raise ContentError("holds no reads")
    if not head.startswith(b"@"):
        raise ContentError("is not FASTQ: its first line does not begin with '@'")
    if lines[0].endswith(b"\r"):
        raise ContentError("has the line ends of Windows; convert it with dos2unix")
    if len(lines) < LINES:
        raise ContentError("is not FASTQ: it ends within its first read")
    if not lines[2].startswith(b"+") or len(lines[1]) != len(lines[3]):
        raise ContentError(
            "is not FASTQ: its first read is not a name, the bases, '+', and as many qualities"
        )
    return lines[0][1:].decode("latin-1")


def mate_fault(first: Reads, second: Reads) -> str | None:
    """Say why two files do not hold the mates of the same pairs.

    Parameters
    ----------
    first, second : Reads
        What was seen of the files of the first and the second mates.

    Returns
    -------
    str or None
        In words that follow the name of the second file; None where they seem to belong together.
    """
    (name, mate), (other_name, other_mate) = _name_and_mate(first), _name_and_mate(second)
    if name != other_name:
        return (
            f"begins with read '{other_name}', but fastq_1 with '{name}';"
            " mates are in the same order in both files"
        )
    if mate and mate == other_mate:
        return f"and fastq_1 both say that they hold mates {mate}"
    if (mate, other_mate) == ("2", "1"):
        return "holds the first mates, and fastq_1 the second; exchange them"
    if None not in (first.number, second.number) and first.number != second.number:
        return (
            f"holds {second.number} reads, but fastq_1 {first.number};"
            " one of them is incomplete or was filtered alone"
        )
    return None


def _name_and_mate(reads: Reads) -> tuple[str, str | None]:
    """Take a header apart: the name of the pair, and which mate it says it is."""
    name, _, comment = reads.header.partition(" ")
    # Illumina since 1.8 (name 1:N:0:index), before (name/1), and the archives (SRR1.1.1).
    if found := re.match(r"([12]):[YN]:", comment):
        return name, found[1]
    if found := re.fullmatch(r"(.+)/([12])", name) or re.fullmatch(r"(\wRR\d+\.\d+)\.([12])", name):
        return found[1], found[2]
    return name, None
