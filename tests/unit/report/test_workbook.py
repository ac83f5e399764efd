import zipfile

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from imid.report.workbook import sheet_names, write_workbook

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
    assert [columns[letter].width for letter in "ABCD"] == [9, 20, 50, 13]


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
    monkeypatch.setattr("time.localtime", lambda *_: (2030, 1, 1, 0, 0, 0, 0, 0, 0))
    write_workbook({"genes": table, "about": [["x"]]}, paths[1])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("docProps/core.xml").count(b"1980-01-01") == 2


def test_nothing_is_left_where_writing_fails(tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr("openpyxl.packaging.manifest.Manifest._write", full)
    with pytest.raises(OSError, match="no space left"):
        write_workbook({"about": [["x"]]}, tmp_path / "tables.xlsx")
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
