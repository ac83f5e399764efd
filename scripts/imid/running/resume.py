"""Go on with a run on Slurm whose main process died, without doing or writing anything twice.

Takes the options that the run was started with. Jobs of the run that are running are waited for
(or cancelled, with --cancel), those that wait in the queue are withdrawn; then the working
directory is unlocked and Snakemake started again. What jobs finished while nobody watched is
recorded as done, unless settings or code were edited since the run began: then it is redone.
"""

import argparse
import ast
import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from snakemake.cli import parse_args

from imid.running.slurm_queue import ENDED, NoAnswerError, ask, jobs_in_queue, states_of
from imid.running.slurm_runs import Run, runs_on_slurm
from imid.shared.problems import InputError, reported
from imid.userfiles.config_files import read_config_file

SNAKEMAKE = [sys.executable, "-m", "snakemake"]
SECONDS_BETWEEN_LOOKS = 5


def refuse_living_driver(directory: Path, run: Run, ended: bool) -> None:
    """Refuse to go on while the main process of the run is alive, or may be.

    Parameters
    ----------
    directory : Path
        The working directory.
    run : Run
        The newest run.
    ended : bool
        Whether the user says that it has ended, where it ran on another machine.

    Raises
    ------
    InputError
        If it runs on this machine, or ran on another one and left its lock.
    """
    if drivers := [pid for pid, words in processes_in(directory).items() if is_snakemake(words)]:
        message = f"Snakemake still runs in {directory}, as process {drivers[0]}: nothing to resume"
        raise InputError([message])
    host = run.head("Host")
    locked = any((directory / ".snakemake/locks").glob("*"))
    if locked and not ended and host not in {"", socket.gethostname()}:
        message = f"the run was started on {host}: resume it there, or make sure that it ended"
        raise InputError([f"{message} and say --ended"])


def processes_in(directory: Path, variable: str | None = None) -> dict[int, list[str]]:
    """List our processes that work in a directory and belong to no Slurm job.

    Parameters
    ----------
    directory : Path
        Their working directory.
    variable : str, optional
        Only those in whose environment it is set.

    Returns
    -------
    dict
        The words of each one's command line by its id.
    """
    found = {}
    for process in psutil.process_iter():
        try:
            here = process.pid != os.getpid() and Path(process.cwd()) == directory.resolve()
            environment = process.environ() if here else {}
            if here and "SLURM_JOB_ID" not in environment and variable in {None, *environment}:
                found[process.pid] = process.cmdline()
        except (psutil.Error, OSError):
            continue
    return found


def is_snakemake(words: list[str]) -> bool:
    """Tell Snakemake's command line from one that merely names a file of it."""
    return any(Path(word).name == "snakemake" for word in words)


def living_jobs(runs: list[Run]) -> dict[str, str]:
    """Ask Slurm for the jobs of some runs that wait, run or are just ending.

    Parameters
    ----------
    runs : list of Run
        The runs.

    Returns
    -------
    dict
        For each job's id, its state and what it does.

    Raises
    ------
    NoAnswerError
        If Slurm does not answer: then nobody knows, and nothing may be started.
    """
    found = jobs_in_queue(",".join(run.id for run in runs), wanted="%T %k")
    return {job: what for job, what in found.items() if what.split()[0] not in ENDED}


def end_living_jobs(directory: Path, runs: list[Run], cancel: bool) -> None:
    """Withdraw the jobs of a dead run that wait, and wait for those that run.

    Parameters
    ----------
    directory : Path
        The working directory, where a local step may still be at work as well.
    runs : list of Run
        The runs that it has seen.
    cancel : bool
        Whether to cancel those that run, too.
    """
    told = None
    while True:
        # First those: the main process may have died while it submitted a job.
        steps = steps_in(directory)
        try:
            jobs = living_jobs(runs)
            withdraw(jobs, cancel)
            left = [*steps, *jobs.items()]
        except NoAnswerError as error:
            left = [("Slurm", f"does not answer: {error}")]
        if not left:
            return
        if left != told:
            lines = [f"  {job} {what}" for job, what in left]
            print("\n".join(["Waiting for what the run left behind:", *lines]), flush=True)
            told = left
        time.sleep(SECONDS_BETWEEN_LOOKS)


def withdraw(jobs: dict[str, str], cancel: bool) -> None:
    """Withdraw jobs that wait; with `cancel`, also those that run."""
    states = {job: what.split()[0] for job, what in jobs.items()}
    if waiting := [job for job, state in states.items() if cancel or state == "PENDING"]:
        # By the state as well: one that begins just now is left alone.
        ask("scancel", *([] if cancel else ["--state=PENDING"]), *waiting)


def steps_in(directory: Path) -> list[tuple[str, str]]:
    """List what a dead main process left behind on this machine: steps, and submissions."""
    left = processes_in(directory, variable="IMID_DRIVER")
    return [(str(pid), " ".join(words)) for pid, words in left.items()]


def unrecorded(summary: str) -> list[str]:
    """Find outputs that are complete and current, but of which Snakemake has no record.

    Their jobs ended after the main process. Without a record, an edit of a setting would not
    redo them.

    Parameters
    ----------
    summary : str
        What ``snakemake --summary`` prints; its log column is empty where there is no record.

    Returns
    -------
    list of str
        Paths as the workflow names them.
    """
    rows = (line.split("\t") for line in summary.splitlines() if line.count("\t") == 5)
    return [
        path
        for path, date, _, log, _, plan in rows
        if date != "-" and log == "-" and plan == "no update"
    ]


