"""Finding the panel's genes in an annotation."""

import pandas as pd
import pytest

from imid.question.target_genes import find_genes, panel_genes


def targets_of(*targets):
    """Targets given by id, name and, for some, aliases."""
    rows = [(*target, "")[:3] for target in targets]
    return pd.DataFrame(rows, columns=["gene_id", "gene_name", "aliases"])


def genes_of(*genes):
    return pd.DataFrame(genes, columns=["gene_id", "gene_name"])


def resolved(targets, genes):
    return find_genes(targets_of(*targets), genes_of(*genes))


def found(targets, genes):
    return resolved(targets, genes)["found"].tolist()


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
    result = resolved([("ENSG00000185811", "IKZF1")], genes)
    assert result.isna().all(axis=None)


def test_a_gene_that_is_not_annotated_is_not_found():
    result = resolved([("ENSG00000185811", "IKZF1")], [("3", "IRF4")])
    assert result.isna().all(axis=None)


IRF4 = ("ENSG00000137265", "IRF4", "MUM1; LSIRF")


@pytest.mark.parametrize("alias", ["MUM1", "LSIRF"])
def test_an_alias_is_used_and_told_where_nothing_else_is_annotated(alias):
    result = resolved([IRF4], [("1", "ACTB"), ("3662", alias)])
    assert result["found"].tolist() == ["3662"]
    assert result["remark"].tolist() == [f"IRF4 is taken from its alias {alias}: 3662"]


@pytest.mark.parametrize("annotated", [("ENSG00000137265.2", "x"), ("3662", "IRF4")])
def test_the_id_and_the_symbol_go_before_an_alias(annotated):
    result = resolved([IRF4], [("84939", "MUM1"), annotated])
    assert result["found"].tolist() == [annotated[0]]
    assert result["remark"].isna().all()


@pytest.mark.parametrize("genes", [[("1", "MUM1"), ("2", "MUM1")], [("1", "MUM1"), ("2", "LSIRF")]])
def test_aliases_that_name_two_genes_are_not_used_and_that_is_told(genes):
    result = resolved([IRF4], genes)
    assert result["found"].isna().all()
    (remark,) = result["remark"]
    assert remark.startswith("IRF4 is not used under an alias: its aliases name 1 (")


@pytest.mark.parametrize("other", [("1", "PWWP3A", "MUM1"), ("1", "MUM1", "")])
def test_an_alias_of_another_target_is_not_used_and_that_is_told(other):
    result = resolved([IRF4, other], [("1", "MUM1")])
    assert pd.isna(result["found"][0])
    assert result["remark"][0] == (
        "IRF4 is not used under an alias: 1 (MUM1) is another target as well"
    )


def test_two_targets_with_one_alias_both_go_without():
    result = resolved([("a", "A", "X"), ("b", "B", "X")], [("1", "X")])
    assert result["found"].isna().all()
    assert result["remark"].str.contains("another target").all()


def test_a_gene_is_looked_for_once_however_many_rows_it_has():
    panel = targets_of(("ENSG00000137265", "IRF4"), ("b", "B"), ("ENSG00000137265.3", "IRF4"))
    assert panel_genes(panel).index.tolist() == [0, 1]
