"""What a real Slurm does when it is away is tested in tests/cluster."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imid.running import outlast_slurm
from imid.running.slurm_queue import OWN_COMMANDS

RUN = "94bd3d06-118f-4d66-9e36-29bbee030602"
# As the executor asks.
SQUEUE = ["squeue", "--format=%i|%T", "--states=all", "--noheader", "--name", RUN]
SACCT = ["sacct", "-X", "--parsable2", "--clusters", "all", "--noheader", "--name", RUN]
SBATCH = ["sbatch", "--parsable", "--job-name", RUN, "--comment", "rule_align_wildcards_a"]
AWAY = "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1"
NO_ACCOUNTING = "echo 'Slurm accounting storage is disabled' >&2; exit 1"
UNKNOWN = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1"
FINISHED = "Building DAG of jobs...\n1 of 1 steps (100%) done\n"
CUT_OFF = "Building DAG of jobs...\n"


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Make programs of a Slurm without accounting, in whose queue there is one job."""
    (tmp_path / "bin").mkdir()

    def program(name: str, script: str) -> None:
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    program("squeue", "echo '12|RUNNING'")
    program("sacct", NO_ACCOUNTING)
    program("scontrol", UNKNOWN)
    folders = [str(tmp_path / "bin"), os.path.dirname(sys.executable), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(outlast_slurm, "PATIENCE", 0)
    monkeypatch.setattr(outlast_slurm, "PAUSE", 0.01)
    # That is undone as well.
    monkeypatch.setenv("IMID_DRIVER", "")
    outlast_slurm.stand_in()
    return program


@pytest.fixture
def job(tmp_path, slurm):
    """Write the log of a run that sent job 11 to Slurm, and what that job left in its own log."""
    directory = tmp_path / ".snakemake/log"
    directory.mkdir(parents=True)

    def left(text: str) -> None:
        (tmp_path / "11.log").write_text(text)
        (directory / "2026-11-21T150320.658566.snakemake.log").write_text(
            f"SLURM run ID: {RUN}\nJob 1 has been submitted with SLURM jobid 11 (log: 11.log).\n"
        )

    return left


def answered(*command: str, script: bytes = b"") -> subprocess.CompletedProcess:
    return subprocess.run(command, input=script, capture_output=True)


def outages() -> str:
    return outlast_slurm.OUTAGES.read_text()


@pytest.mark.parametrize("question", [SQUEUE, SACCT])
def test_a_job_that_was_forgotten_ended_as_its_log_says(slurm, job, question):
    job(FINISHED)
    assert answered(*question).stdout == b"12|RUNNING\n11|COMPLETED\n"


def test_accounting_is_believed_before_a_log(slurm, job):
    job(FINISHED)
    slurm("sacct", "echo '11|CANCELLED by 1000'")
    assert outlast_slurm.states(RUN)["11"] == "CANCELLED"


def test_a_log_is_believed_where_accounting_missed_the_end(slurm, job):
    slurm("sacct", "echo '11|RUNNING'")
    job(FINISHED)
    assert outlast_slurm.states(RUN)["11"] == "COMPLETED"
    job(CUT_OFF)
    assert outlast_slurm.states(RUN)["11"] == "RUNNING"


def test_an_end_that_the_executor_does_not_know_is_a_failure(slurm, job):
    job(CUT_OFF)
    slurm("sacct", "echo '11|PREEMPTED'")
    slurm("squeue", "echo '12|PREEMPTED'; echo '13|NODE_FAIL'")
    assert outlast_slurm.states(RUN) == {"11": "FAILED", "12": "FAILED", "13": "NODE_FAIL"}


def test_a_job_of_which_nothing_tells_is_lost(slurm, job):
    job(CUT_OFF)
    assert outlast_slurm.states(RUN) == {"11": "FAILED", "12": "RUNNING"}
    assert "Slurm knows nothing of job 11" in outages()


def test_a_queue_that_leaves_a_job_out_is_not_believed_alone(slurm, job):
    """Some sites answer squeue from a copy."""
    job(CUT_OFF)
    slurm("scontrol", "echo JobId=11 JobState=RUNNING")
    assert outlast_slurm.states(RUN) == {"12": "RUNNING"}
    slurm("scontrol", AWAY)
    assert outlast_slurm.states(RUN) == {"12": "RUNNING"}


def test_a_log_that_arrives_late_is_waited_for(slurm, job, monkeypatch):
    job(CUT_OFF)
    monkeypatch.setattr(outlast_slurm, "PATIENCE", 20)
    monkeypatch.setattr(time, "sleep", lambda seconds: job(FINISHED))
    assert outlast_slurm.states(RUN)["11"] == "COMPLETED"


@pytest.mark.parametrize("script", [AWAY, "exec sleep 60", None])
def test_while_slurm_is_away_nothing_is_known_and_no_job_has_failed(slurm, job, script):
    """Anything but an empty answer would be a failed question, and five of those are too many."""
    job(CUT_OFF)
    if script:
        slurm("squeue", script)
    else:
        Path("bin/squeue").unlink()
        os.environ["PATH"] = os.pathsep.join([str(OWN_COMMANDS), str(Path("bin").absolute())])
    assert outlast_slurm.states(RUN) == {}
    assert "Slurm is away: squeue" in outages()


def test_slurm_is_asked_again(slurm, job, monkeypatch):
    job(FINISHED)
    slurm("squeue", AWAY)
    monkeypatch.setattr(outlast_slurm, "PATIENCE", 20)
    monkeypatch.setattr(time, "sleep", lambda seconds: slurm("squeue", "echo '11|COMPLETED'"))
    assert outlast_slurm.states(RUN) == {"11": "COMPLETED"}


def test_other_questions_are_handed_on(slurm):
    slurm("squeue", 'echo "$@"')
    assert answered("squeue", "--user", "me").stdout == b"--user me\n"
    slurm("sbatch", 'echo "$@"; cat; exit 3')
    done = answered("sbatch", "script.sh", script=b"#!/bin/sh")
    assert (done.returncode, done.stdout) == (3, b"script.sh\n#!/bin/sh")


def test_no_accounting_has_no_reasons(slurm):
    reason = ["sacct", "-j", "11.0", "--format=Reason", "--noheader"]
    assert (answered(*reason).returncode, answered(*reason).stdout) == (0, b"")
    slurm("sacct", "echo OutOfMemory")
    assert answered(*reason).stdout == b"OutOfMemory\n"


def test_a_job_is_submitted_with_its_script(slurm):
    slurm("sbatch", "cat >&2; echo 12")
    done = answered(*SBATCH, script=b"#!/bin/sh")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"12\n", b"#!/bin/sh")


