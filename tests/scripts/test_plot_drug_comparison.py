import numpy as np
import pytest

import plot_drug_comparison
from figure_style import DOWN, UP
from figure_tables import (
    check_command,
    colour_of,
    contrast_table,
    drawn,
    sidecar,
    significant_genes,
    targets_table,
    texts,
)
from plot_drug_comparison import draw_drug_comparison
from problems import InputError

X = (contrast_table(seed=2), sidecar("lenalidomide"))
Y = (contrast_table(seed=3), sidecar("pomalidomide"))
DIRECT = (contrast_table(seed=4), sidecar("pomalidomide", "lenalidomide"))
TARGETS = targets_table([(X[0]["gene_id"][1], "IRF4", "core"), ("absent", "ARID2", "core")])


@pytest.fixture(scope="module")
def figure():
    return draw_drug_comparison(X, Y, TARGETS, DIRECT)


@pytest.mark.parametrize(("name", "direction", "colour"), [("up", 1, UP), ("down", -1, DOWN)])
def test_genes_that_differ_directly_are_coloured_at_their_two_fold_changes(
    figure, name, direction, colour
):
    genes = significant_genes(DIRECT[0], direction)["gene_id"]

    changes = [table.set_index("gene_id").loc[genes, "log2_fold_change"] for table, _ in (X, Y)]
    assert len(genes) > 2
    assert drawn(figure, name) == pytest.approx(np.column_stack(changes))
    assert colour_of(figure, name) == colour


def test_without_the_direct_contrast_no_gene_is_coloured():
    figure = draw_drug_comparison(X, Y, TARGETS)

    tested = X[0]["fdr"].notna() | Y[0]["fdr"].notna()
    changes = [X[0]["log2_fold_change"][tested], Y[0]["log2_fold_change"][tested]]
    assert drawn(figure, "gene") == pytest.approx(np.column_stack(changes))


def test_both_axes_have_the_same_limits_and_hold_every_point(figure):
    axes = figure.axes[0]

    assert axes.get_xlim() == axes.get_ylim()
    reach = max(table["log2_fold_change"].abs().max() for table, _ in (X, Y))
    assert axes.get_xlim()[1] > reach
    assert axes.get_xlim()[0] < -reach


def test_axes_name_their_contrasts_and_targets_are_named(figure):
    axes = figure.axes[0]

    assert axes.get_xlabel() == "log2 fold change, lenalidomide vs dmso"
    assert axes.get_ylabel() == "log2 fold change, pomalidomide vs dmso"
    assert "IRF4" in texts(figure)
    assert "Targets that cannot be drawn: ARID2." in " ".join(texts(figure)).replace("\n", " ")


def test_the_direct_contrast_may_be_the_other_way_round():
    reversed_direct = (DIRECT[0], sidecar("lenalidomide", "pomalidomide"))

    figure = draw_drug_comparison(X, Y, TARGETS, reversed_direct)

    up = len(significant_genes(DIRECT[0], 1))
    assert f"higher in lenalidomide ({up})" in texts(figure)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"denominator": "vehicle"}, "the denominator have to be the same"),
        ({"cell_line": "MM1S_res"}, "the cell line and the denominator"),
    ],
)
def test_contrasts_against_different_things_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        draw_drug_comparison(X, (Y[0], {**Y[1], **changes}), TARGETS)


def test_a_direct_contrast_of_other_drugs_is_refused():
    with pytest.raises(InputError, match="has to contrast lenalidomide and pomalidomide"):
        draw_drug_comparison(X, Y, TARGETS, (DIRECT[0], sidecar("iberdomide", "lenalidomide")))


def test_tables_without_any_tested_gene_say_so():
    untested = [(table.assign(fdr=np.nan), words) for table, words in (X, Y, DIRECT)]

    figure = draw_drug_comparison(untested[0], untested[1], TARGETS, untested[2])

    assert "No gene was tested in any of the contrasts." in texts(figure)


def test_the_command_writes_the_same_files_every_time(tmp_path):
    roles = {"x": X, "y": Y, "direct": DIRECT}
    tables = {f"{role}-contrast": table for role, (table, _) in roles.items()}
    sidecars = {f"{role}-sidecar": words for role, (_, words) in roles.items()}

    check_command(plot_drug_comparison.main, {**tables, **sidecars, "targets": TARGETS}, tmp_path)
