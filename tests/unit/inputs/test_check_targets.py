"""The target panel."""

import pytest

from imid.inputs.check_reference import Annotation
from imid.inputs.check_targets import find_panel, panel_problems, unannotated_targets
from imid.userfiles.check_table import read_user_table
from running import ROOT
from small_experiment import PANEL, write

IRF4 = "ENSG00000137265"


def panel(tmp_path, text):
    write(tmp_path / "targets.tsv", text)
    return read_user_table(tmp_path / "targets.tsv", "targets.tsv")


def test_a_correct_panel(tmp_path):
    assert panel_problems(panel(tmp_path, PANEL)) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("acts_on", "act_on", "line 1: unknown column 'act_on'; did you mean 'acts_on'?"),
        ("\tcontrol", "", "line 1: column 'control' is missing"),
        (
            "control",
            "setting",
            "line 1: unknown column 'setting'; known are gene_id, gene_name, aliases, group,"
            " acts_on, lenalidomide, pomalidomide, cells, dose_um, hours, control,"
            " log2_fold_change, lfc_se, p_value, n, citation, note",
        ),
        (
            "rna",
            "mrna",
            "line 2, column acts_on: 'mrna' is not one of protein, rna, none; did you mean 'rna'?",
        ),
        (
            "unchanged\tunchanged",
            "unchanged\tsame",
            "line 3, column pomalidomide: 'same' is not one of up, down, unchanged, unknown",
        ),
        (
            "down\tdown",
            "\tdown",
            "line 2, column lenalidomide: is empty. What lenalidomide is expected to do to the"
            " mRNA.",
        ),
        (
            "IKZF1",
            "IRF4",
            f"line 3, column gene_name: 'IRF4' is on line 2 with another gene_id, '{IRF4}'",
        ),
        (
            IRF4,
            "",
            "line 2, column gene_id: is empty. The gene's id as in the annotation; a version such"
            " as .12 does not matter.",
        ),
        (
            "\t10\t",
            "\t10 uM\t",
            "line 2, column dose_um: '10 uM' does not fit. The dose at which that was seen, in"
            " micromolar and without the unit, such as 10 or 0.5; empty where the source does not"
            " say.",
        ),
        (
            "\t72\t",
            "\t3 d\t",
            "line 2, column hours: '3 d' does not fit. After how many hours that was seen, without"
            " the unit, such as 24; empty where the source does not say.",
        ),
        (
            "IKAROS",
            "NA",
            "line 3, column aliases: 'NA' does not fit. Other names, separated by semicolons, for"
            " annotations that use one; or empty.",
        ),
    ],
)
def test_one_fault_gives_its_message(tmp_path, old, new, message):
    text = PANEL.replace(" ", "\t")
    assert text.count(old) == 1
    if old == "\tcontrol":
        text = text.replace("\tDMSO", "")
    told = panel_problems(panel(tmp_path, text.replace(old, new)))
    assert told[0] == f"targets.tsv, {message}"
    assert told[1:] == (
        ["targets.tsv, line 1: column 'control' is missing"] if new == "setting" else []
    )


ROW = f"{IRF4}\tIRF4\tMUM1\tcore\trna\tdown\tunknown\tMM.1S\t10\t24\tDMSO\tPMID:3\tnone\n"


def test_a_gene_may_have_a_row_for_each_setting(tmp_path):
    assert panel_problems(panel(tmp_path, PANEL + ROW)) == []
    assert panel_problems(panel(tmp_path, PANEL + ROW.replace(IRF4, f"{IRF4}.7"))) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "MM.1S\t10\t24",
            "mm1s\t10.0\t72",
            f"gene_id: '{IRF4}' is already on line 2 in the same setting; rows of one gene"
            " differ in cells, dose_um, hours, control",
        ),
        (
            "\tIRF4",
            "\tIRF8",
            "gene_name: 'IRF8' is not what line 2 says, 'IRF4'; the rows of one gene differ in"
            " their setting alone",
        ),
        (
            "MUM1",
            "MUM1;LSIRF",
            "aliases: 'MUM1;LSIRF' is not what line 2 says, 'MUM1'; the rows of one gene differ in"
            " their setting alone",
        ),
        (
            "core",
            "other",
            "group: 'other' is not what line 2 says, 'core'; the rows of one gene differ in"
            " their setting alone",
        ),
        (
            "rna",
            "none",
            "acts_on: 'none' is not what line 2 says, 'rna'; the rows of one gene differ in"
            " their setting alone",
        ),
    ],
)
def test_rows_of_one_gene_differ_in_their_setting_alone(tmp_path, old, new, message):
    text = PANEL + ROW.replace(old, new, 1)
    assert panel_problems(panel(tmp_path, text)) == [f"targets.tsv, line 4, column {message}"]


NUMBERS = ["log2_fold_change", "lfc_se", "p_value", "n"]


def panel_with_numbers(tmp_path, control="DMSO", drugs=("down", "unknown"), **numbers):
    """A panel of one gene, of which what was measured is given."""
    columns = PANEL.split("\n")[0].split("\t")
    known = dict(zip(columns, ROW.rstrip("\n").split("\t"), strict=True)) | numbers
    known |= dict(zip(["lenalidomide", "pomalidomide"], drugs, strict=True), control=control)
    header = [*columns, *NUMBERS]
    cells = [known.get(column, "") for column in header]
    return panel(tmp_path, "\t".join(header) + "\n" + "\t".join(cells) + "\n")


