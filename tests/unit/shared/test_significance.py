import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

from imid.shared.significance import (
    QUASI_LIKELIHOOD,
    WALD,
    benjamini_hochberg,
    by_deciding_test,
    p_value_in_force,
    p_values_in_force,
)

FDR = 0.05


def test_false_discovery_rates_are_scipys_and_leave_out_the_missing():
    p_values = np.random.default_rng(0).beta(0.3, 1, 4000)
    p_values[100:200] = p_values[300]
    p_values[::7] = np.nan
    ours = benjamini_hochberg(p_values)
    known = ~np.isnan(p_values)
    assert (ours[known] == false_discovery_control(p_values[known])).all()
    assert np.isnan(ours[~known]).all()


def test_without_a_test_there_is_no_rate():
    assert benjamini_hochberg(np.array([])).size == 0
    assert np.isnan(benjamini_hochberg(np.array([np.nan]))).all()


def called_beside(others, p_value):
    return false_discovery_control(np.append(others, p_value))[-1] <= FDR


@pytest.mark.parametrize("share", [0, 0.05, 0.3, 0.9, 1])
@pytest.mark.parametrize("number", [0, 1, 7, 400])
def test_a_further_gene_is_called_up_to_the_p_value_in_force_and_not_beyond(number, share):
    for seed in range(20):
        random = np.random.default_rng(seed)
        small = random.random(number) < share
        others = np.where(small, 0.02 * random.random(number), random.random(number))
        limit = p_value_in_force(others, FDR)
        assert called_beside(others, limit * (1 - 1e-9))
        assert not called_beside(others, limit * (1 + 1e-9)) or limit == FDR


def test_one_discovery_makes_others_easier_to_find():
    """However small its p-value: the largest that was called is no measure."""
    nothing = np.linspace(0.2, 1, 199)
    assert p_value_in_force(nothing, FDR) == pytest.approx(FDR / 200)
    with_one = np.append(nothing[1:], 1e-300)
    assert p_value_in_force(with_one, FDR) == pytest.approx(2 * FDR / 200)


def test_genes_are_held_against_all_others_that_are_tested():
    p_values = [1e-8, 0.3, 0.004, 0.9, 1e-9]
    table = pd.DataFrame({"gene_id": list("abcde"), "p_value": p_values})
    table["fdr"] = [*false_discovery_control(p_values[:4]), np.nan]
    told = p_values_in_force(table, FDR, ["a", "b"])
    # Beside c, which is called; and beside a and c.
    assert told == pytest.approx([2 * FDR / 4, 3 * FDR / 4])


def test_each_test_has_its_own_rates_and_genes():
    table = pd.DataFrame(
        {
            "p_value": [0.01, np.nan, np.nan, 0.5],
            "fdr": [0.02, np.nan, np.nan, 0.6],
            "status": ["tested", "outlier", "all_zero", "tested"],
            "ql_p_value": [0.03, 0.04, np.nan, np.nan],
            "ql_fdr": [0.05, 0.06, np.nan, np.nan],
        }
    )
    assert by_deciding_test(table, WALD) is table
    told = by_deciding_test(table, QUASI_LIKELIHOOD)
    assert told["status"].tolist() == ["tested", "tested", "all_zero", "low_count"]
    np.testing.assert_equal(told["fdr"].to_numpy(), [0.05, 0.06, np.nan, np.nan])
    np.testing.assert_equal(told["p_value"].to_numpy(), [0.03, 0.04, np.nan, np.nan])


def test_the_statistic_is_that_of_the_test_that_decides():
    """Its p-value as a normal deviate, with the sign of the change; finite however small."""
    p_values, changes = [0.5, 0.01, 1e-200, 0.0, np.nan], [1.0, -2.0, -0.3, 4.0, 1.0]
    columns = {"stat": 9.0, "p_value": 0.1, "fdr": 0.1, "status": "tested", "ql_fdr": 0.1}
    table = pd.DataFrame({"log2_fold_change": changes, "ql_p_value": p_values}).assign(**columns)
    told = by_deciding_test(table, QUASI_LIKELIHOOD)["stat"]
    expected = np.sign(changes[:3]) * norm.isf(np.array(p_values[:3]) / 2)
    assert told[:3].tolist() == pytest.approx(expected.tolist())
    assert told[2] > -told[3] > -np.inf
    assert np.isnan(told[4])
    assert (by_deciding_test(table, WALD)["stat"] == 9).all()
