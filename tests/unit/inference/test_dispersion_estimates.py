import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, psi
from scipy.stats import nbinom

from imid.inference import dispersion_estimates as de
from imid.inference.cox_reid import CoxReid
from imid.inference.gamma_functions import digamma, log_gamma

GROUPS = np.column_stack([np.ones(9), np.repeat([0, 1, 0], 3), np.repeat([0, 0, 1], 3)])
ADDITIVE = np.column_stack([np.ones(9), np.repeat([0, 1, 1], 3), np.tile([0, 1, 0], 3)])
SLOPE = np.column_stack([np.ones(9), np.linspace(0, 1, 9)])


@pytest.fixture(scope="module")
def genes():
    rng = np.random.default_rng(2)
    mu = np.exp(rng.uniform(3, 8, 200)) * np.ones((9, 1))
    planted = 0.2
    counts = rng.poisson(rng.gamma(1 / planted, planted * mu)).astype(float)
    return de.Genes(counts, mu, np.full(200, np.log(0.1)))


def models(prior_variance):
    return [de.Model(CoxReid.of(x), prior_variance) for x in (GROUPS, ADDITIVE, SLOPE)]


@pytest.mark.parametrize("function", [(log_gamma, gammaln), (digamma, psi)])
def test_gamma_functions(function):
    ours, scipys = function
    x = np.exp(np.linspace(-5, 20, 2000))
    np.testing.assert_allclose(ours(x, np.log(x)), scipys(x), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("prior_variance", [None, 0.5])
def test_the_slope_is_the_derivative(genes, prior_variance):
    at, step = np.full(200, np.log(0.3)), 1e-5
    for model in models(prior_variance):
        higher = de.log_posterior(at + step, genes, model)
        lower = de.log_posterior(at - step, genes, model)
        slope = de.log_posterior_slope(at, genes, model)
        np.testing.assert_allclose(slope, (higher - lower) / (2 * step), rtol=1e-4, atol=1e-4)


def test_the_likelihood_part_is_the_negative_binomials(genes):
    def exact(alpha):
        return nbinom.logpmf(genes.counts, 1 / alpha, 1 / (1 + alpha * genes.mu)).sum(axis=0)

    model = de.Model(None)
    ours = [de.log_posterior(np.full(200, np.log(alpha)), genes, model) for alpha in (0.1, 0.7)]
    np.testing.assert_allclose(ours[1] - ours[0], exact(0.7) - exact(0.1), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("prior_variance", [None, 0.5])
def test_the_climb_comes_within_its_tolerance_of_the_maximum(genes, prior_variance):
    model = models(prior_variance)[0]
    found = de.climb(np.full(200, np.log(0.05)), genes, model, np.log(1e-9))
    arrived = found.iterations < de.MAX_ITERATIONS
    assert arrived.mean() > 0.9
    for i in np.flatnonzero(arrived)[::20]:
        one = genes.take(np.array([i]))
        best = minimize_scalar(
            lambda x, one=one: -de.log_posterior(np.array([x]), one, model)[0],
            bounds=(-15, 3),
            method="bounded",
        )
        if best.x > -8:
            assert found.last_value[i] >= -best.fun - 1e-4


def test_the_grid_finds_the_maximum_to_its_spacing(genes):
    model = models(0.5)[0]
    grid = de.search_grid(genes, model, 10.0)
    climbed = de.climb(np.full(200, np.log(0.1)), genes, model, np.log(1e-9)).log_alpha
    spacing = np.log(10 / 1e-8) / 19 * 2 / 19
    assert np.abs(grid - climbed).max() < 1.1 * spacing


def test_planted_dispersions_are_found():
    """Of means that were fitted to the same counts, which the adjustment makes up for.

    The mean over genes is within three of its standard errors.
    """
    rng = np.random.default_rng(2)
    mu = np.exp(rng.uniform(5, 9, 200)) * np.ones((9, 1))
    counts = rng.poisson(rng.gamma(5, 0.2 * mu)).astype(float)
    fitted = np.repeat(counts.reshape(3, 3, 200).mean(axis=1), 3, axis=0)
    genes = de.Genes(counts, fitted, np.zeros(200))
    estimates, _ = de.gene_wise_dispersions(genes, models(None)[0], np.full(200, 0.1), 1e-8, 10.0)
    error = estimates.std() / np.sqrt(200)
    assert error < 0.01
    assert estimates.mean() == pytest.approx(0.2, abs=3 * error)
    unadjusted, _ = de.gene_wise_dispersions(genes, de.Model(None), np.full(200, 0.1), 1e-8, 10.0)
    assert unadjusted.mean() < 0.2 - 6 * error


def test_a_gene_takes_the_same_path_alone_and_among_others(genes):
    model = models(0.5)[1]
    together = de.climb(np.full(200, np.log(0.1)), genes, model, np.log(1e-9))
    alone = de.climb(np.full(1, np.log(0.1)), genes.take(np.array([17])), model, np.log(1e-9))
    assert alone.iterations[0] == together.iterations[17]
    assert alone.log_alpha[0] == pytest.approx(together.log_alpha[17], abs=1e-9)
