import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from figure_tables import contrast_table, drawn, significant_genes, targets_table, texts
from imid.figures.figure_style import new_figure
from imid.figures.gene_scatter import (
    choose_targets,
    contrast_label,
    directions,
    draw_genes,
    finish,
    significance_classes,
)

GENES = contrast_table().assign(x=1.0, y=1.0)


def test_classes_are_those_of_the_table():
    table = contrast_table()

    classes = pd.Series(significance_classes(table, sidecar()), index=table["gene_id"])

    for name, direction in {"up": 1, "down": -1}.items():
        expected = significant_genes(table, direction)["gene_id"]
        assert len(expected) > 2
        assert classes.index[classes == name].tolist() == expected.tolist()
    assert set(table.set_index("gene_id").loc[classes == "untested", "status"]) == {
        "all_zero",
        "low_count",
        "outlier",
    }


@pytest.mark.parametrize(
    ("fdr", "change", "expected"),
    [
        (0.049, 1.01, "up"),
        (0.049, -1.01, "down"),
        (0.05, 3.0, "unchanged"),
        (0.001, 1.0, "unchanged"),
        (np.nan, 3.0, "untested"),
    ],
)
def test_the_thresholds_of_the_sidecar_are_strict(fdr, change, expected):
    table = pd.DataFrame({"fdr": [fdr], "log2_fold_change": [change]})

    assert significance_classes(table, sidecar()) == [expected]


def test_other_thresholds_in_the_sidecar_choose_other_genes():
    table = pd.DataFrame({"fdr": [0.08], "log2_fold_change": [0.6]})

    assert significance_classes(table, sidecar()) == ["unchanged"]
    assert significance_classes(table, sidecar(fdr=0.1, log2_fold_change=0.5)) == ["up"]


def test_every_gene_is_drawn_once_and_counted_in_the_legend():
    table = contrast_table().dropna(subset="log2_fold_change")
    points = table.assign(x=table["base_mean"], y=table["log2_fold_change"])
    points["class"] = significance_classes(table, sidecar())
    axes = new_figure("MM1S", 3).add_subplot()

    draw_genes(axes, points, directions(sidecar()))

    for name, (words, _) in directions(sidecar()).items():
        members = points[points["class"] == name]
        assert drawn(axes.figure, name) == pytest.approx(members[["x", "y"]].to_numpy())
        assert f"{words} ({len(members)})" in axes.get_legend_handles_labels()[1]


def test_the_first_group_and_coloured_targets_are_named_once_in_the_panels_order():
    points = GENES.assign(**{"class": significance_classes(GENES, sidecar())})
    faint, up, down = GENES["gene_id"][6], GENES["gene_id"][0], GENES["gene_id"][1]
    unchanged = GENES.loc[points["class"] == "unchanged", "gene_id"].iloc[:2].tolist()
    targets = targets_table(
        [
            (unchanged[0], "IKZF1", "core"),
            (down, "IRF4", "core"),
            ("absent", "ARID2", "core"),
            (unchanged[1], "MICA", "ligand"),
            (up, "PVR", "ligand"),
            (faint, "ISG15", "interferon"),
        ]
    )

    named = choose_targets(points, targets)

    assert named["label"].tolist() == ["IKZF1", "IRF4", "PVR"]


def test_targets_that_cannot_be_drawn_are_said():
    points = GENES.assign(**{"class": "unchanged", "x": np.arange(len(GENES))})
    targets = targets_table([(GENES["gene_id"][3], "IRF4", "core"), ("absent", "ARID2", "core")])
    figure = new_figure("MM1S", 4)
    axes = figure.add_subplot()
    draw_genes(axes, points, directions(sidecar()))

    finish(axes, points, targets, ["One gene is missing."])

    written = " ".join(texts(figure)).replace("\n", " ")
    assert "One gene is missing." in written
    assert "Targets that cannot be drawn: ARID2." in written
    assert drawn(figure, "targets").tolist() == [[3, 1]]


def test_a_contrast_is_named_by_its_levels():
    assert contrast_label(sidecar("iberdomide", "dmso")) == "iberdomide vs dmso"
