"""The planted effects, looked for in the published tables."""

import json

import pandas as pd
import pytest
from scipy.stats import binom

from imid.shared.tables import CONTRAST, TARGETS, read_table

pytestmark = pytest.mark.workflow

LARGE = 1.5
FDR = 0.05
PAIRS = {
    "lenalidomide_vs_dmso": ("lenalidomide", "dmso"),
    "pomalidomide_vs_dmso": ("pomalidomide", "dmso"),
    "pomalidomide_vs_lenalidomide": ("pomalidomide", "lenalidomide"),
}


def planted(run, cell_line, contrast) -> pd.Series:
    """The true log2 fold changes of a contrast, by gene_id."""
    truth = read_table(run / "truth/log2_fold_changes.tsv")
    numerator, denominator = PAIRS[contrast]
    chosen = (
        (truth["cell_line"] == cell_line)
        & (truth["numerator"] == numerator)
        & (truth["denominator"] == denominator)
    )
    return truth[chosen].set_index("gene_id")["log2_fold_change"]


def published(run, cell_line, contrast, suffix="") -> pd.DataFrame:
    return read_contrast(run, f"cell_lines/{cell_line}", contrast, suffix)


def read_contrast(run, fit, contrast, suffix="") -> pd.DataFrame:
    return read_table(run / f"results/{fit}/contrasts/{contrast}{suffix}.tsv", index="gene_id")


@pytest.mark.parametrize("contrast", PAIRS)
def test_every_large_planted_effect_is_called_with_its_sign(star_run, contrast):
    truth = planted(star_run, "MM1S", contrast)
    large = truth[truth.abs() >= LARGE]
    assert len(large) >= 1
    called = published(star_run, "MM1S", contrast, ".significant")["log2_fold_change"]
    assert set(large.index) <= set(called.index)
    assert ((called[large.index] > 0) == (large > 0)).all()


@pytest.mark.parametrize("cell_line", ["MM1S", "MM1S_res"])
@pytest.mark.parametrize("contrast", PAIRS)
def test_no_unchanged_target_is_called(star_run, cell_line, contrast):
    truth = planted(star_run, cell_line, contrast)
    targets = read_table(star_run / f"results/cell_lines/{cell_line}/targets.tsv")
    rows = targets[targets["contrast"] == contrast].set_index("gene_id")
    unchanged = rows[truth[rows.index] == 0]
    assert {"IKZF1", "IKZF3", "ARID2"} <= set(unchanged["gene_name"])
    assert (unchanged["significant"] == "no").all()


def test_false_discoveries_stay_within_the_rate(star_run):
    discoveries = false = 0
    for cell_line in ["MM1S", "MM1S_res"]:
        for contrast in PAIRS:
            table = published(star_run, cell_line, contrast)
            called = table.index[table["fdr"] < FDR]
            discoveries += len(called)
            false += int((planted(star_run, cell_line, contrast)[called] == 0).sum())
    assert discoveries > 80
    assert false <= binom.ppf(0.99, discoveries, FDR)


def test_intervals_cover_the_truth(star_run):
    """95 % intervals cover at least 90 % of the truths: three replicates know no better."""
    covered = []
    for contrast in PAIRS:
        table = published(star_run, "MM1S", contrast).query("status == 'tested'")
        error = (table["log2_fold_change"] - planted(star_run, "MM1S", contrast)[table.index]).abs()
        covered.append(error < 1.96 * table["lfc_se"])
    assert pd.concat(covered).mean() > 0.90


def test_irf4_falls_further_under_pomalidomide(star_run):
    targets = read_table(star_run / "results/cell_lines/MM1S/targets.tsv")
    irf4 = targets[targets["gene_name"] == "IRF4"].set_index("contrast")
    assert (irf4["observed"] == "down").all()
    fall = irf4["log2_fold_change"]
    assert fall["pomalidomide_vs_dmso"] < fall["lenalidomide_vs_dmso"]


def test_the_resistant_line_hardly_answers(star_run):
    sensitive, resistant = (
        sum(len(published(star_run, line, contrast, ".significant")) for contrast in PAIRS)
        for line in ["MM1S", "MM1S_res"]
    )
    assert resistant <= 0.05 * sensitive


@pytest.mark.parametrize("contrast", PAIRS)
def test_tables_hold_every_gene_in_the_published_columns(star_run, contrast):
    genes = read_table(star_run / "results/reference/genes.tsv")
    path = star_run / f"results/cell_lines/MM1S/contrasts/{contrast}.tsv"
    table = read_table(path)
    assert list(table.columns) == CONTRAST
    assert list(table["gene_id"]) == list(genes["gene_id"])
    assert table["status"].isin(["tested", "all_zero", "low_count", "outlier"]).all()
    assert (table["fdr"].notna() == (table["status"] == "tested")).all()


def test_each_target_is_told_once_for_each_contrast(star_run):
    targets = read_table(star_run / "results/cell_lines/MM1S/targets.tsv")
    assert list(targets.columns) == TARGETS
    assert not targets.duplicated(["gene_id", "contrast"]).any()
    assert list(targets["contrast"].unique()) == list(PAIRS)
    assert list(targets["gene_name"][:5]) == ["IKZF1", "IKZF3", "IRF4", "MYC", "ARID2"]
    untested = targets["p_value"].isna()
    assert targets.loc[untested, "reason"].notna().all()


JOINT = "joint/MM1S+MM1S_res"


