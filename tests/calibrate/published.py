"""Claims: how often a published truth is contradicted, and a ratio's interval misses the truth."""

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from calibrate import noise
from calibrate.claims import ANY, Measured, quietly_fitted
from calibrate.rates import CHANGED, CONTRAST, FDR, GENES, REPLICATES
from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.evidence.agreement import AGAINST, AS_PUBLISHED, STRONGER, WEAKER, Estimate, agreement
from imid.evidence.expression_ratio import estimate, log_ratio

DIFFERENT = [STRONGER, WEAKER, AGAINST]
LARGE = 1.5
BOUNDS = {
    "published truths contradicted": (0.0, 0.05),
    "ratios' 95 % intervals with the truth": (0.93, 1.0),
}
# Normalized reads that both genes of a ratio have in the mean.
SEEN = 20


def two_experiments(source: noise.Noise, seed: int):
    """Draw two experiments on one truth from libraries of their own; give fits and changes."""
    random = np.random.default_rng([seed, 11])
    counts = source(seed, 4 * REPLICATES, GENES)
    effects = noise.drawn_effects(random, len(counts), CHANGED)
    planted = np.outer(effects, np.repeat([0, 1], REPLICATES))
    halves = np.split(counts, 2, axis=1)
    fits = [quietly_fitted(noise.thinned(half, planted, random), [*"aaabbb"]) for half in halves]
    return fits, effects


def found(source: noise.Noise, seed: int) -> dict[str, float]:
    """Give the shares of a draw's genes, and of pairs of them."""
    fits, effects = two_experiments(source, seed)
    here, there = (deseq.contrast(fit, CONTRAST, FDR) for fit in fits)
    tested = ((here["status"] == "tested") & (there["status"] == "tested")).to_numpy()
    degrees = float(np.subtract(*fits[0].design_matrix.shape))
    numbers = [
        table.loc[tested, ["log2_fold_change", "lfc_se"]].to_numpy() for table in (here, there)
    ]
    words = np.array(
        [
            agreement(Estimate(*one, degrees), Estimate(*other, math.inf))
            for one, other in zip(*numbers, strict=True)
        ]
    )
    large = np.abs(effects[tested]) > LARGE
    return {
        "published truths contradicted": float(np.isin(words, DIFFERENT).mean()),
        "large changes told to be as published": float((words[large] == AS_PUBLISHED).mean()),
        "ratios' 95 % intervals with the truth": held(fits[0], effects, seed),
    }


def held(fit: FittedModel, effects: np.ndarray, seed: int) -> float:
    """Give the share of ratios, of pairs of genes, whose interval holds the planted change."""
    seen = np.flatnonzero(fit.normalized.mean(axis=0) > SEEN)
    pairs = np.random.default_rng([seed, 12]).permutation(seen)[: len(seen) // 2 * 2].reshape(-1, 2)
    contrast = deseq.coefficients(fit, CONTRAST).to_numpy()
    design = fit.design_matrix.to_numpy(dtype=float)
    inside = []
    for upper, lower in pairs:
        change = estimate(log_ratio(*fit.normalized[:, [upper, lower]].T), design, contrast)
        error = change.log2_fold_change - (effects[upper] - effects[lower])
        inside.append(abs(error) < change.reach())
    return float(np.mean(inside))


def measured(name: str, draws: int, pool) -> Iterator[Measured]:
    """Measure agreement with a published truth, and the interval of a ratio."""
    results = list(pool.map(partial(found, noise.sources()[name]), range(draws), chunksize=5))
    for claim in results[0]:
        values = np.array([result[claim] for result in results])
        yield Measured(name, "agreement", claim, values, BOUNDS.get(claim, ANY))
