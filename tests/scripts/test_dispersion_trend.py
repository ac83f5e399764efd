import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import polygamma

import dispersion_trend as dt


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
    np.testing.assert_allclose(trend.coefficients, [0.05, 2], rtol=0.1)
    np.testing.assert_allclose(trend.curve(np.array([10.0])), [0.25], rtol=0.1)


def test_genes_parked_at_the_lower_bound_have_no_say(genes):
    means, dispersions = genes
    parked = np.concatenate([dispersions, np.full(3000, 1e-8)])
    both = dt.fit_trend(np.concatenate([means, means]), parked, 1e-8)
    alone = dt.fit_trend(means, dispersions, 1e-8)
    np.testing.assert_array_equal(both.coefficients, alone.coefficients)


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


@pytest.mark.parametrize("freedom", [1, 2, 3])
@pytest.mark.parametrize("planted", [0.5, 1.0, 2.0])
def test_the_prior_variance_is_recovered_at_few_degrees_of_freedom(freedom, planted):
    rng = np.random.default_rng(freedom)
    sampling = np.log(rng.chisquare(freedom, 20_000) / freedom)
    residuals = sampling + rng.normal(0, np.sqrt(planted), 20_000)
    assert dt.prior_variance(residuals, freedom) == pytest.approx(planted, abs=0.25)


def test_the_prior_variance_at_many_degrees_of_freedom():
    rng = np.random.default_rng(0)
    residuals = rng.normal(0, 1, 50_000)
    expected = 1 - polygamma(1, 5)
    assert dt.prior_variance(residuals, 10) == pytest.approx(expected, abs=0.03)
    assert dt.prior_variance(residuals / 10, 10) == dt.SMALLEST_PRIOR_VARIANCE


def test_the_table_of_histograms_is_of_log_chi_squared():
    table = pd.read_csv(dt.HISTOGRAMS, sep="\t")
    assert len(table) == 600
    for freedom in (1, 2, 3):
        variances, densities = dt._simulated_densities(freedom)
        centres = (dt.HISTOGRAM_EDGES[1:] + dt.HISTOGRAM_EDGES[:-1]) / 2
        means = densities @ centres * 0.5
        spread = densities @ centres**2 * 0.5 - means**2
        expected = polygamma(1, freedom / 2) + variances
        # Bins are wide and end at -10 and 10.
        small = variances < 4
        np.testing.assert_allclose(spread[small], expected[small], rtol=0.2)
