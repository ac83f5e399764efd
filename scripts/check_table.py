"""Tables that people write: read with their line numbers, and held against a schema."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from jsonschema import Draft202012Validator

from check_schema import violations
from problems import InputError, did_you_mean, place

SEPARATORS = {",": "commas", ";": "semicolons", "|": "bars", " ": "spaces"}


@dataclass(frozen=True)
class UserTable:
    """A table as somebody wrote it.

    Attributes
    ----------
    name : str
        What messages call it.
    header_line : int
        The line of its header, from 1.
    rows : DataFrame
        Cells as str, the empty ones as ``""``; the index is the line of the file, from 1.
    """

    name: str
    header_line: int
    rows: pd.DataFrame

    @cached_property
    def records(self) -> list[tuple[int, dict[str, str]]]:
        """Each row as its line and its cells by column."""
        cells = self.rows.itertuples(index=False, name=None)
        rows = (dict(zip(self.rows.columns, row, strict=True)) for row in cells)
        return list(zip(self.rows.index, rows, strict=True))


def read_user_table(path: Path, name: str) -> UserTable:
    """Read a tab-separated table as it comes from an editor or a spreadsheet.

    Blank lines and lines that begin with ``#`` are skipped. A byte-order mark, any line ends,
    spaces around a cell and quotes of a spreadsheet are taken off.

    Parameters
    ----------
    path : Path
        The table.
    name : str
        What messages call it.

    Returns
    -------
    UserTable
        Its rows, with their lines.

    Raises
    ------
    InputError
        If it is not a tab-separated text with a header and at least one row.
    """
    numbered = [
        (number, [cell.strip() for cell in next(csv.reader([line], delimiter="\t"))])
        for number, line in enumerate(re.split(r"\r\n|\r|\n", user_text(path, name)), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not numbered:
        raise InputError([f"{name}: is empty; a header and rows are needed"])
    (header_line, header), *rows = numbered
    while header and not header[-1]:
        header.pop()
    problems = list(_header_problems(header, place(name, header_line)))
    width = len(header)
    problems += [
        f"{place(name, line)}: has {len(cells)} cells, but the header has {width}"
        for line, cells in rows
        if any(cells[width:])
    ]
    if not rows:
        problems.append(f"{name}: has a header, but no row")
    if problems:
        raise InputError(problems)
    filled = [(cells + [""] * width)[:width] for _, cells in rows]
    frame = pd.DataFrame(filled, columns=header, index=[line for line, _ in rows], dtype=str)
    return UserTable(name, header_line, frame)


def user_text(path: Path, name: str) -> str:
    """Read a text as it comes from an editor or a spreadsheet.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.

    Returns
    -------
    str
        Its content, without a byte-order mark.

    Raises
    ------
    InputError
        If it is missing, cannot be read or is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError([f"{name}: does not exist"]) from None
    except OSError as error:
        raise InputError([f"{name}: cannot be read: {error.strerror}"]) from error
    advice = "save it as tab-separated text in UTF-8"
    if content.startswith(b"PK\x03\x04") or content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError([f"{name}: is a spreadsheet's own file; {advice}"])
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError([f"{name}: is UTF-16 text; {advice}"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError([f"{place(name, line)}: is not UTF-8 text; {advice}"]) from error


def _header_problems(header: list[str], where: str) -> Iterator[str]:
    if len(header) == 1:
        for separator, word in SEPARATORS.items():
            if separator in header[0]:
                yield f"{where}: the columns are separated by {word}; tabs are needed"
                return
    for position, column in enumerate(header):
        if not column:
            yield f"{where}: column {position + 1} has no name"
        elif column in header[:position]:
            yield f"{where}: column '{column}' is there twice"


def column_problems(table: UserTable, schema: dict) -> list[str]:
    """Find columns that are unknown, misspelt or missing.

    Parameters
    ----------
    table : UserTable
        As given by `read_user_table`.
    schema : dict
        The schema of a row.

    Returns
    -------
    list of str
        The problems.
    """
    where = place(table.name, table.header_line)
    known = list(schema["properties"])
    absent = [column for column in known if column not in table.rows]
    problems = []
    for column in table.rows.columns.difference(known, sort=False):
        hint = did_you_mean(column, absent)
        # A misspelt column is told as such, and not a second time as missing.
        absent = [other for other in absent if f"'{other}'" not in hint]
        problems.append(
            f"{where}: unknown column '{column}'{hint or '; known are ' + ', '.join(known)}"
        )
    missing = [column for column in absent if column in schema["required"]]
    return problems + [f"{where}: column '{column}' is missing" for column in missing]


def cell_problems(table: UserTable, schema: dict) -> list[str]:
    """Find cells that are empty but must not be, or do not fit the schema.

    Parameters
    ----------
    table : UserTable
        As given by `read_user_table`; columns that the schema does not know are passed over.
    schema : dict
        The schema of a row.

    Returns
    -------
    list of str
        The problems, by line.
    """
    found = []
    for column, wanted in schema["properties"].items():
        if column in table.rows:
            cells = table.rows[column]
            required = column in schema["required"]
            validator = Draft202012Validator(wanted)
            faults = {value: _cell_fault(value, validator, required) for value in cells.unique()}
            found += [
                (line, f"{place(table.name, line, column)}: {faults[value]}")
                for line, value in cells.items()
                if faults[value]
            ]
    return [message for _, message in sorted(found, key=lambda fault: fault[0])]


def _cell_fault(value: str, validator: Draft202012Validator, required: bool) -> str | None:
    fault = violations(value, validator).get(())
    if fault and not value:
        return f"is empty. {validator.schema['description']}" if required else None
    return fault
