"""What is found in simulated experiments, and how much of it is false: by R's DESeq2 and here.

``PYTHONPATH=scripts python tests/calibration.py`` runs R on all experiments, and freezes what
it finds.
"""

import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.differential import deseq, fitting
from imid.synthetic.simulate_counts import EXPERIMENTS, ExperimentalDesign, Simulation, simulate
from r_deseq2 import as_argument

HERE = Path(__file__).parent
SCRIPT = HERE / "r" / "calibration.R"
FROZEN = HERE / "data" / "calibration.tsv"
FDR = 0.05
GENES = 2000
SEEDS = range(100, 120)
THRESHOLDS = [0, 1]
COUNTED = ["changed", "discoveries", "false"]


class Question(NamedTuple):
    """An experiment, a contrast of it, and the column of the truth that answers."""

    experiment: ExperimentalDesign
    contrast: tuple[str, str, str] | np.ndarray
    effect: str


DRUG = ("treatment", "lenalidomide", "dmso"), "treatment:lenalidomide"
QUESTIONS = {
    "three_replicates": Question(EXPERIMENTS["three_groups"], *DRUG),
    "twelve_replicates": Question(EXPERIMENTS["three_groups"]._replace(replicates=12), *DRUG),
    "interaction": Question(EXPERIMENTS["interaction"], np.array([0.0, 0, 0, 1]), "interaction"),
}


def drawn(name: str, seed: int) -> Simulation:
    return simulate(QUESTIONS[name].experiment, GENES, seed)


def counted(name: str, seed: int, threshold: float, rates: np.ndarray) -> dict:
    """Count the genes that are truly changed, those found, and those found falsely."""
    changed = drawn(name, seed).truth[QUESTIONS[name].effect].abs().to_numpy() > threshold
    found = rates < FDR
    numbers = [int(genes.sum()) for genes in (changed, found, found & ~changed)]
    return {
        **{"experiment": name, "threshold": threshold, "seed": seed},
        **dict(zip(COUNTED, numbers, strict=True)),
    }


def found_here(name: str, seeds: Iterable[int] = SEEDS) -> pd.DataFrame:
    """Give what is found here, a row for each experiment and threshold."""
    experiment, contrast, _ = QUESTIONS[name]
    rows = []
    for seed in seeds:
        counts, samples, _ = drawn(name, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            fit = fitting.fit(counts, samples, experiment.design, experiment.references.values())
        for threshold in THRESHOLDS:
            table = deseq.thresholded(fit, contrast, FDR, threshold)
            rows.append(counted(name, seed, threshold, table["fdr"].to_numpy()))
    return pd.DataFrame(rows)


def found_by_r(name: str, seeds: Iterable[int] = SEEDS) -> pd.DataFrame:
    """Run R's DESeq2; give what it finds, a row for each experiment and threshold."""
    experiment, contrast, _ = QUESTIONS[name]
    with TemporaryDirectory() as folder:
        for seed in seeds:
            counts, samples, _ = drawn(name, seed)
            counts.to_csv(f"{folder}/{seed}.counts.tsv", sep="\t")
        samples.to_csv(f"{folder}/samples.tsv", sep="\t")
        command = ["Rscript", str(SCRIPT), folder, experiment.design, as_argument(contrast)]
        subprocess.run(command, check=True, capture_output=True)
        rates = {seed: pd.read_csv(f"{folder}/{seed}.rates.tsv", sep="\t") for seed in seeds}
    return pd.DataFrame(
        counted(name, seed, threshold, rates[seed][str(threshold)].to_numpy())
        for seed in seeds
        for threshold in THRESHOLDS
    )


def thawed() -> pd.DataFrame:
    """Give what R found as it was frozen."""
    return pd.read_csv(FROZEN, sep="\t")


if __name__ == "__main__":
    frozen = pd.concat(found_by_r(each) for each in QUESTIONS)
    frozen.to_csv(FROZEN, sep="\t", index=False)
