"""Running the workflow from a test."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from imid.reads.findings import LineStrandedness
from imid.shared.json_files import as_json
from opened_files import STRACE, can_trace, trace_of

ROOT = Path(__file__).resolve().parent.parent
DEPLOYMENT = ROOT / ".venv" / "deployment"
# What is read of a line's strandedness when a run is planned.
FINDING = as_json(
    LineStrandedness("line", "reverse", "reverse", "sample", 100, 900, "it is reverse")
)
FOLDERS = {"reports", "multiqc_data", "tracks"}


def snakemake(
    directory: Path, *arguments: str, cores: int = 2, traced: bool = False
) -> subprocess.CompletedProcess:
    """Run the workflow in a working directory, and hand back its exit code and output.

    Where it can be traced, what its jobs open is written down beside the working directory.
    """
    deployment = DEPLOYMENT.read_text().split() if DEPLOYMENT.exists() else []
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "workflow/Snakefile")]
    if traced and can_trace():
        command = [*STRACE, str(trace_of(directory)), *command]
    return subprocess.run(
        [*command, "--directory", str(directory), "--cores", str(cores), *deployment, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def completed(run: subprocess.CompletedProcess) -> subprocess.CompletedProcess:
    """Hand a run back if it went well, else show what it printed."""
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def copy_experiment(source: Path, target: Path, results: bool = False) -> Path:
    """Copy an experiment's config, and its results if asked for; link its reads and reference."""
    shutil.copytree(source / "config", target / "config")
    for folder in ["reads", "reference", "truth"]:
        (target / folder).symlink_to(source / folder)
    if results:
        for folder in ["results", ".snakemake", "logs"]:
            shutil.copytree(source / folder, target / folder, symlinks=True)
    return target


def planned(directory: Path, *arguments: str) -> Counter:
    """Count the jobs that a dry run lists, by rule and what its wildcards name."""
    run = completed(snakemake(directory, "--dry-run", *arguments))
    jobs = re.findall(r"^(?:local)?rule (\w+):\n((?: {4}.*\n)*)", run.stdout, flags=re.MULTILINE)
    return Counter(
        (rule, *(value for _, value in re.findall(r"(\w+)=([^,\n]+)", _wildcards(details))))
        for rule, details in jobs
        if rule != "all"
    )


def rules(jobs: Iterable[tuple[str, ...]]) -> set[str]:
    """Name the rules of planned jobs."""
    return {rule for rule, *_ in jobs}


def ended(run) -> list[str]:
    """Name the rules of the jobs that a run says have ended, well or not."""
    line = r"^ *\d+/\d+  (?:failed: )?(\w+)"
    return re.findall(line, run.stdout + run.stderr, flags=re.MULTILINE)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text in a file that must hold it."""
    text = path.read_text()
    assert old in text, f"{old!r} is not in {path}"
    path.write_text(text.replace(old, new))


def outputs(directory: Path, *arguments: str) -> list[str]:
    """Name the files that a dry run would make."""
    listed = completed(snakemake(directory, "--dry-run", *arguments)).stdout
    lines = re.findall(r"^ {4}output: (.*)$", listed, flags=re.MULTILINE)
    return [name for line in lines for name in line.split(", ")]


def pretend(experiment: Path) -> Path:
    """Let Snakemake take empty files for the results of a run."""
    for path in (experiment / name for name in outputs(experiment)):
        if path.name in FOLDERS:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(FINDING)
    completed(snakemake(experiment, "--touch", "--forceall"))
    return experiment


def _wildcards(details: str) -> str:
    found = re.search(r"^ {4}wildcards: (.*)$", details, flags=re.MULTILINE)
    return found[1] if found else ""
