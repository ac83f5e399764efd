r"""Simulate count matrices of which the truth is known.

Gene i has mean expression :math:`q_i` (log-normal), dispersion
:math:`\alpha(q_i) e^{\epsilon_i}` with :math:`\epsilon_i` normal, and a log2 fold change for
each level of each factor, most of them 0; sample j has a size factor :math:`s_j` (log-normal).
Counts are negative binomial around :math:`s_j q_i 2^{\sum \textrm{effects}}`.
"""

import argparse
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.shared.problems import reported
from imid.shared.tables import write_table

TREATMENTS = ["dmso", "lenalidomide", "pomalidomide"]
DRUG_CONTRASTS = [
    ("treatment", "lenalidomide", "dmso"),
    ("treatment", "pomalidomide", "dmso"),
    ("treatment", "pomalidomide", "lenalidomide"),
]


class ExperimentalDesign(NamedTuple):
    """An experiment's factors with their levels, the reference first, and how it is analysed."""

    factors: dict[str, list[str]]
    replicates: int
    design: str
    contrasts: list
    interaction: bool = False
    median_mean: float = 100.0
    outliers: float = 0.0

    @property
    def references(self) -> dict[str, str]:
        """Each factor's reference level."""
        return {factor: levels[0] for factor, levels in self.factors.items()}


EXPERIMENTS = {
    "three_groups": ExperimentalDesign({"treatment": TREATMENTS}, 3, "~ treatment", DRUG_CONTRASTS),
    "sixty_samples": ExperimentalDesign(
        {"treatment": TREATMENTS}, 20, "~ treatment", DRUG_CONTRASTS
    ),
    "two_factors": ExperimentalDesign(
        {"batch": ["1", "2"], "treatment": TREATMENTS}, 2, "~ batch + treatment", DRUG_CONTRASTS
    ),
    "interaction": ExperimentalDesign(
        {"cell_line": ["MM1S", "MM1S_res"], "treatment": TREATMENTS[:2]},
        3,
        "~ cell_line + treatment + cell_line:treatment",
        [np.array([0.0, 0, 1, 0]), np.array([0.0, 0, 1, 1]), np.array([0.0, 0, 0, 1])],
        interaction=True,
    ),
    "small_counts": ExperimentalDesign(
        {"treatment": TREATMENTS}, 3, "~ treatment", DRUG_CONTRASTS, median_mean=3.0
    ),
    "outliers": ExperimentalDesign(
        {"treatment": TREATMENTS[:2]}, 8, "~ treatment", DRUG_CONTRASTS[:1], outliers=0.02
    ),
    "two_replicates": ExperimentalDesign(
        {"treatment": TREATMENTS[:2]}, 2, "~ treatment", DRUG_CONTRASTS[:1]
    ),
}


class Simulation(NamedTuple):
    """Counts (genes × samples), the samples' factors, and the truth by gene."""

    counts: pd.DataFrame
    samples: pd.DataFrame
    truth: pd.DataFrame


def usual_trend(means: np.ndarray) -> np.ndarray:
    """Give dispersions as bulk RNA-seq has them: 0.02, and more at low expression."""
    return 0.02 + 3 / means


def simulate(
    experiment: ExperimentalDesign,
    genes: int,
    seed: int,
    changed: float = 0.2,
    effect_sd: float = 1.5,
    trend: Callable[[np.ndarray], np.ndarray] = usual_trend,
    scatter_sd: float = 0.5,
) -> Simulation:
    """Draw an experiment.

    Parameters
    ----------
    experiment : Experiment
    genes : int
    seed : int
        The same seed gives the same counts.
    changed : float
        The share of genes that a level, or the interaction, changes.
    effect_sd : float
        Standard deviation of the changed genes' log2 fold changes.
    trend : callable
        The typical dispersion at given means.
    scatter_sd : float
        Standard deviation of log dispersions around the trend.

    Returns
    -------
    Simulation
        The truth's columns: ``mean``, ``dispersion``, ``outlier`` (the sample with a planted
        outlier, or empty), and a log2 effect for each ``factor:level`` that is no reference,
        and for ``interaction`` where all factors are off their reference.
    """
    random = np.random.default_rng(seed)
    samples = _samples(experiment)
    means = experiment.median_mean * np.exp(random.normal(0, 2, genes))
    dispersions = trend(means) * np.exp(random.normal(0, scatter_sd, genes))
    occurs = _occurrences(experiment, samples)
    is_changed = random.random((genes, occurs.shape[1])) < changed
    effects = np.where(is_changed, random.normal(0, effect_sd, is_changed.shape), 0.0)

    size_factors = np.exp(random.normal(0, 0.25, len(samples)))
    mu = size_factors * means[:, None] * 2 ** (effects @ occurs.to_numpy(dtype=float).T)
    rate = random.gamma(1 / dispersions[:, None], mu * dispersions[:, None])
    counts = random.poisson(np.minimum(rate, 1e9))
    hit = _plant_outliers(counts, samples.index, experiment.outliers, random)

    index = pd.Index([f"gene_{i:05d}" for i in range(1, genes + 1)], name="gene_id")
    truth = pd.DataFrame({"mean": means, "dispersion": dispersions, "outlier": hit}, index=index)
    truth = truth.join(pd.DataFrame(effects, index=index, columns=occurs.columns))
    return Simulation(pd.DataFrame(counts, index=index, columns=samples.index), samples, truth)


def _samples(experiment: ExperimentalDesign) -> pd.DataFrame:
    groups = product(*experiment.factors.values())
    rows = [group for group in groups for _ in range(experiment.replicates)]
    samples = pd.DataFrame(rows, columns=list(experiment.factors))
    replicates = [str(i % experiment.replicates + 1) for i in range(len(rows))]
    names = ["_".join([*row, replicate]) for row, replicate in zip(rows, replicates, strict=True)]
    return samples.set_axis(pd.Index(names, name="sample"))


def _occurrences(experiment: ExperimentalDesign, samples: pd.DataFrame) -> pd.DataFrame:
    """Tell which effects play a part in which sample."""
    occurs = {
        f"{factor}:{level}": samples[factor] == level
        for factor, levels in experiment.factors.items()
        for level in levels[1:]
    }
    if experiment.interaction:
        references = pd.Series(experiment.references)
        occurs["interaction"] = (samples[references.index] != references).all(axis=1)
    return pd.DataFrame(occurs)


def _plant_outliers(
    counts: np.ndarray, samples: pd.Index, share: float, random: np.random.Generator
) -> list[str]:
    """Multiply one count of some genes by 100, in place; give the samples hit."""
    hit = random.random(len(counts)) < share
    sample = random.integers(counts.shape[1], size=len(counts))
    counts[hit, sample[hit]] = 100 * (counts[hit, sample[hit]] + 10)
    return [samples[j] if is_hit else "" for j, is_hit in zip(sample, hit, strict=True)]


def main(argv: list[str] | None = None) -> None:
    """Write a simulated experiment: counts, samples and truth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiment", choices=EXPERIMENTS, default="three_groups")
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    for output in ["counts", "samples", "truth"]:
        parser.add_argument(f"--{output}", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)
    simulation = simulate(EXPERIMENTS[arguments.experiment], arguments.genes, arguments.seed)
    write_table(simulation.counts.reset_index(), arguments.counts)
    write_table(simulation.samples.reset_index(), arguments.samples)
    write_table(simulation.truth.reset_index(), arguments.truth)


if __name__ == "__main__":
    reported(main)
