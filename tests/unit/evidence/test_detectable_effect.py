"""The detectable effect, held against simulated counts that are fitted and tested."""

from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.special import polygamma
from scipy.stats import norm

from contrast_results import sidecar
from imid.differential import deseq, fitting
from imid.differential.calibrated_test import calibrated
from imid.evidence.detectable_effect import detectable_effects
from imid.inference.effect_power import (
    POWER,
    Question,
    WaldGenes,
    chance_of_enough_reads,
    smallest_effects,
)
from imid.inference.quasi_likelihood import enough_reads
from imid.question.contrasts import Contrast, TwoLevels
from imid.shared.significance import TESTS, WALD, by_deciding_test

P_VALUE = 1e-3
BACKGROUND = 4000
GENES = 120  # of one mean and one effect
SHARES = [0.8, 0.9, 1.0, 1.1, 1.2]  # of the detectable effect that are planted

DRUG = Contrast("treatment", "lenalidomide", "dmso")
INTERACTION = replace(DRUG, between=TwoLevels("cell_line", "MM1S_res", "MM1S"))


def experiment(replicates, lines, seed):
    """The samples of two treatments in some lines, their size factors and model matrix."""
    groups = product(lines, ["dmso", "lenalidomide"], range(replicates))
    samples = pd.DataFrame(groups, columns=["cell_line", "treatment", "replicate"]).astype(str)
    samples.index = samples.agg("_".join, axis=1)
    size_factors = np.exp(np.random.default_rng(seed).normal(0, 0.2, len(samples)))
    size_factors /= np.exp(np.log(size_factors).mean())
    treated = samples["treatment"] == "lenalidomide"
    columns = [np.ones(len(samples)), treated]
    if len(lines) > 1:
        resistant = samples["cell_line"] == "MM1S_res"
        columns += [resistant, treated & resistant]
    return samples, size_factors, np.column_stack(columns).astype(float)


def asked(size_factors, design, sign, dispersion):
    """A question about the last column, where all genes have one dispersion."""
    contrast = np.eye(design.shape[1])[-1]
    trend = partial(np.full_like, fill_value=dispersion, dtype=float)
    return Question(size_factors, design, contrast, sign * contrast, trend)


def known(means, dispersion, design, p_value=P_VALUE):
    """Genes of some means without an effect, of which all but chance is known."""
    means = np.asarray(means, dtype=float)
    each = np.ones(len(means))
    replicates = polygamma(1, (len(design) - design.shape[1]) / 2)
    variances = [replicates * (1 + 1 / (dispersion * means)) ** 2, 0.25 * each]
    limits = norm.isf(p_value / 2) * each
    rows = np.outer(means, np.ones(len(design)))
    return WaldGenes(rows, 0 * each, means, dispersion * each, limits, *variances)


def planned(means, dispersion, size_factors, design):
    """The blocks to plant, mean, direction and effect, where the last column is what changes."""
    genes = known(means, dispersion, design)
    effects = {
        sign: smallest_effects(genes, asked(size_factors, design, sign, dispersion))
        for sign in (1, -1)
    }
    return [
        (mean, sign, effects[sign][place]) for place, mean in enumerate(means) for sign in (1, -1)
    ]


def simulated(blocks, dispersion, samples, size_factors, changed, seed):
    """Counts of genes that do not change, and of blocks with shares of the effects."""
    rng = np.random.default_rng(seed)
    means, effects = [np.exp(rng.normal(5, 1.5, BACKGROUND))], [np.zeros(BACKGROUND)]
    for mean, sign, effect in blocks:
        for share in SHARES:
            means.append(np.full(GENES, float(mean)))
            effects.append(np.full(GENES, sign * share * effect))
    expected = np.concatenate(means)[:, None] * 2 ** np.outer(np.concatenate(effects), changed)
    own = dispersion * np.exp(rng.normal(0, 0.5, (len(expected), 1)))
    rates = rng.gamma(1 / own, size_factors * expected * own)
    genes = [f"gene_{number}" for number in range(len(rates))]
    return pd.DataFrame(rng.poisson(rates), index=genes, columns=samples.index)


