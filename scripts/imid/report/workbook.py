"""Tables as one spreadsheet (.xlsx), written row by row so that large ones need little memory."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isfinite
from numbers import Real
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from imid.shared.files import written
from imid.shared.problems import InputError
from imid.shared.tables import GENE

LONGEST_NAME = 31  # of a sheet, as Excel has it
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))

# Widths of columns in characters, and by how many rows of a text column they are chosen.
NARROWEST, WIDEST, NUMBER = 9, 50, 13
SAMPLED = 1000

# No time of writing, so that the same tables give the same bytes.
WRITTEN = datetime(1980, 1, 1)


def sheet_names(wanted: list[str]) -> list[str]:
    """Name sheets as Excel allows it: short, without some characters, different in any case.

    Parameters
    ----------
    wanted : list of str
        What they would best be called.

    Returns
    -------
    list of str
        The same where that is possible; else shortened, and numbered where that gives a name
        twice.
    """
    names: list[str] = []
    for name in wanted:
        allowed = name.translate(FORBIDDEN)
        chosen, number = allowed[:LONGEST_NAME], 1
        while chosen.casefold() in (other.casefold() for other in names):
            number += 1
            chosen = f"{allowed[: LONGEST_NAME - len(str(number)) - 1]}~{number}"
        names.append(chosen)
    return names


def write_workbook(sheets: dict[str, pd.DataFrame | list[list]], path: Path) -> None:
    """Write a spreadsheet, whole or not at all; the same content gives the same bytes.

    Numbers are numbers, texts are texts whatever they look like, and what is missing is an
    empty cell.

    Parameters
    ----------
    sheets : dict
        By name, as given by `sheet_names`, in their order: tables, which get a header that stays
        in view and can be filtered by; or plain rows.
    path : Path
        The file to write.

    Raises
    ------
    InputError
        If a sheet is larger, or a text longer, than a spreadsheet holds.
    """
    with written(path) as temporary, TemporaryDirectory() as scratch:
        workbook = Workbook(temporary, {"constant_memory": True, "tmpdir": scratch})
        workbook.set_properties({"author": "imid-rnaseq", "created": WRITTEN})
        bold = workbook.add_format({"bold": True})
        for name, content in sheets.items():
            sheet = workbook.add_worksheet(name)
            if isinstance(content, pd.DataFrame):
                _write_table(sheet, content, bold)
            else:
                sheet.set_column(0, 0, LONGEST_NAME + 2)
                _write_rows(sheet, content)
        try:
            workbook.close()
        except FileCreateError as error:
            # What the file system said.
            raise error.args[0] from error


def _write_table(sheet: Worksheet, table: pd.DataFrame, bold: Format) -> None:
    sheet.freeze_panes(1, 2 if table.columns[:2].tolist() == GENE else 0)
    if len(table.columns):
        sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
    for position, column in enumerate(table.columns):
        sheet.set_column(position, position, _width(column, table[column]))
    _write_row(sheet, 0, table.columns, bold)
    present = table.astype(object).where(table.notna(), None)
    columns = [column.tolist() for _, column in present.items()]
    _write_rows(sheet, zip(*columns, strict=True), first=1)


def _width(header: str, values: pd.Series) -> int:
    if pd.api.types.is_numeric_dtype(values):
        longest = NUMBER
    else:
        longest = int(values.head(SAMPLED).astype(str).str.len().max() if len(values) else 0)
    # The header's cell also holds the filter's arrow.
    return min(max(longest, len(header) + 3, NARROWEST), WIDEST)


def _write_rows(sheet: Worksheet, rows: Iterable[Sequence], first: int = 0) -> None:
    for number, row in enumerate(rows, start=first):
        _write_row(sheet, number, row)


def _write_row(sheet: Worksheet, number: int, row: Sequence, style: Format | None = None) -> None:
    for column, value in enumerate(row):
        if value is None or value == "":
            continue
        # By its kind, for what is merely written is looked at: =A1 would be a formula.
        if isinstance(value, bool):
            refused = sheet.write_boolean(number, column, value, style)
        elif isinstance(value, Real) and isfinite(value):
            refused = sheet.write_number(number, column, value, style)
        else:
            refused = sheet.write_string(number, column, str(value), style)
        if refused:
            raise InputError(
                [
                    f"sheet '{sheet.name}', row {number + 1:,}, column {column + 1:,}: beyond what"
                    " a spreadsheet holds, 1,048,576 rows, 16,384 columns, 32,767 characters of a"
                    " text; the tables beside it hold all"
                ]
            )
