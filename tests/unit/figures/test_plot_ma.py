import numpy as np
import pytest

from contrast_results import sidecar
from figure_tables import (
    check_command,
    colour_of,
    contrast_table,
    drawn,
    significant_genes,
    targets_table,
    texts,
)
from imid.figures.figure_style import DOWN, UP
from imid.figures.plot_ma import draw_ma

TABLE = contrast_table()
TARGETS = targets_table(
    [(TABLE["gene_id"][1], "IRF4", "core"), (TABLE["gene_id"][7], "ARID2", "core")]
)


@pytest.fixture(scope="module")
def figure():
    return draw_ma(TABLE, sidecar(), TARGETS)


@pytest.mark.parametrize(("name", "direction", "colour"), [("up", 1, UP), ("down", -1, DOWN)])
def test_significant_genes_of_the_table_are_coloured_by_direction(figure, name, direction, colour):
    expected = significant_genes(TABLE, direction)[["base_mean", "log2_fold_change"]]

    assert drawn(figure, name) == pytest.approx(expected.to_numpy())
    assert colour_of(figure, name) == colour


def test_genes_without_a_p_value_are_drawn_and_genes_without_reads_are_not(figure):
    untested = TABLE[TABLE["status"].isin(["outlier", "low_count"])]

    assert drawn(figure, "untested")[:, 0] == pytest.approx(untested["base_mean"].to_numpy())
    written = " ".join(texts(figure)).replace("\n", " ")
    assert "1 of 300 genes have no fold change and are not drawn." in written
    assert "Targets that cannot be drawn: ARID2." in written


def test_the_axes_hold_every_point(figure):
    axes = figure.axes[0]
    points = TABLE.dropna(subset="log2_fold_change")

    assert points["base_mean"].between(*axes.get_xlim()).all()
    assert points["log2_fold_change"].between(*axes.get_ylim()).all()


def test_the_threshold_is_drawn_from_the_sidecar():
    axes = draw_ma(TABLE, sidecar(log2_fold_change=1.5), TARGETS).axes[0]

    assert sorted(line.get_ydata()[0] for line in axes.get_lines()) == [-1.5, 0, 1.5]


def test_title_axes_and_target_are_written(figure):
    assert {"MM1S: pomalidomide vs dmso", "IRF4", "mean of normalized counts"} <= set(texts(figure))
    direction = "positive: higher in pomalidomide than in dmso"
    assert direction in figure.axes[0].get_ylabel().replace("\n", " ")


def test_without_any_p_value_all_genes_are_untested():
    figure = draw_ma(TABLE.assign(p_value=np.nan, fdr=np.nan), sidecar(), TARGETS)

    assert len(drawn(figure, "untested")) == TABLE["log2_fold_change"].notna().sum()


def test_a_table_without_any_fold_change_says_so():
    figure = draw_ma(TABLE.assign(log2_fold_change=np.nan, fdr=np.nan), sidecar(), TARGETS)

    assert "No gene has a fold change." in texts(figure)


def test_the_command_writes_the_same_files_every_time(tmp_path):
    tables = {"contrast": TABLE, "sidecar": sidecar(), "targets": TARGETS}

    check_command("ma", tables, tmp_path)
