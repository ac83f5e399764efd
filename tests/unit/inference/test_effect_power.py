"""The critical effect, held against a search in small steps."""

import numpy as np
import pytest
from scipy.linalg import null_space

from imid.inference import effect_power
from imid.inference import negative_binomial as nb
from imid.inference.deviance import maximum_likelihood
from imid.inference.effect_power import Question, critical_roots

SIZE_FACTORS = np.array([0.8, 1.0, 1.3, 0.9, 1.1, 1.0])
DESIGN = np.column_stack([np.ones(6), np.repeat([0.0, 1.0], 3)])
CONTRAST = np.array([0.0, 1.0])
QUESTION = Question(SIZE_FACTORS, DESIGN, CONTRAST, CONTRAST, lambda means: 0.02 + 3 / means)
STEPS = 400


def root_by_small_steps(effect, expected, true, estimated, limit):
    """Walk from 0 to the effect until the Wald test calls; give the root of the deviance there."""
    held = np.linspace(0, effect, STEPS + 1)[1:] * nb.LN2
    ones, rest = np.ones(STEPS), DESIGN @ null_space(CONTRAST[None])
    offsets = SIZE_FACTORS * np.exp(np.outer(held, DESIGN[:, 1]))
    fit = maximum_likelihood(np.tile(expected, (STEPS, 1)), offsets, rest, true * ones)
    means = np.maximum(fit.mu, effect_power.LOWEST_FITTED_MEAN)
    errors = nb.contrast_standard_errors(means, estimated * ones, DESIGN, CONTRAST)
    called = np.flatnonzero(np.abs(held) >= limit * errors)
    return np.sqrt(fit.deviances[called[0]]) if len(called) else -np.inf


@pytest.mark.parametrize("mean", [25.0, 200.0, 3000.0])
@pytest.mark.parametrize("effect", [-4.0, -2.5, -1.0, -0.4, 0.4, 1.0, 2.5])
@pytest.mark.parametrize("limit", [2.0, 3.3, 4.4])
def test_the_critical_effect_is_that_of_a_search_in_small_steps(mean, effect, limit):
    expected = mean * SIZE_FACTORS * 2 ** (effect * DESIGN[:, 1])
    gene = (effect, expected, 0.08, 0.12, limit)
    found = critical_roots(*(np.array([value]) for value in gene), QUESTION)[0]
    steps = root_by_small_steps(*gene)
    if np.isinf(steps):
        assert found == steps
    else:
        # A step is worth a four hundredth of the root at 0, of at most about 10.
        assert found == pytest.approx(steps, abs=0.03)


def test_each_gene_is_fitted_eight_times_to_tell_one_of_sixteen_places(monkeypatch):
    fitted = []

    def counted(counts, *rest):
        fitted.append(len(counts))
        return maximum_likelihood(counts, *rest)

    monkeypatch.setattr(effect_power, "maximum_likelihood", counted)
    genes, ones = 50, np.ones(50)
    expected = np.outer(np.linspace(30, 3000, genes), SIZE_FACTORS * 2 ** DESIGN[:, 1])
    critical_roots(ones, expected, 0.08 * ones, 0.1 * ones, 3.3 * ones, QUESTION)
    assert sum(fitted) <= 8 * genes
