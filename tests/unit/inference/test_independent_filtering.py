import numpy as np
from scipy.stats import false_discovery_control

from imid.inference import independent_filtering as filtering
from imid.shared.significance import benjamini_hochberg


def simulated(seed, n=4000):
    """P-values that can be small only where the mean is large."""
    rng = np.random.default_rng(seed)
    means = np.exp(rng.normal(3, 2, n))
    changed = (means > 20) & (rng.random(n) < 0.3)
    return np.where(changed, rng.beta(0.1, 5, n), rng.random(n)), means


def test_the_filter_finds_more_and_leaves_out_small_means():
    p_values, means = simulated(1)
    filtered = filtering.independently_filtered(p_values, means, 0.05)
    plain = benjamini_hochberg(p_values)
    assert (filtered < 0.05).sum() > (plain < 0.05).sum()
    kept = ~np.isnan(filtered)
    assert means[kept].min() > means[~kept].max()


def test_the_rates_are_those_of_the_genes_that_are_left():
    p_values, means = simulated(2)
    filtered = filtering.independently_filtered(p_values, means, 0.05)
    kept = ~np.isnan(filtered)
    np.testing.assert_allclose(filtered[kept], false_discovery_control(p_values[kept]))


def test_with_hardly_a_finding_no_gene_is_filtered():
    rng = np.random.default_rng(3)
    filtered = filtering.independently_filtered(rng.random(500), rng.random(500) + 1, 0.05)
    assert not np.isnan(filtered).any()


def test_no_p_value_at_all():
    filtered = filtering.independently_filtered(np.full(20, np.nan), np.zeros(20), 0.05)
    assert np.isnan(filtered).all()
