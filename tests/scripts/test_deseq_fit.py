"""What the fit and its contrasts must be whatever R says: invariance, hostile counts, pickles."""

import pickle

import numpy as np
import pandas as pd
import pytest
from pydeseq2.dds import DeseqDataSet
from scipy.stats import norm

import deseq
from problems import InputError
from simulate_counts import EXPERIMENTS, simulate
from vectorized_inference import VectorizedInference

THREE = EXPERIMENTS["three_groups"]
PAIR = ("treatment", "pomalidomide", "lenalidomide")
NUMBERS = ["base_mean", "log2_fold_change", "lfc_se", "stat", "p_value", "fdr"]


@pytest.fixture(scope="module")
def simulation():
    return simulate(THREE, 600, seed=3)


@pytest.fixture(scope="module")
def dataset(simulation):
    return deseq.fit(simulation.counts, simulation.samples, THREE.design, "dmso")


@pytest.fixture(scope="module")
def table(dataset):
    return deseq.contrast(dataset, PAIR, 0.05)


def assert_same(ours, theirs, rtol=1e-6, atol=1e-9):
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


def test_order_of_samples_does_not_matter(simulation, table):
    order = np.random.default_rng(0).permutation(len(simulation.samples))
    other = deseq.fit(
        simulation.counts.iloc[:, order], simulation.samples.iloc[order], THREE.design, "dmso"
    )
    assert_same(deseq.contrast(other, PAIR, 0.05), table, rtol=2e-3, atol=1e-4)


def test_order_of_genes_does_not_matter(simulation, table):
    counts = simulation.counts.sample(frac=1, random_state=0)
    other = deseq.fit(counts, simulation.samples, THREE.design, "dmso")
    assert_same(deseq.contrast(other, PAIR, 0.05).loc[table.index], table)


@pytest.mark.parametrize("reference", ["lenalidomide", "pomalidomide"])
def test_the_reference_level_does_not_matter(simulation, dataset, table, reference):
    other = deseq.fit(simulation.counts, simulation.samples, THREE.design, reference)
    assert_same(deseq.contrast(other, PAIR, 0.05), table, rtol=2e-3, atol=1e-4)
    for alternative in ["greaterAbs", "less"]:
        ours = deseq.thresholded(other, PAIR, 0.05, 1.0, alternative)
        theirs = deseq.thresholded(dataset, PAIR, 0.05, 1.0, alternative)
        np.testing.assert_allclose(ours["p_value"], theirs["p_value"], rtol=1e-2, atol=1e-6)


def test_the_opposite_contrast_is_the_mirror_image(dataset, table):
    mirrored = deseq.contrast(dataset, ("treatment", PAIR[2], PAIR[1]), 0.05)
    mirrored[["log2_fold_change", "stat"]] *= -1
    assert_same(mirrored, table)


def test_a_vector_is_the_same_contrast(dataset, table):
    assert_same(deseq.contrast(dataset, np.array([0.0, -1.0, 1.0]), 0.05), table)


def test_size_of_blocks_does_not_matter(simulation, table, monkeypatch):
    monkeypatch.setattr("vectorized_inference.BLOCK_ELEMENTS", 900)
    other = deseq.fit(simulation.counts, simulation.samples, THREE.design, "dmso")
    assert_same(deseq.contrast(other, PAIR, 0.05), table)


def test_a_fit_read_back_from_a_file_gives_the_same(dataset, table):
    again = pickle.loads(pickle.dumps(dataset))
    assert_same(deseq.contrast(again, PAIR, 0.05), table)
    pd.testing.assert_series_equal(deseq.shrink(again, PAIR), deseq.shrink(dataset, PAIR))
    assert deseq.variance_stabilized(again).equals(deseq.variance_stabilized(dataset))


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
        deseq.fit(counts, simulation.samples, THREE.design, "dmso", inference)
        for inference in ("pydeseq2", "vectorized")
    )
    assert type(stock) is DeseqDataSet
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
    fit = deseq.fit(counts, simulation.samples, THREE.design, "dmso")
    for contrast in THREE.contrasts:
        table = deseq.contrast(fit, contrast, 0.05)
        counted = table[fit.X.any(axis=0)]
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
    fit = deseq.fit(counts, simulation.samples, THREE.design, "dmso")
    assert np.isfinite(fit.obs["size_factors"]).all()
    assert (deseq.contrast(fit, PAIR, 0.05)["status"] == "tested").any()


def test_counts_without_extra_variation():
    rng = np.random.default_rng(0)
    samples = simulate(THREE, 1, seed=0).samples
    counts = pd.DataFrame(rng.poisson(100, (200, 9)), columns=samples.index)
    counts.index = counts.index.astype(str)
    fit = deseq.fit(counts, samples, THREE.design, "dmso")
    assert (deseq.contrast(fit, PAIR, 0.05)["fdr"] < 0.05).sum() <= 2


def test_two_hundred_coefficients():
    rng = np.random.default_rng(0)
    groups = [f"g{i:03d}" for i in range(200) for _ in range(2)]
    names = pd.Index([f"s{i}" for i in range(400)])
    samples = pd.DataFrame({"group": groups}, index=names)
    counts = pd.DataFrame(rng.negative_binomial(5, 0.1, (10, 400)), columns=names)
    counts.index = counts.index.astype(str)
    fit = deseq.fit(counts, samples, "~ group", "g000")
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
        deseq.fit(simulation.counts, samples, design, "dmso")
