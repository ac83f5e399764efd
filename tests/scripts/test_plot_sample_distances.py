import numpy as np
import pytest

import plot_sample_distances
from figure_tables import check_command, expression_table, samples_table, texts
from plot_sample_distances import draw_sample_distances

SAMPLES = samples_table()
VST = expression_table(SAMPLES)


def labels_of(figure):
    (axes,) = [axes for axes in figure.axes if axes.get_xticklabels() and axes.get_images()][-1:]
    return axes, [label.get_text() for label in axes.get_xticklabels()]


def test_colours_are_the_distances_of_the_samples_named_beside_them():
    figure = draw_sample_distances(VST, SAMPLES)

    axes = next(
        axes for axes in figure.axes if axes.get_ylabel() == "" and len(axes.get_xticks()) == 9
    )
    names = [label.get_text() for label in axes.get_xticklabels()]
    shown = axes.get_images()[0].get_array()
    assert names == [label.get_text() for label in axes.get_yticklabels()]
    for row, one in enumerate(names):
        for column, other in enumerate(names):
            expected = np.sqrt(((VST[one] - VST[other]) ** 2).sum())
            assert row == column or shown[row, column] == pytest.approx(expected)
    assert np.ma.getmaskarray(shown).diagonal().all()


def test_samples_of_a_treatment_stand_together():
    figure = draw_sample_distances(VST, SAMPLES)

    written = [text for text in texts(figure) if text in set(SAMPLES["sample"])][:9]
    treatments = [name.split("_")[1] for name in written]
    assert sum(one != other for one, other in zip(treatments, treatments[1:], strict=False)) == 2


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_sample_or_two_are_drawn(count):
    figure = draw_sample_distances(VST, SAMPLES.iloc[:count])

    figure.draw_without_rendering()

    assert set(SAMPLES["sample"].iloc[:count]) <= set(texts(figure))


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command(plot_sample_distances.main, {"vst": VST, "samples": SAMPLES}, tmp_path)
