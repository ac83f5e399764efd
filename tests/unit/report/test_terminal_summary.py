"""The lines that a run ends with."""

import json
from types import SimpleNamespace

import pytest

from contrast_results import sidecar
from imid.question.contrast_results import write_result
from imid.report import terminal_summary
from imid.report.terminal_summary import contrast_line, summary_lines
from imid.shared.tables import write_table

FIT, CONTRAST = "cell_lines/MM1S", "pomalidomide_vs_dmso"


@pytest.fixture
def plan(targets, tmp_path):
    """A finished run of one fit with one contrast."""
    write_table(targets, tmp_path / FIT / "targets.tsv")
    (tmp_path / FIT / "contrasts").mkdir()
    write_result(sidecar(), tmp_path / FIT / "contrasts" / f"{CONTRAST}.json")
    (tmp_path / "report.html").touch()
    thresholds = SimpleNamespace(fdr=0.05, log2_fold_change=1.0)
    settings = SimpleNamespace(differential=thresholds)
    return SimpleNamespace(
        fits={FIT: None},
        contrasts_of_fit=lambda fit: [CONTRAST],
        experiment=SimpleNamespace(settings=settings),
    )


def warned(tmp_path, *texts):
    """Write provenance with warnings: the first of a line, the others of the run as a whole."""
    warnings = [
        {"about": None if number else "MM1S", "warning": text} for number, text in enumerate(texts)
    ]
    (tmp_path / "provenance.json").write_text(json.dumps({"warnings": warnings, "commit": "x"}))


def test_a_contrast_is_told_by_its_genes_and_the_first_targets(targets):
    told = contrast_line(FIT, sidecar(), targets)
    assert told == "MM1S, pomalidomide_vs_dmso: 1 genes up, 2 down; IRF4 -2.25 *"


def test_a_target_that_was_not_tested_is_left_out(targets):
    targets.loc[targets["gene_name"] == "IRF4", "log2_fold_change"] = None
    assert contrast_line(FIT, sidecar(), targets).endswith("2 down")


def test_a_run_ends_with_what_was_found_and_what_to_open(plan, tmp_path):
    warned(tmp_path)
    first, found, last = summary_lines(plan, tmp_path)
    assert first == "FDR < 0.05 and |log2 fold change| > 1:"
    assert found.startswith("  MM1S, pomalidomide_vs_dmso: ")
    assert last == f"Open {tmp_path}/report.html"


def test_warnings_are_told_again_the_first_of_them(plan, tmp_path):
    warned(tmp_path, "one", "two", "three", "four")
    lines = [*summary_lines(plan, tmp_path)]
    assert lines[2:] == [
        *["Warnings (4, all of them on the page):", "  MM1S: one", "  two", "  three"],
        f"Open {tmp_path}/report.html",
    ]


def test_what_cannot_be_read_fails_no_run(plan, tmp_path, monkeypatch, capsys):
    """As after --touch, which makes results of what is there."""
    warned(tmp_path)
    (tmp_path / FIT / "contrasts" / f"{CONTRAST}.json").write_text("{}")
    monkeypatch.setattr(terminal_summary.summary_lines, "__defaults__", (tmp_path,))
    terminal_summary.tell_what_was_found(plan)
    told = capsys.readouterr()
    assert "Open" not in told.out
    assert f"{CONTRAST}.json: Object missing required field" in told.err


def test_what_may_not_be_read_fails_no_run(plan, monkeypatch, capsys):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", "results/provenance.json")

    monkeypatch.setattr(terminal_summary, "summary_lines", refuse)
    terminal_summary.tell_what_was_found(plan)
    assert "results/provenance.json: cannot be used: Permission denied" in capsys.readouterr().err


@pytest.mark.parametrize(
    "missing", ["report.html", "provenance.json", f"{FIT}/contrasts/{CONTRAST}.json"]
)
def test_a_run_that_was_asked_for_less_says_nothing(plan, tmp_path, missing):
    warned(tmp_path)
    (tmp_path / missing).unlink()
    assert not [*summary_lines(plan, tmp_path)]
