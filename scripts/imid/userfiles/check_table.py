"""Tables that people write: read with their line numbers, and held against a schema."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from jsonschema import Draft202012Validator

from imid.shared.problems import InputError, did_you_mean, place, quoted
from imid.userfiles.check_schema import violations
from imid.userfiles.user_files import TABLE_ADVICE, user_text

# A line break to some programs, and none to others.
LINE_BREAK = re.compile("[\x85\u2028\u2029]")
MARKUP = {"<": "HTML or XML", "{": "JSON", "[": "JSON"}
MOST_COLUMNS = 100
LONGEST_CELL = 10_000
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
    text = user_text(path, name)
    if problems := list(_no_table(text, name)):
        raise InputError(problems)
    numbered = [
        (number, [cell.strip() for cell in next(csv.reader([line], delimiter="\t"))])
        for number, line in enumerate(_split_lines(text), start=1)
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


def _split_lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _no_table(text: str, name: str) -> Iterator[str]:
    """Find what shows that a text is no table, or was not written by lines."""
    if markup := MARKUP.get(text.lstrip()[:1]):
        yield f"{name}: is {markup}, and no table; {TABLE_ADVICE}"
        return
    for number, line in enumerate(_split_lines(text), start=1):
        if odd := LINE_BREAK.search(line):
            found = f"the character U+{ord(odd[0]):04X} for a line break"
            yield f"{place(name, number)}: holds {found}; {TABLE_ADVICE}"
        if any(len(cell) > LONGEST_CELL for cell in line.split("\t")):
            yield f"{place(name, number)}: has a cell of more than {LONGEST_CELL} characters"
        if line.count("\t") > MOST_COLUMNS and line.strip():
            yield f"{place(name, number)}: has more than {MOST_COLUMNS} columns; {TABLE_ADVICE}"


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
            yield f"{where}: column {quoted(column)} is there twice"


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
    if len(absent) == len(known) and not any(did_you_mean(c, known) for c in table.rows.columns):
        return [f"{where}: is no header; the first line names the columns: {', '.join(known)}"]
    problems = []
    for column in table.rows.columns.difference(known, sort=False):
        hint = did_you_mean(column, absent)
        # A misspelt column is told as such, and not a second time as missing.
        absent = [other for other in absent if f"'{other}'" not in hint]
        problems.append(
            f"{where}: unknown column {quoted(column)}{hint or '; known are ' + ', '.join(known)}"
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
