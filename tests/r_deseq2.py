"""R's DESeq2 on simulated experiments: run here and now, or as frozen in tests/data.

``PYTHONPATH=scripts python tests/r_deseq2.py [SET ...]`` freezes anew.
"""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.synthetic.simulate_counts import (
    EXPERIMENTS,
    ExperimentalDesign,
    Simulation,
    simulate,
    usual_trend,
)

HERE = Path(__file__).parent
SCRIPT = HERE / "r" / "deseq2.R"
DATA = HERE / "data"
ALTERNATIVES = ["greaterAbs", "greater", "less"]

# What is frozen: for each name an experiment, and how many genes.
SETS = {
    "three_groups": ("three_groups", 1000),
    "two_factors": ("two_factors", 700),
    "interaction": ("interaction", 700),
    "small_counts": ("small_counts", 1000),
    "outliers": ("outliers", 500),
    "two_replicates": ("two_replicates", 1000),
    "local_trend": ("three_groups", 1000),
    "slope": ("slope", 500),
    "intercept": ("intercept", 500),
    "few_everywhere": ("few_everywhere", 600),
    "two_groups": ("two_groups", 500),
}
# Three designs that the generator knows nothing of, and counts too low for the median of ratios.
THREE = EXPERIMENTS["three_groups"]
DESIGNS = {
    **EXPERIMENTS,
    "slope": THREE._replace(design="~ purity + treatment"),
    # Too few replicates to replace an outlier, enough to set genes aside for one.
    "two_groups": EXPERIMENTS["outliers"]._replace(replicates=4, outliers=0.02),
    "intercept": THREE._replace(design="~ 1", contrasts=[np.array([1.0])]),
    "few_everywhere": THREE._replace(replicates=10, median_mean=1.5),
}
SLOPES = ["purity"]
PURITIES = ["0.9", "0.7", "0.85", "0.6", "0.95", "0.8", "0.75", "0.65", "0.7"]


class Reference(NamedTuple):
    """R's estimates: size factors by sample, stages by gene, and a table for each test."""

    size_factors: pd.Series
    stages: pd.DataFrame
    tests: dict[str, pd.DataFrame]


@cache
def available() -> bool:
    """Tell whether R has DESeq2."""
    if shutil.which("Rscript") is None:
        return False
    command = ["Rscript", "-e", "quit(status = !requireNamespace('DESeq2', quietly = TRUE))"]
    return subprocess.run(command, capture_output=True).returncode == 0


def experiment_of(name: str) -> ExperimentalDesign:
    return DESIGNS[SETS[name][0]]


def simulated(name: str) -> Simulation:
    """Draw a set; in one of them no a0 + a1/mean describes the dispersions."""
    trend = rising_trend if name == "local_trend" else usual_trend
    simulation = simulate(experiment_of(name), SETS[name][1], seed=7, trend=trend)
    if name == "slope":
        return simulation._replace(samples=simulation.samples.assign(purity=PURITIES))
    if name == "two_groups":
        return simulation._replace(counts=with_outliers_below_others(simulation.counts))
    return simulation


def with_outliers_below_others(counts: pd.DataFrame) -> pd.DataFrame:
    """Give some genes an outlier in the first group, and far more reads in all of the second."""
    genes = counts.index[counts.mean(axis=1).between(20, 200)][:25]
    first, second = np.split(counts.columns, 2)
    planted = counts.copy()
    planted.loc[genes, first[0]] = 40 * (planted.loc[genes, first[0]] + 10)
    planted.loc[genes, second] = 400 * (planted.loc[genes, second] + 10)
    return planted


def rising_trend(means: np.ndarray) -> np.ndarray:
    return 0.05 * (means / 100) ** 0.4


def run(experiment: ExperimentalDesign, counts: pd.DataFrame, samples: pd.DataFrame) -> Reference:
    """Run R's DESeq2."""
    contrasts = map(as_argument, experiment.contrasts)
    everywhere = (counts > 0).all(axis=1).sum()
    size_factors = "ratio" if everywhere >= 100 else "poscounts"
    references = ",".join(f"{factor}={level}" for factor, level in experiment.references.items())
    with TemporaryDirectory() as name:
        folder = Path(name)
        counts.to_csv(folder / "counts.tsv", sep="\t")
        samples.to_csv(folder / "samples.tsv", sep="\t")
        inputs = [folder / "counts.tsv", folder / "samples.tsv", experiment.design, references]
        command = ["Rscript", SCRIPT, *inputs, ";".join(contrasts), folder, ",".join(SLOPES)]
        command.append(size_factors)
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        tables = {path.stem: _read(path) for path in folder.glob("*.tsv")}
    tests = {name: table for name, table in tables.items() if name.startswith("contrast_")}
    return Reference(tables["size_factors"]["size_factor"], tables["genes"], tests)


def as_argument(contrast: np.ndarray | tuple[str, str, str]) -> str:
    """Write a contrast for a command line."""
    numeric = isinstance(contrast, np.ndarray)
    return ",".join(f"{x:g}" for x in contrast) if numeric else ",".join(contrast)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", index_col=0, keep_default_na=False, na_values=["NA"])


# One frozen table has a set's counts and all that R made of them; another its samples.


def freeze(name: str) -> None:
    simulation = simulated(name)
    reference = run(experiment_of(name), simulation.counts, simulation.samples)
    stages = ["baseMean", "dispGeneEst", "dispFit", "dispMAP", "dispersion", "maxCooks"]
    parts = {"counts": simulation.counts, "stages": reference.stages[stages]}
    for test, table in reference.tests.items():
        kept = ["log2FoldChange", "lfcSE", "pvalue", "padj"] if "." not in test else ["pvalue"]
        parts[test] = table[kept]
    whole = pd.concat(parts, axis=1)
    whole.columns = ["|".join(column) for column in whole.columns]
    whole.to_csv(DATA / f"{name}.tsv.gz", sep="\t", na_rep="NA", float_format="%.9g")
    samples = simulation.samples.assign(size_factor=reference.size_factors)
    samples.to_csv(DATA / f"{name}.samples.tsv", sep="\t", float_format="%.12g")


def thawed(name: str) -> tuple[pd.DataFrame, pd.DataFrame, Reference]:
    """Give a frozen set: counts, samples, and R's estimates."""
    whole = _read(DATA / f"{name}.tsv.gz")
    whole.columns = pd.MultiIndex.from_tuples(column.split("|") for column in whole.columns)
    samples = pd.read_csv(DATA / f"{name}.samples.tsv", sep="\t", index_col=0, dtype=str)
    size_factors = samples.pop("size_factor").astype(float)
    tests = {part: whole[part] for part in whole.columns.levels[0] if part.startswith("contrast")}
    return whole["counts"], samples, Reference(size_factors, whole["stages"], tests)


if __name__ == "__main__":
    for each in sys.argv[1:] or SETS:
        freeze(each)
