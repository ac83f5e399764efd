"""The verdict on an experiment: each question with each of its answers."""

import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from figure_tables import samples_table
from imid.evidence import evaluate_targets, judge_experiment
from imid.evidence.agreement import Estimate
from imid.evidence.judge_experiment import (
    did_fall,
    did_ratio_change,
    did_rise,
    is_expressed,
    mean_correlation,
    verdict_table,
    weighted_mean,
)
from imid.evidence.replicate_agreement import replicate_agreement
from imid.shared.tables import TARGETS, VERDICT, read_table

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
    [([10, 200, 300], "yes"), ([9.9, 0, 3], "no"), ([9.9, 10, 50], "unclear")],
)
def test_crbn_is_expressed_where_every_control_has_enough(counts, answer):
    expression = pd.DataFrame([[*counts, *[5000] * 6]], ["CRBN"], SAMPLES["sample"])
    (row,) = is_expressed(
        targets_of(target("CRBN")), expression, SAMPLES.iloc[:3], "normalized reads", 10
    )
    assert (row["question"], row["answer"]) == ("Is CRBN expressed in MM1S?", answer)
    assert f"{counts[0]:.1f} {counts[1]:.1f} {counts[2]:.1f} normalized reads" in row["evidence"]


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


def interferon(changes, error, **known):
    rows = [target(f"G{n}", c, error, group="interferon") | known for n, c in enumerate(changes)]
    return targets_of(*rows)


def residuals_of(genes, correlation, samples=9, seed=1):
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=samples), rng.normal(size=(genes, samples))
    values = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    return pd.DataFrame(values, [f"G{n}" for n in range(genes)])


@pytest.mark.parametrize(
    ("changes", "error", "answer"),
    [
        ([0.4, 0.6, 0.5, 0.7, 0.3], 0.3, "yes"),
        ([2.0, -0.1, 0.0, 0.1, 0.0], 0.8, "unclear"),
        ([0.1, -0.1, 0.05, 0.0, -0.2], 0.2, "no"),
        ([-1.0, -0.8, -0.9, -0.7, -1.2], 0.3, "no"),
        ([0.5], 0.1, "not measurable"),
    ],
)
def test_the_genes_rose(changes, error, answer):
    row = did_rise(interferon(changes, error), SIDECAR, residuals_of(5, 0.0), "this is X")
    assert row["answer"] == answer


def test_genes_that_were_not_tested_or_are_of_other_groups_do_not_count():
    silent = interferon([9.0, 9.0], 0.1, status="low_count")
    others = targets_of(target("G0", 5.0), target("G1", 5.0))
    row = did_rise(pd.concat([silent, others]), SIDECAR, residuals_of(2, 0.0), "")
    assert row["evidence"] == "0 of the panel's 2 genes could be tested"


def test_genes_that_move_together_by_chance_rise_no_more_often_than_one_in_twenty():
    """With a correlation of 0.6 the sum of twelve statistics has a standard deviation of 9."""
    rng = np.random.default_rng(4)
    rises, naive = 0, 0
    for _ in range(400):
        statistics = np.sqrt(0.6) * rng.normal() + np.sqrt(0.4) * rng.normal(size=12)
        low = weighted_mean(*(pd.Series(v) for v in (0.3 * statistics, [0.3] * 12)), 0.6)
        rises += low[0] > 1.645 * low[1]
        naive += statistics.sum() > 1.645 * np.sqrt(12)
    assert rises / 400 < 0.07
    assert naive / 400 > 0.2


def test_the_correlation_among_replicates_is_found():
    assert mean_correlation(residuals_of(40, 0.6, samples=200)) == pytest.approx(0.6, abs=0.1)
    assert mean_correlation(residuals_of(40, 0.0, samples=200)) == pytest.approx(0.0, abs=0.02)
    flat = pd.DataFrame(np.zeros((3, 9)))
    assert mean_correlation(flat) == 0


# Do the replicates agree


def expression(samples, effect=1.0, seed=3):
    """Log2 values of 400 genes; treatments differ in half of them."""
    rng = np.random.default_rng(seed)
    values = rng.normal(8, 2, (400, 1)) + rng.normal(0, 0.2, (400, len(samples)))
    for treatment in samples["treatment"].unique():
        moved = effect * rng.normal(0, 1, 200)
        values[:200, samples["treatment"] == treatment] += moved[:, None]
    return pd.DataFrame(values, columns=samples["sample"])


def agreement(vst, samples=SAMPLES):
    (_, _, answer, evidence, _), _ = replicate_agreement(vst, samples)
    return answer, evidence


def test_replicates_agree():
    assert agreement(expression(SAMPLES))[0] == "yes"


def test_where_a_treatment_does_nothing_groups_mingle():
    answer, evidence = agreement(expression(SAMPLES, effect=0.0))
    assert answer == "unclear"
    assert evidence.startswith("nearer to another group: MM1S_")


def test_a_sample_of_another_kind_is_named():
    vst = expression(SAMPLES)
    vst["MM1S_lenalidomide_2"] += np.random.default_rng(9).normal(0, 2, len(vst))
    answer, evidence = agreement(vst)
    assert answer == "no"
    assert evidence.startswith("odd: MM1S_lenalidomide_2 (")
    assert "MM1S_lenalidomide_1" not in evidence


def test_two_samples_that_were_swapped_are_named():
    vst = expression(SAMPLES)
    swapped = ["MM1S_dmso_1", "MM1S_pomalidomide_3"]
    vst[swapped] = vst[swapped[::-1]].to_numpy()
    answer, evidence = agreement(vst)
    assert answer == "no"
    assert [name for name in SAMPLES["sample"] if name in evidence] == swapped


def test_a_batch_is_no_disagreement():
    samples = SAMPLES.assign(batch=SAMPLES["replicate"])
    vst = expression(samples)
    shift = np.random.default_rng(5).normal(0, 3, (len(vst), 3))
    vst = vst + np.tile(shift, 3)
    assert agreement(vst, samples)[0] == "yes"
    assert agreement(vst, SAMPLES)[0] == "no"


def test_without_replicates_nothing_is_compared():
    samples = samples_table(replicates=1)
    assert agreement(expression(samples), samples)[0] == "not measurable"


def test_residuals_are_free_of_the_groups():
    _, residuals = replicate_agreement(expression(SAMPLES, effect=5.0), SAMPLES)
    means = residuals.T.groupby(SAMPLES.set_index("sample")["treatment"]).mean()
    assert np.abs(means.to_numpy()).max() < 1e-9


# All of it


def test_the_questions_are_asked_of_each_drug_against_the_control():
    others = [
        sidecar("pomalidomide"),
        sidecar("pomalidomide", "lenalidomide", name="pair"),
    ]
    vst = expression(SAMPLES)
    table = verdict_table(targets_of(), [SIDECAR, *others], SAMPLES, vst, vst, "TPM", "dmso", None)
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
            *["--output", str(tmp_path / "targets.tsv")],
            *["--about", "cell_lines/MM1S", "--warnings", str(tmp_path / "warnings.tsv")],
        ]
    )
    judge_experiment.main(
        [
            *["--targets", str(tmp_path / "targets.tsv"), *samples, *sidecars],
            *["--fit", str(fitted_line / "fit.npz")],
            *["--vst", str(fitted_line / "vst.tsv"), "--tpm"],
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
    assert table["question"].iloc[-1] == "Do the replicates agree?"
