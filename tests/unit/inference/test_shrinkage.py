import numpy as np
import pytest

from imid.inference import shrinkage
from imid.inference.negative_binomial import log_likelihood

DESIGN = np.column_stack([np.ones(6), np.repeat([0.0, 1.0], 3)])
LOG_SIZE_FACTORS = np.log([0.8, 1.0, 1.2, 0.9, 1.1, 1.0])
SCALE = 0.4


@pytest.fixture(scope="module")
def genes():
    rng = np.random.default_rng(4)
    dispersions = rng.uniform(0.02, 1.0, 300)
    changes = np.where(rng.random(300) < 0.5, rng.normal(0, 2, 300), 0)
    log_mu = rng.uniform(0, 8, 300)[:, None] + LOG_SIZE_FACTORS + changes[:, None] * DESIGN[:, 1]
    rate = rng.gamma(1 / dispersions[:, None], dispersions[:, None] * np.exp(log_mu))
    counts = rng.poisson(rate).astype(float)
    counted = counts.any(axis=1)
    return counts[counted], dispersions[counted]


@pytest.fixture(scope="module")
def shrunken(genes):
    counts, dispersions = genes
    return shrinkage.posterior_modes(counts, LOG_SIZE_FACTORS, DESIGN, dispersions, 1, SCALE)


def log_posterior(counts, dispersion, intercepts, changes):
    """Give the posterior of one gene on a grid of intercepts × changes."""
    beta = np.stack(np.meshgrid(intercepts, changes, indexing="ij"), axis=-1).reshape(-1, 2)
    likelihood = log_likelihood(
        counts[None], beta @ DESIGN.T + LOG_SIZE_FACTORS, np.array([dispersion]), np.zeros(1)
    )
    prior = -(beta[:, 0] ** 2) / 450 - np.log1p((beta[:, 1] / SCALE) ** 2)
    return (likelihood + prior).reshape(len(intercepts), len(changes))


def test_all_genes_arrive(shrunken):
    assert shrunken[2].all()


def test_the_mode_is_the_highest_point_of_the_posterior(genes, shrunken):
    changes = np.linspace(-12, 12, 241)
    for y, alpha, mode in zip(*genes, shrunken[0], strict=True):
        intercepts = np.linspace(mode[0] - 4, mode[0] + 4, 81)
        grid = log_posterior(y, alpha, intercepts, changes)
        at_mode = log_posterior(y, alpha, mode[:1], mode[1:]).item()
        assert at_mode >= grid.max() - 1e-8
        highest = changes[np.unravel_index(grid.argmax(), grid.shape)[1]]
        near = at_mode - grid.max() < 0.5
        assert not near or abs(highest - mode[1]) < 0.5


def test_the_covariance_is_the_inverse_of_the_curvature_at_the_mode(genes, shrunken):
    modes, covariances, _ = shrunken
    step = 1e-3
    for y, alpha, mode, covariance in zip(*genes, modes, covariances, strict=True):
        steps = np.array([-step, 0, step])
        values = log_posterior(y, alpha, mode[0] + steps, mode[1] + steps)
        hessian = np.empty((2, 2))
        hessian[0, 0] = values[0, 1] - 2 * values[1, 1] + values[2, 1]
        hessian[1, 1] = values[1, 0] - 2 * values[1, 1] + values[1, 2]
        hessian[0, 1] = hessian[1, 0] = (
            values[2, 2] - values[2, 0] - values[0, 2] + values[0, 0]
        ) / 4
        product = covariance @ (-hessian / step**2)
        np.testing.assert_allclose(product, np.eye(2), atol=2e-3)


def test_the_scale_of_the_prior_is_recovered():
    rng = np.random.default_rng(0)
    errors = rng.uniform(0.05, 0.5, 20_000)
    estimates = rng.normal(0, np.sqrt(0.3**2 + errors**2))
    assert shrinkage.prior_scale(estimates, errors) == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize(("spread", "scale"), [(0.0, 0.001), (30.0, 1.0)])
def test_the_scale_stays_in_its_range(spread, scale):
    estimates = np.linspace(-1, 1, 101) * spread
    assert shrinkage.prior_scale(estimates, np.full(101, 0.5)) == pytest.approx(scale)


def test_genes_without_an_estimate_do_not_count():
    estimates, errors = np.array([0.5, np.nan, -0.4, 0.3]), np.array([0.1, 0.1, 0.1, np.nan])
    known = shrinkage.prior_scale(estimates[[0, 2]], errors[[0, 2]])
    assert shrinkage.prior_scale(estimates, errors) == known


def test_extreme_counts_are_finite():
    counts = np.array([[0, 0, 0, 1, 0, 0], [10**9] * 6, [0, 0, 0, 10**6, 2, 10**9]], dtype=float)
    modes, covariances, _ = shrinkage.posterior_modes(
        counts, LOG_SIZE_FACTORS, DESIGN, np.array([10.0, 1e-8, 10.0]), 1, 0.001
    )
    assert np.isfinite(modes).all()
    assert np.isfinite(covariances).all()
