"""Experiments of which the truth is known, with noise that is real or like it.

Real noise is none of this repository's, nor of Debian's packages, of which none holds enough
libraries. It is read from the folder that the environment variable ``NOISE`` names:
``NAME.counts.tsv`` or ``.tsv.gz`` (genes × libraries, whole numbers) and ``NAME.samples.tsv``
(first the library, then what tells conditions apart; libraries equal in that are alike). Groups
drawn from alike libraries differ by chance alone. Where too few are alike, all are made so: each
read is kept with the chance that the gene's lowest condition has over its own, which leaves the
differences of replicates, a little too small. A change is planted by thinning, too: each read of
the group where a gene is to be lower is kept with a probability of 2^-|log2 fold change| (Gerard,
BMC Bioinformatics 21:206 (2020)).

Without it there is a stand-in that has what real noise has and independent genes lack: genes that
go together, by factors that differ from sample to sample, and tails heavier than a gamma
distribution's. It is no proof of what real noise does.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.synthetic.simulate_counts import usual_trend

VARIABLE = "NOISE"
COUNTS = ".counts.tsv"
EFFECT_SD = 1.5
STAND_IN = "stand-in"
# Of the stand-in: how far log dispersions scatter, as in real sets, and how far genes go together.
SCATTER_SD = 0.8
FACTORS = 3
TOGETHER_SD = 0.1
TAILS = 5

# Counts (genes × samples) of so many samples of one condition, by seed and number of genes.
Noise = Callable[[int, int, int], np.ndarray]


def sources() -> dict[str, Noise]:
    """Give the kinds of noise that are at hand, by name."""
    folder = os.environ.get(VARIABLE)
    found: dict[str, Noise] = {STAND_IN: stand_in}
    for path in sorted(Path(folder).glob(f"*{COUNTS}*")) if folder else []:
        name = path.name.split(COUNTS)[0]
        samples = pd.read_csv(path.parent / f"{name}.samples.tsv", sep="\t", index_col=0, dtype=str)
        counts = pd.read_csv(path, sep="\t", index_col=0)[samples.index]
        alike = [
            list(members) for members in samples.fillna("").groupby(list(samples)).groups.values()
        ]
        found[name] = RealNoise(counts, alike)
    return found


class RealNoise(NamedTuple):
    """Libraries, and which of them are alike."""

    counts: pd.DataFrame
    alike: list[list[str]]

    def __call__(self, seed: int, samples: int, genes: int) -> np.ndarray:
        """Draw libraries that are alike, and some of the genes.

        Raises
        ------
        ValueError
            If there are not so many.
        """
        random = np.random.default_rng([seed, 69])
        if self.counts.shape[1] < samples:
            raise ValueError(f"it has fewer than {samples} libraries")
        enough = [members for members in self.alike if len(members) >= samples]
        pool = enough[random.integers(len(enough))] if enough else list(self.counts)
        counts = self.counts if enough else self._made_alike(random)
        columns = random.choice(pool, samples, replace=False)
        rows = np.sort(random.permutation(len(counts))[:genes])
        return counts[columns].iloc[rows].to_numpy()

    def _made_alike(self, random: np.random.Generator) -> pd.DataFrame:
        depths = self.counts.sum() / self.counts.sum().mean()
        means = pd.DataFrame(
            {
                place: (self.counts / depths)[each].mean(axis=1)
                for place, each in enumerate(self.alike)
            }
        )
        kept = means.rdiv(means.min(axis=1), axis=0).fillna(0.0)
        parts = [
            pd.DataFrame(
                random.binomial(self.counts[each], kept[[place]]), self.counts.index, columns=each
            )
            for place, each in enumerate(self.alike)
        ]
        return pd.concat(parts, axis=1)


def stand_in(seed: int, samples: int, genes: int) -> np.ndarray:
    """Draw simulated counts whose genes go together, with heavy tails."""
    random = np.random.default_rng([seed, 4])
    means = 100 * np.exp(random.normal(0, 2, genes))
    dispersions = usual_trend(means) * np.exp(random.normal(0, SCATTER_SD, genes))
    loadings = random.normal(0, TOGETHER_SD, (genes, FACTORS))
    together = loadings @ random.normal(0, 1, (FACTORS, samples))
    # Of variance 1; now and then a sample is far off.
    off = random.standard_t(TAILS, (genes, samples)) / np.sqrt(TAILS / (TAILS - 2))
    spread = np.sqrt(np.log1p(dispersions))[:, None]
    depth = random.normal(0, 0.25, samples)
    return random.poisson(means[:, None] * np.exp(depth + together + spread * off))


def drawn_effects(random: np.random.Generator, genes: int, changed: float) -> np.ndarray:
    """Draw log2 fold changes of which a share is not 0."""
    effects = random.normal(0, EFFECT_SD, genes)
    return np.where(random.random(genes) < changed, effects, 0.0)


def thinned(counts: np.ndarray, effects: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Plant log2 effects, genes × samples, each relative to the largest of its gene."""
    kept = 2.0 ** (effects - effects.max(axis=1, keepdims=True))
    return random.binomial(counts, kept)


def named(counts: np.ndarray, groups: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Name genes and samples; give counts, and samples with their ``group``."""
    names = [f"sample_{number:02d}" for number in range(counts.shape[1])]
    index = pd.Index([f"gene_{number:05d}" for number in range(len(counts))], name="gene_id")
    return pd.DataFrame(counts, index, names), pd.DataFrame({"group": groups}, index=names)
