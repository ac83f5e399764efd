import json

import numpy as np
import pandas as pd
import pytest

import evaluate_targets
from evaluate_targets import evaluate, expectation, find_genes
from tables import CONTRAST, read_table, write_table

HEADER = [
    *["gene_id", "gene_name", "contrast", "group", "acts_on", "expected", "base_mean"],
    *["log2_fold_change", "lfc_se", "p_value", "fdr", "status", "significant", "observed"],
    *["reason", "citation"],
]
SETTINGS = {
    "contrast": "pomalidomide_vs_dmso",
    "numerator": "pomalidomide",
    "denominator": "dmso",
    "control": "dmso",
    "fdr": 0.05,
    "log2_fold_change": 1.0,
}


def panel_of(*genes):
    """A panel of genes given by id and name."""
    frame = pd.DataFrame(genes, columns=["gene_id", "gene_name"])
    return frame.assign(
        group="core",
        acts_on="rna",
        lenalidomide="unknown",
        pomalidomide="down",
        citation="A paper, 2014",
        note="not published",
    )


def genes_of(*genes):
    return pd.DataFrame(genes, columns=["gene_id", "gene_name"])


def found(panel, genes):
    return find_genes(panel_of(*panel), genes_of(*genes)).tolist()


# Finding the genes


@pytest.mark.parametrize("version", ["", ".18"])
@pytest.mark.parametrize("annotated", ["", ".12"])
def test_a_gene_is_found_by_its_id_whatever_the_versions(version, annotated):
    panel = [("ENSG00000185811" + version, "IKZF1")]
    genes = [("ENSG00000137265.1", "IRF4"), ("ENSG00000185811" + annotated, "IKAROS")]
    assert found(panel, genes) == ["ENSG00000185811" + annotated]


def test_an_id_that_ends_in_a_number_is_no_version():
    genes = [("RP11-34P13.7", "x"), ("RP11-34P13.8", "y")]
    assert found([("RP11-34P13.8", "other")], genes) == ["RP11-34P13.8"]


def test_the_copy_on_the_y_chromosome_does_not_hide_the_gene():
    genes = [("ENSG00000182378.15", "PLCXD1"), ("ENSG00000182378.15_PAR_Y", "PLCXD1")]
    assert found([("ENSG00000182378", "PLCXD1")], genes) == ["ENSG00000182378.15"]


def test_a_gene_of_another_id_is_found_by_its_name():
    assert found([("ENSG00000185811", "IKZF1")], [("10320", "IKZF1")]) == ["10320"]


def test_the_id_goes_before_the_name():
    genes = [("ENSG00000185811", "old name"), ("ENSG00000999999", "IKZF1")]
    assert found([("ENSG00000185811", "IKZF1")], genes) == ["ENSG00000185811"]


def test_a_name_that_two_genes_have_finds_neither():
    genes = [("1", "IKZF1"), ("2", "IKZF1"), ("3", "IRF4")]
    result = find_genes(panel_of(("ENSG00000185811", "IKZF1")), genes_of(*genes))
    assert result.isna().all()


def test_a_gene_that_is_not_annotated_is_not_found():
    result = find_genes(panel_of(("ENSG00000185811", "IKZF1")), genes_of(("3", "IRF4")))
    assert result.isna().all()


# What is expected


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        ("pomalidomide", "dmso", "down"),
        ("lenalidomide", "dmso", "unknown"),
        ("pomalidomide", "lenalidomide", "unknown"),
        ("dmso", "pomalidomide", "unknown"),
        ("bortezomib", "dmso", "unknown"),
    ],
)
def test_an_expectation_holds_against_the_control_alone(numerator, denominator, expected):
    panel = panel_of(("ENSG00000137265", "IRF4"))
    assert expectation(panel, numerator, denominator, "dmso").tolist() == [expected]


# What is observed


def contrast_row(gene_id, change=0.0, fdr=0.9, status="tested", p_value=0.5):
    numbers = [gene_id, "name", 100.0, change, 0.2, change / 0.2, p_value, fdr, status]
    return dict.fromkeys(CONTRAST) | dict(zip(CONTRAST, numbers, strict=False))


def evaluated(**row):
    """The row of one target whose row in the contrast table is given."""
    panel = panel_of(("ENSG00000137265", "IRF4"))
    table = pd.DataFrame([contrast_row("ENSG00000137265.16", **row)])
    gene = pd.Series(["ENSG00000137265.16"])
    return evaluate(panel, gene, table, SETTINGS).iloc[0]


@pytest.mark.parametrize(
    ("change", "fdr", "significant", "observed"),
    [
        (-1.5, 0.01, "yes", "down"),
        (1.5, 0.01, "yes", "up"),
        (-0.9, 1e-9, "no", "unchanged"),
        (-3.0, 0.06, "no", "unchanged"),
        (-1.0, 0.01, "no", "unchanged"),
        (-1.5, 0.05, "no", "unchanged"),
    ],
)
def test_a_change_is_observed_where_it_is_significant(change, fdr, significant, observed):
    row = evaluated(change=change, fdr=fdr)
    assert (row["significant"], row["observed"]) == (significant, observed)
    assert pd.isna(row["reason"])


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
    assert pd.isna(row["observed"])


