import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from scipy.spatial.distance import pdist

from clustered_matrix import cluster, draw_matrix
from figure_style import treatment_colours

TREATMENTS = ["dmso", "lenalidomide", "dmso", "lenalidomide", "dmso"]


def matrix_of(rows: int) -> pd.DataFrame:
    """Rows and samples of two kinds, interleaved."""
    values = np.random.default_rng(0).normal(0, 0.1, (rows, len(TREATMENTS)))
    values[::2, [1, 3]] += 5
    names = [f"GENE{number}" for number in range(rows)]
    return pd.DataFrame(values, index=names, columns=[f"s{number}" for number in range(5)])


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_rows_columns_and_strip_are_in_the_order_of_their_labels(rows):
    matrix = matrix_of(rows)
    treatments = pd.Series(TREATMENTS, index=matrix.columns)

    axes = draw_matrix(
        "MM1S", matrix, cluster(pdist(matrix)), cluster(pdist(matrix.T)), treatments, "value"
    )

    shown_rows = [label.get_text() for label in axes.get_yticklabels()]
    shown_columns = [label.get_text() for label in axes.get_xticklabels()]
    assert sorted(shown_rows) == sorted(matrix.index)
    assert sorted(shown_columns) == sorted(matrix.columns)
    (image,) = axes.get_images()
    assert image.get_array() == pytest.approx(matrix.loc[shown_rows, shown_columns].to_numpy())
    strip = axes.figure.axes[1].get_images()[0].get_array()
    expected = [to_rgb(treatment_colours(TREATMENTS)[treatments[name]]) for name in shown_columns]
    assert strip[0] == pytest.approx(np.array(expected))


def test_what_is_alike_stands_side_by_side():
    matrix = matrix_of(9)

    order = cluster(pdist(matrix.T))["leaves"]

    assert {frozenset(order[:2]), frozenset(order[3:])} & {frozenset([1, 3])}


def test_many_samples_do_not_make_their_labels_overlap():
    values = np.random.default_rng(1).normal(size=(60, 60))
    matrix = pd.DataFrame(values, columns=[f"MM1S_pomalidomide_{number}" for number in range(60)])
    order = cluster(pdist(matrix))

    axes = draw_matrix("MM1S", matrix, order, order, pd.Series(["dmso"] * 60), "value")
    axes.figure.draw_without_rendering()

    across = [label.get_window_extent() for label in axes.get_xticklabels()]
    down = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert all(one.x1 <= other.x0 for one, other in zip(across, across[1:], strict=False))
    assert all(one.y0 >= other.y1 for one, other in zip(down, down[1:], strict=False))
    assert all(axes.figure.bbox.x1 >= label.x1 for label in down)
