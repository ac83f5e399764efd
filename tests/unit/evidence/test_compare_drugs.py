import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from imid.differential import deseq, fitting
from imid.differential.calibrated_test import calibrated
from imid.evidence.compare_drugs import (
    check_comparable,
    compared,
    response_classes,
    slope_of,
    summarized,
)
from imid.inference import negative_binomial as nb
from imid.question.contrasts import TwoLevels
from imid.question.samples import ExcludedSample
from imid.shared.problems import InputError
from imid.shared.tables import DRUG_COMPARISON, read_table
from two_drugs import along_a_line, drawn_counts, run_command

LENALIDOMIDE, POMALIDOMIDE = sidecar("lenalidomide"), sidecar("pomalidomide")
# The log2 fold changes that are planted in the genes of each class, half of them negative.
PLANTED = {
    "concordant": (2.0, 2.0),
    "stronger in pomalidomide": (0.8, 2.8),
    "stronger in lenalidomide": (2.4, 0.4),
    "opposite": (1.5, -1.5),
    "no response": (0.0, 0.0),
}
SIZES = dict(zip(PLANTED, [80, 40, 40, 40, 300], strict=True))


def fitted(counts, metadata, reference="dmso"):
    return fitting.fit(counts, metadata, "~ treatment", reference)


@pytest.fixture(scope="module")
def planted() -> SimpleNamespace:
    """Counts in which each class is planted, and their comparison."""
    kind = np.repeat(list(PLANTED), list(SIZES.values()))
    sign = np.where(np.arange(len(kind)) % 2, -1.0, 1.0)
    effects = sign[:, None] * np.array([PLANTED[name] for name in kind])
    counts, metadata = drawn_counts(effects, np.full(len(kind), 1000.0), seed=1, scatter_sd=0.3)
    fit = fitted(counts, metadata)
    table = compared(fit, LENALIDOMIDE, POMALIDOMIDE)
    return SimpleNamespace(counts=counts, metadata=metadata, fit=fit, table=table, kind=kind)


@pytest.fixture(scope="module")
def line() -> SimpleNamespace:
    """Counts of genes on a line of slope 1.5, and their comparison."""
    counts, metadata = along_a_line(1, 1.5, genes=400)
    fit = fitted(counts, metadata)
    table = compared(fit, LENALIDOMIDE, POMALIDOMIDE)
    return SimpleNamespace(counts=counts, metadata=metadata, fit=fit, table=table)


@pytest.mark.parametrize("name", PLANTED)
def test_planted_genes_are_found_in_their_class(planted, name):
    found = planted.table.loc[planted.kind == name, "class"]

    assert (found == name).mean() >= 0.9


@pytest.mark.parametrize("name", list(PLANTED)[:-1])
def test_hardly_a_gene_is_in_a_class_where_it_does_not_belong(planted, name):
    kinds = planted.kind[planted.table["class"] == name]

    assert (kinds != name).mean() <= 0.1


RATES = ["first", "second", "difference", "concordance"]


@pytest.mark.parametrize(
    ("significant", "x", "y", "expected"),
    [
        (["second", "difference"], 0.3, 1.9, "stronger in pomalidomide"),
        (["second", "difference"], -0.3, 1.9, "stronger in pomalidomide"),
        (["first", "second", "difference"], -2.0, -1.0, "stronger in lenalidomide"),
        (["first", "second", "difference"], -1.0, 2.0, "opposite"),
        (["first", "second", "concordance"], 1.0, 1.2, "concordant"),
        (["first", "second", "difference", "concordance"], 1.0, 1.5, "stronger in pomalidomide"),
        (["first", "second"], 1.0, 1.5, "unresolved"),
        (["second"], 0.4, 1.5, "unresolved"),
        (["difference"], -0.5, 0.6, "unresolved"),
        (["first", "difference"], -0.7, 0.8, "unresolved"),
        ([], 0.1, 0.2, "no response"),
        (None, 0.1, 0.2, "not tested"),
    ],
)
def test_what_is_significant_decides_the_class(significant, x, y, expected):
    row = {"first_log2_fold_change": x, "second_log2_fold_change": y, "status": "tested"}
    if significant is None:
        rates = {f"{name}_fdr": np.nan for name in RATES} | {"status": "low_count"}
    else:
        rates = {f"{name}_fdr": 0.049 if name in significant else 0.05 for name in RATES}

    assert response_classes(pd.DataFrame([row | rates]), LENALIDOMIDE, POMALIDOMIDE) == [expected]


