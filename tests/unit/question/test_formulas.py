"""Formulas, read without the samples; what is read is held against formulaic's own reading."""

import random

import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix

from imid.question.formulas import FormulaError, read_formula


@pytest.mark.parametrize(
    ("design", "plain", "names", "crossed", "text"),
    [
        ("~ treatment", True, ["treatment"], [], "~ 1 + treatment"),
        ("~batch+treatment", True, ["batch", "treatment"], [], "~ 1 + batch + treatment"),
        (
            "~ C( batch ) + treatment",
            False,
            ["batch", "treatment"],
            [],
            "~ 1 + C(batch) + treatment",
        ),
        (
            "~ treatment * hours",
            False,
            ["treatment", "hours"],
            [("treatment", "hours")],
            "~ 1 + treatment + hours + treatment:hours",
        ),
        (
            "~ batch + treatment:hours",
            False,
            ["batch", "treatment", "hours"],
            [("treatment", "hours")],
            "~ 1 + batch + treatment:hours",
        ),
        ("~ 0 + treatment", False, ["treatment"], [], "~ 0 + treatment"),
        ("~ treatment - 1", False, ["treatment"], [], "~ 0 + treatment"),
        ("~ treatment - 0", True, ["treatment"], [], "~ 1 + treatment"),
        ("~ treatment * hours - hours:treatment - hours", True, ["treatment"], [], None),
        ("~ hours / treatment", False, ["hours", "treatment"], [("hours", "treatment")], None),
        ("~ 1", True, [], [], "~ 1"),
    ],
)
def test_what_a_formula_says(design, plain, names, crossed, text):
    formula = read_formula(design)
    assert formula.written == design
    assert formula.is_sum == plain
    assert formula.columns == names
    assert formula.interactions == crossed
    assert text is None or formula.text == text


def test_columns_that_are_called_levels():
    assert read_formula("~ C(batch) + hours:C(dose_um)").called == ["batch", "dose_um"]


@pytest.mark.parametrize(
    ("design", "fault"),
    [
        ("~ treatment +", "it ends at character 14, where a column is needed"),
        ("~ (treatment", "it ends at character 13, where ')' is needed"),
        ("~ treatment ~ batch", "'~' stands at character 13, where +, -, *, : or / is needed"),
        ("~ treatment batch", "'batch' stands at character 13, where +, -, *, : or / is needed"),
        ("treatment", "'treatment' stands at character 1, where '~' is needed"),
        ("counts ~ treatment", "'counts' stands at character 1, where '~' is needed"),
        ("", "it ends at character 1, where '~' is needed"),
        ("~", "it ends at character 2, where a column is needed"),
        (
            "~ treatment + eval('1')",
            "'eval(' at character 15 is a function, and only C() may be used",
        ),
        ("~ treatment + poly(hours, 2)", "'poly(' at character 15 is a function"),
        ("~ treatment + C(eval(hours))", "'(' stands at character 21, where ')' is needed"),
        ("~ treatment + C(hours, Sum)", "',' stands at character 22, where ')' is needed"),
        ("~ treatment + C (open)(hours)", "'(' stands at character 23"),
        ("~ os.system", "'.' stands at character 5"),
        ("~ {open('x', 'w')}", "'{' stands at character 3, where a column is needed"),
        ("~ `treatment`", "'`' stands at character 3"),
        ("~ treatment + 'x'", "''' stands at character 15"),
        ("~ (treatment + hours)**2", "'*' stands at character 23, where a column is needed"),
        ("~ treatment^2", "'^' stands at character 12"),
        ("~ treatment:2", "'2' stands at character 13, where a column is needed"),
        ("~ 2 + treatment", "'2' stands at character 3"),
        ("~ 01 + treatment", "'01' stands at character 3"),
        ("~ treatment + (0 + hours)", "'0' stands at character 16, where a column is needed"),
        ("~ treatment + -hours", "'-' stands at character 15, where a column is needed"),
        ("~ treatment | hours", "'|' stands at character 13"),
        ("~ treatment + [hours]", "'[' stands at character 15"),
        ("~ treatment\n+ __import__('os')", "'__import__(' at character 15 is a function"),
        ("~ (lambda x: x)(treatment)", "'x' stands at character 11, where ')' is needed"),
        ("~ tre\u0430tment", "'\u0430' stands at character 6"),
        ("~ treatment + " + "(" * 400 + "hours" + ")" * 400, "at most 20 brackets"),
        ("~ treatment" + " + hours" * 1000, "it has 8011 characters; at most 1000 are read"),
    ],
)
def test_what_is_no_formula(design, fault):
    with pytest.raises(FormulaError) as error:
        read_formula(design)
    assert fault in str(error.value)
    assert str(error.value).isprintable()


def test_a_formula_that_expands_without_end_is_refused_at_once():
    columns = "abcdefghijklmnop"
    with pytest.raises(FormulaError, match="more than 100 terms"):
        read_formula("~ " + "*".join(columns))
    sum_ = f"({'+'.join(columns)})"
    with pytest.raises(FormulaError, match="more than 100 terms"):
        read_formula("~ " + ":".join([sum_] * 10))


class Writer:
    """Writes random formulas of the grammar."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def formula(self) -> str:
        sign = self.random.choice(["", "", " ", "+", " -"])
        rest = (f"{self.sign()}{self.summand()}" for _ in range(self.random.choice([0, 1, 2, 3])))
        return f"~{sign}{self.summand()}{''.join(rest)}"

    def sign(self) -> str:
        return self.random.choice(["+", " + ", "-"])

    def summand(self) -> str:
        return self.random.choice("01") if self.random.random() < 0.25 else self.product(0)

    def product(self, depth: int) -> str:
        crossed = [self.crossed(depth) for _ in range(self.random.choice([1, 1, 2, 3]))]
        return self.random.choice("*/").join(crossed)

    def crossed(self, depth: int) -> str:
        return ":".join(self.part(depth) for _ in range(self.random.choice([1, 1, 1, 2])))

    def part(self, depth: int) -> str:
        if depth < 2 and self.random.random() < 0.3:
            products = [self.product(depth + 1) for _ in range(self.random.choice([1, 2, 3]))]
            return f"({self.random.choice('++-').join(products)})"
        column = self.random.choice(["treatment", "batch", "hours", "slope"])
        called = column != "slope" and self.random.random() < 0.2
        return f"C({column})" if called else column


def test_formulas_mean_what_they_mean_to_formulaic():
    """300 random formulas: the matrix of what we compose is the matrix of what was written."""
    generator = np.random.default_rng(1)
    levels = {
        name: pd.Categorical(generator.choice([*"xyz"], 30))
        for name in ["treatment", "batch", "hours"]
    }
    samples = pd.DataFrame({**levels, "slope": generator.normal(size=30)})
    writer = Writer(1)
    compared = 0
    while compared < 300:
        design = writer.formula()
        try:
            formula = read_formula(design)
            theirs = model_matrix(design, samples) if len(formula.terms) < 12 else None
        except (FormulaError, TypeError):
            # More than 100 terms; or (a - a) / b, on which formulaic stumbles.
            continue
        if theirs is not None:
            ours = model_matrix(formula.text, samples)
            assert [*ours.columns] == [*theirs.columns], design
            np.testing.assert_array_equal(ours, theirs, err_msg=design)
            compared += 1
