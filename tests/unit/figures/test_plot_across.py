from itertools import chain, pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from contrast_results import sidecar
from figure_tables import check_command, texts
from imid.figures.plot_across import cell_text, draw_across, place_rows


def cell(change=0.5, fdr=0.5, status="tested"):
    return change, 0.1, fdr, status


def across(genes, heterogeneity=None):
    """A targets table across lines, from the cells of each gene."""
    lines = [f"LINE{n}" for n in range(len(next(iter(genes.values()))))]
    columns = ["log2_fold_change", "lfc_se", "fdr", "status"]
    names = [f"{line}.{column}" for line in lines for column in columns]
    table = pd.DataFrame([[*chain(*cells)] for cells in genes.values()], columns=names)
    table.insert(0, "gene_id", [f"ENSG{n}" for n in range(len(genes))])
    table.insert(1, "gene_name", list(genes))
    table.insert(2, "group", "core")
    return table.assign(heterogeneity_fdr=heterogeneity or np.nan)


TARGETS = across(
    {
        "IRF4": [cell(-2.0, 0.001), cell(0.4, 0.001)],
        "MYC": [cell(1.5, 0.2), cell(1.5, 0.01)],
        "CRBN": [cell(np.nan, np.nan, "all_zero"), cell(-3.0, np.nan, "low_count")],
    },
    [0.001, 0.3, np.nan],
)


def boxes(figure):
    """The drawn rectangles of cells by column and row: their colours, hatches and frames."""
    found = {}
    for box in figure.axes[0].findobj(Rectangle):
        if box.get_width() == 1 and box.get_height() == 1 and box is not figure.axes[0].patch:
            place = round(box.get_x() + 0.5), round(box.get_y() + 0.5)
            found.setdefault(place, []).append(box)
    return found


def words_at(figure):
    """What is written in cells, by column and row."""
    return {text.get_position(): text.get_text() for text in figure.axes[0].texts}


def test_each_cell_has_its_number_or_why_there_is_none():
    words = words_at(draw_across(TARGETS, sidecar()))
    assert words == {
        (-0.5, 0): "core",
        (0, 1): "−2.00",
        (1, 1): "+0.40",
        (0, 2): "+1.50",
        (1, 2): "+1.50",
        (0, 3): "zero",
        (1, 3): "low",
    }


def test_rows_and_columns_are_named():
    figure = draw_across(TARGETS, sidecar())
    axes = figure.axes[0]
    rows = dict(zip(axes.get_yticks(), (t.get_text() for t in axes.get_yticklabels()), strict=True))
    columns = [text.get_text() for text in axes.get_xticklabels()]
    assert rows == {1: "IRF4", 2: "MYC", 3: "CRBN"}
    assert columns == ["LINE0", "LINE1"]
    assert "pomalidomide vs dmso in 2 cell lines: targets" in texts(figure)
    assert any("positive: higher in pomalidomide than in dmso" in text for text in texts(figure))


def test_significant_cells_are_framed_by_the_one_rule():
    framed = {
        place
        for place, found in boxes(draw_across(TARGETS, sidecar())).items()
        if "significant" in [box.get_gid() for box in found]
    }
    assert framed == {(0, 1), (1, 2)}


def test_cells_without_a_test_are_hatched_and_have_no_colour():
    found = boxes(draw_across(TARGETS, sidecar()))
    hatched = {place for place, (box, *_) in found.items() if box.get_hatch()}
    assert hatched == {(0, 3), (1, 3)}
    assert {found[place][0].get_facecolor() for place in hatched} == {(1, 1, 1, 1)}


def test_colours_are_even_around_zero_and_grow_with_the_change():
    changes = [-6.0, -1.0, -0.1, 0.1, 1.0, 6.0]
    figure = draw_across(across({"IRF4": [cell(change) for change in changes]}), sidecar())
    colours = [boxes(figure)[column, 1][0].get_facecolor() for column in range(len(changes))]
    red, green = np.array(colours)[:, 0], np.array(colours)[:, 1]
    assert (green > red).tolist() == [True, True, True, False, False, False]
    brightness = np.array(colours)[:, :3].sum(axis=1)
    assert (np.diff(brightness[:3]) > 0).all()
    assert (np.diff(brightness[3:]) < 0).all()


def test_genes_in_which_lines_differ_are_marked():
    words = [text for text in texts(draw_across(TARGETS, sidecar())) if text]
    assert "≠  0.001" in words
    assert "0.3" in words
    assert "–" in words


def test_groups_have_headings_above_their_first_row():
    table = TARGETS.assign(group=["core", "core", "immune_ligand"])
    assert place_rows(table).tolist() == [1, 2, 4]
    assert words_at(draw_across(table, sidecar()))[-0.5, 3] == "immune ligand"


@pytest.mark.parametrize("lines", [2, 12])
def test_numbers_stay_within_their_cells(lines):
    cells = [cell(-2.22, 0.001), cell(np.nan, np.nan, "outlier")] * (lines // 2)
    table = across({f"GENE{n}": cells for n in range(3)})
    table.columns = table.columns.str.replace("LINE", "A_LONG_NAME_")
    figure = draw_across(table, sidecar())
    figure.draw_without_rendering()
    axes = figure.axes[0]
    width = axes.transData.transform((1, 0))[0] - axes.transData.transform((0, 0))[0]
    numbers = [text for text in axes.texts if text.get_position()[0] >= 0]
    assert len(numbers) == 3 * lines
    assert max(text.get_window_extent().width for text in numbers) < width
    names = [text.get_window_extent() for text in axes.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in pairwise(names))


@pytest.mark.filterwarnings("error")
def test_a_panel_without_a_tested_gene_is_drawn():
    absent = cell(np.nan, np.nan, "not_annotated")
    figure = draw_across(across({"IRF4": [absent, absent]}), sidecar())
    figure.draw_without_rendering()
    assert texts(figure).count("absent") == 2


def test_an_empty_panel_is_told():
    assert "The panel has no target." in texts(draw_across(TARGETS.iloc[:0], sidecar()))


@pytest.mark.parametrize(
    ("value", "written"), [(0.004, "+0.00"), (-1.234, "−1.23"), (9.99, "+9.99"), (-12.34, "−12.3")]
)
def test_numbers_have_a_sign(value, written):
    assert cell_text(value) == written


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command("across", {"targets": TARGETS, "sidecar": sidecar()}, tmp_path)
