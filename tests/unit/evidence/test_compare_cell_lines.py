from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, norm

from contrast_results import sidecar
from imid.differential import deseq, fitting
from imid.differential.stored_model import write_model
from imid.evidence import compare_cell_lines
from imid.evidence.compare_cell_lines import compare, panel_rows, pooled
from imid.evidence.heterogeneity import COLUMNS, heterogeneity
from imid.question.contrast_results import write_result
from imid.question.contrasts import Contrast
from imid.shared.problems import InputError
from imid.shared.tables import CONTRAST, read_table, write_table
from imid.synthetic.simulate_counts import ExperimentalDesign, simulate

CONTRAST_NAME = "pomalidomide_vs_dmso"
DRUG = Contrast("treatment", "pomalidomide", "dmso")
NONE = pd.DataFrame(columns=COLUMNS, dtype=float)


def line_table(*rows):
    """A contrast table from (gene_id, log2_fold_change, lfc_se, fdr, status)."""
    columns = ["gene_id", "log2_fold_change", "lfc_se", "fdr", "status"]
    table = pd.DataFrame(rows, columns=columns).assign(base_mean=50.0)
    table["gene_name"] = "name of " + table["gene_id"]
    table["stat"] = table["log2_fold_change"] / table["lfc_se"]
    table["p_value"] = 2 * norm.sf(table["stat"].abs())
    table.loc[table["status"] == "outlier", "p_value"] = np.nan
    return table.reindex(columns=CONTRAST)


def compared(*lines):
    tables = dict(zip("ABCDEF", (line_table(*rows) for rows in lines), strict=False))
    return compare(tables, NONE, 0.05, 1.0).set_index("gene_id")


# The pooled estimate


def test_it_is_the_weighted_regression_on_a_constant():
    random = np.random.default_rng(5)
    changes = pd.DataFrame(random.normal(0, 1, (20, 5)), columns=list("ABCDE"))
    errors = pd.DataFrame(random.uniform(0.1, 1, (20, 5)), columns=list("ABCDE"))
    changes.iloc[3, 2] = errors.iloc[3, 2] = np.nan

    found = pooled(changes, errors)

    for gene in range(20):
        seen = changes.loc[gene].notna()
        change, error = (frame.loc[gene, seen].to_numpy() for frame in (changes, errors))
        (mean,), *_ = np.linalg.lstsq(1 / error[:, None], change / error, rcond=None)
        assert found.loc[gene, "pooled_log2_fold_change"] == pytest.approx(mean)
        assert found.loc[gene, "pooled_lfc_se"] == pytest.approx((error**-2).sum() ** -0.5)


@pytest.fixture(scope="module")
def simulated_lines():
    """Three lines of three replicates, fitted one by one; the truth by gene.

    A gene with an interaction answers otherwise in B and C than in A.
    """
    factors = {"cell_line": ["A", "B", "C"], "treatment": ["dmso", "pomalidomide"]}
    experiment = ExperimentalDesign(
        factors, 3, "~ treatment", [], interaction=True, median_mean=300.0
    )
    simulation = simulate(experiment, 1500, seed=4, changed=0.1, effect_sd=2.0)
    tables, fits = {}, {}
    for line, samples in simulation.samples.groupby("cell_line"):
        fits[line] = fitting.fit(
            simulation.counts[samples.index], samples[["treatment"]], "~ treatment", "dmso"
        )
        table = deseq.contrast(fits[line], DRUG, 0.05)
        names = pd.DataFrame({"gene_id": table.index, "gene_name": table.index})
        tables[line] = names.join(table, on="gene_id").reindex(columns=CONTRAST)
    found = compare(tables, heterogeneity(fits, DRUG), 0.05, 1.0)
    return found.set_index("gene_id"), simulation.truth


def test_lines_that_differ_are_found(simulated_lines):
    found, truth = simulated_lines
    differ = (truth["interaction"].abs() > 2) & (truth["mean"] > 50)
    assert differ.sum() >= 20
    assert (found["heterogeneity_fdr"] < 0.05)[differ].mean() > 0.9
    called = found["heterogeneity_fdr"] < 0.05
    assert (truth["interaction"] == 0)[called].mean() < 0.1