@pytest.mark.parametrize(
    ("replicates", "dispersion", "means", "contrast"),
    [
        (3, 0.02, [30, 1000], DRUG),
        (3, 0.2, [50, 1000], DRUG),
        (6, 0.05, [25, 100], DRUG),
        (4, 0.05, [100], INTERACTION),
    ],
    ids=["three", "dispersed", "six", "interaction"],
)
@pytest.mark.filterwarnings("ignore:The dispersion trend")
def test_simulated_counts_reach_the_power_within_a_tenth_of_the_effect(
    replicates, dispersion, means, contrast
):
    lines = ["MM1S", "MM1S_res"] if contrast is INTERACTION else ["MM1S"]
    samples, size_factors, design = experiment(replicates, lines, seed=5)
    blocks = planned(means, dispersion, size_factors, design)
    counts = simulated(blocks, dispersion, samples, size_factors, design[:, -1], seed=6)
    formula = "~ cell_line * treatment" if contrast is INTERACTION else "~ treatment"
    fit = fitting.fit(counts, samples, formula, ["dmso", "MM1S"])
    table = deseq.contrast(fit, contrast, 0.05)

    called = (table["p_value"] <= P_VALUE) * np.sign(table["log2_fold_change"])
    shape = (len(blocks), len(SHARES), GENES)
    called = called.to_numpy()[BACKGROUND:].reshape(shape)
    names = counts.index.to_numpy()[BACKGROUND:].reshape(shape)
    for block, (_, sign, effect) in enumerate(blocks):
        found = (called[block] == sign).mean(axis=1)
        slope, intercept = np.polyfit(SHARES, norm.ppf(np.clip(found, 0.005, 0.995)), 1)
        reached = effect * (norm.ppf(POWER) - intercept) / slope
        told = detectable_effects(fit, contrast, names[block, 2, :40].tolist(), P_VALUE)
        assert told["up" if sign > 0 else "down"].median() == pytest.approx(reached, rel=0.1)


def falling(means):
    """A trend as bulk RNA-seq has it."""
    return 0.02 + 3 / means


def trending(effects, mean, dispersions, random):
    """Counts of three against three around a mean, in samples of one depth."""
    mu = mean * 2 ** np.outer(effects, np.repeat([0.0, 1.0], 3))
    return random.poisson(random.gamma(1 / dispersions[:, None], mu * dispersions[:, None]))


def fitted_to(counts, test=WALD):
    """The fit of three against three, and its contrast by the test that decides."""
    samples = pd.DataFrame({"treatment": ["dmso"] * 3 + ["lenalidomide"] * 3}, list("abcdef"))
    genes = [f"gene_{number:05d}" for number in range(len(counts))]
    counts = pd.DataFrame(counts, genes, samples.index)
    fit = fitting.fit(counts, samples, "~ treatment", ["dmso"])
    table = deseq.contrast(fit, DRUG, 0.05).join(calibrated(fit, DRUG, 1.0))
    return fit, by_deciding_test(table, test)


@pytest.mark.slow
@pytest.mark.parametrize("test", TESTS)
def test_told_effects_have_the_power_for_rises_and_falls(test):
    """As a user meets it: told of one experiment without an effect, planted in another."""
    random = np.random.default_rng(8)
    block, blocks = 60, [(mean, sign) for mean in (30, 60, 300) for sign in (1, -1)]
    planted_means, planted_signs = np.repeat(np.array(blocks, dtype=float), block, axis=0).T
    means = np.concatenate([np.exp(random.normal(5, 1.8, 6000)), planted_means])
    signs = np.concatenate([np.zeros(6000), planted_signs])
    found = []
    for _ in range(3):
        dispersions = falling(means) * np.exp(random.normal(0, 0.5, len(means)))
        first, _ = fitted_to(trending(0 * means, means[:, None], dispersions, random))
        told = detectable_effects(
            first, sidecar("lenalidomide", test=test), first.genes.index[6000:].tolist(), P_VALUE
        )
        effects = np.where(signs[6000:] > 0, told["up"], told["down"]) * signs[6000:]
        planted = np.concatenate([np.zeros(6000), np.nan_to_num(effects)])
        _, table = fitted_to(trending(planted, means[:, None], dispersions, random), test)
        table = table.iloc[6000:]
        right = np.sign(table["log2_fold_change"]) == signs[6000:]
        called = ((table["p_value"] <= P_VALUE) & right).to_numpy(dtype=float)
        found.append(np.where(np.isnan(effects), np.nan, called))
    shares = np.nanmean(np.array(found).reshape(3, len(blocks), block), axis=(0, 2))
    # Three standard errors of 180 genes are 0.09.
    assert shares == pytest.approx(np.full(len(blocks), POWER), abs=0.09)


def test_power_grows_until_a_fall_leaves_hardly_a_read():
    _, size_factors, design = experiment(3, ["MM1S"], seed=5)
    genes = known([25], 0.1, design, p_value=1e-4)
    falls, rises = (
        [
            genes.power(np.array([effect]), asked(size_factors, design, sign, 0.1))[0]
            for effect in (1, 2, 3)
        ]
        for sign in (-1, 1)
    )
    assert falls == sorted(falls)
    assert rises == sorted(rises)
    assert rises[1] > falls[1] + 0.1


def test_a_fall_is_judged_by_the_trend_where_it_ends():
    """Few reads have a larger dispersion, towards which that of a gene is drawn."""
    _, size_factors, design = experiment(3, ["MM1S"], seed=5)
    constant = asked(size_factors, design, -1, falling(50.0))
    genes = known([50], falling(50.0), design)
    level, rising = (
        smallest_effects(genes, question)[0]
        for question in (constant, constant._replace(trend=falling))
    )
    assert rising > 1.05 * level


