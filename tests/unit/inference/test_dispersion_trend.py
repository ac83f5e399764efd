import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import polygamma
from scipy.stats import chi2, norm

import r_deseq2
from imid.inference import dispersion_trend as dt


@pytest.fixture(scope="module")
def genes():
    rng = np.random.default_rng(5)
    means = np.exp(rng.uniform(1, 10, 3000))
    return means, (0.05 + 2 / means) * rng.gamma(4, 1 / 4, 3000)


def test_the_gamma_fit_maximises_its_likelihood(genes):
    means, dispersions = genes

    def deviance(log_coefficients):
        fitted = np.exp(log_coefficients[0]) + np.exp(log_coefficients[1]) / means
        return np.sum(dispersions / fitted + np.log(fitted))

    best = minimize(deviance, np.log([0.1, 1.0]))
    ours, converged = dt.fit_gamma_glm(1 / means, dispersions)
    assert converged
    np.testing.assert_allclose(ours, np.exp(best.x), rtol=1e-3)


def test_the_planted_trend_is_found_in_spite_of_outliers(genes):
    means, dispersions = genes
    dispersions = dispersions.copy()
    dispersions[::50] *= 1000
    trend = dt.parametric_trend(means, dispersions)
    np.testing.assert_allclose(list(trend.numbers.values()), [0.05, 2], rtol=0.1)
    np.testing.assert_allclose(trend.curve(np.array([10.0])), [0.25], rtol=0.1)


def test_genes_parked_at_the_lower_bound_have_no_say(genes):
    means, dispersions = genes
    parked = np.concatenate([dispersions, np.full(3000, 1e-8)])
    both = dt.fit_trend(np.concatenate([means, means]), parked, 1e-8)
    alone = dt.fit_trend(means, dispersions, 1e-8)
    assert both == alone


def test_a_rising_trend_is_local(genes):
    means, _ = genes
    rising = 0.01 * means**0.3
    trend = dt.fit_trend(means, rising, 1e-8)
    assert trend.kind == "local"
    np.testing.assert_allclose(trend.curve(means), rising, rtol=0.02)


def test_without_measurable_dispersions_the_trend_is_their_mean():
    trend = dt.fit_trend(np.arange(1.0, 100), np.full(99, 1e-8), 1e-8)
    assert trend.kind == "mean"
    np.testing.assert_allclose(trend.curve(np.array([5.0, 50.0])), 1e-8)


def residuals(freedom, planted):
    """Draw residuals with a prior variance planted."""
    rng = np.random.default_rng(freedom)
    return np.log(rng.chisquare(freedom, 5000) / freedom) + rng.normal(0, np.sqrt(planted), 5000)


# What R estimates from these residuals: tests/r/prior_variance.R.
R_PRIOR_VARIANCES = pd.read_csv(
    Path(__file__).parents[2] / "data/prior_variances.tsv", sep="\t", dtype={"planted": str}
)


@pytest.mark.parametrize(("freedom", "planted", "by_r"), R_PRIOR_VARIANCES.to_numpy())
def test_the_prior_variance_is_rs(freedom, planted, by_r):
    ours = dt.prior_variance(residuals(freedom, float(planted)), freedom)
    assert ours == pytest.approx(by_r, rel=1e-9)


@pytest.mark.r
def test_rs_prior_variances_are_those_frozen(tmp_path):
    if not r_deseq2.available():
        pytest.skip("needs Rscript with DESeq2")
    some = R_PRIOR_VARIANCES[R_PRIOR_VARIANCES["planted"] == "1.0"]
    drawn = {
        f"{freedom}_{planted}": residuals(freedom, float(planted))
        for freedom, planted, _ in some.to_numpy()
    }
    pd.DataFrame(drawn).to_csv(tmp_path / "residuals.tsv", sep="\t", index=False)
    script = Path(__file__).parents[2] / "r/prior_variance.R"
    run = subprocess.run(
        ["Rscript", str(script), str(tmp_path / "residuals.tsv")],
        check=True,
        capture_output=True,
        text=True,
    )
    now = [float(line.split("\t")[1]) for line in run.stdout.splitlines()]
    np.testing.assert_allclose(now, some["prior_variance"], rtol=1e-9)


def test_the_prior_variance_at_many_degrees_of_freedom():
    rng = np.random.default_rng(0)
    residuals = rng.normal(0, 1, 50_000)
    expected = 1 - polygamma(1, 5)
    assert dt.prior_variance(residuals, 10) == pytest.approx(expected, abs=0.03)
    assert dt.prior_variance(residuals / 10, 10) == dt.SMALLEST_PRIOR_VARIANCE


@pytest.mark.parametrize("freedom", [1, 2, 3])
def test_the_table_of_histograms_is_of_log_chi_squared(freedom):
    """Pearson's statistic of the counts, added up, is within four of its standard deviations."""
    table = pd.read_csv(dt.HISTOGRAMS, sep="\t")
    table = table[table["degrees_of_freedom"] == freedom]
    assert len(table) == 200
    sampling = np.log(chi2.ppf((np.arange(2000) + 0.5) / 2000, freedom) / freedom)
    statistic = cells = 0
    for variance, *counts in table.iloc[1::5, 1:].to_numpy():
        edges = (dt.HISTOGRAM_EDGES[:, None] - sampling) / np.sqrt(variance)
        shares = np.diff(norm.cdf(edges).mean(axis=1))
        expected = np.sum(counts) * shares / shares.sum()
        usual = expected > 5
        seen, expected = np.array(counts)[usual], expected[usual]
        statistic += ((seen - expected) ** 2 / expected).sum()
        cells += usual.sum() - 1
    assert abs(statistic - cells) < 4 * np.sqrt(2 * cells)
