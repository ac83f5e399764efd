"""Asking Slurm for its jobs; it may be away for a while, as when its controller is restarted."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from imid.running.slurm_runs import Attempt

# Commands of ours with the names of Slurm's own: see `outlast_slurm`.
OWN_COMMANDS = Path(__file__).resolve().parent / "slurm_commands"
# States that Snakemake's executor takes for those of a job that goes on.
UNKNOWN_TO_EXECUTOR = {"PREEMPTED", "REVOKED", "LAUNCH_FAILED", "RECONFIG_FAIL"}
# States of jobs that will not run any more. All others wait, run or are just ending.
ENDED = {
    *["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL"],
    *["DEADLINE", *UNKNOWN_TO_EXECUTOR],
}


class NoAnswerError(Exception):
    """Slurm does not answer: nobody knows anything about its jobs."""


def program(name: str) -> str:
    """Find one of Slurm's own programs.

    Parameters
    ----------
    name : str
        Such as ``squeue``.

    Returns
    -------
    str
        Its path; never that of our command of the same name.

    Raises
    ------
    NoAnswerError
        If it is not on the PATH.
    """
    folders = os.environ["PATH"].split(os.pathsep)
    others = [folder for folder in folders if Path(folder).resolve() != OWN_COMMANDS]
    if found := shutil.which(name, path=os.pathsep.join(others)):
        return found
    raise NoAnswerError(f"{name} is not on the PATH")


def ask(name: str, *options: str, until: float | None = None) -> str:
    """Run one of Slurm's programs.

    Parameters
    ----------
    name : str
        The program.
    *options : str
        Its options.
    until : float, optional
        When to give up, on the clock of `time.monotonic`; it is given a second in any case.

    Returns
    -------
    str
        What it prints.

    Raises
    ------
    NoAnswerError
        If it fails, or gives no answer in time.
    """
    seconds = None if until is None else max(1, until - time.monotonic())
    try:
        run = subprocess.run(
            [program(name), *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise NoAnswerError(f"{name} gave no answer in {seconds:.0f} s") from error
    except OSError as error:
        raise NoAnswerError(f"{name}: {error}") from error
    if run.returncode:
        raise NoAnswerError(f"{name} failed: {run.stderr.strip()}")
    return run.stdout


def jobs_in_queue(run: str, wanted: str = "%T", until: float | None = None) -> dict[str, str]:
    """List a run's jobs that Slurm's controller remembers.

    Parameters
    ----------
    run : str
        The run's ID.
    wanted : str
        What to tell of each, in the language of squeue; its state if nothing is said.
    until : float, optional
        As for `ask`.

    Returns
    -------
    dict
        By the job's id. One that ended is forgotten after MinJobAge.

    Raises
    ------
    NoAnswerError
        If Slurm does not answer.
    """
    options = ["--name", run, "--states", "all", "--noheader", "--format", f"%i|{wanted}"]
    lines = ask("squeue", *options, until=until).splitlines()
    return dict(line.split("|", 1) for line in lines if "|" in line)


def states_in_accounting(
    run: str, jobs: Iterable[str], until: float | None = None
) -> dict[str, str]:
    """Look up jobs in Slurm's accounting database.

    Parameters
    ----------
    run : str
        The run's ID.
    jobs : iterable of str
        Ids of its jobs.
    until : float, optional
        As for `ask`.

    Returns
    -------
    dict
        The state of each that is found there; empty where a cluster has no such database.
    """
    options = ["--allocations", "--parsable2", "--noheader", "--format", "JobIDRaw,State"]
    try:
        listed = ask("sacct", *options, "--name", run, "--jobs", ",".join(jobs), until=until)
    except NoAnswerError:
        return {}
    pairs = (line.split("|", 1) for line in listed.splitlines() if "|" in line)
    # It says who cancelled a job: CANCELLED by 1000.
    return {job: state.split()[0] for job, state in pairs if state.strip()}


def is_remembered(job: str, until: float | None = None) -> bool:
    """Ask Slurm's controller for one job by its id.

    Parameters
    ----------
    job : str
        Its id.
    until : float, optional
        As for `ask`.

    Returns
    -------
    bool
        False where the controller answers that there is no such job.

    Raises
    ------
    NoAnswerError
        If it does not answer.
    """
    try:
        ask("scontrol", "show", "job", job, until=until)
    except NoAnswerError as error:
        if "Invalid job id" in str(error):
            return False
        raise
    return True


def states_of(
    run: str, attempts: Iterable[Attempt], until: float | None = None
) -> tuple[dict[str, str], list[Attempt]]:
    """Say how jobs stand: by the queue, then by accounting, then by their own logs.

    Parameters
    ----------
    run : str
        The ID of the run that they belong to.
    attempts : iterable of Attempt
        Jobs to be looked for where they have left the queue.
    until : float, optional
        As for `ask`.

    Returns
    -------
    known : dict
        The state of each job of the run by its id.
    silent : list of Attempt
        Jobs that have left the queue and of which nothing tells how they ended.

    Raises
    ------
    NoAnswerError
        If Slurm does not answer.
    """
    known = jobs_in_queue(run, until=until)
    gone = [attempt for attempt in attempts if attempt.slurm_job not in known]
    ids = [attempt.slurm_job for attempt in gone]
    accounted = states_in_accounting(run, ids, until) if ids else {}
    silent = []
    for attempt in gone:
        state = accounted.get(attempt.slurm_job)
        if state not in ENDED:
            state = attempt.state_by_log() or state
        if state is None:
            silent.append(attempt)
        else:
            known[attempt.slurm_job] = state
    failed = {job: "FAILED" for job, state in known.items() if state in UNKNOWN_TO_EXECUTOR}
    return known | failed, silent
