"""What the fit and its contrasts must be whatever R says: invariance, hostile counts."""

import numpy as np
import pandas as pd
import pytest
from pydeseq2.dds import DeseqDataSet
from scipy.stats import norm

from imid.differential import deseq, fitting
from imid.differential.calibrated_test import calibrated
from imid.inference.vectorized_inference import VectorizedInference
from imid.question.contrasts import Contrast, TwoLevels
from imid.shared.problems import InputError
from imid.shared.tables import QUASI_LIKELIHOOD
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate

THREE = EXPERIMENTS["three_groups"]
PAIR = ("treatment", "pomalidomide", "lenalidomide")
NUMBERS = ["base_mean", "log2_fold_change", "lfc_se", "stat", "p_value", "fdr"]


@pytest.fixture(scope="module")
def simulation():
    return simulate(THREE, 600, seed=3)


@pytest.fixture(scope="module")
def dataset(simulation):
    return fitting.fit(simulation.counts, simulation.samples, THREE.design, "dmso")


@pytest.fixture(scope="module")
def table(dataset):
    return deseq.contrast(dataset, PAIR, 0.05)


def assert_same(ours, theirs, rtol=1e-9, atol=1e-12):
    np.testing.assert_allclose(ours[NUMBERS], theirs[NUMBERS], rtol=rtol, atol=atol)
    assert ours["status"].tolist() == theirs["status"].tolist()


def test_planted_fold_changes_are_found(simulation, table):
    truth = simulation.truth
    planted = truth["treatment:pomalidomide"] - truth["treatment:lenalidomide"]
    clear = (truth["mean"] > 200) & (table["status"] == "tested")
    off = (table["log2_fold_change"] - planted)[clear] / table["lfc_se"][clear]
    assert clear.sum() > 100
    assert off.median() == pytest.approx(0, abs=0.2)
    assert (off.abs() < 2).mean() == pytest.approx(0.95, abs=0.04)


@pytest.fixture(scope="module")
def published(dataset):
    return everything(dataset)


def everything(fit):
    """All that is published of a fit."""
    return {
        "contrast": deseq.contrast(fit, PAIR, 0.05),
        "thresholded": deseq.thresholded(fit, PAIR, 0.05, 1.0),
        "shrunken": deseq.shrink(fit, PAIR).to_frame(),
        "dispersions": deseq.dispersions(fit),
        "normalized": deseq.normalized(fit),
        "stabilized": deseq.variance_stabilized(fit),
        "size factors": fit.size_factors.to_frame(),
    }


@pytest.mark.parametrize("axis", ["genes", "samples"])
def test_the_order_of_genes_and_samples_does_not_matter(simulation, published, axis):
    """To the last digit, and tables keep the order of the counts."""
    rng = np.random.default_rng(0)
    counts = simulation.counts.sample(frac=1, axis=axis == "samples", random_state=rng)
    other = fitting.fit(counts, simulation.samples.loc[counts.columns], THREE.design, "dmso")
    for name, table in everything(other).items():
        if name != "size factors":
            assert table.index.tolist() == counts.index.tolist()
        if name in ["normalized", "stabilized"]:
            assert table.columns.tolist() == counts.columns.tolist()
        expected = published[name].loc[table.index, table.columns]
        pd.testing.assert_frame_equal(table, expected, check_exact=True)


