"""The detectable effect, held against simulated counts that are fitted and tested."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from imid.differential import deseq, fitting
from imid.evidence.detectable_effect import (
    POWER,
    detectable_effects,
    p_value_in_force,
    smallest_effect,
)
from imid.question.contrasts import Contrast, TwoLevels

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


def planned(means, dispersion, size_factors, design):
    """The blocks to plant, mean, direction and effect, where the last column is what changes."""
    groups = np.unique(design, axis=0)
    compared = np.array([(design == group).all(axis=1) for group in groups])
    contrast = np.eye(design.shape[1])[-1]
    return [
        (
            mean,
            sign,
            smallest_effect(
                np.log(mean * size_factors),
                dispersion,
                design,
                contrast,
                contrast,
                compared,
                sign,
                P_VALUE,
            ),
        )
        for mean in means
        for sign in (1, -1)
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
    rates = rng.gamma(1 / dispersion, size_factors * expected * dispersion)
    genes = [f"gene_{number}" for number in range(len(rates))]
    return pd.DataFrame(rng.poisson(rates), index=genes, columns=samples.index)


@pytest.mark.parametrize(
    ("replicates", "dispersion", "means", "contrast"),
    [
        (3, 0.02, [30, 1000], DRUG),
        (3, 0.2, [50, 1000], DRUG),
        (6, 0.05, [8, 100], DRUG),
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
        power = (called[block] == sign).mean(axis=1)
        slope, intercept = np.polyfit(SHARES, norm.ppf(np.clip(power, 0.005, 0.995)), 1)
        reached = effect * (norm.ppf(POWER) - intercept) / slope
        told = detectable_effects(fit, contrast, names[block, 2, :40].tolist(), P_VALUE)
        assert told["up" if sign > 0 else "down"].median() == pytest.approx(reached, rel=0.1)


@pytest.mark.parametrize(
    ("mean", "sign", "known"), [(30, 1, True), (30, -1, True), (1, 1, False), (4, -1, False)]
)
def test_there_is_no_answer_where_counts_are_too_low(mean, sign, known):
    _, size_factors, design = experiment(3, ["MM1S"], seed=5)
    (effect,) = [e for _, s, e in planned([mean], 0.05, size_factors, design) if s == sign]
    assert np.isfinite(effect) == known


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
    genes = fitted.genes.assign(final=0.05)
    base = replace(fitted, coefficients=coefficients, genes=genes)
    moved = told(base, "lenalidomide", "dmso", genes.index[:2].tolist())
    assert moved.iloc[0].tolist() == pytest.approx(moved.iloc[1].tolist())


def test_genes_without_counts_have_no_answer(simulated, fitted):
    silent = simulated.kind.index[simulated.kind == "silent"].tolist()
    assert told(fitted, "lenalidomide", "dmso", silent).isna().all(axis=None)


def test_the_p_value_in_force_is_the_largest_that_is_called():
    table = pd.DataFrame({"p_value": [1e-6, 0.004, 0.03, 0.2], "fdr": [1e-5, 0.02, 0.08, np.nan]})
    assert p_value_in_force(table, 0.05) == 0.004
    assert p_value_in_force(table, 0.1) == 0.03


def test_without_a_called_gene_one_alone_would_need_its_share_of_the_rate():
    table = pd.DataFrame({"p_value": [0.2, 0.5, 0.9], "fdr": [0.6, 0.75, np.nan]})
    assert p_value_in_force(table, 0.05) == 0.025
    assert p_value_in_force(table.assign(fdr=np.nan), 0.05) == 0.05


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
