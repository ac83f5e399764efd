import itertools
import os
import time
import zipfile

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from imid.report.workbook import sheet_names, write_workbook
from imid.shared.problems import InputError

TRAPS = ["MARCH1", "SEPT2", "01", "1e5", "2E11", "=A1+1", "#N/A", "TRUE", "1-Mar", "nan", "", None]


def read_sheet(path, name):
    return load_workbook(path)[name]


def rows_of(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "gene_id": [f"ENSG{n}" for n in range(len(TRAPS))],
            "gene_name": TRAPS,
            "p_value": [0.0, 1e-300, 0.123456789012, *[np.nan] * (len(TRAPS) - 3)],
            "count": range(len(TRAPS)),
        }
    )


def test_texts_stay_texts_and_numbers_numbers(tmp_path, table):
    write_workbook({"genes": table}, tmp_path / "tables.xlsx")
    header, *rows = rows_of(read_sheet(tmp_path / "tables.xlsx", "genes"))
    assert header == table.columns.tolist()
    assert [row[1] for row in rows] == [*TRAPS[:-2], None, None]
    assert [row[2] for row in rows] == [0.0, 1e-300, 0.123456789012, *[None] * (len(TRAPS) - 3)]
    assert [row[3] for row in rows] == list(range(len(TRAPS)))


def test_texts_are_stored_as_such(tmp_path, table):
    write_workbook({"genes": table}, tmp_path / "tables.xlsx")
    sheet = read_sheet(tmp_path / "tables.xlsx", "genes")
    stored = [sheet.cell(row, 2).data_type for row in range(2, len(TRAPS))]
    assert set(stored) == {"s"}
    assert {sheet.cell(row, 4).data_type for row in range(2, len(TRAPS) + 2)} == {"n"}


def test_the_header_stays_in_view_and_filters(tmp_path, table):
    write_workbook({"genes": table, "samples": table[["p_value"]]}, tmp_path / "tables.xlsx")
    genes, samples = load_workbook(tmp_path / "tables.xlsx")
    assert (genes.freeze_panes, samples.freeze_panes) == ("C2", "A2")
    assert genes.auto_filter.ref == f"A1:D{len(TRAPS) + 1}"
    assert genes["A1"].font.bold
    assert not genes["A2"].font.bold


def test_columns_are_as_wide_as_what_they_hold_within_limits(tmp_path):
    table = pd.DataFrame({"id": ["a"], "name": ["n" * 20], "citation": ["c" * 500], "x": [0.1]})
    write_workbook({"genes": table}, tmp_path / "tables.xlsx")
    columns = read_sheet(tmp_path / "tables.xlsx", "genes").column_dimensions
    # XlsxWriter adds the margins of a cell.
    assert [round(columns[letter].width - 0.71) for letter in "ABCD"] == [9, 20, 50, 13]


def test_plain_rows_are_written_as_they_are(tmp_path):
    rows = [["cell line", "MM1S"], [], ["sheet", "=holds", 3]]
    write_workbook({"about": rows}, tmp_path / "tables.xlsx")
    found = rows_of(read_sheet(tmp_path / "tables.xlsx", "about"))
    assert found == [["cell line", "MM1S", None], [None] * 3, ["sheet", "=holds", 3]]


def test_an_empty_table_has_its_header(tmp_path, table):
    write_workbook({"genes": table.iloc[:0]}, tmp_path / "tables.xlsx")
    assert rows_of(read_sheet(tmp_path / "tables.xlsx", "genes")) == [table.columns.tolist()]


def test_the_same_tables_give_the_same_bytes(tmp_path, table, monkeypatch):
    paths = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    write_workbook({"genes": table, "about": [["x"]]}, paths[0])
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    mask = os.umask(0o077)
    write_workbook({"genes": table, "about": [["x"]]}, paths[1])
    os.umask(mask)
    monkeypatch.undo()
    time.tzset()
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        assert {member.date_time[:2] for member in archive.infolist()} == {(1980, 1)}
        assert archive.read("docProps/core.xml").count(b"1980-01-01") == 2


def test_nothing_is_left_where_writing_fails(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr("xlsxwriter.workbook.ZipFile.write", full)
    with pytest.raises(OSError, match="no space left"):
        write_workbook({"about": [["x"]]}, tmp_path / "tables.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["\x00a", "a\x0bb", "_x0041_", "\x1f", "a\r\nb", "\u2028", "α"])
def test_texts_with_odd_characters_come_back(tmp_path, text):
    table = pd.DataFrame({"name": [text]})
    write_workbook({"a": table, "b": [[text]]}, tmp_path / "tables.xlsx")
    for name, row in [("a", 2), ("b", 1)]:
        value = read_sheet(tmp_path / "tables.xlsx", name).cell(row, 1).value
        assert unescape(value) == text


@pytest.mark.parametrize("text", ["https://a.b/c", "mailto:a@b", "{=1}", "=1", "+1", "@a", "1e5"])
def test_no_text_becomes_a_link_or_a_formula(tmp_path, text):
    write_workbook({"a": [[text]]}, tmp_path / "tables.xlsx")
    cell = read_sheet(tmp_path / "tables.xlsx", "a")["A1"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_truth_values_are_truth_values(tmp_path):
    write_workbook({"a": pd.DataFrame({"x": [True, False]})}, tmp_path / "tables.xlsx")
    sheet = read_sheet(tmp_path / "tables.xlsx", "a")
    assert [(sheet.cell(row, 1).value, sheet.cell(row, 1).data_type) for row in (2, 3)] == [
        *[(True, "b"), (False, "b")]
    ]


def test_numbers_of_any_kind_are_numbers_and_what_is_none_is_told(tmp_path):
    numbers = [np.int64(3), np.float32(0.5), -1e308, float("inf"), -np.inf]
    write_workbook({"a": [numbers]}, tmp_path / "tables.xlsx")
    assert rows_of(read_sheet(tmp_path / "tables.xlsx", "a"))[0] == [3, 0.5, -1e308, "inf", "-inf"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([["x" * 32_768]], "row 1, column 1"),
        ([[1] * 16_385], "row 1, column 16,385"),
        ([*itertools.repeat([], 1_048_576), [1]], "row 1,048,577, column 1"),
    ],
)
def test_what_a_spreadsheet_cannot_hold_is_refused(tmp_path, content, place):
    with pytest.raises(InputError, match=f"^sheet 'a', {place}: beyond what"):
        write_workbook({"a": content}, tmp_path / "tables.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["about", "a"], ["about", "a"]),
        (["x" * 31], ["x" * 31]),
        (["x" * 40], ["x" * 31]),
        (["x" * 40, "x" * 41, "x" * 42], ["x" * 31, "x" * 29 + "~2", "x" * 29 + "~3"]),
        (["about", "About"], ["about", "About~2"]),
        (["a/b:c"], ["a_b_c"]),
    ],
)
def test_sheets_have_names_that_excel_allows(wanted, names):
    assert sheet_names(wanted) == names
    assert max(map(len, names)) <= 31