def test_the_rates_are_those_of_the_contrasts_tables(planted):
    fit, table = planted.fit, planted.table
    direct = deseq.contrast(fit, ["treatment", "pomalidomide", "lenalidomide"], 0.05)
    second = deseq.contrast(fit, ["treatment", "pomalidomide", "dmso"], 0.05)

    assert table["difference_fdr"].to_numpy() == pytest.approx(direct["fdr"], nan_ok=True)
    assert table["second_fdr"].to_numpy() == pytest.approx(second["fdr"], nan_ok=True)
    change = table["second_log2_fold_change"] - table["first_log2_fold_change"]
    assert table["difference"].to_numpy() == pytest.approx(change)


def test_the_quasi_likelihood_test_decides_where_the_config_says_so(planted):
    first, second = (
        replace(drug, test="quasi_likelihood") for drug in (LENALIDOMIDE, POMALIDOMIDE)
    )
    table = compared(planted.fit, first, second)
    expected = calibrated(planted.fit, second, 1.0)["ql_fdr"]

    assert table["second_fdr"].to_numpy() == pytest.approx(expected, nan_ok=True)
    for name in PLANTED:
        assert (table.loc[planted.kind == name, "class"] == name).mean() >= 0.85


def test_the_covariance_is_that_of_the_model(planted):
    fit = planted.fit
    design = fit.design_matrix.to_numpy()
    mu = np.exp(design @ fit.coefficients.to_numpy().T).T * fit.size_factors.to_numpy()
    weights = mu / (1 + fit.genes["final"].to_numpy()[:, None] * mu)
    covariance = np.linalg.inv(np.einsum("sj,gs,sk->gjk", design, weights, design)) / nb.LN2**2

    known = pd.Series(covariance[:, 1, 2], index=fit.genes.index)[planted.table.index]
    assert planted.table["covariance"].to_numpy() == pytest.approx(known.to_numpy(), rel=1e-4)


def test_exchanging_the_drugs_mirrors_everything(line):
    other = compared(line.fit, POMALIDOMIDE, LENALIDOMIDE)

    assert (other["class"] == line.table["class"]).all()
    assert line.table["class"].nunique() >= 4
    assert other["difference"].to_numpy() == pytest.approx(-line.table["difference"])
    slope, mirrored = slope_of(line.table, 0.05), slope_of(other, 0.05)
    limits = [1 / mirrored.slope, 1 / mirrored.high, 1 / mirrored.low]
    assert limits == pytest.approx([slope.slope, slope.low, slope.high], rel=1e-5)


def test_neither_order_nor_reference_matters(line):
    rng = np.random.default_rng(1)
    samples = rng.permutation(line.counts.columns)
    counts = line.counts.loc[rng.permutation(line.counts.index), samples]
    fit = fitted(counts, line.metadata.loc[samples], reference="pomalidomide")

    again = compared(fit, LENALIDOMIDE, POMALIDOMIDE)

    pd.testing.assert_frame_equal(again.loc[line.table.index], line.table, rtol=1e-6)
    assert slope_of(again, 0.05)[:5] == pytest.approx(slope_of(line.table, 0.05)[:5], rel=1e-5)


def test_the_command_writes_table_and_summary(line, tmp_path):
    inputs = tmp_path, line.fit, line.counts, line.metadata
    excluded = [ExcludedSample("dmso_4", "mixed up", "MM1S")]

    table, summary = run_command(*inputs, sidecar("lenalidomide", excluded=excluded), POMALIDOMIDE)

    written, told = read_table(table), json.loads(summary.read_text())
    assert list(written) == DRUG_COMPARISON
    assert written["gene_id"].tolist() == line.counts.index.tolist()
    assert told["numerators"] == ["lenalidomide", "pomalidomide"]
    assert (told["first"], told["denominator"]) == ("lenalidomide_vs_dmso", "dmso")
    assert {k: n for k, n in told["classes"].items() if n} == dict(written["class"].value_counts())
    assert told["slope_low"] < 1.5 < told["slope_high"]
    assert told["slope"] == pytest.approx(1.5, abs=0.2)
    assert told["excluded"] == [*map(vars, excluded)]
    assert "Concordant: " in told["rule"]
    assert (
        f"the {told['genes']} responding genes change {told['slope']:.2f} times"
        in (told["caption"])
    )


