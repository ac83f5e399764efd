"""A change held against a published one: each word, and how often it is wrong by chance."""

import math

import numpy as np
import pandas as pd
import pytest

from imid.differential import deseq, fitting
from imid.evidence.agreement import (
    AGAINST,
    AS_PUBLISHED,
    STRONGER,
    UNDECIDED,
    WEAKER,
    Estimate,
    agreement,
    degrees_of_two_groups,
    difference,
    error_from_p_value,
    in_numbers,
)
from imid.question.contrasts import Contrast

THERE = Estimate(-1.74, 0.1, 4)


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        (Estimate(0.57, 0.2, 6), Estimate(0.47, 0.06, 4), AS_PUBLISHED),
        (Estimate(-1.60, 0.2, 6), THERE, AS_PUBLISHED),
        (Estimate(-0.05, 0.1, 6), Estimate(-0.02, 0.05, 4), AS_PUBLISHED),
        (Estimate(-3.20, 0.2, 6), THERE, STRONGER),
        (Estimate(-0.70, 0.2, 6), THERE, WEAKER),
        (Estimate(+0.80, 0.2, 6), THERE, AGAINST),
        # The published change is not there, or there is one where none was.
        (Estimate(-0.05, 0.2, 6), THERE, AGAINST),
        (Estimate(-1.20, 0.2, 6), Estimate(-0.02, 0.05, 4), AGAINST),
        # Vague estimates agree with anything.
        (Estimate(-0.60, 0.9, 6), THERE, UNDECIDED),
        (Estimate(-0.10, 0.4, 6), Estimate(-0.02, 0.05, 4), UNDECIDED),
    ],
)
def test_each_word(here, there, words):
    assert agreement(here, there) == words
    # Both signs alike.
    mirrored = (Estimate(-one.log2_fold_change, one.error, one.degrees) for one in (here, there))
    assert agreement(*mirrored) == words


def test_the_numbers_are_told():
    assert in_numbers(Estimate(0.57, 0.2, 6), Estimate(0.47, 0.06, 4)) == "+0.57 here, +0.47 there"


def test_degrees_of_freedom_of_a_difference_are_welchs():
    """Equal errors add their degrees; one that is small beside the other does not count."""
    assert difference(Estimate(1, 0.2, 4), Estimate(0, 0.2, 4)).degrees == pytest.approx(8)
    assert difference(Estimate(1, 0.2, 4), Estimate(0, 1e-9, 4)).degrees == pytest.approx(4)
    apart = difference(Estimate(1, 0.3, math.inf), Estimate(0.25, 0.4, math.inf))
    assert apart == (0.75, 0.5, math.inf)


@pytest.mark.parametrize(("replicates", "quantile"), [(3, 2.776445), (None, 1.959964)])
def test_a_p_value_gives_its_error(replicates, quantile):
    degrees = degrees_of_two_groups(replicates)
    assert error_from_p_value(-1.5, 0.05, degrees) == pytest.approx(1.5 / quantile, rel=1e-6)


def experiment(rng, means, dispersions, effects):
    """The estimates of one experiment, three against three, and their errors."""
    sizes = rng.lognormal(0, 0.2, 6)
    expected = means[:, None] * 2 ** np.outer(effects, [0, 0, 0, 1, 1, 1]) * sizes
    scale = dispersions[:, None]
    samples = [f"s{number}" for number in range(6)]
    genes = [f"g{number:05}" for number in range(len(means))]
    drawn = rng.negative_binomial(1 / scale, 1 / (1 + scale * expected))
    counts = pd.DataFrame(drawn, genes, samples)
    treatment = ["dmso"] * 3 + ["lenalidomide"] * 3
    metadata = pd.DataFrame({"treatment": treatment}, index=pd.Index(samples, name="sample"))
    fit = fitting.fit(counts, metadata, "~ treatment", "dmso")
    return deseq.contrast(fit, Contrast("treatment", "lenalidomide", "dmso"), 0.05)


@pytest.mark.parametrize("scatter", [0.3, 0.8])
def test_what_was_published_rightly_is_contradicted_in_one_of_twenty_at_most(scatter):
    """Two experiments on the same truth, each as a source for the other.

    The scatter is that of the dispersions about their trend; of real ones it is 0.7 to 0.9.
    """
    rng = np.random.default_rng(5)
    means = rng.lognormal(5.5, 1.2, 1500)
    dispersions = (0.02 + 2 / means) * rng.lognormal(0, scatter, 1500)
    effects = np.where(rng.random(1500) < 0.3, rng.normal(0, 1, 1500), 0)
    here, there = (experiment(rng, means, dispersions, effects) for _ in range(2))
    tested = (here["status"] == "tested") & (there["status"] == "tested")
    numbers = ["log2_fold_change", "lfc_se"]
    words = pd.Series(
        [
            agreement(Estimate(*one, 4), Estimate(*other, math.inf))
            for one, other in zip(
                *(table.loc[tested, numbers].to_numpy() for table in (here, there)), strict=True
            )
        ]
    )
    assert words.isin([STRONGER, WEAKER, AGAINST]).mean() <= 0.05
    # What both saw is told to be so.
    large = np.abs(effects[tested.to_numpy()]) > 1.5
    assert (words[large] == AS_PUBLISHED).mean() > 0.85


def test_a_published_change_that_is_not_the_truth_is_found():
    rng = np.random.default_rng(6)
    means, dispersions = np.full(600, 400.0), np.full(600, 0.02)
    planted = np.tile([1.5, -1.5], 300)
    here = experiment(rng, means, dispersions, planted)
    for factor, word in [(-1.0, AGAINST), (0.3, STRONGER), (2.5, WEAKER)]:
        words = [
            agreement(Estimate(change, error, 4), Estimate(factor * truth, 0.1, math.inf))
            for (change, error), truth in zip(
                here[["log2_fold_change", "lfc_se"]].to_numpy(), planted, strict=True
            )
        ]
        assert np.mean([told == word for told in words]) > 0.9


def test_errors_of_three_replicates_are_not_taken_for_known():
    """Two ordinary comparisons of three against three, their errors from their own scatter."""
    rng = np.random.default_rng(7)
    groups = rng.normal(size=(4000, 2, 2, 3))
    changes = np.subtract(*np.moveaxis(groups.mean(axis=3), 2, 0))
    errors = np.sqrt(groups.var(axis=3, ddof=1).sum(axis=2) / 3)

    def differ(degrees):
        pairs = zip(changes.tolist(), errors.tolist(), strict=True)
        return np.mean(
            [
                difference(*(Estimate(*one, degrees) for one in zip(*pair, strict=True))).sign()
                != 0
                for pair in pairs
            ]
        )

    assert 0.03 < differ(4.0) <= 0.05
    assert differ(math.inf) > 0.06
