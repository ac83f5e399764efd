import numpy as np
import pytest
from scipy.stats import kstest, norm

from imid.inference import quasi_likelihood as ql

DESIGN = np.column_stack([np.ones(6), np.repeat([0.0, 1.0], 3)])
CHANGE = np.array([0.0, 1.0])
LN2 = np.log(2)


def drawn(genes, design=DESIGN, effects=0.0, prior=10.0, dispersion=0.05, seed=1, mean=300.0):
    """Counts whose quasi-dispersions scatter, by scaling the whole variance, around 1."""
    random = np.random.default_rng(seed)
    size_factors = np.exp(random.normal(0, 0.2, len(design)))
    means = mean * np.exp(random.normal(0, 1, genes))
    mu = size_factors * means[:, None] * np.exp(np.full((genes, 1), effects) * design[:, -1])
    scale = prior / random.chisquare(prior, genes)
    variance = scale[:, None] * (mu + dispersion * mu**2)
    own = np.maximum((variance - mu) / mu**2, 1e-6)
    return random.poisson(random.gamma(1 / own, mu * own)).astype(float), size_factors


@pytest.fixture(scope="module")
def null():
    counts, size_factors = drawn(8000)
    return ql.fit_quasi(counts, size_factors, DESIGN, np.full(8000, 0.05))


def test_without_a_change_p_values_are_uniform(null):
    p_values = ql.f_test(null, CHANGE)
    assert kstest(p_values, "uniform").statistic < 0.02
    for level in [0.05, 0.005]:
        expected = level * len(p_values)
        assert (p_values < level).sum() == pytest.approx(expected, abs=3.5 * np.sqrt(expected))


def test_with_the_dispersion_taken_as_known_they_are_not(null):
    """The reason for all this; and that the test above can fail."""
    known = null._replace(posterior=np.ones(8000), freedom=np.full(8000, 1e6))
    assert (ql.f_test(known, CHANGE) < 0.005).sum() > 2 * 0.005 * 8000


def test_the_way_a_design_is_written_does_not_matter(null):
    counts, size_factors = drawn(300, effects=0.5)
    turned = np.array([[1.0, 1.0], [0.0, -1.0]])
    fits = [
        ql.fit_quasi(counts, size_factors, design, np.full(300, 0.05))
        for design in [DESIGN, DESIGN @ turned]
    ]
    for test in [ql.f_test, lambda fit, contrast: ql.threshold_test(fit, contrast, 0.3)]:
        first, second = test(fits[0], CHANGE), test(fits[1], turned.T @ CHANGE)
        assert second == pytest.approx(first, rel=1e-5)


def test_threshold_of_zero_is_the_test_of_no_change_and_a_tiny_one_nearly(null):
    p_values = ql.f_test(null, CHANGE)
    assert ql.threshold_test(null, CHANGE, 0.0) == pytest.approx(p_values, rel=1e-9)
    assert ql.threshold_test(null, CHANGE, 1e-4) == pytest.approx(p_values, rel=0.02, abs=1e-3)


def test_p_values_grow_with_the_threshold():
    counts, size_factors = drawn(500, effects=2 * LN2)
    fit = ql.fit_quasi(counts, size_factors, DESIGN, np.full(500, 0.05))
    steps = [ql.threshold_test(fit, CHANGE, at * LN2) for at in [0, 0.3, 0.8, 1.3, 2, 3]]
    assert (np.diff(steps, axis=0) >= -1e-9).all()


def test_rises_and_falls_are_held_against_the_threshold_alike():
    counts, size_factors = drawn(500, effects=1.2)
    fit = ql.fit_quasi(counts, size_factors, DESIGN, np.full(500, 0.05))
    rises = ql.threshold_test(fit, CHANGE, LN2)
    assert ql.threshold_test(fit, -CHANGE, LN2) == pytest.approx(rises, rel=1e-6)
    assert ql.threshold_test(fit, 2 * CHANGE, 2 * LN2) == pytest.approx(rises, rel=1e-6)


def test_changes_below_the_threshold_are_seldom_called_and_those_above_often():
    below, size_factors = drawn(3000, effects=0.5 * LN2)
    above, _ = drawn(3000, effects=2.5 * LN2)
    fit = ql.fit_quasi(np.vstack([below, above]), size_factors, DESIGN, np.full(6000, 0.05))
    called = ql.threshold_test(fit, CHANGE, LN2) < 0.01
    assert called[:3000].mean() < 0.01
    assert called[3000:].mean() > 0.7


