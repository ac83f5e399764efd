"""Claim: a detectable effect is found in 80 % of cases, rises and falls.

Genes are sorted by the mean that they seem to have, which is what a user sees.
"""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd

from calibrate.claims import Measured, quietly_fitted
from calibrate.rates import CONTRAST, FDR, REPLICATES, THRESHOLD
from contrast_results import sidecar
from imid.differential import deseq
from imid.differential.calibrated_test import calibrated
from imid.evidence.detectable_effect import detectable_effects
from imid.shared.significance import TESTS, by_deciding_test
from imid.synthetic.simulate_counts import usual_trend

BOUNDS = (0.75, 0.85)
# The means that genes seem to have: from one to the next.
MEANS = [20, 30, 50, 100, 300, 1000]
# In each draw so many genes have an effect, of true means in these bounds, among so many others.
PLANTED = 400
TRUE_MEANS = (6, 2000)
BACKGROUND = 6000
P_VALUE = 1e-3


def told_and_planted(test: str, seed: int) -> pd.DataFrame:
    """Plant the effects that are told of one experiment in another; tell which are found.

    Returns
    -------
    DataFrame
        Of the genes with an effect that was told: mean, as it seemed without it, sign, and
        whether it was found.
    """
    random = np.random.default_rng([seed, 80])
    signs = np.tile([1.0, -1.0], PLANTED // 2)
    means = np.exp(random.uniform(*np.log(TRUE_MEANS), PLANTED))
    every = np.concatenate([np.exp(random.normal(5, 1.8, BACKGROUND)), means])
    dispersions = usual_trend(every) * np.exp(random.normal(0, 0.5, len(every)))

    def experiment(effects: np.ndarray):
        planted = np.concatenate([np.zeros(BACKGROUND), effects])
        mu = every[:, None] * 2 ** np.outer(planted, np.repeat([0, 1], REPLICATES))
        rates = random.gamma(1 / dispersions[:, None], mu * dispersions[:, None])
        return quietly_fitted(random.poisson(rates), list("aaabbb"))

    first = experiment(np.zeros(PLANTED))
    names = first.genes.index[BACKGROUND:].tolist()
    told = detectable_effects(first, sidecar("b", "a", factor="group", test=test), names, P_VALUE)
    effects = signs * np.where(signs > 0, told["up"], told["down"])
    second = experiment(np.nan_to_num(effects))
    table = deseq.contrast(second, CONTRAST, FDR).join(calibrated(second, CONTRAST, THRESHOLD))
    table = by_deciding_test(table, test).iloc[BACKGROUND:]
    right = np.sign(table["log2_fold_change"]) == signs
    found = ((table["p_value"] <= P_VALUE) & right).to_numpy(dtype=float)
    seemed = first.normalized[:REPLICATES, BACKGROUND:].mean(axis=0)
    genes = pd.DataFrame({"mean": seemed, "sign": signs, "found": found})
    return genes[~np.isnan(effects)]


def measured(draws: int, pool) -> Iterator[Measured]:
    """Measure the power of the effects that are told, in as many genes of each kind, or more."""
    seeds = range(max(draws // 20, 2))
    for test in TESTS:
        genes = pd.concat(list(pool.map(partial(told_and_planted, test), seeds)))
        for low, high in pairwise(MEANS):
            for sign, word in [(1, "rise"), (-1, "fall")]:
                chosen = genes["mean"].between(low, high) & (genes["sign"] == sign)
                claim = f"power of the {word} told, mean {low} to {high}"
                found = genes.loc[chosen, "found"].to_numpy()
                yield Measured("independent", test, claim, found, BOUNDS)
