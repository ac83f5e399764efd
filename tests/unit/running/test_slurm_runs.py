from datetime import datetime
from pathlib import Path

import pytest

from imid.running.slurm_runs import Attempt, Run, runs_on_slurm

LOG = """
SNAKEMAKE
=========
  Date: 2026-11-21 15:03:20
  Host: login1

Building DAG of jobs...
SLURM run ID: 94bd3d06-118f-4d66-9e36-29bbee030602
[Sat Nov 21 15:03:20 2026]
rule align:
    input: a.fastq.gz
    output: results/a.bam, results/a.tsv
    jobid: 1
    resources: tmpdir=<TBD>, mem_mb=1000
[Sat Nov 21 15:03:20 2026]
localrule all:
    jobid: 0
rule count:
    output: results/b.tsv
    jobid: 7
Job 1 has been submitted with SLURM jobid 11 (log: /home/it's (mine)/logs/slurm/rule_align/11.log).
Job 7 has been submitted with SLURM jobid 12 (log: logs/12.log).
Finished jobid: 7 (Rule: count)
Job 1 has been submitted with SLURM jobid 13 (log: logs/13.log).
"""
# In a job, one Snakemake starts another, which does the step.
STARTED = "SNAKEMAKE\n=========\n\nBuilding DAG of jobs...\nExecute 1 jobs...\n"
DONE = "Finished jobid: 0 (Rule: align)\n1 of 1 steps (100%) done\n"
KILLED = "slurmstepd: error: *** JOB 11 ON n1 CANCELLED AT 2026-11-21T15:04 DUE TO TIME LIMIT ***"


def run(text: str = LOG, name: str = "2026-11-21T150320.658566.snakemake.log") -> Run:
    return Run(Path(name), text)


def test_runs_on_slurm_are_told_from_others(tmp_path):
    logs = tmp_path / ".snakemake/log"
    logs.mkdir(parents=True)
    (logs / "2026-11-21T150320.658566.snakemake.log").write_text(LOG)
    (logs / "2026-11-22T150320.658566.snakemake.log").write_text("a local run\n")
    (found,) = runs_on_slurm(tmp_path)
    assert found.id == "94bd3d06-118f-4d66-9e36-29bbee030602"
    assert found.head("Host") == "login1"


def test_a_run_began_before_it_read_its_files_and_after_they_were_written():
    """The log has whole seconds: a file written in the second of the start would look edited."""
    assert run().began == datetime(2026, 11, 21, 15, 3, 20, 658566)
    assert run(name="2026-11-21T150320.snakemake.log").began == datetime(2026, 11, 21, 15, 3, 20)


def test_jobs_are_known_by_what_they_make():
    outputs = ("results/a.bam", "results/a.tsv")
    assert run().attempts() == [
        Attempt("11", Path("/home/it's (mine)/logs/slurm/rule_align/11.log"), outputs),
        Attempt("12", Path("logs/12.log"), ("results/b.tsv",)),
        Attempt("13", Path("logs/13.log"), outputs),
    ]


def test_what_is_done_or_was_sent_again_is_not_waited_for():
    assert [attempt.slurm_job for attempt in run().unfinished()] == ["13"]


@pytest.mark.parametrize("key", ["slurm_cluster", "clusters", "cluster"])
def test_jobs_on_another_cluster_are_never_taken_for_gone(key):
    assert run(LOG.replace("mem_mb=1000", f"mem_mb=1000, {key}=other")).unfinished() == []


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (STARTED + STARTED + DONE + DONE, "COMPLETED"),
        # A group of three steps.
        (STARTED + DONE.replace("1 of 1", "3 of 3"), "COMPLETED"),
        # The step is done, the job that moves its files is not.
        (STARTED + STARTED + DONE, None),
        (STARTED + STARTED, None),
        (STARTED + DONE.replace("1 of 1 steps (100%)", "1 of 3 steps (33%)"), None),
        (STARTED + STARTED + KILLED, "FAILED"),
        (STARTED + STARTED + DONE + KILLED, "FAILED"),
        (STARTED + "Exiting because a job execution failed. Look below", "FAILED"),
        ("", None),
    ],
)
def test_a_job_s_log_tells_how_it_ended(tmp_path, text, state):
    log = tmp_path / "11.log"
    log.write_text(text)
    assert Attempt("11", log).state_by_log() == state


def test_a_log_that_is_not_there_tells_nothing(tmp_path):
    assert Attempt("11", tmp_path / "11.log").state_by_log() is None
