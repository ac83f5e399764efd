"""Whether the false discoveries are as few as promised, here and in R, over many experiments.

The counts follow the model. R's DESeq2 saw the same experiments: see ``tests/calibration.py``.
With three replicates the tests of no change exceed their rate a little, in R as here (0.063, and
0.069 for the interaction, at 0.05); with twelve they keep it. Thresholded tests keep it always.
"""

import numpy as np
import pytest

import calibration
import r_deseq2
from calibration import COUNTED, FDR

KEYS = ["threshold", "seed"]


@pytest.fixture(scope="module", params=list(calibration.QUESTIONS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def here(name):
    return calibration.found_here(name)


@pytest.fixture(scope="module")
def by_r(name):
    frozen = calibration.thawed()
    return frozen[frozen["experiment"] == name]


def mean_and_error(values):
    return values.mean(), values.std(ddof=1) / np.sqrt(len(values))


def proportion_and_power(found, threshold):
    """Give each experiment's false discovery proportion, and the share of changes found."""
    found = found[found["threshold"] == threshold]
    proportion = found["false"] / found["discoveries"].clip(lower=1)
    return proportion, (found["discoveries"] - found["false"]) / found["changed"]


def assert_same_discoveries(ours, theirs):
    """Allow one gene in two hundred, or one gene, in each experiment."""
    ours, theirs = (found.set_index(KEYS)[COUNTED] for found in (ours, theirs))
    allowed = np.maximum(1, 0.005 * theirs)
    assert ((ours - theirs).abs() <= allowed).all(axis=None)
    assert ours["changed"].equals(theirs["changed"])


@pytest.mark.slow
def test_the_discoveries_are_rs(here, by_r):
    assert len(here) == len(calibration.SEEDS) * len(calibration.THRESHOLDS)
    assert_same_discoveries(here, by_r)


@pytest.mark.slow
@pytest.mark.parametrize("threshold", calibration.THRESHOLDS)
def test_false_discovery_proportion_and_power(here, by_r, name, threshold):
    """R's, and where that is so in R at most the rate asked for, within Monte-Carlo error."""
    (ours, our_power), (theirs, their_power) = (
        proportion_and_power(found, threshold) for found in (here, by_r)
    )
    (mean, error), (power, power_error) = map(mean_and_error, (ours, our_power))
    print(
        f"{name}, threshold {threshold}: FDP {mean:.4f} ± {error:.4f} (R {theirs.mean():.4f}),"
        f" power {power:.4f} ± {power_error:.4f} (R {their_power.mean():.4f})"
    )
    assert mean == pytest.approx(theirs.mean(), abs=error)
    assert power == pytest.approx(their_power.mean(), abs=power_error)
    if threshold or name == "twelve_replicates":
        assert mean <= FDR + 3 * error


@pytest.mark.r
def test_r_finds_what_is_frozen():
    if not r_deseq2.available():
        pytest.skip("needs Rscript with DESeq2")
    seeds = calibration.SEEDS[:2]
    frozen = calibration.thawed()
    frozen = frozen[(frozen["experiment"] == "interaction") & frozen["seed"].isin(seeds)]
    assert_same_discoveries(calibration.found_by_r("interaction", seeds), frozen)
