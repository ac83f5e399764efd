"""Formulas, read without the samples."""

import pytest

from formulas import formula_fault, interactions, is_sum, variables


@pytest.mark.parametrize(
    ("design", "plain", "names", "crossed"),
    [
        ("~ treatment", True, ["treatment"], []),
        ("~batch+treatment", True, ["batch", "treatment"], []),
        ("~ C(batch) + treatment", False, ["batch", "treatment"], []),
        ("~ treatment * hours", False, ["treatment", "hours"], [("treatment", "hours")]),
        (
            "~ batch + treatment:hours",
            False,
            ["batch", "treatment", "hours"],
            [("treatment", "hours")],
        ),
        ("~ 0 + treatment", False, ["treatment"], []),
    ],
)
def test_what_a_formula_names(design, plain, names, crossed):
    assert is_sum(design) == plain
    assert variables(design) == names
    assert interactions(design) == crossed
    assert formula_fault(design) is None


@pytest.mark.parametrize("design", ["~ treatment +", "~ (treatment", "~ treatment ~ batch ~"])
def test_what_is_no_formula(design):
    fault = formula_fault(design)
    assert fault.isprintable()
