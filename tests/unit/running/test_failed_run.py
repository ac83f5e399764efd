"""What a run that failed still shows, by what Snakemake says of its jobs."""

import json
from types import SimpleNamespace

import pytest

from imid.question.contrasts import Contrast
from imid.question.fits import Fit
from imid.question.plan import Plan
from imid.running.failed_run import FAILED_RUN, show_what_was_finished

LINES = ["MM1S", "U266"]
LOG = """\
rule fit:
    jobid: 7
    wildcards: fit=cell_lines/U266

Error in rule fit:
    jobid: 7
    log: logs/fit.log (check log file(s) for error details)
"""


@pytest.fixture
def plan():
    contrast = Contrast("treatment", "lenalidomide", "dmso", name="len")
    return Plan(SimpleNamespace(fits=[Fit(f"cell_lines/{n}", [n], [contrast]) for n in LINES]))


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in [("run.log", LOG), ("logs/fit.log", "no genes\n")]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return "run.log"


def job(rule, inputs=(), outputs=(), command=""):
    return SimpleNamespace(
        rule=SimpleNamespace(name=rule), input=[*inputs], output=[*outputs], shellcmd=command
    )


def ended(plan, unfinished):
    """A workflow whose run ended with some of its files unfinished."""
    tables = [table for fit in plan.fits for table in plan.page_tables(fit)]
    provenance = job("provenance", tables, ["provenance.json"], "echo provenance >> steps; echo")
    page = job("report", [*tables, "provenance.json"], ["page.html"], "echo page >> steps; echo")
    undone = [job("fit", outputs=unfinished), provenance, page]
    started = []
    return SimpleNamespace(
        dag=SimpleNamespace(needrun_jobs=lambda: undone, jobs=undone),
        persistence=SimpleNamespace(started=lambda step: started.append(step.rule.name)),
        started=started,
    )


def test_page_and_provenance_show_the_line_that_was_finished(plan, log, tmp_path, capfd):
    table = "results/cell_lines/U266/targets.tsv"
    workflow = ended(plan, [table, "results/cell_lines/U266/fit.npz"])
    show_what_was_finished(workflow, plan, [log])
    assert (tmp_path / "steps").read_text() == "provenance\npage\n"
    told = json.loads(FAILED_RUN.read_text())
    assert told["unfinished"] == [table]
    assert told["failures"][0]["wildcards"] == "fit=cell_lines/U266"
    assert told["failures"][0]["says"] == ["no genes"]
    printed = capfd.readouterr().out
    assert f"--failed-run {FAILED_RUN}" in printed
    assert "page.html shows what was finished, and what failed." in printed


def test_both_are_marked_as_unfinished(plan, log):
    workflow = ended(plan, ["results/cell_lines/U266/targets.tsv"])
    show_what_was_finished(workflow, plan, [log])
    assert workflow.started == ["provenance", "report"]


def test_without_a_finished_line_nothing_is_shown(plan, log, tmp_path):
    unfinished = [f"results/cell_lines/{line}/verdict.tsv" for line in LINES]
    show_what_was_finished(ended(plan, unfinished), plan, [log])
    assert not (tmp_path / "steps").exists()


def test_without_a_failed_step_nothing_is_shown(plan, log, tmp_path):
    (tmp_path / log).write_text("Complete log\n")
    show_what_was_finished(ended(plan, []), plan, [log])
    assert not FAILED_RUN.exists()


def test_where_no_page_was_asked_for_none_is_made(plan, log, tmp_path):
    workflow = ended(plan, [])
    workflow.dag.jobs = []
    show_what_was_finished(workflow, plan, [log])
    assert not FAILED_RUN.exists()
