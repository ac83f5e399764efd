"""Go on with a run on Slurm whose main process died, without doing or writing anything twice.

Takes the options that the run was started with. Jobs of the run that are running are waited for
(or cancelled, with --cancel), those that wait in the queue are withdrawn; then the working
directory is unlocked and Snakemake started again. What jobs finished while nobody watched is
recorded as done, unless settings or code were edited since the run began: then it is redone.
"""

import argparse
import getpass
import os
import re
import socket
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import psutil
import yaml
from snakemake.cli import parse_args

from config_files import read_config_file
from problems import InputError, reported

SNAKEMAKE = [sys.executable, "-m", "snakemake"]
SECONDS_BETWEEN_LOOKS = 5


def run_logs(directory: Path) -> list[str]:
    """Read Snakemake's logs of the runs on Slurm that a working directory has seen.

    Parameters
    ----------
    directory : Path
        The working directory.

    Returns
    -------
    list of str
        From the oldest run to the newest.
    """
    logs = sorted((directory / ".snakemake/log").glob("*.snakemake.log"))
    texts = [log.read_text(errors="replace") for log in logs]
    return [text for text in texts if in_log(text, "SLURM run ID")]


def in_log(log: str, key: str) -> str:
    """Give what stands behind a key in the head of one of Snakemake's logs, or nothing."""
    found = re.search(rf"^ *{re.escape(key)}: (.*)$", log, flags=re.MULTILINE)
    return found[1] if found else ""


def refuse_living_driver(directory: Path, log: str, ended: bool) -> None:
    """Refuse to go on while the main process of the run is alive, or may be.

    Parameters
    ----------
    directory : Path
        The working directory.
    log : str
        The log of the newest run.
    ended : bool
        Whether the user says that it has ended, where it ran on another machine.

    Raises
    ------
    InputError
        If it runs on this machine, or ran on another one and left its lock.
    """
    if drivers := [p.pid for p in processes_in(directory) if "snakemake" in " ".join(p.cmdline())]:
        message = f"Snakemake still runs in {directory}, as process {drivers[0]}: nothing to resume"
        raise InputError([message])
    host = in_log(log, "Host")
    locked = any((directory / ".snakemake/locks").glob("*"))
    if locked and not ended and host not in {"", socket.gethostname()}:
        message = f"the run was started on {host}: resume it there, or make sure that it ended"
        raise InputError([f"{message} and say --ended"])


def processes_in(directory: Path) -> list[psutil.Process]:
    """List our processes that work in a directory and belong to no Slurm job."""
    found = []
    for process in psutil.process_iter():
        try:
            here = process.pid != os.getpid() and Path(process.cwd()) == directory.resolve()
            if here and "SLURM_JOB_ID" not in process.environ():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def living_jobs(runs: set[str]) -> dict[str, str]:
    """Ask Slurm for the jobs of some runs that wait, run or are just ending.

    Parameters
    ----------
    runs : set of str
        Run IDs of the executor, which are the names of its jobs.

    Returns
    -------
    dict
        For each job's id, its state and what it does.

    Raises
    ------
    InputError
        If Slurm does not answer: then nobody knows, and nothing may be started.
    """
    listed = slurm("squeue", "--user", getpass.getuser(), "--noheader", "--format", "%i|%j|%T %k")
    jobs = (line.split("|", 2) for line in listed.splitlines())
    return {job: what for job, name, what in jobs if name in runs}


