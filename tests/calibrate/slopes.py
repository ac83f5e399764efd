"""Claim: the 95 % interval of two drugs' slope holds the truth, and is not wider than it must be.

The oracle's interval is that of the slopes of all draws: it knows the noise.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from calibrate import noise
from calibrate.claims import ANY, Measured, quietly_fitted
from contrast_results import sidecar
from imid.evidence.compare_drugs import compared, slope_of, with_both
from imid.evidence.slope_by_replicates import by_replicates
from imid.question.contrast_results import ContrastResult
from imid.shared.significance import NORMAL_95

GENES = 3000
SHARE = 0.15
EFFECT_SD = 0.8
TRUE = 1.4
FDR = 0.05


def drug(name: str) -> ContrastResult:
    """Give a drug's contrast, tested."""
    return sidecar(name, "a", factor="group", fdr=FDR)


def slope(source: noise.Noise, seed: int) -> tuple[float, float, float, float, float]:
    """Estimate the slope of a draw; give it, and the ends of both intervals."""
    random = np.random.default_rng([seed, 11])
    counts = source(seed, 9, GENES)
    effects = np.where(
        random.random(len(counts)) < SHARE, random.normal(0, EFFECT_SD, len(counts)), 0.0
    )
    planted = np.outer(effects, np.repeat([0, 1, TRUE], 3))
    fit = quietly_fitted(noise.thinned(counts, planted, random), list("aaabbbccc"))
    first, second = drug("b"), drug("c")
    table = compared(fit, first, second)
    plain = slope_of(table, FDR)
    if plain.slope is None:
        return (np.nan,) * 5
    found = by_replicates(plain, fit, first, second, pd.Index(table.index[with_both(table)]))
    ends = [np.nan if end is None else end for end in (*found[1:3], *plain[1:3])]
    return (plain.slope, *ends)


def measured(name: str, draws: int, pool) -> Iterator[Measured]:
    """Measure how often the interval holds the slope, and its width beside the oracle's."""
    source = noise.sources()[name]
    results = np.array(list(pool.map(partial(slope, source), range(draws), chunksize=5)))
    found, low, high, low_genes, high_genes = results[~np.isnan(results[:, 0])].T
    # Without an end an interval holds whatever lies on its other side.
    for test, ends, bounds in [
        ("by replicates", (low, high), (0.93, 1.0)),
        ("genes as independent", (low_genes, high_genes), ANY),
    ]:
        below, above = (
            np.nan_to_num(end, nan=side * np.inf) for end, side in zip(ends, (-1, 1), strict=True)
        )
        holds = (below <= TRUE) & (above >= TRUE)
        yield Measured(name, test, "interval of the slope holds it", holds, bounds)
    oracle = 2 * NORMAL_95 * np.std(found)
    width = np.median(np.nan_to_num(high - low, nan=np.inf)) / oracle
    yield Measured(
        name,
        "by replicates",
        "median width over the oracle's",
        np.full(len(found), width),
        (0, 1.5),
    )
    yield Measured(name, "errors in variables", "slope over the true one", found / TRUE, (0.9, 1.1))
