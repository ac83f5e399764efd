"""Contrasts: their conditions, and their direction in words."""

from dataclasses import replace

import pytest

from imid.question.contrasts import Contrast, TwoLevels

DRUG = Contrast("treatment", "lenalidomide", "dmso")
LINES = "cell_line", "MM1S_res", "MM1S"
RESISTANCE = replace(DRUG, between=TwoLevels(*LINES))


def test_two_levels_are_two_conditions():
    assert DRUG.conditions == [(1, {"treatment": "lenalidomide"}), (-1, {"treatment": "dmso"})]


def test_a_difference_of_differences_is_four():
    assert RESISTANCE.conditions == [
        (1, {"treatment": "lenalidomide", "cell_line": "MM1S_res"}),
        (-1, {"treatment": "dmso", "cell_line": "MM1S_res"}),
        (-1, {"treatment": "lenalidomide", "cell_line": "MM1S"}),
        (1, {"treatment": "dmso", "cell_line": "MM1S"}),
    ]


def test_levels_that_hold_on_both_sides_are_in_each_condition():
    contrast = Contrast(*LINES, under={"treatment": "dmso"})
    assert contrast.conditions == [
        (1, {"treatment": "dmso", "cell_line": "MM1S_res"}),
        (-1, {"treatment": "dmso", "cell_line": "MM1S"}),
    ]


def test_cell_lines_that_a_contrast_names():
    assert DRUG.cell_lines == []
    assert RESISTANCE.cell_lines == ["MM1S_res", "MM1S"]
    assert replace(DRUG, under={"cell_line": "MM1S"}).cell_lines == ["MM1S"]


def test_each_condition_needs_a_sample():
    present = [
        {"treatment": treatment, "cell_line": line, "hours": "24"}
        for treatment in ["dmso", "lenalidomide"]
        for line in ["MM1S", "MM1S_res"]
    ]
    assert RESISTANCE.can_be_made(present)
    assert not RESISTANCE.can_be_made(present[:-1])
    assert not replace(DRUG, under={"hours": "6"}).can_be_made(present)


@pytest.mark.parametrize(
    ("contrast", "words"),
    [
        (DRUG, "positive: higher in lenalidomide than in dmso"),
        (
            Contrast(*LINES, under={"treatment": "dmso"}),
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
    assert contrast.direction == words
