"""The targets table: what is expected, what was measured, and what that says."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from imid.evidence import evaluate_targets
from imid.evidence.evaluate_targets import detectable, evaluate, expectations
from imid.question.contrasts import Contrast, TwoLevels
from imid.question.panel_settings import drug_of
from imid.shared.tables import CONTRAST, TARGETS, read_table

PANEL = {
    "gene_id": "ENSG00000137265",
    "gene_name": "IRF4",
    "aliases": "MUM1",
    "group": "core",
    "acts_on": "rna",
    "lenalidomide": "unknown",
    "pomalidomide": "down",
    "cells": "",
    "dose_um": "",
    "hours": "",
    "control": "",
    "citation": "A paper, 2014",
    "note": "A note.",
}
SAMPLES = pd.DataFrame(
    [
        (f"{drug}_{n}", "MM1S", drug, str(n), "24")
        for drug in ["dmso", "pomalidomide"]
        for n in "12"
    ],
    columns=["sample", "cell_line", "treatment", "replicate", "hours"],
)
THRESHOLDS = {"fdr": 0.05, "log2_fold_change": 1.0}
SIDECAR = sidecar()
NO_EFFECTS = pd.DataFrame(columns=["up", "down"], dtype=float)


def panel_of(*rows):
    """A panel of which some cells are given."""
    return pd.DataFrame([PANEL | row for row in rows]).fillna("")


# What is expected


@pytest.mark.parametrize(
    ("contrast", "drug"),
    [
        (Contrast("treatment", "pomalidomide", "dmso"), "pomalidomide"),
        (Contrast("treatment", "pomalidomide", "lenalidomide"), None),
        (Contrast("treatment", "dmso", "pomalidomide"), None),
        (Contrast("treatment", "bortezomib", "dmso"), None),
        (Contrast("treatment", "note", "dmso"), None),
        (Contrast("hours", "24", "6"), None),
        (Contrast("condition", "pomalidomide_1uM", "dmso_0uM"), "pomalidomide"),
        (Contrast("condition", "pomalidomide_1uM", "lenalidomide_5uM"), None),
        (
            Contrast("treatment", "pomalidomide", "dmso", between=TwoLevels("cell_line", "b", "a")),
            None,
        ),
    ],
)
def test_expectations_are_of_one_drug_against_the_control(contrast, drug):
    treatments = {"dmso": "0", "lenalidomide": "5", "pomalidomide": "1", "bortezomib": "1"}
    samples = pd.DataFrame(
        [
            {"treatment": treatment, "hours": hours, "condition": f"{treatment}_{dose}uM"}
            for treatment, dose in [*treatments.items(), ("note", "0")]
            for hours in ["6", "24"]
        ]
    )
    assert drug_of(contrast, "dmso", samples) == drug


def test_the_row_that_fits_the_experiment_gives_expectation_and_citation():
    panel = panel_of(
        {"cells": "OPM2", "hours": "72"},
        {"gene_id": "other", "pomalidomide": "up"},
        {
            "gene_id": PANEL["gene_id"] + ".7",
            **{"cells": "MM.1S", "hours": "24", "control": "DMSO"},
            **{"pomalidomide": "unchanged", "citation": "Another paper"},
        },
    )
    first, second = expectations(panel, SIDECAR, SAMPLES, "dmso").to_dict("records")
    assert first["expected"] == "unchanged"
    assert first["expected_in"] == "MM.1S, pomalidomide, 24 h, against DMSO"
    assert (first["citation"], first["misfits"]) == ("Another paper", [])
    assert second["expected"] == "up"
    (later, _) = expectations(
        panel, SIDECAR, SAMPLES.assign(hours="72", cell_line="OPM-2"), "dmso"
    ).to_dict("records")
    assert (later["expected"], later["citation"]) == ("down", "A paper, 2014")


def test_another_setting_is_told():
    panel = panel_of({"cells": "OPM2", "hours": "72"})
    (row,) = expectations(panel, SIDECAR, SAMPLES, "dmso").to_dict("records")
    assert row["expected"] == "down"
    assert row["misfits"] == ["seen in OPM2, this is MM1S", "expected at 72 h, this is 24 h"]


# What is observed


def contrast_row(gene_id, change=0.0, fdr=0.9, status="tested", p_value=0.5):
    numbers = [gene_id, "name", 100.0, change, 0.2, change / 0.2, p_value, fdr, status]
    return dict.fromkeys(CONTRAST) | dict(zip(CONTRAST, numbers, strict=False))


def evaluated(panel=None, result=SIDECAR, effects=NO_EFFECTS, **row):
    """The row of one target whose row in the contrast table is given."""
    table = pd.DataFrame([contrast_row("ENSG00000137265.16", **row)])
    gene = pd.Series(["ENSG00000137265.16"])
    panel = panel_of({}) if panel is None else panel
    return evaluate(panel, gene, table, result, SAMPLES, effects, "dmso", 4).iloc[0]


@pytest.mark.parametrize(
    ("change", "fdr", "significant", "observed"),
    [
        (-1.5, 0.01, "yes", "down"),
        (1.5, 0.01, "yes", "up"),
        (-0.9, 1e-9, "no", "down"),
        (0.18, 1e-9, "no", "slightly up"),
        (-0.4, 1e-9, "no", "slightly down"),
        (-3.0, 0.06, "no", "unclear"),
        (-0.1, 0.6, "no", "unchanged"),
        (-0.2, 0.6, "no", "unclear"),
    ],
)
def test_what_is_observed_needs_no_large_change_and_significance_does(
    change, fdr, significant, observed
):
    row = evaluated(change=change, fdr=fdr)
    assert (row["significant"], row["observed"]) == (significant, observed)
    assert pd.isna(row["reason"])


def test_a_small_change_and_a_large_one_have_different_verdicts():
    large, middling, small = (
        evaluated(change=change, fdr=1e-6) for change in [-2.66, -0.54, -0.18]
    )
    assert (large["verdict"], middling["verdict"]) == ("supports", "supports")
    assert (middling["significant"], middling["observed"]) == ("no", "down")
    assert small["verdict"] == "direction_only"


# What was published in numbers

NUMBER = {
    **{"cells": "MM.1S", "hours": "24", "control": "DMSO", "pomalidomide": "unchanged"},
    **{"log2_fold_change": "0.47", "p_value": "0.00168", "n": "3"},
}


def test_a_published_number_is_held_against_that_of_the_experiment():
    row = evaluated(panel_of(NUMBER), change=0.57, fdr=0.02)
    assert row["verdict"] == "supports"
    assert row["verdict_reason"] == (
        "as published (+0.57 here, +0.47 there); here MM1S, pomalidomide, 24 h, against vehicle"
        " (the sheet does not say the dose); there MM.1S, pomalidomide, 24 h, against DMSO"
    )
    assert row["published_log2_fold_change"] == 0.47
    # Student's t with 4 degrees of freedom exceeds 7.513 either way with that probability.
    assert row["published_lfc_se"] == pytest.approx(0.47 / 7.513, rel=1e-3)


def test_a_published_error_goes_before_a_p_value():
    row = evaluated(panel_of(NUMBER | {"lfc_se": "0.3"}), change=0.57, fdr=0.02)
    assert row["published_lfc_se"] == 0.3


def test_another_kind_of_control_cannot_be_compared():
    row = evaluated(panel_of(NUMBER | {"control": "0 h of the same arm"}), change=0.57, fdr=0.02)
    assert row["verdict"] == "not_comparable"
    assert row["verdict_reason"].startswith(
        "not comparable: 0 h control (+0.57 here, +0.47 there); here MM1S"
    )


def test_a_row_of_the_same_kind_of_control_goes_before_and_the_other_is_told():
    start = NUMBER | {"control": "0 h of the same arm"}
    row = evaluated(panel_of(start, {"pomalidomide": "up"}), change=0.57, fdr=0.02)
    assert (row["expected"], row["verdict"]) == ("up", "supports")
    assert row["verdict_reason"].startswith("up as expected: +0.57 (+0.18 to +0.96), FDR 0.02;")
    assert row["verdict_reason"].endswith(
        "+0.47 in MM.1S, pomalidomide, 24 h, against 0 h of the same arm, not comparable: 0 h"
        " control"
    )


def test_a_number_without_its_error_is_an_expectation_of_a_direction():
    panel = panel_of(NUMBER | {"pomalidomide": "up", "p_value": "", "n": ""})
    row = evaluated(panel, change=0.57, fdr=0.02)
    assert row["verdict_reason"].startswith("up as expected: +0.57")
    assert np.isnan(row["published_lfc_se"])


@pytest.mark.parametrize(
    ("status", "p_value", "change", "reason"),
    [
        ("all_zero", np.nan, np.nan, "no read in any sample"),
        ("outlier", np.nan, 4.0, "one sample is an outlier for this gene"),
        ("low_count", 0.001, -4.0, "too few reads to be tested"),
    ],
)
def test_a_target_that_is_not_tested_has_the_reason(status, p_value, change, reason):
    row = evaluated(status=status, p_value=p_value, change=change, fdr=np.nan)
    assert (row["status"], row["reason"], row["significant"]) == (status, reason, "no")
    assert (row["verdict"], row["verdict_reason"]) == ("not_measurable", reason)
    assert pd.isna(row["observed"])


def test_a_target_that_is_not_annotated_has_a_row_with_the_reason():
    panel = panel_of({}, {"gene_id": "ENSG00000136997", "gene_name": "MYC"})
    genes = pd.Series([None, "ENSG00000136997.21"])
    table = pd.DataFrame([contrast_row("ENSG00000136997.21", change=-2.0, fdr=0.001)])
    row = evaluate(panel, genes, table, SIDECAR, SAMPLES, NO_EFFECTS, "dmso", 4).iloc[0]
    assert (row["gene_id"], row["gene_name"]) == ("ENSG00000137265", "IRF4")
    assert (row["status"], row["reason"]) == ("not_annotated", "not in the annotation")
    assert (row["significant"], row["expected"]) == ("no", "down")
    assert row["verdict"] == "not_measurable"
    assert row[["base_mean", "log2_fold_change", "p_value", "fdr", "observed"]].isna().all()


def test_a_target_has_its_numbers_and_the_panels_words():
    row = evaluated(change=-1.5, fdr=0.01, p_value=0.002)
    assert row["gene_id"] == "ENSG00000137265.16"
    assert row["gene_name"] == "IRF4"
    assert row[["base_mean", "log2_fold_change", "lfc_se"]].tolist() == [100.0, -1.5, 0.2]
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx([-1.892, -1.108], abs=1e-3)
    assert row[["p_value", "fdr"]].tolist() == [0.002, 0.01]
    assert row[["group", "acts_on", "citation"]].tolist() == ["core", "rna", "A paper, 2014"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"denominator": "lenalidomide"}, "pomalidomide against lenalidomide"),
        (
            {"between": TwoLevels("cell_line", "MM1S_res", "MM1S")},
            "the effect of pomalidomide against dmso between MM1S_res and MM1S",
        ),
        (
            vars(Contrast("cell_line", "MM1S_res", "MM1S", under={"treatment": "dmso"})),
            "MM1S_res against MM1S",
        ),
    ],
)
def test_of_other_contrasts_the_panel_says_nothing(changes, words):
    row = evaluated(result=replace(SIDECAR, **changes), change=-1.5, fdr=0.01)
    assert row["expected"] == "unknown"
    assert pd.isna(row["expected_in"])
    assert row["verdict"] == "no_expectation"
    assert row["verdict_reason"] == (
        f"the panel says nothing of {words}; down here: -1.50 (-1.89 to -1.11), FDR 0.01. A note."
    )


@pytest.mark.parametrize(
    ("expected", "effect"), [("up", 0.8), ("down", 1.3), ("unchanged", 1.3), ("unknown", 1.3)]
)
def test_the_detectable_effect_is_that_of_the_expected_direction(expected, effect):
    rows = pd.DataFrame({"gene_id": ["a", "b"], "expected": expected})
    effects = pd.DataFrame({"up": [0.8], "down": [1.3]}, index=["a"])
    told = detectable(rows, effects)
    assert told[0] == effect
    assert np.isnan(told[1])


def test_without_a_direction_the_detectable_effect_is_known_for_both_or_not_at_all():
    rows = pd.DataFrame({"gene_id": ["a"], "expected": ["unknown"]})
    assert detectable(rows, pd.DataFrame({"up": [0.8], "down": [np.nan]}, index=["a"])).isna().all()


@pytest.mark.filterwarnings("error")
def test_a_panel_of_which_nothing_is_annotated_still_has_its_rows():
    panel = panel_of({}, {"gene_id": "ENSG00000136997", "gene_name": "MYC"})
    nothing = pd.Series([None, None], dtype=object)
    table = pd.DataFrame([contrast_row("3")])
    rows = evaluate(panel, nothing, table, SIDECAR, SAMPLES, NO_EFFECTS, "dmso", 4)
    assert rows["gene_name"].tolist() == ["IRF4", "MYC"]
    assert rows["status"].tolist() == ["not_annotated", "not_annotated"]


# The command, on counts with planted effects: pomalidomide's are four either way, lenalidomide's
# two.

VERDICTS = {
    "rises": ("up", {}, "supports"),
    "rises elsewhere": ("up", {"cells": "OPM2", "hours": "72"}, "supports"),
    "falls": ("down", {}, "opposes"),
    "falls elsewhere": ("down", {"hours": "72"}, "inconclusive"),
    "stays": ("flat", {}, "opposes"),
    "stays elsewhere": ("flat", {"hours": "72"}, "inconclusive"),
    "stays as it should": ("flat", {"pomalidomide": "unchanged"}, "supports"),
    "moves where it should stay": ("down", {"pomalidomide": "unchanged"}, "opposes"),
    "is of another kind": ("down", {"acts_on": "protein"}, "no_expectation"),
    "is not known": ("up", {"pomalidomide": "unknown"}, "no_expectation"),
    "is silent": ("silent", {}, "not_measurable"),
    "has an outlier": ("outlier", {}, "not_measurable"),
}


@pytest.fixture(scope="module")
def published(simulated, fitted_line, contrasts_folder, tmp_path_factory):
    """The targets table of a fit, for a panel with a gene of each kind and one not annotated."""
    folder = tmp_path_factory.mktemp("targets")
    # Genes of which the estimate is as planted.
    strong = read_table(contrasts_folder / "pomalidomide_vs_dmso.tsv", index="gene_id")
    kinds = simulated.kind[strong.sort_values("base_mean", ascending=False).index]
    chosen = {kind: iter(genes.index) for kind, genes in kinds.groupby(kinds, sort=False)}
    rows = [
        {"gene_id": next(chosen[kind]), "gene_name": name.replace(" ", "_"), "pomalidomide": "up"}
        | row
        for name, (kind, row, _) in VERDICTS.items()
    ]
    rows.append({"gene_id": "gone", "gene_name": "GONE"})
    text = panel_of(*rows).to_csv(sep="\t", index=False).replace("\tGONE\t", " \tGONE \t")
    (folder / "panel.tsv").write_text("# as people write it\n" + text)
    names = ["pomalidomide_vs_dmso", "pomalidomide_vs_lenalidomide"]
    evaluate_targets.main(
        [
            *["--panel", str(folder / "panel.tsv"), "--genes", str(fitted_line / "counts.tsv")],
            *["--fit", str(fitted_line / "fit.npz")],
            *["--samples", str(fitted_line / "samples.tsv")],
            *["--contrasts", *(str(contrasts_folder / f"{name}.tsv") for name in names)],
            *["--sidecars", *(str(contrasts_folder / f"{name}.json") for name in names)],
            *["--control", "dmso", "--table", str(folder / "targets.tsv")],
            *["--about", "cell_lines/MM1S", "--warnings", str(folder / "warnings.tsv")],
        ]
    )
    return folder / "targets.tsv"


@pytest.fixture(scope="module")
def table(published):
    return read_table(published).set_index(["contrast", "gene_name"])


def test_the_targets_table_has_the_published_columns(published):
    with published.open() as lines:
        assert next(lines).rstrip("\n").split("\t") == TARGETS


def test_each_target_has_one_row_in_each_contrast_in_the_order_of_the_panel(table):
    names = [*(name.replace(" ", "_") for name in VERDICTS), "GONE"]
    assert list(table.index) == [
        (contrast, name)
        for contrast in ["pomalidomide_vs_dmso", "pomalidomide_vs_lenalidomide"]
        for name in names
    ]


@pytest.mark.parametrize("name", VERDICTS)
def test_planted_effects_have_their_verdicts(table, name):
    row = table.loc["pomalidomide_vs_dmso", name.replace(" ", "_")]
    assert row["verdict"] == VERDICTS[name][2], row["verdict_reason"]


def test_a_target_of_which_nothing_is_clear_is_told_what_would_have_been():
    effects = pd.DataFrame({"up": [0.8], "down": [1.3]}, index=["ENSG00000137265.16"])
    row = evaluated(change=-0.3, fdr=0.6, effects=effects)
    assert row["verdict"] == "inconclusive"
    assert "; a fall of 1.30 would have been found with a power of 80 %;" in row["verdict_reason"]


def test_the_detectable_effect_is_that_of_the_fit(table):
    row = table.loc["pomalidomide_vs_dmso", "stays"]
    assert 2 * row["lfc_se"] < row["detectable_log2_fold_change"] < 6 * row["lfc_se"]


def test_each_row_has_the_numbers_of_its_own_contrast(table, contrasts_folder):
    for contrast, rows in table.groupby("contrast"):
        numbers = read_table(contrasts_folder / f"{contrast}.tsv", index="gene_id")
        tested = rows[rows["status"] == "tested"]
        assert len(tested) == 10
        expected = numbers.loc[tested["gene_id"], ["log2_fold_change", "fdr"]].to_numpy()
        assert tested[["log2_fold_change", "fdr"]].to_numpy() == pytest.approx(expected)


def test_two_drugs_are_not_held_against_what_is_known_of_one(table):
    rows = table.loc["pomalidomide_vs_lenalidomide"]
    assert set(rows["verdict"]) == {"no_expectation", "not_measurable"}
    assert (rows["expected"] == "unknown").all()


def test_what_is_missing_is_written_as_na(published):
    lines = [line.split("\t") for line in published.read_text().splitlines()]
    gone = dict(zip(TARGETS, next(line for line in lines if line[1] == "GONE"), strict=True))
    assert gone["reason"] == "not in the annotation"
    numbers = ["base_mean", "log2_fold_change", "lfc_se", "p_value", "fdr", "observed"]
    assert {gone[column] for column in [*numbers, "detectable_log2_fold_change"]} == {"NA"}


def test_an_alias_is_used_loudly(fitted_line, contrasts_folder, tmp_path, capsys):
    panel = panel_of({"aliases": "GENE20"})
    panel.to_csv(tmp_path / "panel.tsv", sep="\t", index=False)
    sidecar = json.loads((contrasts_folder / "pomalidomide_vs_dmso.json").read_text())
    evaluate_targets.main(
        [
            *["--panel", str(tmp_path / "panel.tsv"), "--genes", str(fitted_line / "counts.tsv")],
            *["--fit", str(fitted_line / "fit.npz")],
            *["--samples", str(fitted_line / "samples.tsv")],
            *["--contrasts", str(contrasts_folder / f"{sidecar['contrast']}.tsv")],
            *["--sidecars", str(contrasts_folder / f"{sidecar['contrast']}.json")],
            *["--control", "dmso", "--table", str(tmp_path / "targets.tsv")],
            *["--about", "cell_lines/MM1S", "--warnings", str(tmp_path / "warnings.tsv")],
        ]
    )
    (row,) = read_table(tmp_path / "targets.tsv").to_dict("records")
    assert row["gene_name"] == "IRF4"
    assert capsys.readouterr().err == (
        f"Warning: IRF4 is taken from its alias GENE20: {row['gene_id']}\n"
    )
    (warning,) = read_table(tmp_path / "warnings.tsv").to_dict("records")
    assert warning["about"] == "cell_lines/MM1S"
    assert warning["warning"].startswith("IRF4 is taken from its alias GENE20")
