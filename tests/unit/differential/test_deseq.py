from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import false_discovery_control, gmean, norm

from imid.differential import deseq, fitting
from imid.inference.dispersion_trend import mean_trend

PAIRS = [("lenalidomide", "dmso"), ("pomalidomide", "dmso"), ("pomalidomide", "lenalidomide")]


@pytest.fixture(scope="session")
def tested(fitted):
    """The table of each pair of treatments."""
    return {
        pair: deseq.contrast(fitted, ["treatment", *pair], alpha=0.05).assign(pair="_".join(pair))
        for pair in PAIRS
    }


def strong(simulated):
    return simulated.kind.isin(["up", "down"])


def expressed(simulated):
    return ~simulated.kind.isin(["silent", "outlier", "faint"])


# The fit


def test_size_factors_are_medians_of_ratios_to_the_geometric_mean(simulated, fitted):
    counts = simulated.counts[(simulated.counts > 0).all(axis=1)]
    expected = counts.div(gmean(counts, axis=1), axis=0).median()
    np.testing.assert_allclose(fitted.size_factors, expected)


def test_size_factors_recover_the_planted_depths(fitted):
    planted = np.tile([0.7, 1.0, 1.3], 3)
    found = fitted.size_factors / fitted.size_factors.mean()
    np.testing.assert_allclose(found, planted, rtol=0.1)


def test_normalized_counts_are_counts_over_size_factors(simulated, fitted):
    expected = simulated.counts / fitted.size_factors
    pd.testing.assert_frame_equal(deseq.normalized(fitted), expected, check_names=False)


@pytest.fixture(scope="module")
def with_batch(simulated):
    """A model with batches 1, 2 and 3, where every other gene is three times higher in the second.

    Were the batch a slope, it would have the third differ from the first.
    """
    counts = simulated.counts.copy()
    second = [sample for sample in counts if sample.endswith("_2")]
    counts.loc[counts.index[::2], second] *= 3
    metadata = simulated.metadata.assign(batch=[1, 2, 3] * 3)
    return fitting.fit(counts, metadata, "~ batch + treatment", "dmso")


def test_a_batch_of_whole_numbers_is_a_factor(simulated, with_batch):
    effects = with_batch.coefficients / np.log(2)
    tripled = effects.index.isin(effects.index[::2])
    plain = expressed(simulated)
    difference = effects[plain & tripled].median() - effects[plain & ~tripled].median()
    assert difference["batch[T.2]"] == pytest.approx(np.log2(3), abs=0.2)
    assert difference["batch[T.3]"] == pytest.approx(0, abs=0.2)


# Dispersions


def test_every_gene_has_a_row_of_dispersions(simulated, fitted):
    table = deseq.dispersions(fitted)
    assert table.index.equals(simulated.counts.index)
    assert table.columns.tolist() == ["base_mean", "gene_wise", "fitted", "map", "final"]


def test_dispersions_are_missing_for_genes_without_any_count_and_only_there(simulated, fitted):
    empty = simulated.counts.sum(axis=1) == 0
    table = deseq.dispersions(fitted)
    assert (table["base_mean"] == 0).equals(empty)
    for stage in ["gene_wise", "fitted", "map", "final"]:
        assert table[stage].isna().equals(empty)


def test_final_dispersions_recover_the_planted_ones(simulated, fitted):
    table = deseq.dispersions(fitted)[expressed(simulated)]
    planted = 0.01 + 2 / table["base_mean"]
    assert (table["final"] / planted).median() == pytest.approx(1, abs=0.3)


def test_final_dispersions_are_shrunken_but_for_genes_far_above_the_trend(simulated, fitted):
    table = deseq.dispersions(fitted)[simulated.counts.sum(axis=1) > 0]
    kept = table["final"] != table["map"]
    assert kept[simulated.kind.index[simulated.kind == "outlier"].item()]
    pd.testing.assert_series_equal(
        table.loc[kept, "final"], table.loc[kept, "gene_wise"], check_names=False
    )
    assert (table.loc[kept, "gene_wise"] > 2 * table.loc[kept, "fitted"]).all()


# Variance stabilization


def stabilized_difference(low, high, variance):
    """Integrate 1 / standard deviation between two means, as log2 where means are large."""
    limit = np.sqrt(variance(1e12)) / 1e12
    area, _ = quad(lambda mean: 1 / np.sqrt(variance(mean)), low, high)
    return area * limit / np.log(2)


