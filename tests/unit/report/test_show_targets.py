import json
import subprocess
import sys

import pytest

from imid.report import show_targets
from imid.report.show_targets import overview
from imid.shared.problems import InputError
from imid.shared.tables import write_table


@pytest.fixture
def lines(targets):
    """The lines of the overview by the gene they show."""
    header, *rows = overview(targets).splitlines()
    return {"header": header, **{row.split()[1]: row for row in rows}}


def test_each_target_has_one_line_in_the_order_of_the_table(lines):
    assert list(lines) == ["header", "IRF4", "IKZF1", "MICA", "PVR"]


def test_the_contrasts_are_the_columns_in_their_order(lines):
    assert lines["header"].split() == [
        *["group", "gene_name", "lenalidomide_vs_dmso", "pomalidomide_vs_dmso"]
    ]


def test_significant_changes_are_signed_and_starred(lines):
    assert lines["IRF4"].split() == ["core", "IRF4", "-1.50", "*", "-2.25", "*"]


def test_other_changes_are_signed_only(lines):
    assert lines["IKZF1"].split() == ["core", "IKZF1", "+0.13", "-0.07"]


@pytest.mark.parametrize(
    ("gene", "reason"),
    [("MICA", "too few reads to be tested"), ("PVR", "not in the annotation")],
)
def test_the_reason_stands_where_there_is_no_test(lines, gene, reason):
    assert lines[gene].count(reason) == 2


def test_every_cell_line_of_the_run_is_printed_and_then_where_the_results_lie(
    targets, tmp_path, capsys
):
    other = targets.assign(log2_fold_change=7.77)
    write_table(targets, tmp_path / "cell_lines" / "MM1S" / "targets.tsv")
    write_table(other, tmp_path / "cell_lines" / "MM1S_res" / "targets.tsv")
    write_table(other, tmp_path / "cell_lines" / "left_over" / "targets.tsv")
    fits = ["cell_lines/MM1S", "cell_lines/MM1S_res", "joint/MM1S+MM1S_res"]
    (tmp_path / "provenance.json").write_text(json.dumps({"fits": fits}))
    show_targets.main([str(tmp_path)])
    printed = capsys.readouterr().out
    first, second = printed.index("MM1S:"), printed.index("MM1S_res:")
    assert "left_over" not in printed
    assert "-2.25 *" in printed[first:second]
    assert "+7.77 *" in printed[second:]
    assert printed.endswith(f"Report:  {tmp_path}/report.html\nTables:  {tmp_path}/cell_lines/\n")


def test_a_provenance_that_was_cut_is_told_as_such(tmp_path):
    (tmp_path / "provenance.json").write_text('{"fits": ["cell')
    with pytest.raises(InputError, match="it is damaged"):
        show_targets.main([str(tmp_path)])


def test_a_reader_that_has_seen_enough_ends_it_without_a_word(targets, tmp_path):
    fits = [f"cell_lines/{number}" for number in range(400)]
    (tmp_path / "provenance.json").write_text(json.dumps({"fits": fits}))
    for fit in fits:
        write_table(targets, tmp_path / fit / "targets.tsv")
    command = f"{sys.executable} -m imid.report.show_targets {tmp_path} | head -n 1"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("\n", "")
