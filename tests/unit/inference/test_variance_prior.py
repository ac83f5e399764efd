import numpy as np
import pytest
from scipy.stats import f

from imid.inference.variance_prior import fit_prior, spline_columns, winsorized_moments

GENES = 6000


def drawn(prior, freedom=4.0, level=lambda means: 0.5 + 4 / means, seed=1):
    """True variances around a level that falls with the mean, estimates, and log means."""
    random = np.random.default_rng(seed)
    means = np.exp(random.normal(5, 2, GENES))
    true = level(means) * (prior / random.chisquare(prior, GENES) if np.isfinite(prior) else 1.0)
    estimates = true * random.chisquare(freedom, GENES) / freedom
    return estimates, np.full(GENES, freedom), np.log(means), level(means)


@pytest.mark.parametrize("prior", [0.5, 2.0, 6.0])
@pytest.mark.parametrize("freedom", [2.0, 4.0])
def test_the_planted_prior_is_found(prior, freedom):
    estimates, freedoms, means, level = drawn(prior, freedom)
    found = fit_prior(estimates, freedoms, means)
    assert np.median(found.freedom) == pytest.approx(prior, rel=0.15)
    usual = np.abs(means - 5) < 3
    assert np.log(found.variance / level)[usual] == pytest.approx(0, abs=0.25)
    assert np.log(found.variance / level).mean() == pytest.approx(0, abs=0.05)


def test_estimates_that_scatter_no_more_than_they_must_have_one_true_variance():
    estimates, freedoms, means, _ = drawn(np.inf, level=np.ones_like)
    found = fit_prior(estimates, freedoms, means)
    assert np.isinf(found.freedom).mean() > 0.5
    assert found.freedom.min() > 100
    assert found.variance == pytest.approx(1, abs=0.1)


def test_genes_that_vary_like_no_others_leave_the_prior_of_the_others_as_it_is():
    estimates, freedoms, means, _ = drawn(8.0)
    wild = np.arange(GENES) < GENES // 40
    found = fit_prior(np.where(wild, 60 * estimates, estimates), freedoms, means)
    assert np.median(found.freedom) == pytest.approx(8, rel=0.2)
    assert np.median(found.freedom[wild]) < 2
    assert np.mean(found.freedom[~wild] > 0.7 * found.freedom.max()) > 0.95


def test_a_gene_that_lies_further_out_never_has_more_freedom():
    estimates, freedoms, means, _ = drawn(8.0)
    found = fit_prior(estimates * np.where(np.arange(GENES) < 100, 40, 1), freedoms, means)
    order = np.argsort(estimates * np.where(np.arange(GENES) < 100, 40, 1) / found.variance)
    assert (np.diff(found.freedom[order]) <= 1e-9).all()


def test_the_furthest_of_many_alike_is_taken_for_what_they_are():
    """One alone, so far out, might be chance; among fifty it is not."""
    estimates, freedoms, means, level = drawn(4.5, freedom=14.0)
    estimates[:50] = np.linspace(100, 150, 50) * level[:50]
    found = fit_prior(estimates, freedoms, means)
    furthest = (estimates / found.variance).argmax()
    assert furthest < 50
    assert found.freedom[furthest] == found.freedom.min() < 0.7


def test_genes_with_fewer_degrees_of_freedom_get_the_prior_of_the_others():
    estimates, freedoms, means, _ = drawn(8.0)
    fewer = np.where(np.arange(GENES) < 50, 2.0, freedoms)
    # Of no bearing: these have no part in the prior.
    changed = np.where(np.arange(GENES) < 50, 1e-9, estimates)
    found = fit_prior(changed, fewer, means)
    assert np.median(found.freedom[:50]) == pytest.approx(8, rel=0.2)


def test_variances_of_zero_are_no_news():
    estimates, freedoms, means, _ = drawn(8.0)
    estimates[:20] = 0
    found = fit_prior(estimates, freedoms, means)
    assert np.isfinite(found.variance).all()
    assert np.median(found.freedom) == pytest.approx(8, rel=0.2)


def test_a_handful_of_genes_have_one_level():
    found = fit_prior(np.array([1.0, 2.0, 0.5]), np.full(3, 4.0), np.array([1.0, 5.0, 9.0]))
    assert found.variance == pytest.approx(found.variance[0])
    assert fit_prior(np.ones(1), np.ones(1), np.ones(1)).variance > 0


def test_without_a_degree_of_freedom_the_prior_counts_for_nothing():
    assert fit_prior(np.zeros(5), np.zeros(5), np.arange(5.0)).freedom.tolist() == [0] * 5


@pytest.mark.parametrize(("freedom", "prior"), [(1, 3), (4, 8), (6, 1e6)])
def test_moments_with_the_tails_cut_off_are_those_of_a_sample(freedom, prior):
    values = np.log(f.rvs(freedom, prior, size=400_000, random_state=3))
    cut = np.clip(values, *np.quantile(values, [0.05, 0.9]))
    mean, variance = winsorized_moments(freedom, prior)
    assert mean == pytest.approx(cut.mean(), abs=0.01)
    assert variance == pytest.approx(cut.var(), rel=0.01)


def test_a_natural_spline_is_smooth_and_goes_on_straight():
    at = np.linspace(-5, 15, 4001)
    columns = spline_columns(at, np.linspace(0, 10, 500))
    bend = np.diff(columns, 2, axis=0)
    outside = ((at < 0) | (at > 10))[1:-1]
    assert columns.shape[1] == 5
    assert bend[outside] == pytest.approx(0, abs=1e-9)
    # Bends change by little from one place to the next, also at the knots.
    assert np.abs(np.diff(bend, axis=0)).max() < 0.02 * np.abs(bend).max()
