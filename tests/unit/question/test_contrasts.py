"""Contrasts: their conditions, and their direction in words."""

import pytest

from imid.question.contrasts import can_be_made, cell_lines, conditions, describe, two_levels

DRUG = two_levels("treatment", "lenalidomide", "dmso")
LINES = {"factor": "cell_line", "numerator": "MM1S_res", "denominator": "MM1S"}
RESISTANCE = {**DRUG, "between": LINES}


def test_two_levels_are_two_conditions():
    assert conditions(DRUG) == [(1, {"treatment": "lenalidomide"}), (-1, {"treatment": "dmso"})]


def test_a_difference_of_differences_is_four():
    assert conditions(RESISTANCE) == [
        (1, {"treatment": "lenalidomide", "cell_line": "MM1S_res"}),
        (-1, {"treatment": "dmso", "cell_line": "MM1S_res"}),
        (-1, {"treatment": "lenalidomide", "cell_line": "MM1S"}),
        (1, {"treatment": "dmso", "cell_line": "MM1S"}),
    ]


def test_levels_that_hold_on_both_sides_are_in_each_condition():
    contrast = {**LINES, "under": {"treatment": "dmso"}}
    assert conditions(contrast) == [
        (1, {"treatment": "dmso", "cell_line": "MM1S_res"}),
        (-1, {"treatment": "dmso", "cell_line": "MM1S"}),
    ]


def test_cell_lines_that_a_contrast_names():
    assert cell_lines(DRUG) == []
    assert cell_lines(RESISTANCE) == ["MM1S_res", "MM1S"]
    assert cell_lines({**DRUG, "under": {"cell_line": "MM1S"}}) == ["MM1S"]


def test_each_condition_needs_a_sample():
    present = [
        {"treatment": treatment, "cell_line": line, "hours": "24"}
        for treatment in ["dmso", "lenalidomide"]
        for line in ["MM1S", "MM1S_res"]
    ]
    assert can_be_made(RESISTANCE, present)
    assert not can_be_made(RESISTANCE, present[:-1])
    assert not can_be_made({**DRUG, "under": {"hours": "6"}}, present)


@pytest.mark.parametrize(
    ("contrast", "words"),
    [
        (DRUG, "positive: higher in lenalidomide than in dmso"),
        (
            {**LINES, "under": {"treatment": "dmso"}},
            "positive: higher in MM1S_res than in MM1S, both with treatment dmso",
        ),
        (
            RESISTANCE,
            "positive: the log2 fold change of lenalidomide against dmso is higher in MM1S_res"
            " than in MM1S",
        ),
    ],
)
def test_the_direction_is_said_in_words(contrast, words):
    assert describe(contrast) == words
