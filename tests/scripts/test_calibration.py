"""Whether the false discoveries are as few as promised, over many small experiments.

The counts follow the model. R's DESeq2 gives the same numbers gene by gene
(test_deseq_against_r.py), so its calibration is this one.
"""

import warnings

import numpy as np
import pytest

import deseq
from simulate_counts import EXPERIMENTS, simulate

FDR = 0.05
EXPERIMENTS_EACH = 20
GENES = 800


def simulated_discoveries(name, contrast, planted, threshold):
    """Give each experiment's false discovery proportion and power."""
    experiment = EXPERIMENTS[name]
    results = []
    for seed in range(EXPERIMENTS_EACH):
        simulation = simulate(experiment, GENES, seed=100 + seed)
        fit = deseq.fit(
            simulation.counts,
            simulation.samples,
            experiment.design,
            experiment.references.values(),
        )
        table = deseq.thresholded(fit, contrast, FDR, threshold)
        true = planted(simulation.truth).abs() > threshold
        found = table["fdr"] < FDR
        results.append(
            [(found & ~true).sum() / max(found.sum(), 1), (found & true).sum() / true.sum()]
        )
    return np.transpose(results)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "contrast", "effect", "threshold", "power"),
    [
        ("three_groups", ("treatment", "lenalidomide", "dmso"), "treatment:lenalidomide", 0, 0.4),
        ("three_groups", ("treatment", "lenalidomide", "dmso"), "treatment:lenalidomide", 1, 0.2),
        ("interaction", np.array([0.0, 0, 0, 1]), "interaction", 0, 0.25),
    ],
    ids=["ordinary", "thresholded", "interaction"],
)
def test_false_discovery_proportion(name, contrast, effect, threshold, power):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        false, found = simulated_discoveries(name, contrast, lambda truth: truth[effect], threshold)
    error = false.std(ddof=1) / np.sqrt(EXPERIMENTS_EACH)
    print(f"FDP {false.mean():.4f} ± {error:.4f}, power {found.mean():.3f}")
    assert false.mean() <= FDR + 3 * error
    assert found.mean() > power