@pytest.mark.parametrize("mean", [12, 40])
def test_there_is_no_answer_where_counts_are_too_low(simulated, fitted, mean):
    coefficients = fitted.coefficients.copy()
    coefficients.iloc[:1] = 0.0
    coefficients.iloc[0, 0] = np.log(mean)
    genes = fitted.genes.assign(final=0.05, map=0.05, base_mean=float(mean))
    base = replace(fitted, coefficients=coefficients, genes=genes)
    effects = told(base, "lenalidomide", "dmso", genes.index[:1].tolist())
    assert effects.notna().all(axis=None) == (mean >= 20)


def test_the_effect_shrinks_with_replicates_and_grows_with_dispersion():
    def up(replicates, dispersion):
        _, size_factors, design = experiment(replicates, ["MM1S"], seed=5)
        return planned([100], dispersion, size_factors, design)[0][2]

    assert up(6, 0.05) < up(3, 0.05) < up(3, 0.2) < up(2, 0.2)


# The fit of three treatments that the tests of several modules share.


def told(fit, numerator, denominator, genes):
    """The detectable effects of two treatments, from whatever the fit's reference is."""
    contrast = Contrast("treatment", numerator, denominator)
    return detectable_effects(fit, contrast, genes, 0.01)


@pytest.fixture(scope="module")
def turned(simulated):
    """The same counts, fitted against another reference."""
    return fitting.fit(simulated.counts, simulated.metadata, "~ treatment", "pomalidomide")


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [("pomalidomide", "dmso"), ("pomalidomide", "lenalidomide"), ("dmso", "lenalidomide")],
)
def test_the_reference_level_does_not_matter(simulated, fitted, turned, numerator, denominator):
    genes = simulated.kind.index[simulated.kind.isin(["flat", "up"])][:12].tolist()
    first, second = (told(fit, numerator, denominator, genes) for fit in (fitted, turned))
    assert first.notna().all(axis=None)
    pd.testing.assert_frame_equal(first, second, rtol=1e-3)


def test_a_gene_that_moved_is_asked_what_would_have_been_seen_from_its_denominator(
    simulated, fitted
):
    """Down eightfold to 25 reads, a gene is judged by the 200 reads it has without the drug."""
    coefficients = fitted.coefficients.copy()
    coefficients.iloc[:2] = 0.0
    coefficients.iloc[:2, 0] = np.log(200)
    coefficients.loc[coefficients.index[1], "treatment[T.lenalidomide]"] = -np.log(8)
    genes = fitted.genes.assign(final=0.05, map=0.05, base_mean=200.0)
    base = replace(fitted, coefficients=coefficients, genes=genes)
    moved = told(base, "lenalidomide", "dmso", genes.index[:2].tolist())
    assert moved.iloc[0].tolist() == pytest.approx(moved.iloc[1].tolist())


def test_genes_without_counts_have_no_answer(simulated, fitted):
    silent = simulated.kind.index[simulated.kind == "silent"].tolist()
    assert told(fitted, "lenalidomide", "dmso", silent).isna().all(axis=None)


@pytest.mark.filterwarnings("ignore:The dispersion trend")
def test_one_model_for_each_line_says_what_their_interaction_does():
    samples, size_factors, design = experiment(3, ["MM1S", "MM1S_res"], seed=5)
    blocks = planned([60], 0.05, size_factors, design)
    counts = simulated(blocks, 0.05, samples, size_factors, design[:, -1], seed=7).iloc[:1500]
    factors = samples[["cell_line", "treatment"]]
    fits = [
        fitting.fit(counts, factors, "~ cell_line * treatment", ["dmso", "MM1S"]),
        fitting.fit(counts, factors, "~ treatment", ["dmso", "MM1S"], by="cell_line"),
    ]
    genes = counts.mean(axis=1).nlargest(400).index[::40].tolist()
    for contrast in [INTERACTION, replace(DRUG, under={"cell_line": "MM1S_res"})]:
        first, second = (detectable_effects(fit, contrast, genes, P_VALUE) for fit in fits)
        assert first.notna().all(axis=None)
        pd.testing.assert_frame_equal(first, second, rtol=1e-3)


@pytest.mark.parametrize("mean", [8, 12, 25])
def test_the_chance_of_being_tested_is_that_of_having_enough_reads(mean):
    _, size_factors, design = experiment(3, ["MM1S"], seed=5)
    expected = mean * size_factors * np.repeat([1.0, 0.4], 3)
    random = np.random.default_rng(1)
    counts = random.poisson(random.gamma(5, expected / 5, (20_000, 6))).astype(float)
    question = asked(size_factors, design, 1, 0.2)
    told = chance_of_enough_reads(expected[None], (expected + 0.2 * expected**2)[None], question)
    seen = enough_reads(counts, size_factors, design).mean()
    assert told[0] == pytest.approx(seen, abs=0.012)
