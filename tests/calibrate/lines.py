"""Claim: of the genes said to differ between cell lines a twentieth do not, at most."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy.special import chdtrc

from calibrate import noise
from calibrate.claims import ANY, Measured, quietly_fitted
from calibrate.rates import CONTRAST, FDR
from imid.differential import deseq
from imid.evidence.heterogeneity import heterogeneity
from imid.shared.significance import benjamini_hochberg

GENES = 2500
SHARED, DIFFERING = 0.2, 0.1
BOUNDS = {"false share": (0.0, 0.05)}


def found(source: noise.Noise, lines: int, seed: int) -> np.ndarray:
    """Count, of both tests, what is called in a draw, what of it is false, and what there was."""
    random = np.random.default_rng([seed, lines])
    counts = source(seed, 6 * lines, GENES)
    genes = len(counts)
    shared = noise.drawn_effects(random, genes, SHARED)
    differs = random.random(genes) < DIFFERING
    fits = {}
    for line in range(lines):
        own = np.where(differs & (line > 0), random.normal(0, noise.EFFECT_SD, genes), 0.0)
        planted = np.outer(shared + own, np.repeat([0, 1], 3))
        part = counts[:, 6 * line : 6 * line + 6]
        fits[str(line)] = quietly_fitted(noise.thinned(part, planted, random), list("aaabbb"))
    tested = heterogeneity(fits, CONTRAST)["heterogeneity_p_value"]
    names = fits["0"].genes.index
    both = [tested.reindex(names).to_numpy(), cochran(fits)]
    called = [np.nan_to_num(benjamini_hochberg(values), nan=1.0) < FDR for values in both]
    return np.array([[each.sum(), (each & ~differs).sum(), differs.sum()] for each in called])


def cochran(fits: dict) -> np.ndarray:
    """Give the p-values of Cochran's Q, which takes standard errors as known."""
    tables = [deseq.contrast(fit, CONTRAST, FDR) for fit in fits.values()]
    changes, errors = (
        np.array([table[column] for table in tables]) for column in ["log2_fold_change", "lfc_se"]
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = errors**-2.0
        pooled = (weights * changes).sum(axis=0) / weights.sum(axis=0)
        p_values = chdtrc(len(fits) - 1, (weights * (changes - pooled) ** 2).sum(axis=0))
    untested = np.any([table["status"] != "tested" for table in tables], axis=0)
    return np.where(untested, np.nan, p_values)


def measured(name: str, draws: int, pool) -> Iterator[Measured]:
    """Measure both tests with two lines and with four."""
    source = noise.sources()[name]
    for lines in (2, 4):
        results = np.array(list(pool.map(partial(found, source, lines), range(draws), chunksize=5)))
        for place, test in enumerate(["quasi_likelihood", "Cochran's Q"]):
            called, false, differing = results[:, place].T
            bounds = BOUNDS["false share"] if place == 0 else ANY
            claim = f"{lines} lines: false share"
            yield Measured(name, test, claim, false / np.maximum(called, 1), bounds)
            claim = f"{lines} lines: share of differences found"
            yield Measured(name, test, claim, (called - false) / np.maximum(differing, 1))
