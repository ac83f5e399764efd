from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from imid.differential import deseq, fitting
from imid.differential.composition import Composition, composition, composition_warning
from imid.question.contrasts import Contrast

DRUG = Contrast("treatment", "drug", "dmso")


def told(effects, depth=1.0, seed=2):
    """What is said of counts with log2 effects, three against three, of another depth."""
    random = np.random.default_rng(seed)
    means = 300 * np.exp(random.normal(0, 1, len(effects)))
    group = np.repeat([0, 1], 3)
    mu = means[:, None] * 2 ** np.outer(effects, group) * np.where(group, depth, 1.0)
    counts = random.negative_binomial(20, 20 / (20 + mu))
    samples = pd.DataFrame({"treatment": np.array(["dmso", "drug"])[group]}, list("abcdef"))
    names = [f"gene_{number:04d}" for number in range(len(effects))]
    fit = fitting.fit(pd.DataFrame(counts, names, samples.index), samples, "~ treatment", "dmso")
    found = composition(fit, DRUG, deseq.contrast(fit, DRUG, 0.05), 0.05)
    return found, composition_warning("drug_vs_dmso", fit, found)


@pytest.mark.parametrize("depth", [1.0, 5.0])
def test_as_many_up_as_down_is_no_matter_whatever_the_depth(depth):
    effects = np.where(np.arange(1000) < 400, np.tile([1.0, -1.0], 500), 0.0)
    found, words = told(effects, depth)
    assert words is None
    assert found.up == pytest.approx(0.2, abs=0.04)
    assert found.down == pytest.approx(0.2, abs=0.04)


def test_a_change_that_most_genes_share_is_told():
    """Seven genes of ten fall fourfold: to the median of ratios three rise."""
    found, words = told(np.where(np.arange(1000) < 700, -2.0, 0.0))
    assert found.up > 3 * found.down
    assert words.startswith("drug_vs_dmso: the median of ratios")
    assert f"{found.up:.0%} rise" in words


def test_a_few_genes_that_take_up_the_library_are_told():
    effects = np.zeros(1000)
    effects[:20] = 6.0
    found, words = told(effects)
    assert found.shift < -0.3
    assert "0." in words


@pytest.mark.parametrize(
    ("shift", "up", "down", "silent"),
    [
        (0.29, 0.1, 0.1, True),
        (0.31, 0.1, 0.1, False),
        (-0.31, 0.0, 0.0, False),
        (0.0, 0.28, 0.01, True),
        (0.0, 0.4, 0.1, False),
        (0.0, 0.1, 0.4, False),
        (0.0, 0.4, 0.3, True),
    ],
)
def test_what_is_said_hangs_on_shift_and_shares(shift, up, down, silent):
    fit = SimpleNamespace(size_factor_type="ratio")
    words = composition_warning("c", fit, Composition(shift, up, down))
    assert (words is None) == silent