def test_a_job_that_slurm_refuses_is_not_tried_again(slurm):
    slurm("sbatch", "echo sent >> sent; echo 'Invalid account or partition' >&2; exit 1")
    done = answered(*SBATCH)
    assert (done.returncode, done.stderr) == (1, b"Invalid account or partition\n")
    assert Path("sent").read_text() == "sent\n"


SENT_TWICE = """\
echo sent >> sent
if [ $(wc -l < sent) = 1 ]; then
    echo 'Socket timed out on send/recv operation' >&2; exit 1
fi
echo 13"""


def test_a_job_is_submitted_once_slurm_is_back(slurm, job, capsys):
    """Slurm has a job of the same step, of which the run was told: it failed."""
    job(CUT_OFF)
    slurm("sbatch", SENT_TWICE)
    slurm("squeue", "echo '11|rule_align_wildcards_a'; echo '12|rule_align_wildcards_b'")
    assert outlast_slurm.submit(SBATCH[1:], b"") == 0
    assert capsys.readouterr().out == "13\n"
    assert "rule_align_wildcards_a cannot be submitted: Socket timed out" in outages()


def test_a_job_that_slurm_took_without_a_word_is_not_submitted_twice(slurm, job, capsys):
    job(CUT_OFF)
    slurm("sbatch", SENT_TWICE)
    slurm("squeue", "echo '11|rule_align_wildcards_a'; echo '12|rule_align_wildcards_a'")
    assert outlast_slurm.submit(SBATCH[1:], b"") == 0
    assert capsys.readouterr().out == "12\n"
    assert Path("sent").read_text() == "sent\n"


def test_nothing_is_submitted_for_a_run_that_died(slurm, job, monkeypatch):
    slurm("sbatch", SENT_TWICE)
    monkeypatch.setenv("IMID_DRIVER", str(2**22 + 1))
    assert outlast_slurm.submit(SBATCH[1:], b"") == 1
    assert Path("sent").read_text() == "sent\n"
