"""Columns that are samples under another name."""

import pytest

from imid.userfiles.matrix_columns import match_columns, r_name


@pytest.mark.parametrize(
    ("name", "made"),
    [
        *[("1-a", "X1.a"), ("a b", "a.b"), ("_a", "X_a"), (".1", "X.1"), (".a", ".a")],
        *[("if", "if."), ("a(1)", "a.1."), ("a_1", "a_1"), ("MM.1S", "MM.1S")],
    ],
)
def test_r_makes_names(name, made):
    assert r_name(name) == made


@pytest.mark.parametrize(
    ("column", "sample"),
    [
        *[
            ("a", "a"),
            ("X1.a", "1-a"),
            ("/x/a.bam", "a"),
            ("a.sorted.bam", "a"),
            ("1-a.bam", "1-a"),
        ],
        *[("aAligned.sortedByCoord.out.bam", "a"), ("/x/a/Aligned.out.bam", "a")],
        *[("X.x.bam.a.bam", "a"), ("C:\\x\\a.bam", "a"), ("X1.a.sorted.bam", "1-a")],
    ],
)
def test_a_column_is_taken_for_its_sample(column, sample):
    assert match_columns(["other", column], ["a", "1-a", "b"]) == {sample: column}


@pytest.mark.parametrize(
    "columns",
    [["/x/a.bam", "/y/a.bam"], ["A"], ["ab.bam"], ["a.1.bam"], ["a_sorted"]],
)
def test_what_leaves_a_choice_is_not_taken(columns):
    assert match_columns(columns, ["a", "b"]) == {}


def test_two_samples_that_r_calls_alike_are_not_taken():
    assert match_columns(["X1.a"], ["1-a", "1_a", "1 a"]) == {}


def test_the_very_name_goes_first():
    assert match_columns(["X1.a", "1-a", "x/1-a.bam"], ["1-a"]) == {"1-a": "1-a"}
    assert match_columns(["X1.a"], ["1-a", "X1.a"]) == {"X1.a": "X1.a"}