@pytest.mark.parametrize(
    "numbers",
    [
        {},
        {"log2_fold_change": "-1.74", "p_value": "2.35e-05", "n": "3"},
        {"log2_fold_change": "-1.74", "lfc_se": "0.12"},
        {"log2_fold_change": "-1.74"},
        {"log2_fold_change": "0", "lfc_se": "0.12", "p_value": "0.9"},
    ],
)
def test_numbers_may_be_given(tmp_path, numbers):
    assert panel_problems(panel_with_numbers(tmp_path, **numbers)) == []


@pytest.mark.parametrize(
    ("numbers", "column", "words"),
    [
        (
            {"p_value": "0.01", "n": "3"},
            "log2_fold_change",
            "is empty, but p_value and n are given",
        ),
        (
            {"log2_fold_change": "-1.7", "drugs": ("down", "down")},
            "log2_fold_change",
            "'-1.7' may be of lenalidomide or pomalidomide; a row with a number has unknown for"
            " the other drug",
        ),
        ({"log2_fold_change": "1.7"}, "log2_fold_change", "'1.7' is not down"),
        (
            {"log2_fold_change": "-1.7", "control": ""},
            "control",
            "is empty; a log2 fold change needs what it was seen against",
        ),
        (
            {"log2_fold_change": "-1.7", "lfc_se": "0.0"},
            "lfc_se",
            "'0.0' is no error; leave it empty if not known",
        ),
        (
            {"log2_fold_change": "-1.7", "p_value": "0.0"},
            "p_value",
            "'0.0' gives no error; it lies between 0 and 1",
        ),
        (
            {"log2_fold_change": "0", "p_value": "0.9"},
            "p_value",
            "gives no error for a log2 fold change of 0; give lfc_se",
        ),
        ({"log2_fold_change": "-1.7", "n": "3"}, "n", "'3' needs lfc_se or p_value"),
    ],
)
def test_numbers_that_say_nothing_are_told(tmp_path, numbers, column, words):
    told = panel_problems(panel_with_numbers(tmp_path, **numbers))
    assert told == [f"targets.tsv, line 2, column {column}: {words}"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("log2_fold_change", "-1,7"), ("lfc_se", "-0.1"), ("p_value", "<0.001"), ("n", "1")],
)
def test_what_is_no_number_is_told(tmp_path, column, value):
    numbers = {"log2_fold_change": "-1.7", "p_value": "0.01"} | {column: value}
    (told,) = panel_problems(panel_with_numbers(tmp_path, **numbers))
    assert told.startswith(f"targets.tsv, line 2, column {column}: '{value}' does not fit.")


def test_the_panel_of_the_workflow_is_correct():
    path = ROOT / "resources/targets.tsv"
    table = read_user_table(path, "targets.tsv")
    assert panel_problems(table) == []
    assert (table.rows["citation"] != "").all()
    assert table.rows["note"].str.endswith(".").where(table.rows["note"] != "", True).all()


@pytest.mark.parametrize(
    ("genes", "absent"),
    [
        ({f"{IRF4}.15": "IRF4", "ENSG00000185811": "IKZF1"}, []),
        ({IRF4: "MUM1", "FBgn1": "IKZF1"}, []),
        ({IRF4: "IRF4"}, [3]),
        ({f"{IRF4}1": "x"}, [2, 3]),
    ],
)
def test_targets_are_looked_for_by_id_and_by_name(tmp_path, genes, absent):
    warnings = unannotated_targets(
        panel(tmp_path, PANEL), Annotation("a.gtf", genes, {}, complete=True)
    )
    assert [warning.split(",")[1] for warning in warnings] == [f" line {line}" for line in absent]


def test_an_alias_of_the_annotation_is_told_with_its_line(tmp_path):
    genes = {f"{IRF4}.15": "IRF4", "10320": "IKAROS"}
    assert unannotated_targets(
        panel(tmp_path, PANEL + ROW), Annotation("a.gtf", genes, {}, complete=True)
    ) == ["targets.tsv, line 3, column aliases: IKZF1 is taken from its alias IKAROS: 10320"]


def test_an_alias_of_two_genes_is_told_and_the_target_is_absent(tmp_path):
    genes = {IRF4: "IRF4", "1": "IKAROS", "2": "IKAROS"}
    assert unannotated_targets(
        panel(tmp_path, PANEL), Annotation("a.gtf", genes, {}, complete=True)
    ) == [
        "targets.tsv, line 3, column aliases: IKZF1 is not used under an alias: its aliases name"
        " 1 (IKAROS) and 2 (IKAROS)",
        "targets.tsv, line 3, column gene_id: 'ENSG00000185811' (IKZF1) is not in a.gtf; its row"
        " of the target table will say so",
    ]


def test_a_number_is_not_always_a_version(tmp_path):
    text = PANEL.replace(IRF4, "SPAC212.11").replace("IRF4", "tlh1")
    other = Annotation("a.gtf", {"SPAC212.10": "x", "ENSG00000185811": "IKZF1"}, {}, complete=True)
    assert len(unannotated_targets(panel(tmp_path, text), other)) == 1


def test_nothing_is_said_of_an_annotation_seen_in_part(tmp_path):
    some = Annotation("a.gtf", {"g": "g"}, {}, complete=False)
    assert unannotated_targets(panel(tmp_path, PANEL), some) == []


def test_the_users_panel_goes_before_the_workflows(tmp_path):
    here, root = tmp_path / "here", tmp_path / "root"
    assert str(find_panel("p.tsv", here, root)) == "p.tsv"
    write(root / "p.tsv", PANEL)
    assert find_panel("p.tsv", here, root) == root / "p.tsv"
    write(here / "p.tsv", PANEL)
    assert str(find_panel("p.tsv", here, root)) == "p.tsv"
