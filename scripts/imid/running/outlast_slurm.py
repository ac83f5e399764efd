#!/usr/bin/env python
"""Stand in for squeue, sacct and sbatch in a run on Slurm, and outlast a controller that is away.

Snakemake's executor gives up all jobs when Slurm leaves five questions unanswered, and waits for
ever for a job that was forgotten before it looked. Links in slurm_commands/, put before Slurm's
own programs, bring its questions here. They are answered by the queue, then by the accounting
database, then by the jobs' logs; while Slurm is away the answer is that nothing is known. A job
is not submitted again where Slurm took it, though nobody was told. All else is handed on.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import psutil

from imid.running.slurm_queue import (
    OWN_COMMANDS,
    NoAnswerError,
    ask,
    is_remembered,
    jobs_in_queue,
    program,
    states_of,
)
from imid.running.slurm_runs import Attempt, Run, runs_on_slurm

# The executor waits a minute for an answer.
PATIENCE = 45
PAUSE = 3
# After that a job fails, and is submitted anew by Snakemake's retries.
PATIENCE_OF_SUBMISSION = 3600
UNREACHABLE = re.compile(
    r"contact slurm controller|timed out|Zero Bytes|standby|Connection re|not connected|munge"
    r"|authentication|temporarily un",
    flags=re.IGNORECASE,
)
OUTAGES = Path("logs/slurm/outages.log")


def stand_in() -> None:
    """Let this process, and all that it starts, find our commands before Slurm's own."""
    path = os.pathsep.join([str(OWN_COMMANDS), os.environ["PATH"]])
    os.environ.update(PATH=path, IMID_DRIVER=str(os.getpid()))


def run_of(run: str) -> Run | None:
    """Find the log of a run in the working directory."""
    return next((each for each in runs_on_slurm(Path()) if each.id == run), None)


def states(run: str) -> dict[str, str]:
    """Say how the jobs of a run stand.

    Parameters
    ----------
    run : str
        The run's ID.

    Returns
    -------
    dict
        The state of each job by its id. A job of which nothing can be known now is missing.
    """
    end = time.monotonic() + PATIENCE
    known, silent, away = {}, [], ""
    while True:
        try:
            log = run_of(run)
            known, silent = states_of(run, log.unfinished() if log else [], end)
            if not silent:
                return known
        except NoAnswerError as error:
            away = away or note(f"Slurm is away: {error}")
        if time.monotonic() + PAUSE > end:
            return known | lost(silent, end)
        time.sleep(PAUSE)


def lost(silent: list[Attempt], end: float) -> dict[str, str]:
    """Take jobs for failed that Slurm does not know and that left nothing behind."""
    try:
        forgotten = [each.slurm_job for each in silent if not is_remembered(each.slurm_job, end)]
    except NoAnswerError:
        return {}
    for job in forgotten:
        note(f"Slurm knows nothing of job {job}, and its log does not tell that it finished")
    return dict.fromkeys(forgotten, "FAILED")


def submit(options: Sequence[str], script: bytes) -> int:
    """Submit a job; where Slurm is away, wait for it.

    Parameters
    ----------
    options : sequence of str
        Those of sbatch.
    script : bytes
        Its standard input.

    Returns
    -------
    int
        The exit code. The job's id is printed.
    """
    run, comment = option_value(options, "--job-name"), option_value(options, "--comment")
    end = time.monotonic() + PATIENCE_OF_SUBMISSION
    while True:
        code, printed, complaint = sbatch(options, script)
        if not code or not UNREACHABLE.search(complaint):
            break
        note(f"{comment} cannot be submitted: {complaint.strip()}")
        if not came_back(run, end):
            break
        if taken := unheard_of(run, comment):
            note(f"{comment} was submitted none the less, as Slurm job {taken}")
            code, printed, complaint = 0, f"{taken}\n", ""
            break
    print(printed, end="", flush=True)
    print(complaint, end="", file=sys.stderr)
    return code


def sbatch(options: Sequence[str], script: bytes) -> tuple[int, str, str]:
    """Run sbatch once; give its exit code and what it printed, also where it cannot be run."""
    try:
        done = subprocess.run([program("sbatch"), *options], input=script, capture_output=True)
    except (NoAnswerError, OSError) as error:
        return 1, "", f"Unable to contact slurm controller: {error}\n"
    return done.returncode, *(text.decode(errors="replace") for text in (done.stdout, done.stderr))


def came_back(run: str, end: float) -> bool:
    """Wait until Slurm answers; give up after a time, or with the run's main process."""
    while time.monotonic() < end and psutil.pid_exists(int(os.environ["IMID_DRIVER"])):
        # What it was sent while it did not answer, it reads before or beside this.
        time.sleep(PAUSE)
        try:
            jobs_in_queue(run, until=time.monotonic() + PATIENCE)
        except NoAnswerError:
            continue
        time.sleep(PAUSE)
        return psutil.pid_exists(int(os.environ["IMID_DRIVER"]))
    return False


def unheard_of(run: str, comment: str) -> str | None:
    """Find a job that Slurm has though nobody was told its id.

    Parameters
    ----------
    run : str
        The run's ID.
    comment : str
        What the job is for, as the executor writes it.

    Returns
    -------
    str or None
        Its id.
    """
    try:
        comments = jobs_in_queue(run, wanted="%k", until=time.monotonic() + PATIENCE)
    except NoAnswerError:
        return None
    log = run_of(run)
    heard_of = {attempt.slurm_job for attempt in log.attempts()} if log else set()
    return next((job for job in comments if comments[job] == comment and job not in heard_of), None)


def option_value(options: Sequence[str], key: str) -> str | None:
    """Give the value of an option, if it is there."""
    return dict(pairwise(options)).get(key)


def note(event: str) -> str:
    """Leave a line with the run's logs, and give it: the executor hides what a command says."""
    OUTAGES.parent.mkdir(parents=True, exist_ok=True)
    with OUTAGES.open("a") as file:
        file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {event}\n")
    return event


def main(argv: Sequence[str] | None = None) -> int:
    """Answer a question of the executor, or hand the command on."""
    name, *options = sys.argv if argv is None else argv
    name = Path(name).name
    if name == "sbatch" and option_value(options, "--job-name") and "IMID_DRIVER" in os.environ:
        return submit(options, sys.stdin.buffer.read())
    if name in {"squeue", "sacct"} and (run := option_value(options, "--name")):
        for job, state in states(run).items():
            print(f"{job}|{state}")
        return 0
    if name == "sacct" and "--format=Reason" in options:
        # Where there is no accounting, the executor would complain ten times of each failure.
        with suppress(NoAnswerError):
            print(ask(name, *options), end="")
        return 0
    try:
        os.execv(program(name), [name, *options])
    except NoAnswerError as error:
        print(error, file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main())
