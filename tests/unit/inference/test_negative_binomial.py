import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import nbinom, norm

from imid.inference import negative_binomial as nb

DESIGN = np.column_stack([np.ones(8), np.repeat([0, 1], 4), np.tile([0, 1], 4)]).astype(float)
SIZE_FACTORS = np.array([0.7, 1.0, 1.3, 0.9, 1.1, 0.8, 1.2, 1.0])


@pytest.fixture(scope="module")
def genes():
    rng = np.random.default_rng(1)
    dispersions = rng.uniform(0.05, 0.5, 50)
    mu = SIZE_FACTORS * np.exp(rng.normal(5, 1, (50, 1)) + rng.normal(0, 1, (50, 2)) @ DESIGN.T[1:])
    counts = rng.poisson(rng.gamma(1 / dispersions[:, None], dispersions[:, None] * mu))
    return counts.astype(float), dispersions


def negative_log_likelihood(beta, counts, dispersion):
    mu = SIZE_FACTORS * np.exp(DESIGN @ beta)
    size = 1 / dispersion
    return -nbinom.logpmf(counts, size, size / (size + mu)).sum()


def test_coefficients_maximise_the_likelihood(genes):
    counts, dispersions = genes
    fit = nb.fit_glm(counts, SIZE_FACTORS, DESIGN, dispersions)
    assert fit.converged.all()
    for y, alpha, beta in zip(counts, dispersions, fit.coefficients, strict=True):
        best = minimize(negative_log_likelihood, beta + 0.1, args=(y, alpha), method="BFGS")
        assert negative_log_likelihood(beta, y, alpha) <= best.fun + 1e-5


def test_quasi_newton_arrives_at_the_same_place(genes):
    counts, dispersions = genes
    fit = nb.fit_glm(counts, SIZE_FACTORS, DESIGN, dispersions)
    start = np.array([5.0, 0.0, 0.0])
    for y, alpha, beta in zip(counts[:10], dispersions, fit.coefficients, strict=False):
        found, converged = nb.fit_by_quasi_newton(
            y, np.log(SIZE_FACTORS), DESIGN, alpha, start, start
        )
        assert converged
        np.testing.assert_allclose(found, beta, atol=1e-3)


def test_log_likelihood_is_the_negative_binomials(genes):
    counts, dispersions = genes
    log_mu = np.full(counts.shape, 4.0)
    constant = nb.log_likelihood_constant(counts, dispersions)
    size = 1 / dispersions[:, None]
    expected = nbinom.logpmf(counts, size, size / (size + np.exp(4))).sum(axis=1)
    ours = nb.log_likelihood(counts, log_mu, dispersions, constant)
    np.testing.assert_allclose(ours, expected, rtol=1e-10)


def test_leverages_add_up_to_the_number_of_coefficients(genes):
    counts, dispersions = genes
    fit = nb.fit_glm(counts, SIZE_FACTORS, DESIGN, dispersions)
    np.testing.assert_allclose(fit.leverages.sum(axis=1), 3, rtol=1e-5)


def test_standard_errors_are_those_of_the_inverse_information(genes):
    counts, dispersions = genes
    contrast = np.array([0.0, 1.0, -1.0])
    mu = np.maximum(counts, 1)
    errors = nb.contrast_standard_errors(mu, dispersions, DESIGN, contrast)
    for means, alpha, error in zip(mu, dispersions, errors, strict=True):
        information = DESIGN.T @ np.diag(means / (1 + alpha * means)) @ DESIGN
        assert error == pytest.approx(np.sqrt(contrast @ np.linalg.inv(information) @ contrast))


@pytest.mark.parametrize("null", [0.0, 1.0])
def test_wald_p_values(null):
    b, se = np.array([-3.0, -0.5, 0.0, 0.2, 2.5]), np.array([1.0, 0.1, 1.0, 0.5, 0.7])
    _, greater = nb.wald_test(b, se, null, "greater")
    _, less = nb.wald_test(b, se, null, "less")
    _, both = nb.wald_test(b, se, null)
    np.testing.assert_allclose(greater, norm.sf((b - null) / se))
    np.testing.assert_allclose(less, norm.cdf((b + null) / se))
    np.testing.assert_allclose(both, np.minimum(1, 2 * norm.sf((np.abs(b) - null) / se)))


def test_an_unknown_alternative_is_refused():
    with pytest.raises(ValueError, match="greaterAbs"):
        nb.wald_test(np.zeros(1), np.ones(1), 0, "two-sided")
