"""The curve of duplicates along expression."""

import numpy as np
import pytest
from scipy.optimize import minimize

from imid.quality.duplicates_by_expression import LEAST_GENES, along_expression


def genes(number, at_one, slope, seed=1):
    """Genes with fragments whose duplicates follow a logistic curve."""
    rng = np.random.default_rng(seed)
    length = rng.integers(500, 5000, number)
    fragments = (10 ** rng.uniform(0.5, 4.5, number)).astype(int) + 2
    along = np.log10(fragments / length * 1000)
    share = 1 / (1 + np.exp(-(np.log(at_one / (1 - at_one)) + slope * along)))
    distinct = np.maximum(rng.binomial(fragments, 1 - share), 1)
    return fragments, distinct, length


@pytest.mark.parametrize(("at_one", "slope"), [(0.02, 1.5), (0.3, 0.6), (0.6, 0.1)])
def test_the_share_at_low_expression_is_that_of_the_curve_it_was_drawn_from(at_one, slope):
    found = along_expression(*genes(5000, at_one, slope))
    assert found.at_low_expression == pytest.approx(at_one, abs=0.02)


def test_the_fit_is_the_one_of_the_highest_likelihood():
    fragments, distinct, length = genes(300, 0.1, 1.0)
    x, y = np.log10(fragments / length * 1000), 1 - distinct / fragments

    def deviance(b):
        at = b[0] + b[1] * x
        return (np.logaddexp(0, at) - y * at).sum()

    best = minimize(deviance, [0, 0], tol=1e-10).x
    found = along_expression(fragments, distinct, length).at_low_expression
    assert found == pytest.approx(1 / (1 + np.exp(-best[0])), abs=1e-4)


def test_bins_hold_the_mean_of_their_genes():
    # One, three and ten fragments in a kilobase; a gene without any is nowhere.
    fragments, distinct = np.array([1, 12, 30, 10, 0]), np.array([1, 6, 10, 5, 0])
    found = along_expression(fragments, distinct, np.array([1000, 4000, 3000, 1000, 700]))
    assert found.expression == pytest.approx([1.778, 17.783], abs=1e-3)
    assert found.share == pytest.approx([0.25, (2 / 3 + 0.5) / 2])
    assert (found.genes, found.at_low_expression) == (4, None)


@pytest.mark.parametrize("each", [1, 2])
def test_no_duplicate_anywhere_or_nothing_else_is_no_failure(each):
    fragments = np.full(LEAST_GENES, each)
    found = along_expression(fragments, np.ones_like(fragments), np.arange(LEAST_GENES) + 500)
    assert found.at_low_expression == pytest.approx(1 - 1 / each, abs=0.01)


def test_nothing_is_no_curve():
    nothing = np.zeros(3, int)
    assert along_expression(nothing, nothing, nothing + 10).share == []
