"""Claims: how many discoveries are false, how many changes are found, and in how many nulls."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from calibrate import noise
from calibrate.claims import ANY, Measured, quietly_fitted
from imid.differential import deseq
from imid.differential.calibrated_test import calibrated
from imid.question.contrasts import Contrast

FDR = 0.05
THRESHOLD = 1.0
CONTRAST = Contrast("group", "b", "a")
GENES = 3000
CHANGED = 0.1
REPLICATES = 3
# What each test calls: of any change, and of one above the threshold.
RATES = {
    "wald": ("fdr", 0.0),
    "quasi_likelihood": ("ql_fdr", 0.0),
    "wald, threshold": ("threshold_fdr", THRESHOLD),
    "quasi_likelihood, threshold": ("ql_threshold_fdr", THRESHOLD),
}
BOUNDS = {
    ("quasi_likelihood", "false share"): (0.0, 0.06),
    ("quasi_likelihood, threshold", "false share"): (0.0, 0.05),
    ("quasi_likelihood", "nulls with a discovery"): (0.0, 0.08),
    ("quasi_likelihood, threshold", "nulls with a discovery"): (0.0, 0.05),
}


def drawn(source: noise.Noise, changed: float, seed: int):
    """Draw two groups; give their fit, and the planted log2 fold changes."""
    random = np.random.default_rng([seed, 7])
    counts = source(seed, 2 * REPLICATES, GENES)
    effects = noise.drawn_effects(random, len(counts), changed)
    planted = np.outer(effects, np.repeat([0, 1], REPLICATES))
    return quietly_fitted(noise.thinned(counts, planted, random), list("aaabbb")), effects


def found(source: noise.Noise, changed: float, seed: int) -> dict[str, tuple[int, int, int]]:
    """Count what each test calls in a draw, how much of it is false, and what there was."""
    fit, effects = drawn(source, changed, seed)
    table = deseq.contrast(fit, CONTRAST, FDR).join(calibrated(fit, CONTRAST, THRESHOLD))
    table["threshold_fdr"] = deseq.thresholded(fit, CONTRAST, FDR, THRESHOLD)["fdr"]
    results = {}
    for name, (column, above) in RATES.items():
        called, true = table[column].to_numpy() < FDR, np.abs(effects) > above
        results[name] = called.sum(), (called & ~true).sum(), true.sum()
    return results


def measured(name: str, draws: int, pool) -> Iterator[Measured]:
    """Measure the tests on a kind of noise, with changes and without."""
    source = noise.sources()[name]
    with_changes, nulls = (
        list(pool.map(partial(found, source, changed), range(draws), chunksize=5))
        for changed in (CHANGED, 0.0)
    )
    for test in RATES:
        called, false, changed = np.array([result[test] for result in with_changes]).T
        values = {
            "false share": false / np.maximum(called, 1),
            "share of changes found": (called - false) / np.maximum(changed, 1),
            "nulls with a discovery": np.array([result[test][0] > 0 for result in nulls]),
        }
        for what, each in values.items():
            yield Measured(name, test, what, each, BOUNDS.get((test, what), ANY))
