import warnings

import pytest

from imid.shared.run_warnings import gather_warnings, noted, write_warnings
from imid.shared.tables import WARNINGS, read_table


def test_what_a_step_says_is_noted_once_in_order():
    with noted() as notes:
        for text in ["second thoughts", "first", "second thoughts"]:
            warnings.warn(text, UserWarning, stacklevel=1)
        assert notes == []
    assert notes == ["second thoughts", "first"]


def test_warnings_of_another_kind_go_their_way():
    with pytest.warns(RuntimeWarning, match="divide"), noted() as notes:
        warnings.warn("divide", RuntimeWarning, stacklevel=1)
    assert notes == []


def test_no_warnings_are_a_table_without_rows(tmp_path):
    write_warnings([], "cell_lines/MM1S", tmp_path / "warnings.tsv")
    table = read_table(tmp_path / "warnings.tsv")
    assert table.columns.tolist() == WARNINGS
    assert table.empty


def test_all_are_gathered_and_repeated_ones_told_where_they_belong(tmp_path):
    write_warnings(['5 % "of"\tthe median', "NaN"], "cell_lines/A", tmp_path / "a.tsv")
    write_warnings(["of B"], "cell_lines/B", tmp_path / "b.tsv")
    told = gather_warnings(["of the sheet", "of B"], [tmp_path / "a.tsv", tmp_path / "b.tsv"])
    assert [(row["about"], row["warning"]) for row in told] == [
        (None, "of the sheet"),
        ("cell_lines/A", '5 % "of"\tthe median'),
        ("cell_lines/A", "NaN"),
        ("cell_lines/B", "of B"),
    ]
