import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, kstest, norm

from contrast_results import sidecar
from imid.differential import deseq, fitting
from imid.evidence import compare_cell_lines
from imid.evidence.compare_cell_lines import compare, heterogeneity, panel_rows
from imid.question.contrast_results import write_result
from imid.shared.problems import InputError
from imid.shared.tables import CONTRAST, read_table, write_table
from imid.synthetic.simulate_counts import ExperimentalDesign, simulate

CONTRAST_NAME = "pomalidomide_vs_dmso"


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
    return compare(tables, 0.05, 1.0).set_index("gene_id")


# The test of heterogeneity


def test_of_two_lines_it_is_the_test_of_their_difference():
    changes = pd.DataFrame({"A": [1.0, -2.0, 0.3], "B": [0.2, 1.0, 0.3]})
    errors = pd.DataFrame({"A": [0.3, 0.5, 0.1], "B": [0.4, 0.2, 0.9]})
    difference = (changes["A"] - changes["B"]) / np.hypot(errors["A"], errors["B"])

    found = heterogeneity(changes, errors)

    np.testing.assert_allclose(found["heterogeneity_p_value"], 2 * norm.sf(difference.abs()))
    np.testing.assert_allclose(found["heterogeneity_q"], difference**2, atol=1e-12)


def test_of_several_lines_it_is_the_weighted_regression_on_a_constant():
    random = np.random.default_rng(5)
    changes = pd.DataFrame(random.normal(0, 1, (20, 5)), columns=list("ABCDE"))
    errors = pd.DataFrame(random.uniform(0.1, 1, (20, 5)), columns=list("ABCDE"))
    changes.iloc[3, 2] = errors.iloc[3, 2] = np.nan

    found = heterogeneity(changes, errors)

    for gene in range(20):
        seen = changes.loc[gene].notna()
        change, error = (frame.loc[gene, seen].to_numpy() for frame in (changes, errors))
        (mean,), (residual,), *_ = np.linalg.lstsq(1 / error[:, None], change / error, rcond=None)
        np.testing.assert_allclose(found.loc[gene, "pooled_log2_fold_change"], mean)
        np.testing.assert_allclose(found.loc[gene, "heterogeneity_q"], residual)
        expected = max(0, (residual - (seen.sum() - 1)) / residual)
        np.testing.assert_allclose(found.loc[gene, "i_squared"], expected, atol=1e-12)


def test_p_values_are_uniform_where_lines_agree_and_errors_are_known():
    random = np.random.default_rng(6)
    errors = pd.DataFrame(random.uniform(0.1, 1, (5000, 4)))
    changes = random.normal(0, 2, (5000, 1)) + errors * random.normal(size=errors.shape)

    found = heterogeneity(changes, errors)

    assert kstest(found["heterogeneity_p_value"], "uniform").pvalue > 0.01


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
    tables = {}
    for line, samples in simulation.samples.groupby("cell_line"):
        fit = fitting.fit(
            simulation.counts[samples.index], samples[["treatment"]], "~ treatment", "dmso"
        )
        table = deseq.contrast(fit, ("treatment", "pomalidomide", "dmso"), 0.05)
        names = pd.DataFrame({"gene_id": table.index, "gene_name": table.index})
        tables[line] = names.join(table, on="gene_id").reindex(columns=CONTRAST)
    return compare(tables, 0.05, 1.0).set_index("gene_id"), simulation.truth


def test_with_three_replicates_p_values_are_about_uniform_where_lines_agree(simulated_lines):
    found, truth = simulated_lines
    agree = found["heterogeneity_p_value"][truth["interaction"] == 0].dropna()
    assert len(agree) > 1000
    assert 0.02 < (agree < 0.05).mean() < 0.09


def test_lines_that_differ_are_found(simulated_lines):
    found, truth = simulated_lines
    differ = (truth["interaction"].abs() > 2) & (truth["mean"] > 50)
    assert differ.sum() >= 20
    assert (found["heterogeneity_fdr"] < 0.05)[differ].mean() > 0.9
    called = found["heterogeneity_fdr"] < 0.05
    assert (truth["interaction"] == 0)[called].mean() < 0.15


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
    columns = ["heterogeneity_q", "heterogeneity_p_value", "pooled_log2_fold_change"]

    found = compared(*two, [third]).loc["g", columns]

    assert found.to_dict() == compared(*two).loc["g", columns].to_dict()
    assert found["pooled_log2_fold_change"] == pytest.approx(1.5)
    assert found["heterogeneity_q"] == pytest.approx(1 / 0.08)


def test_a_gene_with_few_reads_in_a_line_weighs_little_there():
    found = compared(
        [("g", 1.0, 0.2, 0.01, "tested")],
        [("g", 1.2, 0.2, 0.01, "tested")],
        [("g", -3.0, 4.0, np.nan, "low_count")],
    ).loc["g"]
    assert found["heterogeneity_q"] > 0.5
    assert found["pooled_log2_fold_change"] == pytest.approx(1.09, abs=0.01)


def test_a_gene_of_one_line_has_no_test():
    found = compared(
        [("g", 1.0, 0.2, 0.01, "tested"), ("h", 1.0, 0.2, 0.01, "tested")],
        [("h", 1.0, 0.2, 0.01, "tested")],
    )
    tests = ["heterogeneity_q", "heterogeneity_p_value", "heterogeneity_fdr", "i_squared"]
    assert found.loc["g", tests].isna().all()
    assert found.loc["g", "pooled_log2_fold_change"] == 1.0
    assert found.loc["g", "B.status"] == "not_annotated"
    assert found.loc["h", "heterogeneity_p_value"] == pytest.approx(1.0)


def test_the_rate_is_over_genes_tested_in_two_lines():
    random = np.random.default_rng(7)
    changes = random.normal(0, 1, (3, 30))
    statuses = np.where(np.arange(30) < 20, "tested", "low_count")
    lines = [(changes[0], statuses), (changes[1], statuses), (changes[2], ["tested"] * 30)]
    found = compared(
        *([(f"g{n}", line[n], 0.3, 0.5, status[n]) for n in range(30)] for line, status in lines)
    )
    p_values = found["heterogeneity_p_value"]
    assert p_values.notna().all()
    assert found["heterogeneity_fdr"].notna().tolist() == [True] * 20 + [False] * 10
    expected = false_discovery_control(p_values[:20])
    np.testing.assert_allclose(found["heterogeneity_fdr"][:20], expected)


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
    assert gone[["A.log2_fold_change", "heterogeneity_q"]].isna().all()
    assert (genes.columns.isin(rows.columns)).all()


# The command


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
    write_table(targets_of(("b", "IRF4", "core")), folder / "targets.tsv")


def run(folder, lines="12"):
    compare_cell_lines.main(
        [
            *["--contrast", CONTRAST_NAME],
            *["--tables", *(str(folder / f"{line}.tsv") for line in lines)],
            *["--sidecars", *(str(folder / f"{line}.json") for line in lines)],
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
        *["pooled_log2_fold_change", "pooled_lfc_se", "heterogeneity_q"],
        *["heterogeneity_p_value", "heterogeneity_fdr", "i_squared"],
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
