from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from scipy.spatial.distance import pdist

from figure_tables import drawn_matrix
from imid.figures.clustered_matrix import ROW, cluster, draw_matrix
from imid.figures.figure_style import treatment_colours

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

    shown = drawn_matrix(axes.figure)
    pd.testing.assert_frame_equal(shown.loc[matrix.index, matrix.columns], matrix)
    strip = np.asarray(axes.figure.axes[1].images[0].get_array())
    expected = [to_rgb(treatment_colours(TREATMENTS)[treatments[name]]) for name in shown.columns]
    assert strip[0] == pytest.approx(np.array(expected))


def test_what_is_alike_stands_side_by_side():
    matrix = matrix_of(9)

    order = cluster(pdist(matrix.T))["leaves"]

    assert {frozenset(order[:2]), frozenset(order[3:])} & {frozenset([1, 3])}


def test_many_samples_do_not_make_their_labels_overlap():
    values = np.random.default_rng(1).normal(size=(40, 40))
    matrix = pd.DataFrame(values, columns=[f"MM1S_pomalidomide_{number}" for number in range(40)])
    order = cluster(pdist(matrix))

    axes = draw_matrix("MM1S", matrix, order, order, pd.Series(["dmso"] * 40), "value")
    axes.figure.draw_without_rendering()

    across = [label.get_window_extent() for label in axes.get_xticklabels()]
    down = [label.get_window_extent() for label in axes.get_yticklabels()]
    assert all(one.x1 <= other.x0 for one, other in pairwise(across))
    assert all(one.y0 >= other.y1 for one, other in pairwise(down))
    assert all(axes.figure.bbox.x1 >= label.x1 for label in down)


def test_long_names_of_samples_leave_the_matrix_its_height():
    treatments = [
        "dmso",
        "lenalidomide+dexamethasone_10uM_24h",
        "iberdomide+dexamethasone_10uM_24h",
    ]
    names = [f"MM1S_resistant_clone_2_{treatment}" for treatment in treatments]
    matrix = pd.DataFrame(np.eye(3) + [[0, 1, 2]] * 3, columns=names)
    order = cluster(pdist(matrix))

    axes = draw_matrix("MM1S", matrix, order, order, pd.Series(treatments), "value")
    figure = axes.figure
    figure.draw_without_rendering()

    assert axes.get_window_extent().height > 0.9 * 8 * ROW * figure.dpi
    labels = [label.get_window_extent() for label in axes.get_xticklabels()]
    assert all(label.y0 > 0 for label in labels)
    legend = figure.axes[0].get_legend().get_window_extent()
    assert legend.x1 < figure.bbox.x1