def test_a_target_that_is_not_annotated_has_a_row_with_the_reason():
    panel = panel_of(("ENSG00000137265", "IRF4"), ("ENSG00000136997", "MYC"))
    genes = pd.Series([None, "ENSG00000136997.21"])
    table = pd.DataFrame([contrast_row("ENSG00000136997.21", change=-2.0, fdr=0.001)])
    row = evaluate(panel, genes, table, SETTINGS).iloc[0]
    assert (row["gene_id"], row["gene_name"]) == ("ENSG00000137265", "IRF4")
    assert (row["status"], row["reason"]) == ("not_annotated", "not in the annotation")
    assert (row["significant"], row["expected"]) == ("no", "down")
    assert row[["base_mean", "log2_fold_change", "p_value", "fdr", "observed"]].isna().all()


def test_a_target_has_its_numbers_and_the_panels_words():
    row = evaluated(change=-1.5, fdr=0.01, p_value=0.002)
    assert row["gene_id"] == "ENSG00000137265.16"
    assert row["gene_name"] == "IRF4"
    assert row[["base_mean", "log2_fold_change", "lfc_se"]].tolist() == [100.0, -1.5, 0.2]
    assert row[["p_value", "fdr"]].tolist() == [0.002, 0.01]
    assert row[["group", "acts_on", "citation"]].tolist() == ["core", "rna", "A paper, 2014"]


# The command


@pytest.fixture
def published(tmp_path):
    """The targets table of two contrasts and a panel of three genes, one not annotated."""
    panel = panel_of(
        ("ENSG00000185811", "IKZF1"), ("ENSG00000137265", "IRF4"), ("ENSG00000000001", "GONE")
    )
    text = panel.to_csv(sep="\t", index=False).replace("\tIKZF1\t", " \tIKZF1 \t")
    (tmp_path / "panel.tsv").write_text("# as people write it\n" + text)
    genes = genes_of(("ENSG00000137265.16", "IRF4"), ("ENSG00000185811.18", "IKZF1"))
    write_table(genes, tmp_path / "genes.tsv")
    arguments = {"contrasts": [], "sidecars": []}
    changes = {"pomalidomide_vs_dmso": -2.5, "pomalidomide_vs_lenalidomide": -0.5}
    for name, change in changes.items():
        rows = [
            contrast_row("ENSG00000137265.16", change=change, fdr=1e-6),
            contrast_row("ENSG00000185811.18", change=0.1),
        ]
        write_table(pd.DataFrame(rows), tmp_path / f"{name}.tsv")
        numerator, denominator = name.split("_vs_")
        sidecar = {"contrast": name, "numerator": numerator, "denominator": denominator}
        sidecar |= {"fdr": 0.05, "log2_fold_change": 1.0}
        (tmp_path / f"{name}.json").write_text(json.dumps(sidecar))
        arguments["contrasts"].append(str(tmp_path / f"{name}.tsv"))
        arguments["sidecars"].append(str(tmp_path / f"{name}.json"))
    evaluate_targets.main(
        [
            *["--panel", str(tmp_path / "panel.tsv"), "--genes", str(tmp_path / "genes.tsv")],
            *["--contrasts", *arguments["contrasts"], "--sidecars", *arguments["sidecars"]],
            *["--control", "dmso", "--output", str(tmp_path / "targets.tsv")],
        ]
    )
    return tmp_path / "targets.tsv"


def test_the_targets_table_has_the_published_columns(published):
    with published.open() as lines:
        assert next(lines).rstrip("\n").split("\t") == HEADER


def test_each_target_has_one_row_in_each_contrast_in_the_order_of_the_panel(published):
    table = read_table(published)
    assert list(zip(table["contrast"], table["gene_name"], strict=True)) == [
        (contrast, gene)
        for contrast in ["pomalidomide_vs_dmso", "pomalidomide_vs_lenalidomide"]
        for gene in ["IKZF1", "IRF4", "GONE"]
    ]


def test_each_row_has_the_numbers_of_its_own_contrast(published):
    table = read_table(published).set_index(["contrast", "gene_name"])
    assert table["log2_fold_change"]["pomalidomide_vs_dmso", "IRF4"] == -2.5
    assert table["log2_fold_change"]["pomalidomide_vs_lenalidomide", "IRF4"] == -0.5
    assert table["observed"]["pomalidomide_vs_dmso", "IRF4"] == "down"
    assert table["observed"]["pomalidomide_vs_lenalidomide", "IRF4"] == "unchanged"
    assert table["expected"]["pomalidomide_vs_lenalidomide", "IRF4"] == "unknown"


def test_what_is_missing_is_written_as_na(published):
    lines = [line.split("\t") for line in published.read_text().splitlines()]
    gone = dict(zip(HEADER, next(line for line in lines if line[1] == "GONE"), strict=True))
    assert gone["reason"] == "not in the annotation"
    numbers = ["base_mean", "log2_fold_change", "lfc_se", "p_value", "fdr", "observed"]
    assert {gone[column] for column in numbers} == {"NA"}


@pytest.mark.filterwarnings("error")
def test_a_panel_of_which_nothing_is_annotated_still_has_its_rows():
    panel = panel_of(("ENSG00000137265", "IRF4"), ("ENSG00000136997", "MYC"))
    genes = find_genes(panel, genes_of(("3", "ACTB")))
    rows = evaluate(panel, genes, pd.DataFrame([contrast_row("3")]), SETTINGS)
    assert rows["gene_name"].tolist() == ["IRF4", "MYC"]
    assert rows["status"].tolist() == ["not_annotated", "not_annotated"]