def test_a_true_value_may_lie_anywhere_in_the_interval():
    """Then p-values are uniform, or where the interval is wide a little too large."""
    random = np.random.default_rng(5)
    for size, fewest in [(0.1, 1.0), (0.6, 0.9), (1.0, 0.8), (3.0, 0.5)]:
        true = random.uniform(-size * LN2, size * LN2, 6000)[:, None]
        counts, size_factors = drawn(6000, effects=true)
        fit = ql.fit_quasi(counts, size_factors, DESIGN, np.full(6000, 0.05))
        p_values = ql.threshold_test(fit, CHANGE, size * LN2)
        for level in [0.05, 0.005]:
            chance = 3.5 * np.sqrt(level / 6000)
            assert fewest * level - chance < (p_values < level).mean() < level + chance


def test_the_average_over_the_interval_is_that_of_mccarthys_and_smyths_p_values():
    """With many reads the root of F is the estimate's distance in standard errors."""
    counts, size_factors = drawn(300, effects=0.33 * LN2, mean=1e6, prior=1e6, dispersion=1e-3)
    fit = ql.fit_quasi(counts, size_factors, DESIGN, np.full(300, 1e-3))
    errors = np.sqrt(fit.posterior * 1e-3 * (1 / 3 + 1 / 3))
    estimates, inside = (
        np.abs(fit.coefficients[:, 1]),
        np.linspace(-0.3 * LN2, 0.3 * LN2, 4001)[:, None],
    )
    expected = 2 * norm.sf((estimates - inside) / errors).mean(axis=0)
    seen = (expected > 1e-5) & (fit.freedom > 300)
    assert seen.sum() > 200
    found = ql.threshold_test(fit, CHANGE, 0.3 * LN2)[seen]
    assert np.log(found) == pytest.approx(np.log(expected[seen]), abs=0.12)


def test_several_contrasts_are_tested_together():
    """Three groups: that all are alike is one question of two degrees of freedom."""
    design = np.kron(np.eye(3), np.ones((4, 1)))
    counts, size_factors = drawn(6000, design)
    fit = ql.fit_quasi(counts, size_factors, design, np.full(6000, 0.05))
    alike = np.array([[1.0, -1, 0], [0, 1, -1]])
    p_values = ql.f_test(fit, alike)
    assert kstest(p_values, "uniform").statistic < 0.02
    turned = np.array([[1.0, 2], [3, -1]])
    assert ql.f_test(fit, turned @ alike) == pytest.approx(p_values, rel=1e-4)


def test_changes_well_below_the_threshold_are_shown_to_be_and_those_at_it_seldom():
    none, size_factors = drawn(2000)
    at, _ = drawn(2000, effects=LN2)
    fit = ql.fit_quasi(np.vstack([none, at]), size_factors, DESIGN, np.full(4000, 0.05))
    near = ql.equivalence_test(fit, CHANGE, LN2) < 0.05
    assert near[:2000].mean() > 0.6
    assert near[2000:].mean() == pytest.approx(0.05, abs=0.02)


def test_samples_without_a_read_tell_nothing_of_variation():
    mu = np.full((3, 6), 50.0)
    mu[1, :3] = 1e-6
    mu[2] = 1e-6
    assert ql.residual_freedom(mu, DESIGN).tolist() == [4, 2, 0]


def test_a_gene_that_is_off_in_one_group_is_called():
    counts, size_factors = drawn(400)
    counts[0] = [0, 0, 0, 210, 180, 260]
    fit = ql.fit_quasi(counts, size_factors, DESIGN, np.full(400, 0.05))
    p_values = ql.f_test(fit, CHANGE)
    assert p_values[0] < 1e-6
    assert ql.threshold_test(fit, CHANGE, LN2)[0] < 1e-6
    assert np.isfinite(p_values).all()


def test_without_a_degree_of_freedom_there_is_no_p_value():
    counts = np.array([[30.0, 40, 50, 0, 0, 0, 0]])
    design = np.column_stack([np.eye(4)[[0, 1, 2, 3, 3, 3, 3]]])
    fit = ql.fit_quasi(counts, np.ones(7), design, np.array([0.1]))
    contrast = np.array([1.0, -1, 0, 0])
    assert np.isnan(ql.f_test(fit, contrast)).all()
    assert np.isnan(ql.threshold_test(fit, contrast, LN2)).all()


@pytest.mark.parametrize(
    ("counts", "enough"),
    [
        ([10, 10, 10, 0, 0, 0], True),
        ([9, 9, 9, 9, 9, 9], False),
        ([500, 500, 0, 0, 0, 0], False),
        ([10, 0, 10, 0, 10, 0], True),
    ],
)
def test_enough_reads_are_ten_in_as_many_samples_as_the_smallest_group_has(counts, enough):
    told = ql.enough_reads(np.array([counts], dtype=float), np.ones(6), DESIGN)
    assert told.tolist() == [enough]


def test_reads_are_counted_as_in_a_sample_of_median_depth():
    counts = np.array([[20.0, 10, 10, 0, 0, 0]])
    deep = np.array([3.0, 1, 1, 1, 1, 1])
    assert not ql.enough_reads(counts, deep, DESIGN).any()
