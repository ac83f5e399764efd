import numpy as np
import pandas as pd
import pytest

import r_deseq2
from imid.inference import local_regression as lr


@pytest.fixture(scope="module")
def smoothed():
    """R's lowess, loess and locfit of the same noisy curves."""
    return pd.read_csv(r_deseq2.DATA / "smoothers.tsv", sep="\t")


def test_lowess_is_rs(smoothed):
    data = smoothed[smoothed["smoother"] == "lowess"]
    ours = lr.lowess(data["x"].to_numpy(), data["y"].to_numpy(), 0.2)
    np.testing.assert_allclose(ours, data["smooth"], rtol=1e-9)


def test_loess_is_rs(smoothed):
    data = smoothed[smoothed["smoother"] == "loess"]
    curve = lr.loess(data["x"].to_numpy(), data["y"].to_numpy(), 0.2)
    np.testing.assert_allclose(curve(data["at"].to_numpy()), data["smooth"], rtol=1e-9)


def test_locfit_is_rs_even_beyond_the_data(smoothed):
    data = smoothed[smoothed["smoother"] == "locfit"]
    curve = lr.locfit(*data[["x", "y", "weight"]].to_numpy().T)
    assert data["at"].max() > data["x"].max() + 1
    np.testing.assert_allclose(curve(data["at"].to_numpy()), data["smooth"], atol=1e-6)


def test_parabolas_are_kept():
    x = np.linspace(-1, 3, 80)
    y = 2 - x + 0.5 * x**2
    np.testing.assert_allclose(lr.loess(x, y, 0.3)(x), y, atol=1e-10)
    np.testing.assert_allclose(lr.locfit(x, y, np.ones(80))(x), y, atol=1e-10)
