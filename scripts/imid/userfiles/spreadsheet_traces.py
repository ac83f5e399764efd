"""What spreadsheets make of gene names and ids: dates, numbers, errors.

MARCH1 becomes 1-Mar, SEPT2 becomes 2-Sep, RIKEN's 2310009E13 becomes 2.31E+19, and what was
there before cannot be told any more: a table with such cells is to be made anew.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

# As written by spreadsheets in English, German, French, Spanish, Italian, Portuguese, Dutch.
MONTHS = [
    *["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"],
    *["Mär", "Mrz", "Mai", "Okt", "Dez", "Janv", "Févr", "Mars", "Avr", "Juin", "Juil", "Août"],
    *["Déc", "Ene", "Abr", "Ago", "Dic", "Gen", "Mag", "Giu", "Lug", "Set", "Ott", "Fev", "Out"],
    *["Mrt", "Mei"],
]
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
LATER = r"(?:[-./ ]\d{2,4})?"
TIME = r"(?:[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?)?"
DATES = [
    # 1-Mar, 01-MAR-21, 1. Mrz, 2 sept.
    re.compile(rf"\d{{1,2}}[-./ ] ?(?:{MONTH})\.?{LATER}", re.I),
    # Mar-01, Sep-2021, but neither the worm's sep-1 nor OCT-4
    re.compile(rf"(?:{MONTH})\.?[-/ ]\d{{1,4}}"),
    re.compile(rf"(?:{MONTH.upper()})[-/ ]\d{{2}}(?:\d{{2}})?"),
    # 2024-03-01, 01.03.2024, 3/1/24
    re.compile(rf"(?:19|20)\d\d([-./])\d{{1,2}}\1\d{{1,2}}{TIME}"),
    re.compile(rf"\d{{1,2}}([-./])\d{{1,2}}\1(?:19|20)?\d\d{TIME}"),
]
EXPONENT = re.compile(r"\d(?:[.,]\d+)?E[+-]\d+")
ERRORS = {"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"}
SERIAL = re.compile(r"[34]\d{4}")
# Days of months that genes were named after.
GENE_MONTHS, GENE_DAYS = {3, 9, 12}, 15
# Ids that are numbers are a kind of their own; serial dates are told among names only.
FEW = 0.05


def trace(cell: str) -> str | None:
    """Say what a spreadsheet made of a gene name or id.

    Parameters
    ----------
    cell : str
        A name or id.

    Returns
    -------
    str or None
        ``a date``, ``a number`` or ``an error``; None of a cell that is as it was.
    """
    if not cell or not (cell[0].isdigit() or cell[0] in "#JFMASONDEGLjfmasondegl"):
        return None
    if any(pattern.fullmatch(cell) for pattern in DATES):
        return "a date"
    if EXPONENT.fullmatch(cell):
        return "a number"
    return "an error" if cell in ERRORS else None


def traces(cells: pd.Series) -> Iterator[tuple[int, str, str]]:
    """Find what a spreadsheet has changed in a column of gene names or ids.

    Parameters
    ----------
    cells : Series of str
        The column, by line.

    Yields
    ------
    tuple of int, str and str
        Line, cell, and what it is now.
    """
    numbers = cells.str.isdecimal()
    names = numbers.mean() <= FEW
    for line, cell, number in zip(cells.index.tolist(), cells, numbers, strict=True):
        what = trace(cell) or ("a date" if number and names and _is_serial(cell) else None)
        if what:
            yield line, cell, what


def _is_serial(cell: str) -> bool:
    """Tell a day as spreadsheets count them, such as 44256 for 2021-03-01."""
    if not SERIAL.fullmatch(cell):
        return False
    day = date(1899, 12, 30) + timedelta(days=int(cell))
    return day.month in GENE_MONTHS and day.day <= GENE_DAYS
