"""Claims: how often a sound experiment has a sample called odd, and which faults are found.

Noise of cell lines' replicates is that of the kind at hand with deviations a third as large, and
reads drawn anew: donors of lymphoblastoid lines differ more than replicates do.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from calibrate import noise
from calibrate.claims import ANY, Measured
from imid.quality.sample_agreement import sample_agreement
from imid.shared.agreement_words import ODD

GENES = 20000
SIZES = {"3 x 3": (3, 3), "2 x 2": (2, 2), "2 x 3": (2, 3), "4 x 3": (4, 3)}
FEW = (20, 200, 2000)
# Of the planted effects: as two drugs' slope is measured with.
SHARE, EFFECT_SD = 0.15, 0.8
THINNER = 3
NOBODY_ODD = (0.0, 0.05)
FAULTS = {"swapped": ["s0", "s5"], "failed": ["s0"], "same library": ["s0", "s1"]}


def said(counts: np.ndarray, groups: np.ndarray) -> pd.DataFrame:
    """Transform counts as of a usual trend; say where each sample sits."""
    names = [f"s{number}" for number in range(len(groups))]
    normalized = counts / (counts.sum(axis=0) / counts.sum(axis=0).mean())
    a0, a1 = 0.05, 3.0
    root = np.sqrt(a0 * normalized * (1 + a1 + a0 * normalized))
    vst = np.log2((1 + a1 + 2 * a0 * normalized + 2 * root) / (4 * a0))
    samples = pd.DataFrame({"sample": names, "treatment": [f"drug_{each}" for each in groups]})
    tables = [pd.DataFrame(values, columns=names) for values in (vst, normalized, counts)]
    return sample_agreement(*tables, samples)


def calls(source: noise.Noise, groups: int, replicates: int, genes: int, seed: int) -> bool:
    """Tell whether a draw without any effect has a sample called odd."""
    counts = source(seed, groups * replicates, genes)
    found = said(counts, np.repeat(np.arange(groups), replicates))
    return bool(found["called"].isin(ODD).any())


def of_replicates(source: noise.Noise, seed: int, samples: int) -> np.ndarray:
    """Draw counts whose deviations are a third of those of the noise."""
    random = np.random.default_rng([seed, 33])
    counts = source(seed, samples, GENES).astype(float)
    depths = counts.sum(axis=0) / counts.sum(axis=0).mean()
    logs = np.log((counts + 0.5) / depths)
    means = logs.mean(axis=1, keepdims=True)
    return random.poisson(THINNER * np.exp(means + (logs - means) / THINNER) * depths)


def finds(source: noise.Noise, fault: str, seed: int) -> bool:
    """Plant a fault, three groups of three; tell whether it, and nothing else, is named."""
    random = np.random.default_rng([seed, 5])
    counts = of_replicates(source, seed, 10)
    groups = np.repeat(np.arange(3), 3)
    drugs = [noise.drawn_effects(random, len(counts), SHARE) for _ in range(2)]
    effects = np.column_stack([np.zeros(len(counts)), *drugs]) * EFFECT_SD / noise.EFFECT_SD
    truly = groups.copy()
    if fault == "swapped":
        truly[[0, 5]] = truly[[5, 0]]
    made = noise.thinned(counts[:, :9], effects[:, truly], random)
    if fault == "failed":
        other = random.permutation(counts[:, 9])
        depth = made[:, 0].sum() / other.sum()
        made[:, 0] = random.binomial(made[:, 0], 0.5) + random.poisson(other * depth / 2)
    if fault == "same library":
        made[:, :2] = random.poisson(np.repeat(made[:, :1], 2, axis=1))
    odd = said(made, groups).query("called in @ODD")
    return list(odd["sample"]) == FAULTS[fault] and (odd["called"] == fault).all()


def measured(name: str, draws: int, pool) -> Iterator[Measured]:
    """Measure a kind of noise."""
    source = noise.sources()[name]
    for size, (groups, replicates) in SIZES.items():
        for genes in FEW:
            draw = partial(calls, source, groups, replicates, genes)
            odd = np.array(list(pool.map(draw, range(draws), chunksize=5)), float)
            claim = f"{size}, {genes} genes: experiments with a sample called odd"
            yield Measured(name, "sample agreement", claim, odd, NOBODY_ODD)
    for fault in FAULTS:
        found = np.array(list(pool.map(partial(finds, source, fault), range(draws))), float)
        yield Measured(name, "sample agreement", f"{fault}: found, and nothing else", found, ANY)
