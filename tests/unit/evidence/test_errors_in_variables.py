import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from imid.evidence import errors_in_variables
from imid.evidence.errors_in_variables import Estimates, fit_slope
from imid.inference.independent_filtering import benjamini_hochberg

FDR = 0.05


def two_estimates(seed, slope, share=0.2, effect_sd=1.2, scatter=0.0, one_drug_only=0.0):
    """400 genes, measured with a common control; most do not respond."""
    rng = np.random.default_rng(seed)
    genes = 400
    responds = rng.random(genes) < share
    effect = np.where(responds, rng.normal(0, effect_sd, genes), 0.0)
    own = responds * rng.normal(0, scatter, (2, genes))
    x, y = effect + own[0], slope * effect + own[1]
    only = rng.random(genes) < one_drug_only
    x[only], y[only] = 0.0, rng.normal(0, 2, only.sum())
    control = rng.uniform(0.1, 0.4, genes) ** 2
    variances = control, control * rng.uniform(0.7, 1.5, genes), control * rng.uniform(1, 2, genes)
    errors = rng.normal(size=(3, genes)) * np.sqrt(variances)
    return Estimates(
        x + errors[1] - errors[0],
        y + errors[2] - errors[0],
        variances[0] + variances[1],
        variances[0],
        variances[0] + variances[2],
    )


def exchanged(estimates):
    return Estimates(*estimates[1::-1], *estimates[:1:-1])


def naive_slope(estimates):
    """Ordinary least squares over the genes that are significant in the first drug."""
    z = np.abs(estimates.x) / np.sqrt(estimates.x_variance)
    chosen = benjamini_hochberg(2 * norm.sf(z)) < FDR
    x, y = estimates.x[chosen], estimates.y[chosen]
    slope = x @ y / (x @ x)
    half = 1.96 * np.sqrt(np.sum((x * (y - slope * x)) ** 2)) / (x @ x)
    return slope, slope - half, slope + half


def bias_and_coverage(found, truth):
    """The mean error in standard errors of that mean, and how often the interval holds."""
    slope, low, high = np.transpose(found)
    error = np.arctan(slope) - np.arctan(truth)
    covered = np.mean((low <= truth) & (truth <= high))
    return error.mean() / (error.std() / np.sqrt(len(error))), covered


SETTINGS = [
    {"slope": 0.5},
    {"slope": 1.0},
    {"slope": 2.0},
    {"slope": 1.5, "effect_sd": 0.6},
    {"slope": 1.5, "scatter": 0.4},
]


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_the_slope_has_no_bias_and_its_interval_covers_the_truth(setting):
    fits = [fit_slope(two_estimates(seed, **setting), FDR) for seed in range(100)]

    bias, covered = bias_and_coverage([fit[:3] for fit in fits], setting["slope"])

    print(f"{setting}: bias {bias:.2f} standard errors, coverage {covered:.3f}")
    assert abs(bias) < 3
    assert covered >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 100)


@pytest.mark.parametrize("setting", SETTINGS[2:], ids=str)
def test_least_squares_over_significant_genes_fails_that_test(setting):
    found = [naive_slope(two_estimates(seed, **setting)) for seed in range(100)]

    bias, covered = bias_and_coverage(found, setting["slope"])

    assert bias < -8
    assert covered < 0.5


def test_where_every_gene_counts_it_is_the_maximum_of_the_likelihood(monkeypatch):
    monkeypatch.setattr(errors_in_variables, "HUBER", 1e6)
    monkeypatch.setattr(errors_in_variables, "_scatter", lambda residual, error: 0.0)
    few = two_estimates(1, 1.5, share=1.0)
    strong = np.abs(few.x) > 2
    estimates = Estimates(*(values[strong] for values in few))

    def misfit(slope):
        x, y, xx, xy, yy = estimates
        return np.sum((y - slope * x) ** 2 / (yy - 2 * slope * xy + slope**2 * xx))

    best = minimize_scalar(misfit, bounds=(0.5, 3), method="bounded", options={"xatol": 1e-9})
    assert strong.sum() > 40
    assert fit_slope(estimates, FDR).slope == pytest.approx(best.x, rel=1e-6)


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.3, 4.0])
def test_lines_of_any_direction_are_found(slope):
    fit = fit_slope(two_estimates(2, slope), FDR)

    assert fit.low < slope < fit.high
    assert fit.low < fit.slope < fit.high


def test_exchanging_the_two_gives_the_reciprocal_slope():
    estimates = two_estimates(3, 1.5, scatter=0.2)

    fit, other = fit_slope(estimates, FDR), fit_slope(exchanged(estimates), FDR)

    assert 1 / np.array([other.slope, other.high, other.low]) == pytest.approx(fit[:3], rel=1e-5)
    assert (other.genes, other.scatter) == (fit.genes, pytest.approx(fit.scatter, rel=1e-5))


def test_neither_the_order_nor_the_sign_of_genes_matters():
    estimates = two_estimates(4, 1.5)
    rng = np.random.default_rng(1)
    order, sign = rng.permutation(len(estimates.x)), rng.choice([-1, 1], len(estimates.x))
    turned = estimates._replace(x=sign * estimates.x, y=sign * estimates.y)

    fit = fit_slope(estimates, FDR)
    again = fit_slope(Estimates(*(values[order] for values in turned)), FDR)

    assert again[:5] == pytest.approx(fit[:5], rel=1e-5)


def test_the_scatter_about_the_line_is_found_and_told_from_errors():
    scatter = [
        np.mean([fit_slope(two_estimates(seed, 1.5, scatter=sd), FDR).scatter for seed in range(8)])
        for sd in (0.0, 0.5)
    ]

    assert scatter[0] < 0.12
    assert scatter[1] == pytest.approx(0.5, abs=0.08)


def test_few_genes_of_one_drug_alone_hardly_turn_the_line():
    slopes = [
        fit_slope(two_estimates(seed, 1.5, one_drug_only=0.02), FDR).slope for seed in range(20)
    ]

    assert np.mean(slopes) == pytest.approx(1.5, abs=0.08)


def test_without_responding_genes_there_is_no_slope_but_a_reason():
    none = fit_slope(two_estimates(5, 1.5, share=0.0), FDR)
    few = fit_slope(two_estimates(5, 1.5, share=0.01), FDR)

    assert none[:3] == few[:3] == (None, None, None)
    assert 0 < few.genes < 10
    assert few.reason == f"it needs at least 10 responding genes, and there are {few.genes}"


def test_a_first_drug_without_effect_gives_no_slope_but_a_reason():
    estimates = two_estimates(6, 0.0)

    idle = fit_slope(exchanged(estimates), FDR)

    assert fit_slope(estimates, FDR).slope == pytest.approx(0, abs=0.1)
    assert idle.slope is None
    assert "the first of the two moves genes too little" in idle.reason
