"""Experiments of which the truth is known, with noise that is real or like it.

Real noise is that between lymphoblastoid lines of one sex: 69 of them, one library each (Pickrell
and others, Nature 464:768 (2010)), looked for as ``counts/lcl_69.counts.tsv.gz`` and
``counts/lcl_69.samples.tsv`` in the folder that the environment variable ``IMID_SHARED_DATA``
names; they are no part of this repository. Two groups drawn from them differ by chance alone. A
change is planted by thinning: each read of the group where a gene is to be lower is kept with a
probability of 2^-|log2 fold change| (Gerard, BMC Bioinformatics 21:206 (2020)).

Simulated noise has what real noise has and independent genes lack: genes that go together, by
three factors that differ from sample to sample, and tails heavier than a gamma distribution's.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.synthetic.simulate_counts import usual_trend
from real_counts import VARIABLE

EFFECT_SD = 1.5
GROUPS = ["a", "b"]


class Draw(NamedTuple):
    """Counts (genes × samples), the samples' group, and log2 fold changes of b against a."""

    counts: pd.DataFrame
    samples: pd.DataFrame
    effects: np.ndarray


Noise = Callable[[int, int, int, float], Draw]


def sources() -> dict[str, Noise]:
    """Give the kinds of noise that are at hand, by name; each draws by seed, replicates, number
    of genes and the share of them that changes."""
    found = {"simulated": simulated}
    folder = Path(os.environ.get(VARIABLE) or ".") / "counts"
    if (folder / "lcl_69.counts.tsv.gz").exists():
        counts = pd.read_csv(folder / "lcl_69.counts.tsv.gz", sep="\t", index_col=0)
        samples = pd.read_csv(folder / "lcl_69.samples.tsv", sep="\t", index_col=0)
        groups = [members.to_numpy() for _, members in samples.groupby("gender").groups.items()]
        found["lcl"] = RealNoise(counts, groups)
    return found


class RealNoise(NamedTuple):
    """Libraries, and which of them are alike."""

    counts: pd.DataFrame
    alike: list[np.ndarray]

    def __call__(self, seed: int, replicates: int, genes: int, changed: float) -> Draw:
        """Draw two groups of libraries that are alike, and plant changes."""
        random = np.random.default_rng([seed, 69])
        pool = self.alike[random.integers(len(self.alike))]
        columns = random.choice(pool, 2 * replicates, replace=False)
        rows = np.sort(random.permutation(len(self.counts))[:genes])
        counts = self.counts[columns].iloc[rows].to_numpy()
        effects = drawn_effects(random, len(rows), changed)
        return named(thinned(counts, effects, random), effects)


def drawn_effects(random: np.random.Generator, genes: int, changed: float) -> np.ndarray:
    effects = random.normal(0, EFFECT_SD, genes)
    return np.where(random.random(genes) < changed, effects, 0.0)


def thinned(counts: np.ndarray, effects: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Lower the second half's samples of genes that fall, the first half's of those that rise."""
    first, second = np.split(counts, 2, axis=1)
    kept = 2.0 ** -np.abs(effects)[:, None]
    first = np.where(effects[:, None] > 0, random.binomial(first, kept), first)
    second = np.where(effects[:, None] < 0, random.binomial(second, kept), second)
    return np.hstack([first, second])


def simulated(seed: int, replicates: int, genes: int, changed: float) -> Draw:
    random = np.random.default_rng([seed, 4])
    samples = 2 * replicates
    means = 100 * np.exp(random.normal(0, 2, genes))
    dispersions = usual_trend(means) * np.exp(random.normal(0, 0.8, genes))
    together = random.normal(0, 0.1, (genes, 3)) @ random.normal(0, 1, (3, samples))
    # Of variance 1; now and then a sample is far off.
    off = random.standard_t(5, (genes, samples)) / np.sqrt(5 / 3)
    effects = drawn_effects(random, genes, changed)
    planted = np.outer(effects, np.repeat([0, 1], replicates))
    depth = random.normal(0, 0.25, samples)
    spread = np.sqrt(np.log1p(dispersions))[:, None]
    mu = means[:, None] * 2**planted * np.exp(depth + together + spread * off)
    return named(random.poisson(mu), effects)


def named(counts: np.ndarray, effects: np.ndarray) -> Draw:
    genes, samples = counts.shape
    names = [f"sample_{number:02d}" for number in range(samples)]
    index = pd.Index([f"gene_{number:05d}" for number in range(genes)], name="gene_id")
    groups = pd.DataFrame({"group": np.repeat(GROUPS, samples // 2)}, index=names)
    return Draw(pd.DataFrame(counts, index, names), groups, effects)
