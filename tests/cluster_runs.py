"""Runs on Slurm with the workflow's profile, started from a test."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from running import ROOT
from slurm import queue

STEPS = ROOT / "tests/cluster/steps.smk"
SNAKEMAKE = [sys.executable, "-m", "snakemake"]
RESUME = [sys.executable, "-m", "imid.running.resume"]
# The tests' jobs take seconds, and so does the file system.
PROFILE = [
    *["--profile", str(ROOT / "workflow/profiles/slurm")],
    *["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"],
]


@contextmanager
def started(
    directory: Path, *options: str, by: Sequence[str] = SNAKEMAKE
) -> Iterator[subprocess.Popen]:
    """Start a run in the background; what it prints is in output.txt. It ends with the block."""
    with (directory / "output.txt").open("a") as output:
        run = subprocess.Popen(
            [*by, *PROFILE, "--directory", str(directory), *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1"},
        )
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def printed(directory: Path) -> str:
    """Read what the runs in a directory printed."""
    return (directory / "output.txt").read_text()


def jobs(directory: Path, states: str = "all") -> dict[str, list[list[str]]]:
    """List the Slurm jobs of the runs in a directory.

    By rule and wildcards, as ``rule_align_wildcards_MM1S_dmso_1``; for each job its id, its state,
    its node and the memory it asked for.
    """
    runs = set(re.findall(r"SLURM run ID: (\S+)", printed(directory)))
    found = {}
    for run, step, *job in queue(states=states, fields="%j %k %i %T %N %m"):
        if run in runs:
            found.setdefault(step, []).append(job)
    return found


def steps(directory: Path, *names: str) -> list[str]:
    """Set up the tests' own workflow in a directory, and give the options that ask for steps."""
    (directory / "workflow").mkdir(exist_ok=True)
    snakefile = shutil.copy(STEPS, directory / "workflow/Snakefile")
    config = ["--config", f"root={ROOT}", f"steps=[{','.join(names)}]"]
    return ["--snakefile", str(snakefile), *config]


def journal(directory: Path, event: str, sample: str) -> list[str]:
    """List the jobs for a sample that told of an event: ``begins`` or ``ends``."""
    path = directory / "journal.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    rows = [line.split(" ") for line in lines]
    return [job for *found, job in rows if found == [event, sample]]
