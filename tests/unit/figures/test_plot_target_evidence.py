import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from contrast_results import sidecar
from figure_tables import check_command, drawn, texts
from imid.figures.figure_style import DOWN, UP
from imid.figures.plot_target_evidence import INK, MARKERS, draw_target_evidence, places, reach
from imid.shared.tables import TARGETS

SIDECARS = [sidecar("lenalidomide"), sidecar("pomalidomide")]
GENES = [
    # name, group, change, significant, expected, verdict, detectable
    ("IRF4", "core", -2.0, "yes", "down", "supports", 0.8),
    ("MYC", "core", 1.5, "yes", "down", "opposes", 0.7),
    ("IKZF1", "core", 0.1, "no", "unchanged", "no_expectation", 0.9),
    ("MICA", "immune_ligand", 0.3, "no", "up", "inconclusive", 1.7),
    ("PVR", "immune_ligand", np.nan, "no", "up", "not_measurable", np.nan),
    ("IL6", "stroma", 0.2, "no", "unknown", "no_expectation", np.nan),
    ("CD38", "response", 0.3, "no", "up", "direction_only", np.nan),
    ("CD48", "response", -0.9, "no", "down", "not_comparable", np.nan),
]
PUBLISHED = {"IRF4": -1.7, "CD38": 1.1, "CD48": -1.4, "IKZF1": -0.02}


def evidence(contrast="lenalidomide_vs_dmso", shift=0.0):
    columns = ["gene_name", "group", "log2_fold_change", "significant", "expected", "verdict"]
    rows = pd.DataFrame(GENES, columns=[*columns, "detectable_log2_fold_change"])
    rows["log2_fold_change"] += shift
    tested = rows["verdict"] != "not_measurable"
    return rows.assign(
        **{"gene_id": "ENSG_" + rows["gene_name"], "contrast": contrast},
        acts_on=np.where(rows["gene_name"] == "IKZF1", "protein", "rna"),
        published_log2_fold_change=rows["gene_name"].map(PUBLISHED),
        ci_low=rows["log2_fold_change"] - 0.4,
        ci_high=rows["log2_fold_change"] + 0.4,
        status=np.where(tested, "tested", "low_count"),
        reason=np.where(tested, None, "too few reads to be tested"),
    ).reindex(columns=TARGETS)


TABLE = pd.concat([evidence(), evidence("pomalidomide_vs_dmso", -0.25)])
HEIGHTS, _ = places(TABLE)


@pytest.fixture(scope="module")
def figure():
    return draw_target_evidence(TABLE, SIDECARS)


def panel(figure, number):
    return figure.axes[number]


def points(axes, name):
    (found,) = [c for c in axes.collections if c.get_gid() == name]
    return found


@pytest.mark.parametrize(("number", "shift"), [(0, 0.0), (1, -0.25)])
def test_points_are_the_tables_estimates_under_their_verdicts(figure, number, shift):
    for verdict in MARKERS:
        expected = [
            (gene[2] + shift, HEIGHTS[f"ENSG_{gene[0]}"]) for gene in GENES if gene[5] == verdict
        ]
        offsets = points(panel(figure, number), verdict).get_offsets()
        assert np.asarray(offsets) == pytest.approx(np.array(expected))


def test_colour_says_what_is_significant(figure):
    axes = panel(figure, 0)
    shown = {verdict: points(axes, verdict).get_edgecolor() for verdict in MARKERS}
    assert to_hex(shown["supports"][0]).upper() == DOWN
    assert to_hex(shown["opposes"][0]).upper() == UP
    assert {to_hex(colour) for colour in shown["no_expectation"]} == {INK}


def test_intervals_are_those_of_the_table(figure):
    lines = points(panel(figure, 0), "interval")
    tested = TABLE[(TABLE["status"] == "tested") & (TABLE["contrast"] == "lenalidomide_vs_dmso")]
    ends = [(segment[0, 0], segment[1, 0]) for segment in lines.get_segments()]
    assert np.array(ends) == pytest.approx(tested[["ci_low", "ci_high"]].to_numpy(float))