def test_too_few_responding_genes_give_no_slope_but_classes(line):
    counts, metadata = along_a_line(2, 1.5, genes=200, share=0.01)
    table = compared(fitted(counts, metadata), LENALIDOMIDE, POMALIDOMIDE)

    told = summarized(table, slope_of(table, 0.05), LENALIDOMIDE, POMALIDOMIDE, metadata)

    assert [getattr(told, key) for key in ["slope", "slope_low", "slope_high"]] == [None] * 3
    assert told.genes < 10
    assert told.caption.startswith("There is no slope: it needs at least 10 responding genes")
    assert sum(told.classes.values()) == 200


def with_doses(metadata):
    dose = metadata["treatment"].map({"lenalidomide": "10", "pomalidomide": "1"})
    return metadata.assign(dose_um=dose, hours="24")


def test_potency_is_named_with_its_doses_and_hours(line):
    told = summarized(
        line.table,
        slope_of(line.table, 0.05),
        LENALIDOMIDE,
        POMALIDOMIDE,
        with_doses(line.metadata),
    )

    assert "potency" in told.caption
    assert "10 µM lenalidomide for 24 h and 1 µM pomalidomide for 24 h" in told.caption


@pytest.mark.parametrize(
    "spoil",
    [
        lambda samples: samples.drop(columns=["dose_um", "hours"]),
        lambda samples: samples.drop(columns="hours"),
        lambda samples: samples.assign(
            dose_um=samples["dose_um"].mask(samples["treatment"] == "lenalidomide")
        ),
        lambda samples: samples.assign(
            hours=samples["hours"].mask(samples.index == "pomalidomide_2")
        ),
    ],
    ids=["neither", "no hours", "one drug without dose", "one sample without hours"],
)
def test_without_doses_and_hours_of_both_there_is_no_talk_of_potency(line, spoil):
    told = summarized(
        line.table,
        slope_of(line.table, 0.05),
        LENALIDOMIDE,
        POMALIDOMIDE,
        spoil(with_doses(line.metadata)),
    )

    assert "potency" not in told.caption
    assert "mixes dose, hours and how far each drug degrades its targets" in told.caption


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"denominator": "vehicle"}, "denominator is 'dmso' in one and 'vehicle' in the other"),
        ({"cell_line": "MM1S_res"}, "cell_line is 'MM1S' in one and 'MM1S_res' in the other"),
        ({"under": {"batch": "1"}}, "under is {} in one and {'batch': '1'} in the other"),
        ({"fdr": 0.1}, "fdr is 0.05 in one and 0.1 in the other"),
        ({"numerator": "lenalidomide"}, "both are of lenalidomide"),
        (
            {"between": TwoLevels("cell_line", "b", "a")},
            "a difference of differences is no effect of one",
        ),
    ],
)
def test_contrasts_that_cannot_be_compared_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        check_comparable(LENALIDOMIDE, replace(POMALIDOMIDE, **changes))


@pytest.fixture(scope="module")
def counted_slopes():
    """200 experiments with a slope of 1.5: the slopes found, and those of a naive estimate."""
    found, naive = [], []
    with pytest.MonkeyPatch.context() as patch:
        # The design is the same in all; to read its formula takes longer than to fit it.
        vectors = {}
        coefficients = deseq.coefficients

        def remembered(fit, contrast):
            key = contrast.numerator, contrast.denominator
            if key not in vectors:
                vectors[key] = coefficients(fit, contrast)
            return vectors[key]

        patch.setattr(deseq, "coefficients", remembered)
        for seed in range(200):
            table = compared(fitted(*along_a_line(seed, 1.5)), LENALIDOMIDE, POMALIDOMIDE)
            found.append(slope_of(table, 0.05)[:3])
            chosen = table[(table["first_fdr"] < 0.05) | (table["second_fdr"] < 0.05)]
            x, y = chosen["first_log2_fold_change"], chosen["second_log2_fold_change"]
            naive.append((x * y).sum() / (x**2).sum())
    return np.array(found), np.array(naive)


@pytest.mark.slow
def test_the_interval_covers_the_slope_of_simulated_counts(counted_slopes):
    (slope, low, high), naive = counted_slopes[0].T, counted_slopes[1]

    covered = np.mean((low <= 1.5) & (high >= 1.5))
    bias, error = slope.mean() - 1.5, slope.std() / np.sqrt(200)
    print(f"coverage {covered:.3f}, bias {bias:.4f} ± {error:.4f}, naive {naive.mean():.3f}")
    assert covered >= 0.93
    assert abs(bias) < 0.01 + 3 * error
    assert naive.mean() < 1.45
