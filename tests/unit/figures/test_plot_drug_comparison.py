from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from contrast_results import drug_comparison
from figure_tables import check_command, colour_of, drawn, genes_table, targets_table, texts
from imid.evidence.comparison_words import classes_in_order
from imid.figures.figure_style import DOWN, UP
from imid.figures.plot_drug_comparison import class_colours, draw_drug_comparison
from imid.question.samples import ExcludedSample
from imid.shared.tables import DRUG_COMPARISON

DRUGS = ["lenalidomide", "pomalidomide"]
CLASSES = classes_in_order(*DRUGS)
DRAWN = CLASSES[:-1]
COMPARISON = drug_comparison()


def comparison_table(genes: int = 140) -> pd.DataFrame:
    """A table in which the classes take turns; 1 in 20 genes lies beyond the others."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(0, 1, (2, genes)) * np.where(np.arange(genes) % 20, 1, 4)
    table = genes_table(genes).assign(first_log2_fold_change=x, second_log2_fold_change=y)
    table["class"] = np.resize(CLASSES, genes)
    table["status"] = np.where(table["class"] == "not tested", "low_count", "tested")
    return table.reindex(columns=DRUG_COMPARISON)


TABLE = comparison_table()
PLACES = {name: TABLE.index[TABLE["class"] == name] for name in CLASSES}
TARGETS = targets_table(
    [
        (TABLE["gene_id"][PLACES["unresolved"][0]], "IRF4", "core"),
        ("absent", "ARID2", "core"),
        (TABLE["gene_id"][PLACES["opposite"][0]], "MYC", "other"),
        (TABLE["gene_id"][PLACES["concordant"][0]], "MICA", "other"),
        (TABLE["gene_id"][PLACES["no response"][0]], "PVR", "other"),
    ]
)


@pytest.fixture(scope="module")
def figure():
    return draw_drug_comparison(TABLE, COMPARISON, TARGETS)


def prose(figure) -> str:
    return " ".join(texts(figure)).replace("\n", " ")


@pytest.mark.parametrize("name", DRAWN)
def test_each_tested_gene_is_drawn_at_its_two_fold_changes_in_the_colour_of_its_class(figure, name):
    members = TABLE.loc[PLACES[name], ["first_log2_fold_change", "second_log2_fold_change"]]

    assert len(members) == 20
    assert drawn(figure, name) == pytest.approx(members.to_numpy())
    assert colour_of(figure, name) == class_colours(COMPARISON)[name][1]
    assert f"{name} (20)" in texts(figure)


def test_classes_have_colours_of_their_own_and_the_drugs_theirs():
    colours = {name: colour for name, (_, colour) in class_colours(COMPARISON).items()}

    assert len({to_rgb(colour) for colour in colours.values()}) == len(DRAWN)
    assert not {UP, DOWN} & set(colours.values())
    assert colours["stronger in lenalidomide"] == "#0072B2"
    assert colours["stronger in pomalidomide"] == "#D55E00"


def test_both_axes_have_the_same_limits_and_hold_every_point(figure):
    axes = figure.axes[0]

    assert axes.get_xlim() == axes.get_ylim()
    for name in DRAWN:
        assert (np.abs(drawn(figure, name)) < axes.get_xlim()[1]).all()


def test_axes_name_their_contrasts(figure):
    axes = figure.axes[0]

    assert axes.get_xlabel() == "log2 fold change, lenalidomide vs dmso"
    assert axes.get_ylabel() == "log2 fold change, pomalidomide vs dmso"


def test_core_targets_and_those_that_are_coloured_are_named(figure):
    assert {"IRF4", "MYC", "MICA"} <= set(texts(figure))
    assert "PVR" not in texts(figure)
    assert "Targets that cannot be drawn: ARID2." in prose(figure)


def test_the_slope_lies_in_its_band_beside_the_line_of_equal_change(figure):
    (band,) = figure.findobj(lambda artist: artist.get_gid() == "interval")
    corners = band.get_paths()[0].vertices
    x, y = corners[corners[:, 0] > 0].T
    slopes = {line.get_label(): line.get_slope() for line in figure.axes[0].lines[2:]}

    assert slopes == {"same change": 1, "slope 1.40 (1.20 to 1.70)": 1.4}
    assert set(np.round(y / x, 6)) == {1.2, 1.7}


def test_what_the_slope_mixes_and_what_is_not_drawn_is_said_below(figure):
    assert COMPARISON.caption in prose(figure)
    assert "20 of 140 genes were not tested and are not drawn." in prose(figure)
    assert "Samples left out" not in prose(figure)


def test_samples_left_out_are_named():
    excluded = [ExcludedSample("dmso_4", "mixed up", "MM1S")]

    figure = draw_drug_comparison(TABLE, replace(COMPARISON, excluded=excluded), TARGETS)

    assert "Samples left out: dmso_4 (mixed up)." in prose(figure)


def test_without_a_slope_the_reason_stands_in_its_place():
    none = dict.fromkeys(["slope", "slope_low", "slope_high"])
    reason = {"caption": "There is no slope: only 3 genes respond."}

    figure = draw_drug_comparison(TABLE, replace(COMPARISON, **none, **reason), TARGETS)

    assert not figure.findobj(lambda artist: artist.get_gid() == "interval")
    assert reason["caption"] in prose(figure)


def test_a_table_without_any_tested_gene_says_so():
    untested = TABLE.assign(status="low_count", **{"class": "not tested"})

    figure = draw_drug_comparison(untested, COMPARISON, TARGETS)

    assert "No gene was tested in any of the contrasts." in texts(figure)


def test_the_command_writes_the_same_files_every_time(tmp_path):
    inputs = {"table": TABLE, "summary": COMPARISON, "targets": TARGETS}

    check_command("drug_comparison", inputs, tmp_path)