def edited_since(directory: Path, run: Run) -> list[Path]:
    """List files of the workflow, its configuration and its sheet that changed since a run began.

    Parameters
    ----------
    directory : Path
        The working directory.
    run : Run
        The run; its log names its Snakefile and its configuration.

    Returns
    -------
    list of Path
        Empty where the jobs of the run did what jobs would do now.
    """
    listed = ast.literal_eval(run.head("Config file(s)") or "[]")
    configs = [directory / path for path in listed]
    values = [read_config_file(path, str(path)).values for path in configs if path.exists()]
    named = [directory / value for each in values for value in each.values() if is_name(value)]
    workflow = Path(run.head("Base directory"))
    folders = [workflow, workflow.parent / "scripts", workflow.parent / "resources"]
    code = [path for folder in folders for path in folder.rglob("*") if path.suffix != ".pyc"]
    return sorted(
        file
        for file in {*configs, *named, *code}
        if file.is_file() and file.stat().st_mtime > run.began.timestamp()
    )


def is_name(value: object) -> bool:
    """Say whether a setting may be the name of a file, such as the sheet's."""
    return isinstance(value, str) and 0 < len(value) < 256


def snakemake(*options: str) -> str:
    """Run Snakemake, and hand back what it prints to its standard output."""
    run = subprocess.run([*SNAKEMAKE, *options], capture_output=True, text=True)
    if run.returncode:
        raise InputError([run.stderr.strip()])
    return run.stdout


def record_what_is_done(directory: Path, runs: list[Run], options: list[str]) -> list[str]:
    """Let Snakemake know of outputs that jobs finished unwatched.

    Parameters
    ----------
    directory : Path
        The working directory.
    runs : list of Run
        The runs that it has seen.
    options : list of str
        Snakemake's options of the run.

    Returns
    -------
    list of str
        Further options for the run to come: it redoes them where that is uncertain.
    """
    made = makers(runs, unrecorded(snakemake(*options, "--summary")))
    done = [path for path, run in made.items() if run]
    redone = [path for path, run in made.items() if not run]
    if redone:
        print("Broken off, and done again:", *redone, sep="\n  ", flush=True)
    oldest = next((run for run in runs if run in made.values()), None)
    if oldest and (edited := edited_since(directory, oldest)):
        print(f"{edited[0]} was edited since the run began; redoing", *done, sep="\n  ", flush=True)
        redone += done
    elif done:
        print("Finished unwatched:", *done, sep="\n  ", flush=True)
        snakemake(*without_targets(options), "--touch", "--force", *done)
    return ["--forcerun", *redone] if redone else []


def makers(runs: list[Run], outputs: list[str]) -> dict[str, Run | None]:
    """Find the runs that made files.

    Parameters
    ----------
    runs : list of Run
        The runs, from the oldest to the newest.
    outputs : list of str
        Files as the workflow names them.

    Returns
    -------
    dict
        Of those that a job on Slurm wrote to, the run of the last such job; None where that job
        was ended in the middle.
    """
    made = {}
    for run in runs:
        attempts = [each for each in run.attempts() if not set(outputs).isdisjoint(each.outputs)]
        states, _ = states_of(run.id, attempts)
        for attempt in attempts:
            completed = states.get(attempt.slurm_job) == "COMPLETED"
            made |= dict.fromkeys(attempt.outputs, run if completed else None)
    return {path: made[path] for path in outputs if path in made}


def without_targets(options: list[str]) -> list[str]:
    """Leave out the files that the run was asked for."""
    targets = set(parse_args(options)[1].targets)
    return [option for option in options if option not in targets]


def split_options(argv: list[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """Split the command line into our options and Snakemake's."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        usage="python -m imid.running.resume [--cancel] [--ended] [options of snakemake ...]",
        allow_abbrev=False,
    )
    parser.add_argument("--cancel", action="store_true", help="cancel jobs rather than wait")
    parser.add_argument("--ended", action="store_true", help="the run on another machine has ended")
    parser.add_argument("--directory", "-d", type=Path, default=Path(), help="as for snakemake")
    arguments, others = parser.parse_known_args(argv)
    arguments.directory = arguments.directory.resolve()
    return arguments, ["--directory", str(arguments.directory), *others]


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Refuse to work beside another resumption of a run, or beside the run that it went on with.

    Snakemake, which takes the place of this process, keeps the lock until it ends.

    Parameters
    ----------
    directory : Path
        The working directory.

    Raises
    ------
    InputError
        If there is one.
    """
    path = directory / ".snakemake/resumed.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError([f"the run in {directory} is being resumed already"]) from error
        os.set_inheritable(lock.fileno(), True)
        yield


def main(argv: list[str] | None = None) -> None:
    """Resume a run on Slurm."""
    arguments, options = split_options(argv)
    directory = arguments.directory
    runs = runs_on_slurm(directory)
    if not runs:
        raise InputError([f"no run on Slurm was ever started in {directory}"])
    refuse_living_driver(directory, runs[-1], arguments.ended)
    with alone(directory):
        try:
            living_jobs(runs)
            end_living_jobs(directory, runs, arguments.cancel)
            # That may have taken hours.
            refuse_living_driver(directory, runs[-1], arguments.ended)
            snakemake(*options, "--unlock")
            redone = record_what_is_done(directory, runs, options)
        except NoAnswerError as error:
            raise InputError([f"Slurm does not answer, nothing was started: {error}"]) from error
        os.execv(SNAKEMAKE[0], [*SNAKEMAKE, *options, *redone])


if __name__ == "__main__":
    reported(main)
