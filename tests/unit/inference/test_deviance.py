import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import nbinom

from imid.inference.deviance import deviance, maximum_likelihood

DESIGN = np.column_stack([np.ones(6), np.repeat([0.0, 1.0], 3)])


def likelihood(counts, means, dispersions):
    size = 1 / dispersions[:, None]
    return nbinom.logpmf(counts, size, size / (size + means)).sum(axis=1)


def test_deviance_is_twice_the_likelihood_that_is_lost():
    random = np.random.default_rng(2)
    counts = random.poisson(20, (50, 4)).astype(float)
    counts[0] = 0
    mu, alpha = random.uniform(1, 50, (50, 4)), random.uniform(1e-3, 2, 50)
    lost = likelihood(counts, np.maximum(counts, 1e-12), alpha) - likelihood(counts, mu, alpha)
    assert deviance(counts, mu, alpha) == pytest.approx(2 * lost, rel=1e-6)


def test_a_gene_of_many_reads_is_fitted():
    """Its coefficient in a long column would be beyond what the iteration allows."""
    counts = np.tile([400_000.0, 410_000, 390_000, 395_000, 405_000, 400_000], (20, 1))
    deviances = maximum_likelihood(counts, np.ones(6), DESIGN, np.full(20, 0.01)).deviances
    assert (deviances < 1).all()


def test_an_intercept_alone_is_fitted_by_likelihood_too():
    """The mean of normalized counts, which R takes, is not its maximum."""
    counts, factors = np.array([[5.0, 40, 300]]), np.array([0.1, 1.0, 4.0])
    alpha = np.array([0.2])
    fit = maximum_likelihood(counts, factors, np.ones((3, 1)), alpha)
    best = minimize(lambda b: -likelihood(counts, factors * np.exp(b[0]), alpha)[0], [3.0])
    assert fit.coefficients[0, 0] == pytest.approx(best.x[0], abs=1e-4)


def test_a_group_without_a_read_has_no_deviance():
    counts = np.array([[0.0, 0, 0, 50, 50, 50]])
    fit = maximum_likelihood(counts, np.ones(6), DESIGN, np.array([0.1]))
    assert fit.deviances == pytest.approx(0, abs=1e-3)
    assert (fit.mu[0, :3] < 1e-4).all()


def test_each_gene_may_have_size_factors_of_its_own():
    random = np.random.default_rng(4)
    counts = random.poisson(80, (30, 6)).astype(float)
    factors = np.exp(random.normal(0, 0.5, (30, 6)))
    alpha = np.full(30, 0.05)
    together = maximum_likelihood(counts, factors, DESIGN, alpha)
    for gene in range(30):
        alone = maximum_likelihood(counts[[gene]], factors[gene], DESIGN, alpha[[gene]])
        assert together.mu[gene] == pytest.approx(alone.mu[0], rel=1e-6)
