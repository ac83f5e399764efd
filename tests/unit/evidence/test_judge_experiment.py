"""The verdict on an experiment: each question with each of its answers."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from contrast_results import sidecar
from figure_tables import samples_table
from imid.evidence import evaluate_targets, judge_experiment, score_activities
from imid.evidence.activities import INTERFERON
from imid.evidence.agreement import Estimate
from imid.evidence.judge_experiment import (
    did_fall,
    did_ratio_change,
    did_rise,
    is_expressed,
    verdict_table,
)
from imid.evidence.replicate_agreement import replicate_agreement
from imid.quality import judge_agreement
from imid.shared.tables import ACTIVITIES, SAMPLE_AGREEMENT, TARGETS, VERDICT, read_table

SAMPLES = samples_table()
SIDECAR = sidecar("lenalidomide")


def target(name="IRF4", change=0.0, error=0.1, fdr=0.6, **known):
    row = {
        **{"gene_id": name, "gene_name": name, "contrast": SIDECAR.name},
        **{"group": "core", "status": "tested", "log2_fold_change": change, "lfc_se": error},
        **{"ci_low": change - 1.96 * error, "ci_high": change + 1.96 * error, "fdr": fdr},
        "verdict": "supports",
    }
    return row | known


def targets_of(*rows):
    return pd.DataFrame(rows).reindex(columns=TARGETS)


# Did the ratio of RANKL to osteoprotegerin change


BOTH = [target("TNFSF11"), target("TNFRSF11B")]


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (Estimate(-1.0, 0.3, 6), "yes"),
        (Estimate(0.1, 0.1, 6), "no"),
        (Estimate(-1.0, 0.6, 6), "unclear"),
        # Twice the error, but Student's t asks for more.
        (Estimate(-1.0, 0.45, 6), "unclear"),
        (Estimate(-1.0, np.nan, 0), "not measurable"),
    ],
)
def test_the_ratio_is_answered_by_its_interval(monkeypatch, change, answer):
    monkeypatch.setattr(judge_experiment, "change_of_ratio", lambda *_: change)
    (row,) = did_ratio_change(targets_of(*BOTH), None, SIDECAR, "this is MM1S")
    assert row["answer"] == answer
    assert "nan" not in row["evidence"]


def test_the_evidence_for_a_ratio_has_its_interval(monkeypatch):
    monkeypatch.setattr(judge_experiment, "change_of_ratio", lambda *_: Estimate(-1.0, 0.3, np.inf))
    (row,) = did_ratio_change(targets_of(*BOTH), None, SIDECAR, "this is MM1S")
    assert row["evidence"] == ("log2 fold change of the ratio -1.00 (-1.59 to -0.41); this is MM1S")


def test_a_ratio_to_an_untested_gene_is_not_asked_for():
    rows = targets_of(target("TNFSF11"), target("TNFRSF11B", status="low_count"))
    assert did_ratio_change(rows, None, SIDECAR, "this is MM1S") == []


# Is CRBN expressed


@pytest.mark.parametrize(
    ("counts", "answer"),
    [([10, 200, 18992.8], "yes"), ([9.9, 0, 3], "no"), ([9.9, 10, 50], "unclear")],
)
def test_crbn_is_expressed_where_every_control_has_enough(counts, answer):
    expression = pd.DataFrame([[*counts, *[5000] * 6]], ["CRBN"], SAMPLES["sample"])
    (row,) = is_expressed(
        targets_of(target("CRBN")), expression, SAMPLES.iloc[:3], "normalized reads", 10
    )
    assert (row["question"], row["answer"]) == ("Is CRBN expressed in MM1S?", answer)
    first, second, third = (f"{count:,.1f}" for count in counts)
    told = f"{first}; {second}; {third} normalized reads in the control samples"
    assert row["evidence"] == told


def test_each_line_has_an_answer_of_its_own():
    samples = samples_table(["dmso"], ["MM1S", "MM1S_res"])
    values = [[40, 50, 60, 0, 1, 2]]
    expression = pd.DataFrame(values, ["CRBN"], samples["sample"])
    rows = is_expressed(targets_of(target("CRBN")), expression, samples, "TPM", 3)
    assert [row["answer"] for row in rows] == ["yes", "no"]


@pytest.mark.parametrize("name", ["CRBN", "IRF4"])
def test_without_cereblon_nothing_is_measured(name):
    expression = pd.DataFrame([[1] * 9], ["other"], SAMPLES["sample"])
    (row,) = is_expressed(targets_of(target(name)), expression, SAMPLES.iloc[:3], "TPM", 1)
    assert row["answer"] == "not measurable"


def test_a_sample_without_a_value_makes_no_answer():
    expression = pd.DataFrame([[50.0, np.nan, *[60.0] * 7]], ["CRBN"], SAMPLES["sample"])
    (row,) = is_expressed(targets_of(target("CRBN")), expression, SAMPLES.iloc[:3], "TPM", 1)
    assert row["answer"] == "not measurable"
    assert row["evidence"].startswith(SAMPLES["sample"][1])
    assert "nan" not in row["evidence"]


# Did a target fall


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        (target(change=-1.7, fdr=1e-9), "yes"),
        (target(change=-0.54, fdr=0.01), "yes"),
        (target(change=-0.3, fdr=0.01), "slightly"),
        (target(change=1.2, fdr=1e-5), "no"),
        (target(change=-0.02, error=0.1), "no"),
        (target(change=-0.02, error=0.3), "unclear"),
        (target(change=-1.5, error=0.8, fdr=0.2), "unclear"),
        (target(status="low_count", reason="too few reads to be tested"), "not measurable"),
        (target("MYC"), "not measurable"),
    ],
)
def test_a_target_fell(row, answer):
    assert did_fall("IRF4", targets_of(row), SIDECAR, "this is X")["answer"] == answer


def test_the_evidence_has_the_numbers_the_settings_and_the_targets_verdict():
    row = target(change=-0.02, expected="down", expected_in="MM.1S, lenalidomide, 24 h")
    row |= {"published_log2_fold_change": -1.7375, "verdict": "not_comparable"}
    assert did_fall("IRF4", targets_of(row), SIDECAR, "this is X")["evidence"] == (
        "log2 fold change -0.02 (-0.22 to +0.18), FDR 0.6; published: down -1.74 (MM.1S,"
        " lenalidomide, 24 h); this is X; the target's verdict: not comparable"
    )


# Did the interferon-stimulated genes rise


def response(change=0.5, error=0.1, without=None, **known):
    """The row of the interferon response; by itself, `without` one gene is the same p-value."""
    p_value = 2 * t.sf(abs(change) / error, 6)
    row = {
        **{"contrast": SIDECAR.name, "activity": INTERFERON, "genes": 10, "found": 8},
        **{"log2_change": change, "log2_change_se": error, "freedom": 6.0, "p_value": p_value},
        **{"p_value_without_one": p_value if without is None else without, "resting_on": "MX1"},
    }
    return pd.DataFrame([row | known]).reindex(columns=ACTIVITIES)


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        (response(0.5), "yes"),
        (response(0.2, 0.1), "yes"),  # one-sided p 0.046
        (response(0.19, 0.1), "no"),  # 0.053, and at most 0.38
        (response(0.19, 0.2), "unclear"),
        (response(0.6, without=0.12), "unclear"),
        (response(-0.6), "no"),
        (response(0.02), "no"),
        (response(reason="1 of its 10 genes are expressed, too few to tell"), "not measurable"),
    ],
)
def test_the_genes_rose_where_the_score_did_whichever_gene_is_left_out(row, answer):
    assert did_rise(row, targets_of(), SIDECAR, "this is X")["answer"] == answer


def test_a_rise_is_told_with_its_bounds_and_the_gene_it_rests_on():
    known = target("MX1", group="interferon", expected="up", expected_in="OPM2, 72 h")
    evidence = did_rise(response(), targets_of(known), SIDECAR, "this is X")["evidence"]
    assert evidence == (
        "weighted mean log2 change of 8 of 10 genes +0.50, one-sided 95 % bounds +0.31 and +0.69;"
        " one-sided p 0.0012 without MX1, the gene it rests on most; published: up (OPM2, 72 h);"
        " this is X"
    )


def test_without_a_rise_nothing_rests_on_a_gene():
    evidence = did_rise(response(-0.1), targets_of(), SIDECAR, "this is X")["evidence"]
    assert evidence == (
        "weighted mean log2 change of 8 of 10 genes -0.10, one-sided 95 % bounds -0.29 and +0.09;"
        " nothing published in the panel; this is X"
    )


# Do the replicates agree


def where(**called):
    """The table of where samples sit, all with their replicates but those that are named."""
    rows = [
        [name, "MM1S dmso", "x", "MM1S dmso", 0.3, "agrees", "sits with its replicates"]
        for name in SAMPLES["sample"]
    ]
    table = pd.DataFrame(rows, columns=SAMPLE_AGREEMENT).set_index("sample")
    for sample, word in called.items():
        table.loc[sample, ["score", "called", "words"]] = [1.5, word, f"in words {word}"]
    return table.reset_index()


@pytest.mark.parametrize(
    ("called", "answer", "evidence"),
    [
        ({}, "yes", "all sit with their replicates; the highest score is 0.30, odd is 1"),
        (
            {"MM1S_dmso_1": "swapped", "MM1S_dmso_2": "mingles"},
            *("no", "odd: MM1S_dmso_1 (in words swapped; score 1.5)"),
        ),
        ({"MM1S_dmso_1": "same library"}, "no", None),
        ({"MM1S_dmso_1": "failed"}, "no", None),
        ({"MM1S_dmso_1": "elsewhere"}, "no", None),
        ({"MM1S_dmso_2": "mingles"}, "unclear", "nearer to another group: MM1S_dmso_2"),
        (
            dict.fromkeys(SAMPLES["sample"], "not measurable"),
            *("not measurable", "no group has replicates"),
        ),
    ],
)
def test_replicates_agree_as_the_table_of_samples_has_it(called, answer, evidence):
    _, _, found, why, _ = replicate_agreement(where(**called))
    assert found == answer
    assert evidence in (None, why)


# All of it


def test_the_questions_are_asked_of_each_drug_against_the_control():
    others = [
        sidecar("pomalidomide"),
        sidecar("pomalidomide", "lenalidomide", name="pair"),
    ]
    tpm = pd.DataFrame(columns=SAMPLES["sample"])
    measured = [response(contrast=each.name) for each in [SIDECAR, *others]]
    results = [SIDECAR, *others]
    table = verdict_table(
        targets_of(), pd.concat(measured), results, SAMPLES, where(), tpm, "TPM", "dmso", None
    )
    drugs = ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso"]
    assert table["contrast"].dropna().tolist() == [name for name in drugs for _ in range(3)]
    assert table["question"].str.split().str[0].tolist() == ["Is", *["Did"] * 6, "Do"]
    assert table["rule"].str.endswith("Heuristic.").all()


def test_the_command_finds_what_was_planted(simulated, fitted_line, contrasts_folder, tmp_path):
    """A gene that falls stands for IRF4, one that stays for MYC, and ten that rise together."""
    kinds = {kind: simulated.kind.index[simulated.kind == kind] for kind in ["down", "flat", "up"]}
    genes = [("IRF4", kinds["down"][0], "core"), ("MYC", kinds["flat"][0], "core")]
    genes += [("CRBN", kinds["flat"][1], "cereblon")]
    genes += [("TNFSF11", kinds["down"][1], "stroma"), ("TNFRSF11B", kinds["up"][10], "stroma")]
    genes += [(f"ISG{n}", gene, "interferon") for n, gene in enumerate(kinds["up"][:10])]
    panel = pd.DataFrame(genes, columns=["gene_name", "gene_id", "group"]).assign(
        **dict.fromkeys(["aliases", "cells", "dose_um", "hours", "control", "citation"], ""),
        **{"note": "", "acts_on": "rna", "lenalidomide": "up", "pomalidomide": "up"},
    )
    panel.to_csv(tmp_path / "panel.tsv", sep="\t", index=False)
    names = ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso", "pomalidomide_vs_lenalidomide"]
    sidecars = ["--sidecars", *(str(contrasts_folder / f"{name}.json") for name in names)]
    samples = ["--samples", str(fitted_line / "samples.tsv"), "--control", "dmso"]
    evaluate_targets.main(
        [
            *["--panel", str(tmp_path / "panel.tsv"), "--genes", str(fitted_line / "counts.tsv")],
            *["--fit", str(fitted_line / "fit.npz"), *samples, *sidecars],
            *["--contrasts", *(str(contrasts_folder / f"{name}.tsv") for name in names)],
            *["--table", str(tmp_path / "targets.tsv")],
            *["--about", "cell_lines/MM1S", "--warnings", str(tmp_path / "warnings.tsv")],
        ]
    )
    score_activities.main(
        [
            *["--vst", str(fitted_line / "vst.tsv"), *sidecars],
            *["--dispersions", str(fitted_line / "dispersions.tsv")],
            *["--design", str(fitted_line / "design.tsv")],
            *["--panel", str(tmp_path / "panel.tsv")],
            *["--table", str(tmp_path / "activities.tsv")],
            *["--scores", str(tmp_path / "scores.tsv")],
        ]
    )
    judge_agreement.main(
        [
            *[*samples[:2], "--vst", str(fitted_line / "vst.tsv")],
            *["--normalized", str(fitted_line / "normalized.tsv")],
            *["--counts", str(fitted_line / "counts.tsv")],
            *["--table", str(tmp_path / "agreement.tsv"), "--about", "cell_lines/MM1S"],
            *["--warnings", str(tmp_path / "warnings.agreement.tsv")],
        ]
    )
    assert read_table(tmp_path / "warnings.agreement.tsv").empty
    judge_experiment.main(
        [
            *["--targets", str(tmp_path / "targets.tsv"), *samples, *sidecars],
            *["--activities", str(tmp_path / "activities.tsv")],
            *["--fit", str(fitted_line / "fit.npz")],
            *["--agreement", str(tmp_path / "agreement.tsv"), "--tpm"],
            *["--normalized", str(fitted_line / "normalized.tsv")],
            *["--output", str(tmp_path / "verdict.tsv")],
        ]
    )
    table = read_table(tmp_path / "verdict.tsv")
    assert table.columns.tolist() == VERDICT
    answers = table.set_index(["contrast", "question"])["answer"]
    rose = "Did the interferon-stimulated genes rise?"
    for contrast in names[:2]:
        assert answers[contrast, "Did IRF4 fall?"] == "yes"
        assert answers[contrast, "Did MYC fall?"] in {"no", "unclear"}
        assert answers[contrast, rose] == "yes"
        assert answers[contrast, "Did the ratio of TNFSF11 to TNFRSF11B change?"] == "yes"
    # Of two drugs nothing is asked.
    assert names[2] not in set(table["contrast"])
    evidence = table.set_index(["contrast", "question"])["evidence"]
    this_is = "this is MM1S, pomalidomide, against vehicle (the sheet does not say the dose"
    assert f"; {this_is}" in evidence[names[1], "Did IRF4 fall?"]
    assert table["answer"].iloc[0] == "yes"
    assert table[["question", "answer"]].iloc[-1].tolist() == ["Do the replicates agree?", "yes"]
