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
from imid.figures.figure_style import DOWN, UP, save
from imid.figures.plot_volcano import draw_volcano, p_value_threshold, volcano_points

TABLE = contrast_table()
TARGETS = targets_table(
    [
        (TABLE["gene_id"][1], "IRF4", "core"),
        (TABLE["gene_id"][20], "a$b$<i>_1", "core"),
        (TABLE["gene_id"][5], "ARID2", "core"),
        (TABLE["gene_id"][0], "ISG15", "interferon"),
    ]
)


@pytest.fixture(scope="module")
def figure():
    return draw_volcano(TABLE, sidecar(), TARGETS)


@pytest.mark.parametrize(("name", "direction", "colour"), [("up", 1, UP), ("down", -1, DOWN)])
def test_significant_genes_of_the_table_are_coloured_by_direction(figure, name, direction, colour):
    expected = significant_genes(TABLE, direction)

    assert drawn(figure, name)[:, 0] == pytest.approx(expected["log2_fold_change"].to_numpy())
    assert colour_of(figure, name) == colour


def test_height_is_the_p_value_and_a_p_value_of_zero_lies_above_all_others():
    points = volcano_points(TABLE, sidecar()).set_index("gene_id")

    p = TABLE.set_index("gene_id")["p_value"].dropna()
    assert points.index.tolist() == p.index.tolist()
    assert points.loc[p > 0, "y"].to_numpy() == pytest.approx(-np.log10(p[p > 0].to_numpy()))
    assert points.index[points["capped"]].tolist() == p.index[p == 0].tolist()
    assert points.loc[p == 0, "y"].min() > points.loc[p > 0, "y"].max()


def test_genes_with_a_p_value_of_zero_are_marked(figure):
    (cap,) = drawn(figure, "capped")

    assert cap[0] == TABLE["log2_fold_change"][0]
    assert np.isfinite(cap).all()
    assert any("p-value of 0 (1 of 300 genes)" in text for text in texts(figure))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fdr", [0.05, 0.2])
def test_the_line_separates_the_genes_below_the_fdr_from_the_others(seed, fdr):
    tested = contrast_table(seed=seed).dropna(subset="fdr")

    line = p_value_threshold(tested, fdr)

    assert ((tested["p_value"] <= line) == (tested["fdr"] < fdr)).all()


def test_the_line_is_where_one_more_gene_would_be_called():
    tested = contrast_table(seed=1).dropna(subset="fdr")
    called = (tested["fdr"] < 0.05).sum()

    line = p_value_threshold(tested, 0.05)

    assert line >= 0.05 * (called + 1) / len(tested) * (1 - 1e-9)


def test_without_a_gene_below_the_fdr_the_line_lies_above_all_points():
    table = TABLE.assign(fdr=TABLE["fdr"].where(TABLE["fdr"].isna(), 0.9))
    table["p_value"] = table["p_value"].clip(lower=0.2)

    assert p_value_threshold(table, 0.05) < 0.001


def test_thresholds_are_drawn_from_the_sidecar():
    settings = sidecar(fdr=0.2, log2_fold_change=1.5)
    axes = draw_volcano(TABLE, settings, TARGETS).axes[0]

    lines = [line.get_xydata() for line in axes.get_lines()]
    vertical = sorted(line[0, 0] for line in lines if line[0, 0] == line[1, 0])
    (horizontal,) = [line[0, 1] for line in lines if line[0, 1] == line[1, 1]]
    assert vertical == [-1.5, 1.5]
    assert horizontal == pytest.approx(-np.log10(p_value_threshold(TABLE, 0.2)))
    assert "FDR 0.2, |log2 fold change| 1.5" in texts(axes.figure)


def test_the_axes_hold_every_point(figure):
    axes = figure.axes[0]
    points = volcano_points(TABLE, sidecar())

    assert points["x"].between(*axes.get_xlim()).all()
    assert points["y"].between(*axes.get_ylim()).all()


def test_targets_are_named_as_they_are_written_and_the_untested_one_is_said(figure):
    assert {"IRF4", "a$b$<i>_1", "ISG15"} <= set(texts(figure))
    assert "ARID2" not in texts(figure)
    assert "Targets that cannot be drawn: ARID2." in " ".join(texts(figure)).replace("\n", " ")


def test_title_and_axes_say_what_is_shown(figure):
    assert "MM1S: pomalidomide vs dmso" in texts(figure)
    axis = figure.axes[0].get_xlabel()
    assert axis == "log2 fold change (positive: higher in pomalidomide than in dmso)"
    assert figure.axes[0].get_ylabel() == "-log10 p-value"


def test_a_table_without_any_significant_gene_is_drawn():
    table = TABLE.assign(p_value=TABLE["p_value"].clip(lower=0.5), fdr=0.9)

    figure = draw_volcano(table, sidecar(), TARGETS)

    assert len(drawn(figure, "up")) == len(drawn(figure, "down")) == 0
    assert len(drawn(figure, "unchanged")) == table["p_value"].notna().sum()


def test_a_table_without_any_p_value_says_so():
    figure = draw_volcano(TABLE.assign(p_value=np.nan, fdr=np.nan), sidecar(), TARGETS)

    assert "No gene has a p-value." in texts(figure)


def test_a_transcriptome_makes_a_small_svg(tmp_path):
    figure = draw_volcano(contrast_table(genes=60_000), sidecar(), TARGETS)

    save(figure, [tmp_path / "volcano.svg"])

    assert (tmp_path / "volcano.svg").stat().st_size < 1e6


def test_the_command_writes_the_same_files_every_time(tmp_path):
    tables = {"contrast": TABLE, "sidecar": sidecar(), "targets": TARGETS}

    check_command("volcano", tables, tmp_path)
