"""The ratio of two genes: its change as planted, in an interval that holds it as often as told."""

import numpy as np
import pytest

from imid.evidence.expression_ratio import change_of_ratio, estimate, log_ratio
from imid.question.contrasts import Contrast

TREATED = np.array([0, 0, 0, 1, 1, 1])
DESIGN = np.column_stack([np.ones(6), TREATED])


def test_the_ratio_of_a_fit_changes_as_planted(simulated, fitted):
    """The first gene rises fourfold each way under the drugs, the second falls as far."""
    up, down = (simulated.kind.index[simulated.kind == kind][0] for kind in ["up", "down"])
    contrast = Contrast("treatment", "lenalidomide", "dmso")
    change = change_of_ratio(fitted, contrast, up, down)
    assert abs(change.log2_fold_change - 4) < change.reach() < 1.5
    assert change.degrees == 6
    back = change_of_ratio(fitted, contrast, down, up)
    assert back == pytest.approx((-change.log2_fold_change, change.error, 6))


def test_exact_counts_give_the_change_and_no_error():
    ratio = log_ratio(1e6 * 4.0**TREATED, 1e6 * 2.0**-TREATED)
    change = estimate(ratio, DESIGN, np.array([0, 1]))
    assert change == pytest.approx((3, 0, 4), abs=1e-5)


def test_no_read_is_no_infinity():
    assert np.isfinite(log_ratio(np.zeros(6), np.full(6, 100.0))).all()


def test_without_replicates_there_is_no_error():
    change = estimate(np.array([1.0, 2.0]), DESIGN[[0, 3]], np.array([0, 1]))
    assert change.degrees == 0
    assert np.isnan(change.error)


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.8])
def test_the_interval_holds_the_truth_however_the_genes_go_together(correlation):
    """Biological scatter of 0.2 (natural log) that the two genes share, or that opposes them."""
    rng = np.random.default_rng(8)
    mixing = 0.2 * np.linalg.cholesky([[1, correlation], [correlation, 1]])
    planted = np.array([1500, 4000]) * 2.0 ** np.outer(TREATED, [1.0, -0.5])
    changes = []
    for _ in range(1000):
        expected = planted * np.exp(rng.normal(size=(6, 2)) @ mixing.T)
        ratio = log_ratio(*rng.poisson(expected).T)
        changes.append(estimate(ratio, DESIGN, np.array([0, 1])))
    held = [abs(change.log2_fold_change - 1.5) < change.reach() for change in changes]
    assert 0.935 < np.mean(held) < 0.965
    # Errors taken as independent would be the same for all three.
    independent = np.sqrt(2 * 2 / 3) * 0.2 / np.log(2)
    spread = np.sqrt(np.mean([change.error**2 for change in changes]))
    assert spread == pytest.approx(independent * np.sqrt(1 - correlation), rel=0.2)
