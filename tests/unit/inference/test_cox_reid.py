import numpy as np
import pytest

from imid.inference.cox_reid import CoxReid

GROUPS = np.column_stack([np.ones(9), np.repeat([0, 1, 0], 3), np.repeat([0, 0, 1], 3)])
ADDITIVE = np.column_stack([np.ones(9), np.repeat([0, 1, 1], 3), np.tile([0, 1, 0], 3)])
SLOPE = np.column_stack([np.ones(9), np.linspace(0, 1, 9)])


@pytest.mark.parametrize("design", [GROUPS, ADDITIVE, SLOPE])
def test_determinants(design):
    rng = np.random.default_rng(0)
    weights, change = rng.uniform(0.1, 5, (9, 30)), rng.normal(size=(9, 30))
    adjustment = CoxReid.of(design)
    exact = [np.linalg.slogdet(design.T @ np.diag(w) @ design)[1] for w in weights.T]
    np.testing.assert_allclose(adjustment.log_determinant(weights), exact, rtol=1e-10)
    step = 1e-6
    higher = adjustment.log_determinant(weights + step * change)
    lower = adjustment.log_determinant(weights - step * change)
    derivative = adjustment.log_determinant_change(weights, change)
    np.testing.assert_allclose(derivative, (higher - lower) / (2 * step), rtol=1e-5, atol=1e-7)
