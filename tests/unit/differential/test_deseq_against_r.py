import warnings

import numpy as np
import pandas as pd
import pytest

import r_deseq2
import real_counts
from imid.differential import deseq, fitting

FDR = 0.05


@pytest.fixture(scope="module", params=list(r_deseq2.SETS))
def name(request):
    return request.param


def frozen(name):
    counts, samples, reference = r_deseq2.thawed(name)
    return r_deseq2.experiment_of(name), counts, samples, reference


def run_now(name):
    if not r_deseq2.available():
        pytest.skip("needs Rscript with DESeq2")
    if name in real_counts.EXPERIMENTS:
        experiment = real_counts.EXPERIMENTS[name]
        counts, samples = real_counts.read(name)
    else:
        experiment = r_deseq2.experiment_of(name)
        counts, samples, _ = r_deseq2.simulated(name)
    return experiment, counts, samples, r_deseq2.run(experiment, counts, samples)


def cases():
    """List the sets as they are frozen, and with R run now; and published counts."""
    sets, published = list(r_deseq2.SETS), list(real_counts.EXPERIMENTS)
    return [
        *(pytest.param((frozen, name), id=f"{name}-frozen") for name in sets),
        *(
            pytest.param((run_now, name), id=f"{name}-now", marks=pytest.mark.r)
            for name in [*sets, *published]
        ),
    ]


@pytest.fixture(scope="module", params=cases())
def compared(request):
    """Our fit and R's estimates of the same counts."""
    load, name = request.param
    experiment, counts, samples, reference = load(name)
    return fitted(experiment, counts, samples), reference, experiment


def fitted(experiment, counts, samples):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return fitting.fit(
            counts,
            samples,
            experiment.design,
            experiment.references.values(),
            slopes=r_deseq2.SLOPES,
        )


def quantile_of_difference(ours, theirs, quantile):
    with np.errstate(invalid="ignore"):
        return np.nanquantile(np.abs(ours.to_numpy() / theirs.to_numpy() - 1), quantile)


def assert_same_sets(ours, theirs):
    """Allow one gene in two hundred, or one gene."""
    either = (ours | theirs).sum()
    assert (ours != theirs).sum() <= max(1, 0.005 * either)


def test_size_factors(compared):
    fit, reference, _ = compared
    ours = fit.size_factors[reference.size_factors.index]
    np.testing.assert_allclose(ours, reference.size_factors, rtol=1e-6)


def test_dispersions_at_every_stage(compared):
    fit, reference, _ = compared
    ours, theirs = deseq.dispersions(fit), reference.stages
    stages = {"gene_wise": "dispGeneEst", "fitted": "dispFit", "map": "dispMAP"}
    for stage, column in {**stages, "final": "dispersion"}.items():
        assert ours[stage].isna().to_numpy().tolist() == theirs[column].isna().tolist()
        assert quantile_of_difference(ours[stage], theirs[column], 0.5) < 1e-3
        assert quantile_of_difference(ours[stage], theirs[column], 0.99) < 2e-2


def test_fold_changes_standard_errors_and_p_values(compared):
    fit, reference, experiment = compared
    for number, contrast in enumerate(experiment.contrasts, 1):
        theirs = reference.tests[f"contrast_{number}"]
        tested = theirs["padj"].notna().to_numpy()
        ours, theirs = deseq.contrast(fit, contrast, FDR)[tested], theirs[tested]
        difference = ours["log2_fold_change"].to_numpy() - theirs["log2FoldChange"].to_numpy()
        # Where the iteration of a gene without a maximum is given up depends, in R and not here,
        # on the units of a slope: one gene.
        share = 0.997 if "purity" in experiment.design else 0.999
        assert np.quantile(np.abs(difference), share) < 1e-3
        assert quantile_of_difference(ours["lfc_se"], theirs["lfcSE"], 0.99) < 1e-2
        logs = [np.log10(p.clip(lower=1e-300)) for p in (ours["p_value"], theirs["pvalue"])]
        assert quantile_of_difference(*logs, 0.99) < 1e-2


def test_the_same_genes_are_significant(compared):
    fit, reference, experiment = compared
    for number, contrast in enumerate(experiment.contrasts, 1):
        ours = deseq.contrast(fit, contrast, FDR).reset_index()
        theirs = reference.tests[f"contrast_{number}"].reset_index()
        significant = ours["fdr"] < FDR, theirs["padj"] < FDR
        # Else there is hardly anything to compare. The smallest has 18.
        assert significant[1].sum() > 10
        assert_same_sets(*significant)
        large = ours["log2_fold_change"].abs() > 1, theirs["log2FoldChange"].abs() > 1
        assert_same_sets(significant[0] & large[0], significant[1] & large[1])


def test_the_same_genes_are_left_untested(compared):
    fit, reference, experiment = compared
    for number, contrast in enumerate(experiment.contrasts, 1):
        ours = deseq.contrast(fit, contrast, FDR).reset_index()
        theirs = reference.tests[f"contrast_{number}"].reset_index()
        assert_same_sets(ours["p_value"].isna(), theirs["pvalue"].isna())
        assert_same_sets(ours["fdr"].notna(), theirs["padj"].notna())
        tested = ours["status"] == "tested"
        assert tested.equals(ours["fdr"].notna())


@pytest.mark.parametrize("alternative", r_deseq2.ALTERNATIVES)
def test_thresholded_p_values(compared, alternative):
    fit, reference, experiment = compared
    for number, contrast in enumerate(experiment.contrasts, 1):
        theirs = reference.tests[f"contrast_{number}.{alternative}"]["pvalue"].to_numpy()
        ours = deseq.thresholded(fit, contrast, FDR, 1.0, alternative)["p_value"].to_numpy()
        known = ~np.isnan(theirs)
        assert known.sum() > 300
        np.testing.assert_array_equal(np.isnan(ours), ~known)
        assert np.quantile(np.abs(ours - theirs)[known], 0.99) < 1e-4


def test_outliers_are_planted_and_replaced():
    counts, samples, reference = r_deseq2.thawed("outliers")
    fit = fitted(r_deseq2.experiment_of("outliers"), counts, samples)
    assert fit.genes["replaced"].sum() >= 5
    changed = fit.genes["base_mean"] != fit.normalized.mean(axis=0)
    assert changed.sum() >= 5
    np.testing.assert_allclose(fit.genes["base_mean"], reference.stages["baseMean"], rtol=1e-6)


def test_the_local_trend_is_taken_where_the_parametric_one_fails():
    counts, samples, _ = r_deseq2.thawed("local_trend")
    experiment = r_deseq2.experiment_of("local_trend")
    with pytest.warns(UserWarning, match="local"):
        fit = fitting.fit(counts, samples, experiment.design, "dmso")
    assert fit.trend.kind == "local"


def test_frozen_counts_are_those_of_the_generator(name):
    counts, _, _ = r_deseq2.thawed(name)
    pd.testing.assert_frame_equal(counts, r_deseq2.simulated(name).counts, check_names=False)
