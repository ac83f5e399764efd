"""The target panel."""

import pytest

from check_reference import Annotation
from check_table import read_user_table
from check_targets import find_panel, panel_problems, unannotated_targets
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
        ("\tsetting", "", "line 1: column 'setting' is missing"),
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
            "ENSG00000185811\tIKZF1",
            f"{IRF4}.7\tIKZF1",
            f"line 3, column gene_id: '{IRF4}.7' is already on line 2; name each gene once",
        ),
        (
            "IKZF1",
            "IRF4",
            "line 3, column gene_name: 'IRF4' is already on line 2; name each gene once",
        ),
    ],
)
def test_one_fault_gives_its_message(tmp_path, old, new, message):
    text = PANEL.replace(" ", "\t")
    assert text.count(old) == 1
    if old == "\tsetting":
        text = text.replace("\tMM.1S", "")
    assert panel_problems(panel(tmp_path, text.replace(old, new))) == [f"targets.tsv, {message}"]


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