def slurm(*command: str) -> str:
    """Run one of Slurm's commands and hand back what it prints."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError as error:
        raise InputError([f"{command[0]} is not on the PATH: resume where Slurm is"]) from error
    except subprocess.CalledProcessError as error:
        raise InputError([f"{command[0]} failed: {error.stderr.strip()}"]) from error


def end_living_jobs(directory: Path, runs: set[str], cancel: bool) -> None:
    """Withdraw the jobs of a dead run that wait, and wait for those that run.

    Parameters
    ----------
    directory : Path
        The working directory, where a local step may still be at work as well.
    runs : set of str
        Run IDs of the executor.
    cancel : bool
        Whether to cancel those that run, too.
    """
    if jobs := living_jobs(runs):
        slurm("scancel", *([] if cancel else ["--state=PENDING"]), *jobs)
    told = None
    while left := [*living_jobs(runs).items(), *steps_in(directory)]:
        if len(left) != told:
            lines = [f"  {job} {what}" for job, what in left]
            print("\n".join(["Waiting for what the run left behind:", *lines]), flush=True)
            told = len(left)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def steps_in(directory: Path) -> list[tuple[str, str]]:
    """List the steps that a dead main process left behind on this machine."""
    steps = []
    for process in processes_in(directory):
        try:
            if "IMID_ROOT" in process.environ():
                steps.append((str(process.pid), " ".join(process.cmdline())))
        except psutil.Error:
            continue
    return steps


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


def edited_since(began: datetime, directory: Path, log: str) -> list[Path]:
    """List files of the workflow, its configuration and its sheet that changed since a time.

    Parameters
    ----------
    began : datetime
        When the run began.
    directory : Path
        The working directory.
    log : str
        The run's log, which names its Snakefile and its configuration.

    Returns
    -------
    list of Path
        Empty where the jobs of the run did what jobs would do now.
    """
    configs = [directory / path for path in yaml.safe_load(in_log(log, "Config file(s)") or "[]")]
    values = [read_config_file(path, str(path)).values for path in configs if path.exists()]
    named = [directory / value for each in values for value in each.values() if is_name(value)]
    workflow = Path(in_log(log, "Base directory"))
    code = [*workflow.rglob("*"), *(workflow.parent / "scripts").glob("*.py")]
    return sorted(
        file
        for file in {*configs, *named, *code}
        if file.is_file() and file.stat().st_mtime > began.timestamp()
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


def record_what_is_done(directory: Path, log: str, options: list[str]) -> list[str]:
    """Let Snakemake know of outputs that jobs finished unwatched.

    Parameters
    ----------
    directory : Path
        The working directory.
    log : str
        The log of the newest run.
    options : list of str
        Snakemake's options of the run.

    Returns
    -------
    list of str
        Further options for the run to come: it redoes them where that is uncertain.
    """
    done = unrecorded(snakemake(*options, "--summary"))
    if not done:
        return []
    began = datetime.fromisoformat(in_log(log, "Date"))
    if edited := edited_since(began, directory, log):
        print(f"{edited[0]} was edited since the run began; redoing", *done, sep="\n  ", flush=True)
        return ["--forcerun", *done]
    print("Finished unwatched:", *done, sep="\n  ", flush=True)
    snakemake(*without_targets(options), "--touch", "--force", *done)
    return []


def without_targets(options: list[str]) -> list[str]:
    """Leave out the files that the run was asked for."""
    targets = set(parse_args(options)[1].targets)
    return [option for option in options if option not in targets]


def parse(argv: list[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """Split the command line into our options and Snakemake's."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        usage="resume.py [--cancel] [--ended] [options of snakemake ...]",
        allow_abbrev=False,
    )
    parser.add_argument("--cancel", action="store_true", help="cancel jobs rather than wait")
    parser.add_argument("--ended", action="store_true", help="the run on another machine has ended")
    parser.add_argument("--directory", "-d", type=Path, default=Path(), help="as for snakemake")
    arguments, others = parser.parse_known_args(argv)
    arguments.directory = arguments.directory.resolve()
    return arguments, ["--directory", str(arguments.directory), *others]


def main(argv: list[str] | None = None) -> None:
    """Resume a run on Slurm."""
    arguments, options = parse(argv)
    directory = arguments.directory
    logs = run_logs(directory)
    if not logs:
        raise InputError([f"no run on Slurm was ever started in {directory}"])
    refuse_living_driver(directory, logs[-1], arguments.ended)
    end_living_jobs(directory, {in_log(log, "SLURM run ID") for log in logs}, arguments.cancel)
    snakemake(*options, "--unlock")
    redone = record_what_is_done(directory, logs[-1], options)
    os.execv(SNAKEMAKE[0], [*SNAKEMAKE, *options, *redone])


if __name__ == "__main__":
    reported(main)
