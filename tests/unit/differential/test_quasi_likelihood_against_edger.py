"""The quasi-likelihood tests held against those of edgeR 3, run here and now on the same fit."""

import shutil
import subprocess
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import real_counts
from imid.differential import deseq, fitting
from imid.differential.calibrated_test import calibrated
from imid.inference import quasi_likelihood as ql
from imid.inference.independent_filtering import benjamini_hochberg
from imid.question.contrasts import Contrast
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate
from running import ROOT

FDR = 0.05
SCRIPT = ROOT / "tests/r/edger.R"
PACKAGES = ["edgeR", "statmod"]
SIMULATED = ["three_groups", "two_factors", "outliers"]


@cache
def available():
    if shutil.which("Rscript") is None:
        return False
    asked = ", ".join(f"requireNamespace('{name}', quietly = TRUE)" for name in PACKAGES)
    command = ["Rscript", "-e", f"quit(status = !all({asked}))"]
    return subprocess.run(command, capture_output=True).returncode == 0


def fitted(name):
    """A fit, and the first contrast of its experiment."""
    if name in real_counts.EXPERIMENTS:
        experiment = real_counts.EXPERIMENTS[name]
        counts, samples = real_counts.read(name)
    else:
        experiment = EXPERIMENTS[name]
        counts, samples, _ = simulate(experiment, 5000, seed=3, scatter_sd=0.8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        fit = fitting.fit(counts, samples, experiment.design, experiment.references.values())
    return fit, Contrast(*experiment.contrasts[0])


def run(fit, contrast, folder: Path):
    """Run edgeR on a fit; give its p-values, and deviances and variances, by gene."""
    counts, factors = fit.counts.T, fit.size_factors
    means = (counts / factors.to_numpy()).mean(axis=1)
    trend = np.where(means > 0, fit.trend.curve(np.maximum(means, 1e-3)), 1.0)
    written = {
        "counts": pd.DataFrame(counts, fit.genes.index, fit.factors.index).reset_index(),
        "design": fit.design_matrix,
        "contrast": deseq.coefficients(fit, contrast).to_frame("weight"),
        "size_factors": factors.to_frame("size_factor"),
        "trend": pd.DataFrame({"dispersion": trend}),
    }
    for name, table in written.items():
        table.to_csv(folder / f"{name}.tsv", sep="\t", index=False, float_format="%.15g")
    subprocess.run(["Rscript", str(SCRIPT), str(folder)], check=True, capture_output=True)
    return pd.read_csv(folder / "tests.tsv", sep="\t", index_col=0)


@pytest.fixture(scope="module", params=[*SIMULATED, *real_counts.EXPERIMENTS])
def compared(request, tmp_path_factory):
    """Our tests and edgeR's of the same fit."""
    if not available():
        pytest.skip(f"needs Rscript with {' and '.join(PACKAGES)}")
    fit, contrast = fitted(request.param)
    theirs = run(fit, contrast, tmp_path_factory.mktemp("edger"))
    return fit, calibrated(fit, contrast, 1.0), theirs


def jaccard(ours, theirs):
    return (ours & theirs).sum() / (ours | theirs).sum()


@pytest.mark.r
def test_the_same_genes_have_enough_reads(compared):
    _, ours, theirs = compared
    assert jaccard(ours["ql_p_value"].notna(), ours.index.isin(theirs.index)) > 0.995


@pytest.mark.r
def test_deviances_are_equal(compared):
    fit, _, theirs = compared
    counts = fit.counts.T[fit.genes.index.get_indexer(theirs.index)].astype(float)
    factors = fit.size_factors.to_numpy()
    means = (counts / factors).mean(axis=1)
    design = fit.design_matrix.to_numpy(dtype=float)
    model = ql.fit_quasi(counts, factors, design, fit.trend.curve(means))
    # edgeR takes the dispersions from a table, and stops a little earlier.
    assert model.deviances == pytest.approx(theirs["deviance"].to_numpy(), rel=1e-3, abs=1e-4)
    ratio = np.log(model.posterior / theirs["posterior"])
    assert ratio.abs().median() < 0.02
    assert ratio.abs().quantile(0.99) < 0.15


def spearman(ours, theirs):
    return spearmanr(ours, theirs).statistic


@pytest.mark.r
@pytest.mark.parametrize(
    ("test", "below", "correlation", "same"),
    [("", 1.0, 0.999, 0.97), ("threshold_", 0.1, 0.97, 0.94)],
)
def test_p_values_and_calls_are_edgers(compared, test, below, correlation, same):
    """Of the threshold test where it matters: edgeR does not average over all of the interval."""
    _, ours, theirs = compared
    both = ours.index[ours["ql_p_value"].notna() & ours.index.isin(theirs.index)]
    here, there = ours.loc[both, f"ql_{test}p_value"], theirs.loc[both, f"{test}p_value"]
    rates = theirs[f"{test}p_value"]
    called = pd.Series(benjamini_hochberg(rates.to_numpy()), rates.index).reindex(ours.index) < FDR
    agreement = jaccard(ours[f"ql_{test}fdr"] < FDR, called)
    small = (here <= below) & (there <= below)
    print(f"{test}Spearman {spearman(here[small], there[small]):.5f}, Jaccard {agreement:.4f}")
    assert spearman(here[small], there[small]) >= correlation
    assert agreement >= same
