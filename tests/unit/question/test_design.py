"""Design matrices and contrast vectors, held against what they must give on known means."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from imid.differential import deseq, fitting
from imid.question.contrasts import Contrast, TwoLevels
from imid.question.design import (
    as_factors,
    compared_samples,
    contrast_vector,
    design_matrix,
    without_units,
)
from imid.shared.problems import InputError
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate

LINES = "cell_line", "MM1S_res", "MM1S"
DRUG = Contrast("treatment", "lenalidomide", "dmso")


@pytest.fixture
def metadata():
    """Two lines, three treatments, three batches that have other names in each line."""
    rows = itertools.product(["MM1S", "MM1S_res"], ["dmso", "lenalidomide", "pomalidomide"], "123")
    frame = pd.DataFrame(rows, columns=["cell_line", "treatment", "batch"])
    frame.loc[frame["cell_line"] == "MM1S_res", "batch"] += "_res"
    frame["hours"] = np.where(frame["batch"].str.startswith("1"), "6", "24")
    return frame.rename(index="s{}".format)


def mean_of(metadata, values, levels):
    rows = np.all([metadata[name] == level for name, level in levels.items()], axis=0)
    return values[rows].mean()


def test_the_reference_comes_first_and_other_levels_by_name():
    frame = pd.DataFrame(
        {"treatment": ["pomalidomide", "dmso", "bortezomib"], "batch": list("312")}
    )
    factors = as_factors(frame, "dmso")
    assert list(factors["treatment"].cat.categories) == ["dmso", "bortezomib", "pomalidomide"]
    assert list(factors["batch"].cat.categories) == ["1", "2", "3"]


@pytest.mark.parametrize("values", [["a", None, "b"], [0.5, np.nan, 1.0], [np.nan, np.nan, np.nan]])
def test_a_factor_may_have_missing_values(values):
    factor = as_factors(pd.DataFrame({"batch": values}), "dmso")["batch"]
    assert factor.isna().tolist() == pd.Series(values).isna().tolist()


def test_a_slope_stays_a_number(metadata):
    factors = as_factors(metadata, "dmso", slopes=["hours"])
    assert factors["hours"].dtype == float
    matrix = design_matrix(factors, "~ hours + treatment")
    assert list(matrix["hours"]) == list(metadata["hours"].astype(float))
    assert contrast_vector(factors, "~ hours + treatment", DRUG)["hours"] == 0


@pytest.mark.parametrize("reference", ["dmso", "pomalidomide", ["MM1S_res", "lenalidomide", "2"]])
@pytest.mark.parametrize(
    ("design", "by", "contrast"),
    [
        ("~ treatment", None, DRUG),
        ("~ cell_line + treatment", None, DRUG),
        ("~ cell_line * treatment", None, replace(DRUG, between=TwoLevels(*LINES))),
        ("~ cell_line * treatment", None, replace(DRUG, under={"cell_line": "MM1S_res"})),
        ("~ treatment", "cell_line", replace(DRUG, between=TwoLevels(*LINES))),
        ("~ batch + treatment", "cell_line", replace(DRUG, between=TwoLevels(*LINES))),
        ("~ batch + treatment", "cell_line", Contrast(*LINES, under={"treatment": "dmso"})),
        ("~ 0 + treatment", None, DRUG),
    ],
)
def test_a_contrast_is_the_difference_of_the_conditions_means(
    metadata, reference, design, by, contrast
):
    """In a balanced experiment, least squares and the means of the conditions agree."""
    factors = as_factors(metadata, reference)
    values = np.random.default_rng(1).normal(size=len(metadata))
    matrix = design_matrix(factors, design, by)
    fitted, *_ = np.linalg.lstsq(matrix.to_numpy(), values, rcond=None)
    expected = sum(
        weight * mean_of(metadata, values, levels) for weight, levels in contrast.conditions
    )
    assert contrast_vector(factors, design, contrast, by).to_numpy() @ fitted == pytest.approx(
        expected
    )


def test_a_design_within_each_line_spans_the_interaction(metadata):
    factors = as_factors(metadata, "dmso")
    within = design_matrix(factors, "~ treatment", "cell_line")
    crossed = design_matrix(factors, "~ cell_line * treatment")
    assert np.linalg.matrix_rank(within) == within.shape[1] == crossed.shape[1]
    assert np.linalg.matrix_rank(np.hstack([within, crossed])) == within.shape[1]
    assert list(within.columns[:2]) == ["MM1S: Intercept", "MM1S: treatment[T.lenalidomide]"]


def test_batches_of_other_names_in_each_line_can_be_told_apart(metadata):
    within = design_matrix(as_factors(metadata, "dmso"), "~ batch + treatment", "cell_line")
    assert within.shape[1] == np.linalg.matrix_rank(within) == 10


def test_a_level_that_a_line_lacks_is_told(metadata):
    kept = metadata[(metadata["cell_line"] == "MM1S") | (metadata["treatment"] != "lenalidomide")]
    with pytest.raises(KeyError, match="no sample has treatment lenalidomide"):
        contrast_vector(
            as_factors(kept, "dmso"),
            "~ treatment",
            replace(DRUG, between=TwoLevels(*LINES)),
            "cell_line",
        )


def test_compared_samples_are_those_of_the_conditions(metadata):
    contrast = Contrast(*LINES, under={"treatment": "dmso"})
    compared = compared_samples(as_factors(metadata, "dmso"), contrast)
    assert (compared == (metadata["treatment"] == "dmso")).all()


@pytest.fixture(scope="module")
def two_lines():
    return simulate(EXPERIMENTS["interaction"], 400, seed=4)


def test_a_fit_within_lines_is_the_fit_of_the_interaction(two_lines):
    """Written as blocks or as a formula, the model gives the same estimates."""
    within = fitting.fit(two_lines.counts, two_lines.samples, "~ treatment", "dmso", by="cell_line")
    crossed = fitting.fit(
        two_lines.counts, two_lines.samples, "~ cell_line * treatment", ["dmso", "MM1S"]
    )
    for contrast in [
        replace(DRUG, between=TwoLevels(*LINES)),
        Contrast(*LINES, under={"treatment": "dmso"}),
    ]:
        ours, theirs = (deseq.contrast(fit, contrast, 0.05) for fit in (within, crossed))
        tested = ours["status"] == "tested"
        for column in ["log2_fold_change", "lfc_se"]:
            np.testing.assert_allclose(
                ours[column][tested], theirs[column][tested], rtol=2e-3, atol=1e-4
            )
        shrunken = [deseq.shrink(fit, contrast)[tested] for fit in (within, crossed)]
        np.testing.assert_allclose(*shrunken, rtol=1e-2, atol=1e-2)


def test_a_planted_interaction_is_found_and_an_absent_one_is_not(two_lines):
    fit = fitting.fit(two_lines.counts, two_lines.samples, "~ treatment", "dmso", by="cell_line")
    table = deseq.contrast(fit, replace(DRUG, between=TwoLevels(*LINES)), 0.05)
    planted = two_lines.truth["interaction"]
    # The drug alone, in both lines alike, is no interaction.
    both = (two_lines.truth["treatment:lenalidomide"].abs() > 1) & (planted == 0)
    large = (planted.abs() > 2) & (two_lines.truth["mean"] > 100)
    called = table["fdr"] < 0.05
    assert large.sum() >= 5
    assert called[large].all()
    assert (np.sign(table["log2_fold_change"]) == np.sign(planted))[large].all()
    assert both.sum() >= 20
    assert called[both].mean() < 0.1


@pytest.mark.parametrize("design", ["~ treatment + eval('1 / 0')", "~ treatment + os", "treatment"])
def test_nothing_but_a_formula_of_the_factors_reaches_formulaic(design):
    factors = as_factors(pd.DataFrame({"treatment": ["dmso", "drug"]}), "dmso")
    for use in [
        lambda: design_matrix(factors, design),
        lambda: contrast_vector(factors, design, Contrast("treatment", "drug", "dmso")),
    ]:
        with pytest.raises(InputError, match=r"design '~?.*treatment"):
            use()


UNITS = [1.0, 1e6, 1e-9]


@pytest.mark.parametrize("zero", [0.0, 2013.0, -5e4])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("design", ["~ year + treatment", "~ treatment * year"])
def test_neither_unit_nor_zero_of_a_number_is_seen_in_a_design(design, unit, zero):
    years = np.array([0.0, 1, 1, 3, 4, 6])
    treatment = ["dmso", "dmso", "dmso", "drug", "drug", "drug"]
    plain, other = (
        design_matrix(
            as_factors(
                pd.DataFrame({"year": values.astype(str), "treatment": treatment}), "", ["year"]
            ),
            design,
        )
        for values in (years, (years * unit + zero * unit))
    )
    expected = without_units(plain)
    assert without_units(other).to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-5)
    assert np.linalg.matrix_rank(np.hstack([expected, plain]), tol=1e-6) == plain.shape[1]


def test_a_number_that_follows_from_the_groups_tells_nothing():
    table = pd.DataFrame({"year": ["2010", "2010", "2012", "2012"], "group": list("aabb")})
    columns = without_units(design_matrix(as_factors(table, "", ["year"]), "~ group + year"))
    assert np.linalg.matrix_rank(columns) == 2


def test_levels_stay_as_they_are():
    table = pd.DataFrame({"batch": ["1", "2", "1"], "treatment": list("aab")})
    columns = design_matrix(as_factors(table, ""), "~ batch + treatment")
    pd.testing.assert_frame_equal(without_units(columns), columns.astype(float))
