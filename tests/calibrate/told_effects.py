"""Claim: a detectable effect is found in 80 % of cases, rises and falls."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from calibrate.claims import Measured, quietly_fitted
from calibrate.rates import CONTRAST, FDR, REPLICATES, THRESHOLD
from imid.differential import deseq
from imid.differential.calibrated_test import calibrated
from imid.evidence.detectable_effect import detectable_effects
from imid.shared.significance import TESTS, decided
from imid.synthetic.simulate_counts import usual_trend

BOUNDS = (0.75, 0.85)
# The means of genes without an effect, how many of each, and among how many.
MEANS = [20, 30, 50, 100, 300, 1000]
BLOCK = 40
BACKGROUND = 8000
P_VALUE = 1e-3
# One draw has so many genes of each kind.
DRAWS_IN_ONE = 25


def told_and_planted(test: str, seed: int) -> np.ndarray:
    """Plant the effects that are told of one experiment in another; tell which are found.

    Returns
    -------
    ndarray, means × rises and falls × genes
        1 or 0; missing where no effect was told.
    """
    random = np.random.default_rng([seed, 80])
    shape = (len(MEANS), 2, BLOCK)
    means = np.broadcast_to(np.array(MEANS, dtype=float)[:, None, None], shape).ravel()
    signs = np.broadcast_to(np.array([1.0, -1.0])[:, None], shape).ravel()
    every = np.concatenate([np.exp(random.normal(5, 1.8, BACKGROUND)), means])
    dispersions = usual_trend(every) * np.exp(random.normal(0, 0.5, len(every)))

    def experiment(effects: np.ndarray):
        planted = np.concatenate([np.zeros(BACKGROUND), effects])
        mu = every[:, None] * 2 ** np.outer(planted, np.repeat([0, 1], REPLICATES))
        rates = random.gamma(1 / dispersions[:, None], mu * dispersions[:, None])
        return quietly_fitted(random.poisson(rates), list("aaabbb"))

    first = experiment(np.zeros(len(means)))
    names = first.genes.index[BACKGROUND:].tolist()
    told = detectable_effects(first, CONTRAST | {"test": test}, names, P_VALUE)
    effects = signs * np.where(signs > 0, told["up"], told["down"])
    second = experiment(np.nan_to_num(effects))
    table = deseq.contrast(second, CONTRAST, FDR).join(calibrated(second, CONTRAST, THRESHOLD))
    table = decided(table, test).iloc[BACKGROUND:]
    right = np.sign(table["log2_fold_change"]) == signs
    found = (table["p_value"] <= P_VALUE) & right
    return np.where(np.isnan(effects), np.nan, found).reshape(shape)


def measured(draws: int, pool) -> Iterator[Measured]:
    """Measure the power of the effects that are told."""
    for test in TESTS:
        seeds = range(max(draws // DRAWS_IN_ONE, 2))
        results = np.array(list(pool.map(partial(told_and_planted, test), seeds)))
        for place, mean in enumerate(MEANS):
            for side, word in enumerate(["rise", "fall"]):
                values = results[:, place, side].ravel()
                what = f"power of the {word} told, mean {mean}"
                yield Measured("independent", test, what, values[~np.isnan(values)], BOUNDS)
