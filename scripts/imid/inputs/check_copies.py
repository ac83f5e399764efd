"""The same reads under two names: copies of a FASTQ file, compressed anew or not."""

import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from imid.inputs.check_samples import FASTQ
from imid.shared.problems import place
from imid.userfiles.check_content import ContentError, read_content
from imid.userfiles.check_table import UserTable

# Two files that begin with the same read are compared this far, decompressed: some thousand
# reads. The names of a sequencer's reads alone are never the same twice.
COMPARED = 2**20
# Of two short files that begin alike by chance, such as simulated reads without names.
FIRST_BYTES = 4 * 2**10
READ_LINES = 4


class Cell(NamedTuple):
    """Where the sheet names a file: the line, the column, the sample and the name."""

    line: int
    column: str
    sample: str
    name: str


def copied_reads(sheet: UserTable, working_directory: Path) -> list[str]:
    """Find FASTQ files of a sheet that begin with the same reads as another of its files.

    Parameters
    ----------
    sheet : UserTable
        As given by `read_sheet`; the rows of the cell lines to analyse.
    working_directory : Path
        What relative paths start from.

    Returns
    -------
    list of str
        The problems. Files that cannot be read are told elsewhere, and passed over.
    """
    alike = defaultdict(list)
    for cell in _fastq_cells(sheet):
        if read := first_read(working_directory / cell.name):
            alike[read].append(cell)
    return [
        f"{place(sheet.name, cell.line, cell.column)}: '{cell.name}' of {cell.sample} has the same"
        f" reads as '{other.name}' of {other.sample} on line {other.line}; each file of each"
        " sample has reads of its own: name the right one, or leave the copy out"
        for cells in alike.values()
        for cell, other in _same_beginnings(cells, working_directory)
    ]


def _fastq_cells(sheet: UserTable) -> Iterator[Cell]:
    for line, row in sheet.records:
        for column in FASTQ:
            if row[column]:
                yield Cell(line, column, row["sample"], row[column])


def first_read(path: Path) -> bytes | None:
    """Read the first read of a FASTQ file; None where there is none."""
    lines = beginning(path, FIRST_BYTES).split(b"\n", READ_LINES)
    return b"\n".join(line.rstrip(b"\r") for line in lines[:READ_LINES]) if lines[0] else None


def beginning(path: Path, size: int) -> bytes:
    """Read the beginning of a file, decompressed; what can be read of a damaged one."""
    content = b""
    try:
        for block in read_content(path, beginning=size):
            content += block
            if len(content) >= size:
                break
    except ContentError:
        pass
    return content[:size]


def _same_beginnings(cells: list[Cell], working_directory: Path) -> Iterator[tuple[Cell, Cell]]:
    """Give each file that begins as an earlier one does, with the first that it is like."""
    if len(cells) < 2:
        return
    known: list[tuple[Cell, bytes]] = []
    for cell in cells:
        content = beginning(working_directory / cell.name, COMPARED)
        # A file may be the beginning of another; the same file named twice is told elsewhere.
        like = (other for other, its in known if _begins_alike(content, its))
        for other in islice(like, 1):
            if os.path.realpath(working_directory / cell.name) != os.path.realpath(
                working_directory / other.name
            ):
                yield cell, other
            break
        else:
            known.append((cell, content))


def _begins_alike(one: bytes, other: bytes) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
