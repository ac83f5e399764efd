"""The planted effects, looked for in the published tables."""

import pandas as pd
import pytest
from scipy.stats import binom

from tables import CONTRAST, TARGETS, read_table

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
    path = run / f"results/cell_lines/{cell_line}/contrasts/{contrast}{suffix}.tsv"
    return read_table(path, index="gene_id")


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