@pytest.mark.parametrize("reference", ["lenalidomide", "pomalidomide"])
def test_the_reference_level_does_not_matter(simulation, published, reference):
    other = fitting.fit(simulation.counts, simulation.samples, THREE.design, reference)
    assert reference not in "".join(other.coefficients.columns)
    for name, table in everything(other).items():
        pd.testing.assert_frame_equal(table, published[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["two_factors", "interaction"])
def test_the_reference_levels_of_two_factors_do_not_matter(name):
    experiment = EXPERIMENTS[name]
    counts, samples, _ = simulate(experiment, 300, seed=3)
    factor, (first, *_, last) = list(experiment.factors.items())[-1]
    lines = TwoLevels("cell_line", "MM1S_res", "MM1S") if experiment.interaction else None
    contrast = Contrast(factor, last, first, between=lines)
    references = [levels[0] for levels in experiment.factors.values()]
    others = [levels[-1] for levels in experiment.factors.values()]
    tables = [
        deseq.contrast(fitting.fit(counts, samples, experiment.design, levels), contrast, 0.05)
        for levels in (references, others)
    ]
    assert (tables[0]["fdr"] < 0.05).sum() > 5
    assert_same(*tables)


def test_coefficients_are_written_against_the_reference(simulation, dataset):
    """Each is the log of a ratio of group means, where that is what the design says."""
    other = fitting.fit(simulation.counts, simulation.samples, THREE.design, "pomalidomide")
    columns = [f"treatment[T.{level}]" for level in ("dmso", "lenalidomide")]
    assert other.design_matrix.columns.tolist() == ["Intercept", *columns]
    means = np.exp(other.design_matrix @ other.coefficients.T)
    expected = np.exp(dataset.design_matrix @ dataset.coefficients.T)
    np.testing.assert_allclose(means, expected, rtol=1e-9)
    weights = deseq.coefficients(other, Contrast(*PAIR))
    np.testing.assert_array_equal(weights, [0, 0, -1])
    ours, theirs = (deseq.contrast(other, each, 0.05) for each in (weights.to_numpy(), PAIR))
    # To a vector of one sign no gene is all zero, as in R.
    compared = simulation.counts.filter(regex="pomalidomide|lenalidomide").any(axis=1)
    np.testing.assert_allclose(ours["stat"][compared], theirs["stat"][compared], rtol=1e-9)


def test_the_opposite_contrast_is_the_mirror_image(dataset, table):
    mirrored = deseq.contrast(dataset, ("treatment", PAIR[2], PAIR[1]), 0.05)
    mirrored[["log2_fold_change", "stat"]] *= -1
    assert_same(mirrored, table)


def test_a_vector_is_the_same_contrast(dataset, table):
    assert_same(deseq.contrast(dataset, np.array([0.0, -1.0, 1.0]), 0.05), table)


def test_size_of_blocks_does_not_matter(simulation, table, monkeypatch):
    monkeypatch.setattr("imid.inference.blocks.BLOCK_ELEMENTS", 900)
    other = fitting.fit(simulation.counts, simulation.samples, THREE.design, "dmso")
    assert_same(deseq.contrast(other, PAIR, 0.05), table)


def test_the_thresholded_test_is_the_estimates_own(dataset, table):
    thresholded = deseq.thresholded(dataset, PAIR, 0.05, 1.0, "greater")
    estimate, error = table["log2_fold_change"], table["lfc_se"]
    known = table["p_value"].notna()
    np.testing.assert_allclose(
        thresholded["p_value"][known], norm.sf((estimate - 1) / error)[known], rtol=1e-9
    )
    pd.testing.assert_series_equal(thresholded["log2_fold_change"], estimate)


def test_two_sided_threshold_takes_both_sides_and_equivalence_the_inside(dataset):
    tables = {
        alternative: deseq.thresholded(dataset, PAIR, 0.05, 1.0, alternative)["p_value"].dropna()
        for alternative in ["greaterAbs", "greater", "less", "lessAbs"]
    }
    sides = np.minimum(tables["greater"], tables["less"])
    np.testing.assert_allclose(tables["greaterAbs"], np.minimum(1, 2 * sides))
    np.testing.assert_allclose(tables["lessAbs"], 1 - sides, atol=1e-12)


def test_a_negative_threshold_is_refused(dataset):
    with pytest.raises(ValueError, match="at least 0"):
        deseq.thresholded(dataset, PAIR, 0.05, -1.0)


def test_shrinkage_leaves_the_estimates_alone_and_does_not_enlarge(dataset, table):
    shrunken = deseq.shrink(dataset, PAIR)
    assert_same(deseq.contrast(dataset, PAIR, 0.05), table)
    known = shrunken.notna()
    assert known.equals(table["base_mean"] > 0)
    estimate = table["log2_fold_change"][known]
    assert (shrunken[known].abs() <= estimate.abs() + 0.05).mean() > 0.97
    sure = (table["p_value"] < 1e-10) & (estimate.abs() > 2)
    np.testing.assert_allclose(shrunken[sure], table["log2_fold_change"][sure], rtol=0.1)


def test_stock_pydeseq2_can_be_asked_for(simulation):
    counts = simulation.counts.iloc[:60]
    stock, ours = (
        fitting.fit(counts, simulation.samples, THREE.design, "dmso", inference)
        for inference in ("pydeseq2", "vectorized")
    )
    assert stock.inference == "pydeseq2"
    tables = [deseq.contrast(fit, PAIR, 0.05) for fit in (stock, ours)]
    assert tables[0].columns.equals(tables[1].columns)
    difference = tables[0]["log2_fold_change"] - tables[1]["log2_fold_change"]
    assert difference.abs().median() < 0.01


def test_the_inference_serves_the_stock_data_set(simulation):
    settings = {"metadata": simulation.samples, "design": THREE.design, "quiet": True}
    counts = simulation.counts.iloc[:60].T
    vectorized = DeseqDataSet(counts=counts, inference=VectorizedInference(), **settings)
    stock = DeseqDataSet(counts=counts, n_cpus=1, **settings)
    vectorized.deseq2()
    stock.deseq2()
    ratio = vectorized.var["dispersions"] / stock.var["dispersions"]
    assert (ratio - 1).abs().median() < 0.05
    difference = vectorized.varm["LFC"] - stock.varm["LFC"]
    assert difference.abs().median().max() < 1e-3


# Other designs


PURITIES = ["0.9", "0.3", "0.6", "0.5", "1.0", "0.2", "0.8", "0.1", "0.7"]


@pytest.fixture(scope="module")
def sloped():
    """Counts in which every other gene doubles with each half unit of purity, and their fit."""
    simulation = simulate(THREE, 600, seed=3)
    samples = simulation.samples.assign(purity=PURITIES)
    grown = np.where(np.arange(600) % 2, 2.0, 0.0)
    factor = 2 ** (grown[:, None] * samples["purity"].astype(float).to_numpy())
    counts = (simulation.counts * factor).round().astype(int)
    fit = fitting.fit(counts, samples, "~ purity + treatment", "dmso", slopes=["purity"])
    return fit, pd.Series(grown, index=counts.index), simulation.truth


def test_a_slope_is_one_coefficient_and_found(sloped):
    fit, grown, truth = sloped
    assert fit.design_matrix["purity"].tolist() == [float(purity) for purity in PURITIES]
    plenty = truth["mean"] > 200
    found = fit.coefficients["purity"] / np.log(2)
    # Size factors take up the half of it that all genes have in common.
    difference = found[plenty & (grown > 0)].median() - found[plenty & (grown == 0)].median()
    error = found[plenty].groupby(grown[plenty]).sem().pow(2).sum() ** 0.5
    assert error < 0.2
    assert difference == pytest.approx(2, abs=4 * error)


def test_factors_beside_a_slope_are_contrasted_at_the_same_value_of_it(sloped):
    fit, _, truth = sloped
    weights = deseq.coefficients(fit, Contrast(*PAIR))
    assert weights["purity"] == 0
    table = deseq.contrast(fit, PAIR, 0.05)
    planted = truth["treatment:pomalidomide"] - truth["treatment:lenalidomide"]
    clear = (truth["mean"] > 200) & (table["status"] == "tested")
    off = (table["log2_fold_change"] - planted)[clear] / table["lfc_se"][clear]
    # Four standard errors of the median of that many standard normal numbers.
    assert off.median() == pytest.approx(0, abs=4 * 1.25 / np.sqrt(clear.sum()))
    assert (off.abs() < 2).mean() > 0.9


def test_the_unit_of_a_slope_does_not_matter(sloped):
    fit, _, _ = sloped
    counts = pd.DataFrame(fit.counts.T, index=fit.genes.index, columns=fit.factors.index)
    samples = fit.factors[["treatment"]].astype(str)
    samples["purity"] = 100 * fit.factors["purity"]
    other = fitting.fit(counts, samples, "~ purity + treatment", "dmso", slopes=["purity"])
    ours, theirs = (deseq.contrast(each, PAIR, 0.05) for each in (other, fit))
    difference = (ours["stat"] - theirs["stat"]).abs()
    # But for the ridge, and for genes that reweighted least squares gave up: as in R.
    assert difference.median() < 1e-5
    assert (difference > 1e-3).mean() < 0.01


def test_an_intercept_alone_is_the_mean_of_normalized_counts(simulation):
    fit = fitting.fit(simulation.counts, simulation.samples, "~ 1", "dmso")
    means = deseq.dispersions(fit)["base_mean"]
    np.testing.assert_allclose(np.exp(fit.coefficients["Intercept"]).fillna(0), means, rtol=1e-9)
    assert np.isfinite(deseq.variance_stabilized(fit)).all(axis=None)


def test_a_formula_with_parentheses_is_the_one_written_out():
    experiment = EXPERIMENTS["interaction"]
    counts, samples, _ = simulate(experiment, 100, seed=3)
    lines = TwoLevels("cell_line", "MM1S_res", "MM1S")
    contrast = Contrast("treatment", "lenalidomide", "dmso", between=lines)
    designs = ["~ cell_line * (treatment)", experiment.design]
    fits = [fitting.fit(counts, samples, design, ["dmso", "MM1S"]) for design in designs]
    assert fits[0].design_matrix.equals(fits[1].design_matrix)
    assert_same(*(deseq.contrast(fit, contrast, 0.05) for fit in fits))


# Hostile counts


def hostile(simulation, **rows):
    counts = simulation.counts.copy()
    for gene, values in rows.items():
        counts.loc[gene] = values
    return counts


def test_hostile_genes_are_finite_or_flagged(simulation):
    counts = hostile(
        simulation,
        one_sample=[0] * 8 + [50],
        one_read=[0] * 8 + [1],
        huge=[10**9] * 9,
        huge_and_varied=[10**9, 5, 10**8, 10**9, 0, 10**6, 3, 10**9, 10**7],
        outlier=[20, 25, 18, 22, 10**7, 19, 21, 24, 23],
        separated=[0, 0, 0, 40, 50, 45, 60, 70, 65],
        two_groups_off=[0, 0, 0, 0, 0, 0, 60, 70, 65],
        constant=[7] * 9,
        nothing=[0] * 9,
    )
    fit = fitting.fit(counts, simulation.samples, THREE.design, "dmso")
    for contrast in THREE.contrasts:
        table = deseq.contrast(fit, contrast, 0.05)
        counted = table[counts.any(axis=1)]
        assert np.isfinite(counted[["log2_fold_change", "lfc_se", "stat"]]).all(axis=None)
        assert table.loc["nothing", "status"] == "all_zero"
        assert table.loc["outlier", "status"] == "outlier"
        assert set(table["status"]) <= {"tested", "all_zero", "low_count", "outlier"}
        assert np.isfinite(deseq.shrink(fit, contrast)[counted.index]).all()
    empty = deseq.contrast(fit, ("treatment", "lenalidomide", "dmso"), 0.05).loc["two_groups_off"]
    assert empty["log2_fold_change"] == 0
    assert empty["p_value"] == 1
    found = deseq.contrast(fit, ("treatment", "lenalidomide", "dmso"), 0.05).loc["separated"]
    assert found["log2_fold_change"] > 4
    assert found["p_value"] < 1e-6


def test_every_gene_with_a_zero(simulation):
    counts = simulation.counts.copy()
    counts.to_numpy()[np.arange(len(counts)), np.arange(len(counts)) % 9] = 0
    fit = fitting.fit(counts, simulation.samples, THREE.design, "dmso")
    assert np.isfinite(fit.size_factors).all()
    assert (deseq.contrast(fit, PAIR, 0.05)["status"] == "tested").any()


@pytest.mark.parametrize(("everywhere", "kind"), [(100, "ratio"), (99, "poscounts")])
def test_the_median_of_ratios_needs_a_hundred_genes(simulation, everywhere, kind, recwarn):
    counts = simulation.counts[(simulation.counts > 0).all(axis=1)].head(200).copy()
    counts.iloc[everywhere:, 0] = 0
    fit = fitting.fit(counts, simulation.samples, THREE.design, "dmso")
    assert fit.size_factor_type == kind
    told = [str(warning.message) for warning in recwarn if "every sample" in str(warning.message)]
    assert len(told) == (kind == "poscounts")
    assert all(text.startswith("99 genes") for text in told)


def test_a_sample_without_counts_has_no_fit(simulation):
    counts = simulation.counts.copy()
    counts.iloc[:, 3] = 0
    with pytest.raises(InputError, match=f"sample {counts.columns[3]} has no counts"):
        fitting.fit(counts, simulation.samples, THREE.design, "dmso")


@pytest.mark.parametrize("inference", ["vectorized", "pydeseq2"])
def test_a_gene_without_an_estimate_is_no_outlier(simulation, inference):
    counts = simulation.counts.head(150)
    fit = fitting.fit(counts, simulation.samples, THREE.design, "dmso", inference)
    seen = (fit.counts > 0).all(axis=0) & ~fit.genes["outlier"].to_numpy()
    gene = fit.genes.index[seen][0]
    fit.coefficients.loc[gene] = np.nan
    table = deseq.contrast(fit, PAIR, 0.05)
    assert table.loc[gene, "status"] == "not_estimated"
    assert table.loc[gene, ["stat", "p_value", "fdr"]].isna().all()


def test_counts_without_extra_variation():
    rng = np.random.default_rng(0)
    samples = simulate(THREE, 1, seed=0).samples
    counts = pd.DataFrame(rng.poisson(100, (200, 9)), columns=samples.index)
    counts.index = counts.index.astype(str)
    fit = fitting.fit(counts, samples, THREE.design, "dmso")
    assert (deseq.contrast(fit, PAIR, 0.05)["fdr"] < 0.05).sum() <= 2


def test_two_hundred_coefficients():
    rng = np.random.default_rng(0)
    groups = [f"g{i:03d}" for i in range(200) for _ in range(2)]
    names = pd.Index([f"s{i}" for i in range(400)])
    samples = pd.DataFrame({"group": groups}, index=names)
    counts = pd.DataFrame(rng.negative_binomial(5, 0.1, (10, 400)), columns=names)
    counts.index = counts.index.astype(str)
    fit = fitting.fit(counts, samples, "~ group", "g000")
    table = deseq.contrast(fit, ("group", "g001", "g000"), 0.05)
    assert np.isfinite(table["lfc_se"]).all()


@pytest.mark.parametrize(
    ("design", "message"),
    [("~ treatment + copy", "cannot be told apart"), ("~ each", "needs replicates")],
)
def test_designs_that_cannot_be_fitted_are_refused_in_words(simulation, design, message):
    samples = simulation.samples.assign(
        copy=simulation.samples["treatment"], each=[f"s{i}" for i in range(9)]
    )
    with pytest.raises(InputError, match=message):
        fitting.fit(simulation.counts, samples, design, "dmso")


@pytest.mark.parametrize("design", ["~ year + treatment", "~ treatment * year"])
def test_the_units_of_a_slope_do_not_matter(simulation, design):
    """Years, and centuries since 2013: results are the same to 1e-6, the slope is in its unit."""
    years = np.array([2010, 2011, 2016, 2012, 2016, 2014, 2011, 2015, 2010], dtype=float)
    tables, slopes = [], []
    for values in [years, (years - 2013) / 100]:
        samples = simulation.samples.assign(year=values.astype(str))
        fit = fitting.fit(simulation.counts, samples, design, "dmso", slopes=["year"])
        shrunken = deseq.shrink(fit, PAIR)
        quasi = calibrated(fit, Contrast(*PAIR), 1.0)
        tables.append(deseq.contrast(fit, PAIR, 0.05).join([shrunken, quasi]))
        slopes.append(fit.coefficients["year"])
    first, second = tables
    assert_same(first, second, rtol=1e-6, atol=1e-8)
    others = ["shrunken_log2_fold_change", *QUASI_LIKELIHOOD]
    np.testing.assert_allclose(first[others], second[others], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(slopes[0] * 100, slopes[1], rtol=1e-5, atol=1e-4)