def test_bands_lie_on_the_side_of_the_expectation(figure):
    bars = {
        round(bar.get_y() + bar.get_height() / 2, 3): (bar.get_x(), bar.get_x() + bar.get_width())
        for container in panel(figure, 0).containers
        for bar in container
    }
    expected = {"IRF4": (-0.8, 0), "MYC": (-0.7, 0), "IKZF1": (-0.9, 0.9), "MICA": (0, 1.7)}
    assert set(bars) == {round(HEIGHTS[f"ENSG_{name}"], 3) for name in expected}
    for name, ends in expected.items():
        assert bars[round(HEIGHTS[f"ENSG_{name}"], 3)] == pytest.approx(ends)


@pytest.mark.parametrize(
    ("expected", "genes"),
    [
        ("up", ["MICA", "PVR", "CD38"]),
        ("down", ["IRF4", "MYC"]),
        ("unchanged", []),
    ],
)
def test_arrows_tell_the_expectation_of_targets_at_mrna_level(figure, expected, genes):
    offsets = points(panel(figure, 0), f"expected {expected}").get_offsets()
    assert [y for _, y in offsets] == [HEIGHTS[f"ENSG_{name}"] for name in genes]


def test_published_changes_are_drawn_where_they_can_be_compared(figure):
    segments = points(panel(figure, 0), "published").get_segments()
    drawn_at = {(segment[0, 0], round(segment[:, 1].mean(), 6)) for segment in segments}
    assert drawn_at == {
        (PUBLISHED[name], round(HEIGHTS[f"ENSG_{name}"], 6)) for name in ["IRF4", "CD38"]
    }


def test_the_legend_does_not_say_that_no_change_is_expected(figure):
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert len(names) == len(MARKERS) + 2
    assert "no direction expected" in names
    figure.draw_without_rendering()
    place, panels = legend.get_window_extent(), [axes.get_tightbbox() for axes in figure.axes[:2]]
    assert place.x1 <= figure.bbox.x1
    assert place.y0 >= max(panel.y1 for panel in panels)


def test_targets_and_groups_are_named_in_their_order_and_the_untested_have_the_reason(figure):
    labels = [label.get_text() for label in panel(figure, 0).get_yticklabels()]
    assert labels == [gene[0] for gene in GENES]
    written = texts(figure)
    groups = ["core", "immune ligand", "stroma", "response"]
    assert [text for text in written if text in groups] == groups
    assert written.count("too few reads to be tested") == 2


def test_rows_do_not_overlap_and_groups_stand_above_their_genes():
    heights, headers = places(TABLE)
    everything = pd.concat([heights, headers]).sort_values()
    assert everything.diff().min() > 0.8
    assert list(everything.index) == [
        *["core", "ENSG_IRF4", "ENSG_MYC", "ENSG_IKZF1", "immune_ligand"],
        *["ENSG_MICA", "ENSG_PVR", "stroma", "ENSG_IL6"],
        *["response", "ENSG_CD38", "ENSG_CD48"],
    ]


def test_the_axes_hold_every_estimate_but_not_the_widest_interval(figure):
    wide = TABLE.assign(ci_high=TABLE["ci_high"].where(TABLE["gene_name"] != "IL6", 40.0))
    assert 2.25 < reach(wide) < 10
    low, high = panel(figure, 0).get_xlim()
    assert low < TABLE["log2_fold_change"].min()
    assert high > TABLE["log2_fold_change"].max()


def test_more_contrasts_than_fit_side_by_side_go_below():
    sidecars = [sidecar(drug) for drug in ["a", "b", "c", "d"]]
    table = pd.concat([evidence(one.name) for one in sidecars])
    figure = draw_target_evidence(table, sidecars)
    assert [axes.get_title(loc="left") for axes in figure.axes[:4]] == [
        "a vs dmso", "b vs dmso", "c vs dmso", "d vs dmso"
    ]  # fmt: skip
    assert len(figure.axes) == 6
    assert len(drawn(draw_target_evidence(table, sidecars[:1]), "supports")) == 1


def test_nothing_tested_is_said_in_words():
    figure = draw_target_evidence(TABLE[TABLE["status"] != "tested"], SIDECARS)
    assert "None of the targets could be tested in any contrast." in texts(figure)


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command("target_evidence", {"targets": TABLE, "sidecars": SIDECARS}, tmp_path)