def test_the_transform_has_the_slope_that_the_fitted_variance_asks_for(fitted):
    dispersion = deseq.dispersions(fitted)
    many = dispersion[dispersion["base_mean"] > 1]
    # The trend of the table is a line over 1 / mean.
    slope, floor = np.polyfit(1 / many["base_mean"], many["fitted"], 1)
    counts = deseq.normalized(fitted)["dmso_1"]
    transformed = deseq.variance_stabilized(fitted)["dmso_1"]
    some = counts[counts > 5].sort_values().index[::9]
    for low, high in pairwise(some):
        expected = stabilized_difference(
            counts[low], counts[high], lambda mean: mean + (floor + slope / mean) * mean**2
        )
        assert transformed[high] - transformed[low] == pytest.approx(expected, abs=1e-4)


def test_the_transform_without_a_trend_uses_the_one_dispersion(simulated, monkeypatch):
    only_mean = "imid.inference.r_choices.fit_trend"
    monkeypatch.setattr(only_mean, lambda means, found, lowest: mean_trend(found))
    with pytest.warns(UserWarning, match="mean trend"):
        dataset = fitting.fit(
            simulated.counts[strong(simulated)], simulated.metadata, "~ treatment", "dmso"
        )
    fitted = deseq.dispersions(dataset)["fitted"]
    assert fitted.nunique() == 1
    counts = deseq.normalized(dataset)["dmso_1"]
    transformed = deseq.variance_stabilized(dataset)["dmso_1"]
    low, high = counts.idxmin(), counts.idxmax()
    expected = stabilized_difference(
        counts[low], counts[high], lambda mean: mean + fitted.iloc[0] * mean**2
    )
    assert transformed[high] - transformed[low] == pytest.approx(expected, abs=1e-4)


def test_large_counts_become_their_log2(fitted, simulated):
    gene = simulated.kind.index[simulated.kind == "outlier"].item()
    counts = deseq.normalized(fitted).loc[gene, "pomalidomide_3"]
    transformed = deseq.variance_stabilized(fitted).loc[gene, "pomalidomide_3"]
    assert transformed == pytest.approx(np.log2(counts), abs=0.05)


# Contrasts


@pytest.mark.parametrize("pair", PAIRS)
def test_strong_planted_changes_are_found_with_their_sign(simulated, tested, pair):
    numerator, denominator = pair
    planted = (simulated.effects[numerator] - simulated.effects[denominator])[strong(simulated)]
    table = tested[pair][strong(simulated)]
    assert (np.sign(table["log2_fold_change"]) == np.sign(planted)).all()
    assert (table["fdr"] < 0.05).all()


@pytest.mark.parametrize("pair", PAIRS)
def test_estimates_cover_the_truth_as_often_as_their_errors_say(simulated, tested, pair):
    numerator, denominator = pair
    planted = simulated.effects[numerator] - simulated.effects[denominator]
    plain = expressed(simulated)
    table = tested[pair][plain]
    z = (table["log2_fold_change"] - planted[plain]) / table["lfc_se"]
    # 104 genes: 95 % of them within two errors, give or take.
    assert (z.abs() < 2).mean() > 0.85
    assert 0.7 < z.std() < 1.3


@pytest.mark.parametrize(("numerator", "denominator"), PAIRS)
def test_treatments_are_contrasted_within_batches(simulated, with_batch, numerator, denominator):
    table = deseq.contrast(with_batch, ["treatment", numerator, denominator], alpha=0.05)
    planted = (simulated.effects[numerator] - simulated.effects[denominator])[strong(simulated)]
    np.testing.assert_allclose(table["log2_fold_change"][strong(simulated)], planted, atol=1)


def test_a_contrast_turned_round_has_the_other_sign_and_the_same_p_values(fitted, tested):
    turned = deseq.contrast(fitted, ["treatment", "dmso", "pomalidomide"], alpha=0.05)
    table = tested["pomalidomide", "dmso"]
    np.testing.assert_allclose(turned["log2_fold_change"], -table["log2_fold_change"])
    np.testing.assert_allclose(turned["p_value"], table["p_value"])


