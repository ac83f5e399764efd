"""What spreadsheets make of names, and what only looks like it."""

import pandas as pd
import pytest

from imid.userfiles.spreadsheet_traces import trace, traces


@pytest.mark.parametrize(
    "cell",
    [
        *["1-Mar", "01-Mar", "2-Sep", "1-Dec", "Mar-01", "Sep-2", "MAR-01", "1-MAR-21", "4-oct"],
        *["1. Mrz", "1-Mär", "1. Dez", "2 sept.", "1-mars", "1-févr", "1.Sep", "1/Mar/2021"],
        *["2021-03-01", "2021/03/01", "2021-03-01 00:00:00", "01.03.2024", "1.3.24", "3/1/24"],
        *["01-03-2024", "Sep-2021"],
    ],
)
def test_dates(cell):
    assert trace(cell) == "a date"


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        *[("2.31E+13", "a number"), ("2E+05", "a number"), ("2,31E+19", "a number")],
        *[("#N/A", "an error"), ("#NAME?", "an error")],
    ],
)
def test_numbers_and_errors(cell, what):
    assert trace(cell) == what


@pytest.mark.parametrize(
    "cell",
    [
        *["MARCH1", "MARCHF1", "SEPT2", "SEPTIN2", "DEC1", "OCT-4", "sep-1", "mar-1", "dec-1"],
        *["2310009E13Rik", "ENSG00000137265", "1234", "NA", "", "#x", "7SK", "5-HT", "1-8U"],
        *["SPAC212.11", "HLA-A", "AC004556.3", "NOV", "Jun", "May-x", "5S_rRNA", "1-AGPAT"],
    ],
)
def test_names_that_stay(cell):
    assert trace(cell) is None


def test_days_as_numbers_are_told_among_names():
    names = [*(f"GENE{n}" for n in range(100)), "44256", "43711", "44300", "7157"]
    assert [cell for _, cell, _ in traces(pd.Series(names))] == ["44256", "43711"]
    assert list(traces(pd.Series(["44256", "7157", "4609"]))) == []