def test_the_pooled_estimate_is_nearer_to_the_truth_than_a_lines(simulated_lines):
    found, truth = simulated_lines
    agree = (truth["interaction"] == 0) & (found["lines_tested"] == 3)
    errors = found[agree][["A.log2_fold_change", "pooled_log2_fold_change"]].sub(
        truth.loc[agree, "treatment:pomalidomide"], axis=0
    )
    spread = errors.abs().median()
    assert spread["pooled_log2_fold_change"] < 0.7 * spread["A.log2_fold_change"]


# What is counted, and what is left out


def test_lines_are_counted_by_the_rule_of_significance():
    found = compared(
        [("g", 2.0, 0.1, 0.001, "tested")],
        [("g", 1.5, 0.1, 0.001, "tested")],
        [("g", -1.5, 0.1, 0.001, "tested")],
        [("g", 0.9, 0.1, 0.001, "tested")],
        [("g", 3.0, 2.0, 0.3, "tested")],
        [("g", 3.0, 2.0, np.nan, "low_count")],
    ).loc["g"]
    counts = ["lines_tested", "lines_significant", "lines_up", "lines_down"]
    assert found[counts].tolist() == [5, 3, 2, 1]
    assert found["F.status"] == "low_count"
    assert found["C.log2_fold_change"] == -1.5


@pytest.mark.parametrize(
    "third",
    [
        ("g", 9.0, 0.1, np.nan, "outlier"),
        ("g", np.nan, np.nan, np.nan, "all_zero"),
        ("g", 0.0, 1.7, 0.99, "tested"),
        ("g", 0.0, 0.0, 1.0, "tested"),
        ("other", 9.0, 0.1, 0.001, "tested"),
    ],
)
def test_a_line_without_an_estimate_does_not_weigh(third):
    two = [[("g", 1.0, 0.2, 0.01, "tested")], [("g", 2.0, 0.2, 0.01, "tested")]]
    assert compared(*two, [third]).loc["g", "pooled_log2_fold_change"] == pytest.approx(1.5)


def test_a_gene_with_few_reads_in_a_line_weighs_little_there():
    found = compared(
        [("g", 1.0, 0.2, 0.01, "tested")],
        [("g", 1.2, 0.2, 0.01, "tested")],
        [("g", -3.0, 4.0, np.nan, "low_count")],
    ).loc["g"]
    assert found["pooled_log2_fold_change"] == pytest.approx(1.09, abs=0.01)


def test_a_gene_of_one_line_has_its_estimate():
    found = compared(
        [("g", 1.0, 0.2, 0.01, "tested"), ("h", 1.0, 0.2, 0.01, "tested")],
        [("h", 1.0, 0.2, 0.01, "tested")],
    )
    assert found.loc["g", "pooled_log2_fold_change"] == 1.0
    assert found.loc["g", "B.status"] == "not_annotated"


def test_the_rate_is_over_genes_that_are_asked():
    rows = [(f"g{n}", 1.0, 0.3, 0.5, "tested") for n in range(30)]
    tables = dict.fromkeys("AB", line_table(*rows))
    p_values = np.random.default_rng(7).random(20) ** 3
    differing = pd.DataFrame({COLUMNS[0]: 1.0, COLUMNS[1]: p_values}, [f"g{n}" for n in range(20)])
    found = compare(tables, differing, 0.05, 1.0)["heterogeneity_fdr"]
    assert found.notna().tolist() == [True] * 20 + [False] * 10
    np.testing.assert_allclose(found[:20], false_discovery_control(p_values))


# Targets


def targets_of(*genes):
    frame = pd.DataFrame(genes, columns=["gene_id", "gene_name", "group"])
    return frame.assign(contrast=CONTRAST_NAME)


def test_targets_keep_the_panels_order_and_their_first_group():
    genes = compared(
        *[[(gene, 1.0, 0.2, 0.01, "tested") for gene in ["a", "b", "c"]]] * 2
    ).reset_index()
    panel = targets_of(("c", "IRF4", "core"), ("gone", "GONE", "core"), ("a", "MYC", "core"))
    other = targets_of(("a", "MYC", "other"), ("b", "PVR", "immune_ligand"))

    rows = panel_rows([pd.concat([panel, panel]), other], genes, ["A", "B"])

    assert rows["gene_name"].tolist() == ["IRF4", "GONE", "MYC", "PVR"]
    assert rows["group"].tolist() == ["core", "core", "core", "immune_ligand"]
    assert rows["lines_tested"].tolist() == [2, 0, 2, 2]
    gone = rows.iloc[1]
    assert (gone["A.status"], gone["B.status"]) == ("not_annotated", "not_annotated")
    assert gone[["A.log2_fold_change", "heterogeneity_f"]].isna().all()
    assert (genes.columns.isin(rows.columns)).all()