def test_fold_changes_of_the_three_contrasts_add_up(tested, simulated):
    """But for genes without a read in two of the groups, whose change is 0 as R has it."""
    seen = ~simulated.kind.isin(["silent", "faint"])
    first, second, difference = (tested[pair].loc[seen, "log2_fold_change"] for pair in PAIRS)
    np.testing.assert_allclose(second - first, difference, atol=1e-9)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_p_value_is_that_of_the_wald_statistic(tested, pair):
    table = tested[pair][tested[pair]["p_value"].notna()]
    np.testing.assert_allclose(table["stat"], table["log2_fold_change"] / table["lfc_se"])
    np.testing.assert_allclose(table["p_value"], 2 * norm.sf(table["stat"].abs()))


@pytest.mark.parametrize("pair", PAIRS)
def test_the_false_discovery_rate_is_benjamini_hochbergs_over_the_tested_genes(tested, pair):
    table = tested[pair][tested[pair]["status"] == "tested"]
    np.testing.assert_allclose(table["fdr"], false_discovery_control(table["p_value"]))


# Status


def test_a_gene_is_all_zero_where_no_sample_has_a_count(simulated, tested):
    empty = simulated.counts.sum(axis=1) == 0
    for table in tested.values():
        assert (table["status"] == "all_zero").equals(empty)


def test_a_gene_is_an_outlier_where_one_sample_stands_out(simulated, tested):
    planted = simulated.kind == "outlier"
    for table in tested.values():
        assert (table["status"] == "outlier").equals(planted)


def test_low_count_genes_arise_and_lie_below_every_tested_one(tested):
    table = tested["lenalidomide", "dmso"]
    low = table.loc[table["status"] == "low_count", "base_mean"]
    assert len(low) >= 1
    assert low.max() < table.loc[table["status"] == "tested", "base_mean"].min()


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        ("tested", []),
        ("low_count", ["fdr"]),
        ("outlier", ["p_value", "fdr"]),
        ("all_zero", ["log2_fold_change", "lfc_se", "stat", "p_value", "fdr"]),
    ],
)
def test_a_status_tells_which_numbers_are_missing(tested, status, missing):
    rows = pd.concat(tested.values()).drop(columns="pair")
    rows = rows[rows["status"] == status]
    assert len(rows) >= 1
    assert rows.columns[rows.isna().any()].tolist() == missing
    assert rows[missing].isna().all(axis=None)


@pytest.fixture(scope="session")
def replaced():
    """Dispersions and contrast of groups of seven, where outliers are replaced, not left out."""
    rng = np.random.default_rng(5)
    treatment = ["dmso"] * 7 + ["lenalidomide"] * 7
    mean = rng.lognormal(5, 1, (60, 1))
    dispersion = 0.02 + 2 / mean
    drawn = rng.negative_binomial(1 / dispersion, 1 / (1 + dispersion * mean), (60, 14))
    samples = [f"s{number}" for number in range(14)]
    counts = pd.DataFrame(drawn, index=[f"g{number}" for number in range(60)], columns=samples)
    counts.loc["g0"] = [0, 0, 0, 200] + [0] * 10
    counts.loc["g1"] = [100, 110, 90, 100, 95, 20_000, 105, 100, 110, 90, 105, 100, 95, 100]
    metadata = pd.DataFrame({"treatment": treatment}, index=samples)
    dataset = fitting.fit(counts, metadata, "~ treatment", "dmso")
    table = deseq.contrast(dataset, ["treatment", "lenalidomide", "dmso"], alpha=0.05)
    return deseq.dispersions(dataset), table


def test_a_replaced_outlier_does_not_make_a_fold_change(replaced):
    _, table = replaced
    assert table.loc["g1", "status"] == "tested"
    assert abs(table.loc["g1", "log2_fold_change"]) < 0.3


def test_a_gene_with_reads_in_one_sample_alone_is_unchanged_and_not_all_zero(replaced):
    """Its outlier is replaced, and nothing is left: R then gives no change, with p-value 1."""
    _, table = replaced
    assert table.loc["g0", ["log2_fold_change", "p_value"]].tolist() == [0, 1]
    assert table.loc["g0", "status"] != "all_zero"


def test_dispersions_and_contrasts_agree_on_the_mean(replaced):
    dispersions, table = replaced
    assert table.loc["g1", "base_mean"] == pytest.approx(100, rel=0.2)
    pd.testing.assert_series_equal(dispersions["base_mean"], table["base_mean"])
