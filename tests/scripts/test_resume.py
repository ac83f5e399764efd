"""What resuming does with a real Slurm is tested in tests/cluster."""

import os
import socket
import subprocess
import sys
import time
from datetime import datetime

import pytest

import resume
from problems import InputError

LOG = """
SNAKEMAKE
=========
  Date: 2026-11-21 15:03:20
  Host: {host}
  Snakefile: {directory}/workflow/Snakefile
  Base directory: {directory}/workflow
  Config file(s): ['config/config.yaml']

Building DAG of jobs...
SLURM run ID: 94bd3d06-118f-4d66-9e36-29bbee030602
"""
BEGAN = datetime.fromisoformat("2026-11-21 15:03:20")


@pytest.fixture
def directory(tmp_path):
    """A working directory with a locked run, all of whose files are older than that."""
    for name, text in {
        "config/config.yaml": "samples: sheet.tsv\n",
        "sheet.tsv": "sample\n",
        "workflow/Snakefile": "",
        "scripts/step.py": "",
        ".snakemake/locks/0.output.lock": "",
        ".snakemake/log/2026-11-21T150320.snakemake.log": LOG.format(
            host=socket.gethostname(), directory=tmp_path
        ),
        ".snakemake/log/2026-11-22T150320.snakemake.log": "a local run\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (0, 0))
    return tmp_path


@pytest.fixture
def log(directory):
    (found,) = resume.run_logs(directory)
    return found


def test_the_runs_of_a_directory_are_found_in_its_logs(log):
    assert resume.in_log(log, "SLURM run ID") == "94bd3d06-118f-4d66-9e36-29bbee030602"


def test_without_a_run_there_is_nothing_to_resume(tmp_path):
    with pytest.raises(InputError, match="no run on Slurm was ever started"):
        resume.main(["--directory", str(tmp_path)])


def test_a_dead_run_may_be_resumed(directory, log):
    resume.refuse_living_driver(directory, log, ended=False)


def test_a_living_run_may_not(directory, log):
    driver = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", "snakemake"], cwd=directory
    )
    try:
        time.sleep(0.2)
        with pytest.raises(InputError, match=f"process {driver.pid}"):
            resume.refuse_living_driver(directory, log, ended=True)
    finally:
        driver.kill()
        driver.wait()


def test_a_run_of_another_machine_may_if_the_user_knows_that_it_ended(directory, log):
    elsewhere = log.replace(f"Host: {socket.gethostname()}", "Host: login2")
    with pytest.raises(InputError, match="started on login2"):
        resume.refuse_living_driver(directory, elsewhere, ended=False)
    resume.refuse_living_driver(directory, elsewhere, ended=True)


def test_without_slurm_nothing_is_started(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="not on the PATH"):
        resume.living_jobs({"run"})


def test_slurm_that_does_not_answer_is_not_taken_for_no_jobs(monkeypatch, tmp_path):
    squeue = tmp_path / "squeue"
    squeue.write_text("#!/bin/sh\necho 'Unable to contact slurm controller' >&2; exit 1\n")
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(InputError, match="Unable to contact"):
        resume.living_jobs({"run"})


def test_only_what_is_current_and_has_no_record_is_recorded():
    rows = [
        ["output_file", "date", "rule", "log-file(s)", "status", "plan"],
        ["recorded", "Sat Nov 21", "align", "logs/a.log", "ok", "no update"],
        ["unrecorded", "Sat Nov 21", "align", "-", "ok", "no update"],
        ["missing", "-", "align", "-", "missing", "update pending"],
        ["outdated", "Sat Nov 21", "align", "-", "updated input files", "update pending"],
    ]
    summary = "".join("\t".join(row) + "\n" for row in rows)
    assert resume.unrecorded(f"Building DAG of jobs...\n{summary}") == ["unrecorded"]


def test_nothing_was_edited(directory, log):
    assert resume.edited_since(BEGAN, directory, log) == []


@pytest.mark.parametrize("name", ["config/config.yaml", "sheet.tsv", "scripts/step.py"])
def test_an_edit_is_noticed(directory, log, name):
    later = BEGAN.timestamp() + 60
    os.utime(directory / name, (later, later))
    assert resume.edited_since(BEGAN, directory, log) == [directory / name]


def test_targets_are_told_from_options():
    options = ["--cores", "4", "results/a.tsv", "results/b.tsv", "--retries", "2"]
    assert resume.without_targets(options) == ["--cores", "4", "--retries", "2"]
