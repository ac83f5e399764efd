import numpy as np
import pytest
from scipy.special import digamma
from scipy.stats import kstest, ttest_ind

from imid.inference.moderated_t import (
    LARGEST_SHARE,
    Prior,
    fit_common_prior,
    fit_linear_model,
    moderated_t,
)

DESIGN = np.column_stack([np.ones(6), np.repeat([0.0, 1.0], 3)])
DRUG = np.array([0.0, 1.0])
NONE = Prior(1.0, 0.0)


def variances_of(prior, freedom, values, seed=1):
    """Estimates of variances that scatter around 0.04 by a prior of so many degrees of freedom."""
    random = np.random.default_rng(seed)
    true = 0.04 * prior / random.chisquare(prior, values)
    return true * random.chisquare(freedom, values) / freedom


def test_without_a_prior_it_is_students():
    values = np.random.default_rng(1).normal(0, 1, (6, 5))
    found = moderated_t(fit_linear_model(values, DESIGN), DRUG, NONE)
    expected = ttest_ind(values[3:], values[:3])
    np.testing.assert_allclose(found.p_value, expected.pvalue)
    np.testing.assert_allclose(found.estimate / found.error, expected.statistic)
    assert found.freedom == 4


def test_a_prior_adds_its_degrees_of_freedom_and_draws_variances_to_its_own():
    """Smyth's equations 3 and 4, by hand."""
    values = np.random.default_rng(2).normal(0, 1, (6, 5))
    model = fit_linear_model(values, DESIGN)
    found = moderated_t(model, DRUG, Prior(0.5, 2.0))
    variances = (2 * 0.5 + 4 * model.variances) / 6
    np.testing.assert_allclose(found.error, np.sqrt(variances * 2 / 3))
    assert found.freedom == 6


@pytest.mark.parametrize("prior", [0.5, 1.0, 2.0])
def test_the_prior_of_simulated_variances_is_found(prior):
    found = fit_common_prior(variances_of(prior, 6, 20_000), 6)
    assert found.freedom == pytest.approx(prior, rel=0.1)
    assert found.variance == pytest.approx(0.04, rel=0.1)


@pytest.mark.parametrize("prior", [10.0, 1e6])
def test_the_prior_counts_for_no_more_than_half_of_the_replicates(prior):
    found = fit_common_prior(variances_of(prior, 6, 20_000), 6)
    assert found.freedom == LARGEST_SHARE * 6 == 3
    assert found.variance == pytest.approx(0.04, rel=0.05)


def test_estimates_that_scatter_less_than_they_must_are_of_one_variance():
    """Its logarithm is larger than theirs by as much as such an estimate's is too small."""
    found = fit_common_prior(np.full(30, 0.09), 4)
    assert found.variance == pytest.approx(0.09 * np.exp(np.log(2) - digamma(2)))
    assert found.freedom == 2


@pytest.mark.parametrize(("values", "flat", "freedom"), [(0, 0, 0), (19, 5, 0), (20, 5, 2)])
def test_fewer_than_twenty_variances_make_no_prior(values, flat, freedom):
    assert fit_common_prior(np.r_[np.full(values, 0.1), np.zeros(flat)], 4).freedom == freedom


def test_p_values_are_uniform_where_variances_scatter_by_the_prior():
    random = np.random.default_rng(3)
    deviations = np.sqrt(0.04 * 2 / random.chisquare(2, 4000))
    model = fit_linear_model(random.normal(0, deviations, (6, 4000)), DESIGN)
    found = moderated_t(model, DRUG, fit_common_prior(model.variances, model.freedom))
    assert kstest(found.p_value, "uniform").pvalue > 0.01


def test_what_never_varies_did_not_change():
    found = moderated_t(fit_linear_model(np.ones((6, 1)), DESIGN), DRUG, NONE)
    assert found.p_value.tolist() == [1.0]


def test_without_replicates_nothing_is_tested():
    with pytest.raises(ValueError, match="without replicates"):
        fit_linear_model(np.ones((2, 1)), np.eye(2))