# The command


@cache
def fitted_line_model():
    """The model of a line with the genes a and b, and others."""
    experiment = ExperimentalDesign({"treatment": ["dmso", "pomalidomide"]}, 3, "~ treatment", [])
    counts, samples, _ = simulate(experiment, 200, seed=1)
    counts.index = ["a", "b", *counts.index[2:]]
    return fitting.fit(counts.rename_axis("gene_id"), samples, "~ treatment", "dmso")


def write_lines(folder, **changes):
    """Two lines' tables and sidecars; `changes` are of the second sidecar."""
    tables = [
        line_table(("a", 2.0, 0.2, 0.001, "tested"), ("b", 0.1, 0.2, 0.7, "tested")),
        line_table(("a", -1.0, 0.2, 0.001, "tested"), ("b", 0.2, 0.2, 0.7, "tested")),
    ]
    settings = [sidecar(cell_line="MM1S"), sidecar(**{"cell_line": "H929", **changes})]
    for name, table, words in zip("12", tables, settings, strict=True):
        write_table(table, folder / f"{name}.tsv")
        write_result(words, folder / f"{name}.json")
        write_model(fitted_line_model(), folder / f"{name}.npz")
    write_table(targets_of(("b", "IRF4", "core")), folder / "targets.tsv")


def run(folder, lines="12"):
    compare_cell_lines.main(
        [
            *["--contrast", CONTRAST_NAME],
            *["--tables", *(str(folder / f"{line}.tsv") for line in lines)],
            *["--sidecars", *(str(folder / f"{line}.json") for line in lines)],
            *["--fits", *(str(folder / f"{line}.npz") for line in lines)],
            *["--targets", str(folder / "targets.tsv"), "--genes", str(folder / "genes.tsv")],
            *["--targets-output", str(folder / "panel.tsv")],
        ]
    )
    return read_table(folder / "genes.tsv"), read_table(folder / "panel.tsv")


def test_the_tables_have_the_published_columns(tmp_path):
    write_lines(tmp_path)
    genes, panel = run(tmp_path)
    per_line = ["log2_fold_change", "lfc_se", "fdr", "status"]
    assert genes.columns.tolist() == [
        *["gene_id", "gene_name"],
        *(f"MM1S.{column}" for column in per_line),
        *(f"H929.{column}" for column in per_line),
        *["lines_tested", "lines_significant", "lines_up", "lines_down"],
        *["pooled_log2_fold_change", "pooled_lfc_se", "heterogeneity_f"],
        *["heterogeneity_p_value", "heterogeneity_fdr"],
    ]
    assert panel.columns.tolist() == ["gene_id", "gene_name", "group", *genes.columns[2:]]
    assert panel["gene_name"].tolist() == ["IRF4"]
    assert genes["pooled_log2_fold_change"].tolist() == pytest.approx([0.5, 0.15])


def test_the_order_of_the_lines_does_not_matter(tmp_path):
    write_lines(tmp_path)
    genes, _ = run(tmp_path)
    turned, _ = run(tmp_path, "21")
    pd.testing.assert_frame_equal(turned[genes.columns], genes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "other"}, "name is 'other', but 'pomalidomide_vs_dmso' is compared"),
        ({"fdr": 0.1}, "fdr is 0.1, but 0.05 is compared"),
        ({"log2_fold_change": 0.5}, "log2_fold_change is 0.5, but 1.0 is compared"),
        ({"factor": "drug"}, "factor is 'drug', but 'treatment' is compared"),
        ({"under": {"hours": "24"}}, "under is {'hours': '24'}, but {} is compared"),
        ({"cell_line": "MM1S"}, "is of cell line MM1S, as is"),
    ],
)
def test_tables_that_answer_different_questions_are_refused(tmp_path, changes, message):
    write_lines(tmp_path, **changes)
    with pytest.raises(InputError) as refused:
        run(tmp_path)
    assert len(refused.value.problems) == 1
    assert f"2.json: {message}" in refused.value.problems[0]


def test_one_line_is_refused(tmp_path):
    write_lines(tmp_path)
    with pytest.raises(InputError, match="at least two cell lines"):
        run(tmp_path, "1")
