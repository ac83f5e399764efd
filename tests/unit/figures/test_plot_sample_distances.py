from itertools import pairwise

import numpy as np
import pytest

from figure_tables import check_command, drawn_matrix, expression_table, samples_table, texts
from imid.figures.plot_sample_distances import draw_sample_distances

SAMPLES = samples_table()
VST = expression_table(SAMPLES)


def test_colours_are_the_distances_of_the_samples_named_beside_them():
    shown = drawn_matrix(draw_sample_distances(VST, SAMPLES))

    assert sorted(shown) == sorted(shown.index) == sorted(SAMPLES["sample"])
    for one in shown:
        for other in shown:
            expected = np.sqrt(((VST[one] - VST[other]) ** 2).sum()) if one != other else np.nan
            assert shown.at[one, other] == pytest.approx(expected, nan_ok=True)


def test_samples_of_a_treatment_stand_together():
    shown = drawn_matrix(draw_sample_distances(VST, SAMPLES))

    treatments = SAMPLES.set_index("sample")["treatment"]
    borders = sum(treatments[one] != treatments[other] for one, other in pairwise(shown))
    assert borders == 2


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_sample_or_two_are_drawn(count):
    figure = draw_sample_distances(VST, SAMPLES.iloc[:count])

    figure.draw_without_rendering()

    assert set(SAMPLES["sample"].iloc[:count]) <= set(texts(figure))


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command("sample_distances", {"vst": VST, "samples": SAMPLES}, tmp_path)
