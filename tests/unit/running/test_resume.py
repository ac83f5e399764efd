"""What resuming does with a real Slurm is tested in tests/cluster."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from imid.running import resume
from imid.running.slurm_queue import NoAnswerError
from imid.running.slurm_runs import runs_on_slurm
from imid.shared.problems import InputError

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
rule align:
    output: results/a.bam, results/a.tsv
    jobid: 1
rule count:
    output: results/b.tsv
    jobid: 2
Job 1 has been submitted with SLURM jobid 11 (log: {directory}/11.log).
Job 2 has been submitted with SLURM jobid 12 (log: {directory}/12.log).
"""


@pytest.fixture
def directory(tmp_path):
    """A working directory with a locked run, all of whose files are older than that."""
    for name, text in {
        "config/config.yaml": "samples: sheet.tsv\n",
        "sheet.tsv": "sample\n",
        "workflow/Snakefile": "",
        "scripts/step.py": "",
        ".snakemake/locks/0.output.lock": "",
        ".snakemake/log/2026-11-21T150320.658566.snakemake.log": LOG.format(
            host=socket.gethostname(), directory=tmp_path
        ),
        ".snakemake/log/2026-11-22T150320.658566.snakemake.log": "a local run\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (0, 0))
    return tmp_path


@pytest.fixture
def run(directory):
    (found,) = runs_on_slurm(directory)
    return found


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Make programs of a Slurm that knows no job, and has no accounting."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def program(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    program("squeue", "")
    program("sacct", "exit 1")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return program


def test_without_a_run_there_is_nothing_to_resume(tmp_path):
    with pytest.raises(InputError, match="no run on Slurm was ever started"):
        resume.main(["--directory", str(tmp_path)])


def test_a_dead_run_may_be_resumed(directory, run):
    resume.refuse_living_driver(directory, run, ended=False)


def beside(directory, *words, **environment) -> subprocess.Popen:
    """Start a process in a directory that is there for a minute."""
    sleep = [sys.executable, "-c", "import time; time.sleep(60)", *words]
    process = subprocess.Popen(sleep, cwd=directory, env={**os.environ, **environment})
    while psutil.Process(process.pid).cmdline() != sleep:
        time.sleep(0.01)
    return process


def test_a_living_run_may_not(directory, run):
    driver = beside(directory, "snakemake")
    try:
        with pytest.raises(InputError, match=f"process {driver.pid}"):
            resume.refuse_living_driver(directory, run, ended=True)
    finally:
        driver.kill()
        driver.wait()


def test_who_reads_the_log_of_a_dead_run_is_not_in_the_way(directory, run):
    reader = beside(directory, str(run.path))
    try:
        resume.refuse_living_driver(directory, run, ended=False)
    finally:
        reader.kill()
        reader.wait()


def test_a_run_of_another_machine_may_if_the_user_knows_that_it_ended(directory, run):
    text = run.text.replace(f"Host: {socket.gethostname()}", "Host: login2")
    elsewhere = replace(run, text=text)
    with pytest.raises(InputError, match="started on login2"):
        resume.refuse_living_driver(directory, elsewhere, ended=False)
    resume.refuse_living_driver(directory, elsewhere, ended=True)


def test_two_cannot_resume_one_run(directory):
    with (
        resume.alone(directory),
        pytest.raises(InputError, match="is being resumed already"),
        resume.alone(directory),
    ):
        pass


def test_the_run_that_takes_over_keeps_the_others_out(directory):
    """Snakemake takes the place of the process that resumes; its own lock may be lifted."""
    code = "import os, sys, pathlib\nfrom imid.running import resume\n"
    code += "with resume.alone(pathlib.Path()):"
    code += "\n  os.execv(sys.executable, [sys.executable, '-c', 'print(1, flush=True); input()'])"
    paths = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as successor:
        assert successor.stdout.readline() == b"1\n"
        with pytest.raises(InputError, match="already"), resume.alone(directory):
            pass
        successor.kill()
    with resume.alone(directory):
        pass


def test_without_slurm_nothing_is_started(monkeypatch, directory):
    monkeypatch.setenv("PATH", str(directory))
    with pytest.raises(InputError, match="squeue is not on the PATH"):
        resume.main(["--directory", str(directory)])


def test_slurm_that_does_not_answer_is_not_taken_for_no_jobs(directory, run, slurm):
    slurm("squeue", "echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(NoAnswerError, match="Unable to contact"):
        resume.living_jobs([run])
    with pytest.raises(InputError, match="nothing was started: squeue failed: Unable to contact"):
        resume.main(["--directory", str(directory)])


def test_a_job_lives_until_it_has_ended(run, slurm):
    living = ["PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "REQUEUE_HOLD"]
    ended = ["COMPLETED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED"]
    slurm("squeue", "\n".join(f"echo '{state}|{state} rule_a'" for state in living + ended))
    assert list(resume.living_jobs([run])) == living


def test_slurm_may_be_away_while_jobs_are_waited_for(directory, run, slurm, monkeypatch, capsys):
    slurm("squeue", "echo 'Connection refused' >&2; exit 1")
    monkeypatch.setattr(time, "sleep", lambda seconds: slurm("squeue", ""))
    resume.end_living_jobs(directory, [run], cancel=False)
    assert "Slurm does not answer: squeue failed: Connection refused" in capsys.readouterr().out


def test_a_job_that_was_just_being_submitted_is_not_missed(directory, run, slurm, monkeypatch):
    """The submission outlives the main process; it ends just after the first look at the queue."""
    submission = beside(directory, IMID_DRIVER="1")
    slurm("squeue", f"kill -9 {submission.pid}")
    slurm("scancel", f'echo "$@" >> {directory}/withdrawn')

    def later(seconds):
        withdrawn = (directory / "withdrawn").exists()
        slurm("squeue", "" if withdrawn else "echo '13|PENDING rule_align'")

    monkeypatch.setattr(time, "sleep", later)
    resume.end_living_jobs(directory, [run], cancel=False)
    submission.wait()
    assert (directory / "withdrawn").read_text() == "--state=PENDING 13\n"


def test_a_file_is_whole_if_the_job_that_made_it_finished(directory, run, slurm):
    """A job that was killed by Slurm leaves what it had written by then."""
    started = "Building DAG of jobs...\n"
    (directory / "11.log").write_text(f"{started}1 of 1 steps (100%) done\n")
    (directory / "12.log").write_text(f"{started}slurmstepd: error: *** JOB 12 CANCELLED ***\n")
    outputs = ["results/a.bam", "results/b.tsv", "results/never_sent.tsv"]
    expected = {"results/a.bam": run, "results/b.tsv": None}
    assert resume.makers([run], outputs) == expected
    # A later run that did nothing, as one beside a living one, which finds the directory locked.
    idle = replace(run, text="SLURM run ID: 1\n")
    assert resume.makers([run, idle], outputs) == expected
    slurm("squeue", "echo '12|COMPLETED'")
    assert resume.makers([run], outputs) == {**expected, "results/b.tsv": run}


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


def test_nothing_was_edited(directory, run):
    assert resume.edited_since(directory, run) == []


@pytest.mark.parametrize("name", ["config/config.yaml", "sheet.tsv", "scripts/step.py"])
def test_an_edit_is_noticed(directory, run, name):
    later = run.began.timestamp() + 0.1
    os.utime(directory / name, (later, later))
    assert resume.edited_since(directory, run) == [directory / name]


def test_a_file_written_just_before_the_run_is_not_taken_for_edited(directory, run):
    """In the same second: the date in the log has whole seconds, the times of files do not."""
    before = run.began.timestamp() - 0.1
    assert int(before) == int(run.began.timestamp())
    os.utime(directory / "workflow/Snakefile", (before, before))
    assert resume.edited_since(directory, run) == []


def test_targets_are_told_from_options():
    options = ["--cores", "4", "results/a.tsv", "results/b.tsv", "--retries", "2"]
    assert resume.without_targets(options) == ["--cores", "4", "--retries", "2"]
