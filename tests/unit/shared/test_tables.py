import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from imid.shared import tables
from imid.shared.problems import InputError
from imid.shared.rows import read_rows, write_rows
from imid.shared.tables import read_table, write_table


@pytest.mark.parametrize("column", ["gene_id", "gene_name", "sample", "treatment", "batch"])
@pytest.mark.parametrize("name", ["01", "1e5", "nan", "None", "null", "True", "007.50", "1_2"])
def test_a_name_stays_as_it_was_written(tmp_path, column, name):
    frame = pd.DataFrame({column: [name, "other"], "value": [1, 2]})
    write_table(frame, tmp_path / "table.tsv")
    assert read_table(tmp_path / "table.tsv")[column].tolist() == [name, "other"]


@pytest.mark.parametrize("column", ["batch", "dose_um", "hours"])
def test_the_levels_of_a_factor_are_read_as_they_stand_in_the_sheet(tmp_path, column):
    (tmp_path / "samples.tsv").write_text(f"sample\t{column}\na\t0\nb\t24\nc\tNA\n")
    levels = read_table(tmp_path / "samples.tsv")[column]
    assert levels[:2].tolist() == ["0", "24"]
    assert levels.isna().tolist() == [False, False, True]


def test_missing_values_are_written_as_na(tmp_path):
    frame = pd.DataFrame({"gene_id": ["a", "b"], "fdr": [np.nan, 0.5], "reason": [None, "words"]})
    write_table(frame, tmp_path / "table.tsv")
    text = (tmp_path / "table.tsv").read_text()
    assert text == "gene_id\tfdr\treason\na\tNA\tNA\nb\t0.5\twords\n"


def test_only_na_is_read_as_missing(tmp_path):
    (tmp_path / "table.tsv").write_text("gene_id\tcitation\tfdr\na\t\tNA\nnan\tnone\t0.5\n")
    table = read_table(tmp_path / "table.tsv")
    assert table["citation"].tolist() == ["", "none"]
    assert table["gene_id"].tolist() == ["a", "nan"]
    assert table["fdr"].isna().tolist() == [True, False]


def test_numbers_keep_ten_digits_and_any_magnitude(tmp_path):
    values = np.array([1 / 3, 2e-308, 1.23456789012e300, -7.0])
    write_table(pd.DataFrame({"value": values}), tmp_path / "table.tsv")
    np.testing.assert_allclose(read_table(tmp_path / "table.tsv")["value"], values, rtol=5e-10)


def test_counts_stay_whole_numbers(tmp_path):
    write_table(pd.DataFrame({"s": [0, 12_345_678_901_234]}), tmp_path / "table.tsv")
    assert (tmp_path / "table.tsv").read_text() == "s\n0\n12345678901234\n"
    assert read_table(tmp_path / "table.tsv")["s"].dtype == "int64"


def test_a_sample_that_is_a_number_heads_its_column_as_written(tmp_path):
    (tmp_path / "counts.tsv").write_text("gene_id\t01\t1\na\t5\t6\n")
    assert read_table(tmp_path / "counts.tsv").columns.tolist() == ["gene_id", "01", "1"]


def test_a_column_can_become_the_index(tmp_path):
    (tmp_path / "table.tsv").write_text("gene_id\tcount\n01\t5\n02\t6\n")
    counts = read_table(tmp_path / "table.tsv", index="gene_id")["count"]
    assert counts.to_dict() == {"01": 5, "02": 6}


def test_a_failed_write_leaves_the_old_table(tmp_path):
    class Unprintable:
        def __str__(self):
            raise RuntimeError("cannot be written")

    path = tmp_path / "table.tsv"
    write_table(pd.DataFrame({"value": [1]}), path)
    with pytest.raises(RuntimeError, match="cannot be written"):
        write_table(pd.DataFrame({"value": [Unprintable()]}), path)
    assert path.read_text() == "value\n1\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["GENES", "CONTRAST", "DISPERSIONS", "TARGETS"])
def test_tables_of_genes_begin_with_id_and_name(name):
    columns = getattr(tables, name)
    assert columns[:2] == ["gene_id", "gene_name"]
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize("content", [b"", b"a\tb\n1\t2\t3\n1\t2\t3\t4\n", b"a\n\xff\xfe\n"])
def test_what_is_no_table_is_told_by_its_name(tmp_path, content):
    path = tmp_path / "table.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"table\.tsv: cannot be read as a table: "):
        read_table(path)


ODD = [
    {"stage": 'a "b"\tc', "number": 3, "equals": ""},
    {"stage": "ü\nx", "number": 0, "equals": "#"},
]


def test_rows_are_written_as_a_data_frame_of_them_would_be(tmp_path):
    write_rows(ODD, list(ODD[0]), tmp_path / "rows.tsv")
    write_table(pd.DataFrame(ODD), tmp_path / "table.tsv")
    assert (tmp_path / "rows.tsv").read_bytes() == (tmp_path / "table.tsv").read_bytes()


def test_rows_are_read_as_their_cells_stand_there(tmp_path):
    write_table(pd.DataFrame(ODD), tmp_path / "table.tsv")
    told = [{name: str(value) for name, value in row.items()} for row in ODD]
    assert read_rows(tmp_path / "table.tsv") == told


@pytest.mark.parametrize("step", ["align_sample", "strandedness", "cross_check"])
def test_what_each_sample_starts_goes_without_pandas(step):
    told = f"import sys, imid.reads.{step}; print({{'pandas', 'numpy'}} & set(sys.modules))"
    command = [sys.executable, "-c", told]
    assert subprocess.check_output(command, text=True).strip() == "set()"
