"""Tables as one spreadsheet (.xlsx), written row by row so that large ones need little memory."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from imid.shared.files import written
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
    """
    workbook = Workbook(write_only=True)
    workbook.properties.creator = "imid-rnaseq"
    workbook.properties.created = workbook.properties.modified = WRITTEN
    for name, content in sheets.items():
        sheet = workbook.create_sheet(name)
        if isinstance(content, pd.DataFrame):
            _write_table(sheet, content)
        else:
            _write_rows(sheet, content)
    with written(path) as temporary, TimelessZip(temporary, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(workbook, archive).save()


def _write_table(sheet: Worksheet, table: pd.DataFrame) -> None:
    sheet.freeze_panes = "C2" if table.columns[:2].tolist() == GENE else "A2"
    last = get_column_letter(len(table.columns))
    sheet.auto_filter.ref = f"A1:{last}{len(table) + 1}"
    for position, column in enumerate(table.columns, start=1):
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = _width(column, table[column])
    sheet.append([_text(sheet, column, bold=True) for column in table.columns])
    for row in _rows(sheet, table):
        sheet.append(row)


def _width(header: str, values: pd.Series) -> int:
    if pd.api.types.is_numeric_dtype(values):
        longest = NUMBER
    else:
        longest = int(values.head(SAMPLED).astype(str).str.len().max() if len(values) else 0)
    # The header's cell also holds the filter's arrow.
    return min(max(longest, len(header) + 3, NARROWEST), WIDEST)


def _rows(sheet: Worksheet, table: pd.DataFrame) -> Iterator[list]:
    columns = []
    for name in table.columns:
        values = table[name].astype(object).where(table[name].notna(), None).tolist()
        if not pd.api.types.is_numeric_dtype(table[name]):
            values = [_text(sheet, value) if _is_taken(value) else value for value in values]
        columns.append(values)
    return zip(*columns, strict=True)


def _is_taken(value: str | None) -> bool:
    """Tell whether openpyxl would take a text for a formula or an error."""
    return isinstance(value, str) and value.startswith(("=", "#"))


def _text(sheet: Worksheet, value: str, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _write_rows(sheet: Worksheet, rows: list[list]) -> None:
    sheet.column_dimensions["A"].width = LONGEST_NAME + 2
    for row in rows:
        sheet.append([_text(sheet, cell) if _is_taken(cell) else cell for cell in row])


class TimelessZip(ZipFile):
    """A zip archive whose members have no time of writing."""

    def writestr(self, name: str, content: str | bytes) -> None:
        """Add a member of this content."""
        super().writestr(self._member(name), content)

    def write(self, file: str | Path, name: str) -> None:
        """Add a file as a member."""
        with open(file, "rb") as source, self.open(self._member(name), "w") as target:
            copyfileobj(source, target)

    def _member(self, name: str) -> ZipInfo:
        member = ZipInfo(name)
        member.compress_type = self.compression
        return member
