import numpy as np
from scipy.stats import false_discovery_control

from imid.shared.significance import benjamini_hochberg


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