@pytest.mark.parametrize("drug", ["lenalidomide", "pomalidomide"])
def test_what_the_resistant_line_lost_is_found(star_run, drug):
    """Its effect minus the parent's: the planted interaction is found, and no absent one."""
    planted_in = [planted(star_run, line, f"{drug}_vs_dmso") for line in ["MM1S_res", "MM1S"]]
    truth = planted_in[0] - planted_in[1]
    table = read_contrast(star_run, JOINT, f"{drug}_in_MM1S_res_vs_MM1S")
    truth = truth[table.index]
    called = table.index[table["fdr"] < FDR]
    large = truth[truth.abs() >= LARGE]
    assert len(large) >= 20
    assert set(large.index) <= set(called)
    assert ((table["log2_fold_change"] > 0) == (truth > 0))[large.index].all()
    assert (truth[called] == 0).sum() <= binom.ppf(0.99, len(called), FDR)


def test_the_resistant_line_has_little_cereblon(star_run):
    table = read_contrast(star_run, JOINT, "MM1S_res_vs_MM1S").set_index("gene_name")
    crbn = table.loc["CRBN"]
    assert abs(crbn["log2_fold_change"] - -3.0) < 3 * crbn["lfc_se"]
    assert crbn["fdr"] < FDR
    # The one planted difference, and at a rate of 5 % hardly another.
    assert (table.drop("CRBN")["fdr"] < FDR).sum() <= 2


def test_a_joint_contrast_is_the_difference_of_the_lines_own(star_run):
    """The same fold changes but for the size factors, which all samples share in the joint fit."""
    own = [
        published(star_run, line, "pomalidomide_vs_dmso")["log2_fold_change"]
        for line in ["MM1S_res", "MM1S"]
    ]
    joint = read_contrast(star_run, JOINT, "pomalidomide_in_MM1S_res_vs_MM1S")
    seen = joint["base_mean"] > 50
    off = (joint["log2_fold_change"] - (own[0] - own[1]))[seen]
    assert seen.sum() > 100
    assert off.abs().max() < 0.2


def test_verdicts_on_the_planted_targets(star_run):
    """IRF4 and MYC fall, the others rise as published; what acts on protein has no expectation."""
    targets = read_table(star_run / "results/cell_lines/MM1S/targets.tsv")
    pomalidomide = targets[targets["contrast"] == "pomalidomide_vs_dmso"].set_index("gene_name")
    verdict = pomalidomide["verdict"]
    assert (verdict[["IRF4", "MYC", "CDKN1A", "MICA", "PVR", "ISG15", "MX1"]] == "supports").all()
    assert (verdict[["IKZF1", "IKZF3", "ARID2"]] == "no_expectation").all()
    assert verdict["IL2"] == "not_measurable"
    assert not (verdict == "opposes").any()


def test_the_resistant_line_is_inconclusive_with_what_would_have_been_found(star_run):
    targets = read_table(star_run / "results/cell_lines/MM1S_res/targets.tsv")
    rows = targets[
        (targets["contrast"] == "pomalidomide_vs_dmso") & (targets["gene_name"] == "MICA")
    ]
    assert rows["verdict"].tolist() == ["inconclusive"]
    assert (rows["detectable_log2_fold_change"].abs() < 2.5).all()


def test_the_verdict_on_each_experiment(star_run):
    """The parent's experiment worked; in the resistant line the drugs did little."""
    answers = {
        line: read_table(star_run / f"results/cell_lines/{line}/verdict.tsv").set_index("question")
        for line in ["MM1S", "MM1S_res"]
    }
    asked = answers["MM1S"][~answers["MM1S"].index.str.contains("ratio")]
    assert len(asked) == 8
    assert (asked["answer"] == "yes").all()
    assert (
        answers["MM1S_res"].loc["Did the interferon-stimulated genes rise?", "answer"] != "yes"
    ).any()
    # Where a drug does little, samples lie as near to other treatments as to their replicates.
    assert answers["MM1S_res"].loc["Do the replicates agree?", "answer"] != "no"


def test_pomalidomide_is_the_stronger_drug(star_run):
    stem = "pomalidomide_vs_dmso.against.lenalidomide_vs_dmso"
    folder = star_run / "results/cell_lines/MM1S/comparisons"
    summary = json.loads((folder / f"{stem}.json").read_text())
    assert summary["slope_low"] > 1
    classes = read_table(folder / f"{stem}.tsv").set_index("gene_name")["class"]
    truth = {drug: planted(star_run, "MM1S", f"{drug}_vs_dmso") for drug in summary["numerators"]}
    difference = read_table(folder / f"{stem}.tsv", index="gene_id")["class"]
    stronger = difference.index[difference == "stronger in pomalidomide"]
    assert (truth["pomalidomide"].abs() > truth["lenalidomide"].abs())[stronger].mean() >= 0.9
    assert classes["IRF4"] == "stronger in pomalidomide"
    assert classes["IKZF1"] == "no response"


def test_cell_lines_differ_in_the_planted_genes(star_run):
    across = read_table(star_run / "results/across/pomalidomide_vs_dmso.tsv", index="gene_id")
    lines = [planted(star_run, line, "pomalidomide_vs_dmso") for line in ["MM1S", "MM1S_res"]]
    truth = lines[0] - lines[1]
    differ = across.index[across["heterogeneity_fdr"] < FDR]
    assert set(truth.index[truth.abs() >= LARGE]) <= set(differ)
    assert (truth[differ] == 0).sum() <= binom.ppf(0.99, len(differ), 2 * FDR)


def test_the_interferon_genes_are_enriched(star_run):
    folder = star_run / "results/cell_lines/MM1S/enrichment"
    table = read_table(folder / "pomalidomide_vs_dmso.tsv", index="gene_set")
    assert table.loc["interferon", "normalized_enrichment_score"] > 0
    assert table.loc["interferon", "fdr"] < FDR
    ranks = (folder / "pomalidomide_vs_dmso.rnk").read_text().splitlines()
    values = [float(line.split("\t")[1]) for line in ranks]
    assert values == sorted(values, reverse=True)
