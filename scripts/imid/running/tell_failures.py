"""Tell which steps of a run failed, for which sample, and what their logs say at the end.

Reads Snakemake's own log of the run, which holds the same among much else.
"""

import argparse
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imid.shared.problems import reported

LINES = 10
BLOCK = r"^{head} (\w+):\n((?: {{4}}.*\n)*)"


@dataclass(frozen=True)
class FailedRun:
    """What page and provenance tell of a run that failed.

    Attributes
    ----------
    failures : list of dict
        What `tell_failures.recorded` gives of each step that failed.
    unfinished : list of str
        The files that they need and the run did not come to.
    """

    failures: list[dict[str, Any]] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


def failures(log: str) -> list[dict[str, str]]:
    """Find the steps that failed for good.

    Parameters
    ----------
    log : str
        Snakemake's log of a run.

    Returns
    -------
    list of dict
        For each step its rule, its wildcards as ``sample=MM1S_dmso_1`` and its log files, the
        rule's own one first. A step that failed and then succeeded at another attempt is none.
    """
    wildcards = {
        log_value(block, "jobid"): log_value(block, "wildcards")
        for _, block in re.findall(BLOCK.format(head="(?:local)?rule"), log, flags=re.MULTILINE)
    }
    finished = set(re.findall(r"^Finished jobid: (\d+)", log, flags=re.MULTILINE))
    failed = {}
    for rule, block in re.findall(BLOCK.format(head="Error in rule"), log, flags=re.MULTILINE):
        job = log_value(block, "jobid")
        logs = log_value(block, "log").removesuffix(" (check log file(s) for error details)")
        failed[job] = {"rule": rule, "wildcards": wildcards.get(job, ""), "logs": logs}
    return [step for job, step in failed.items() if job not in finished]


def log_value(block: str, key: str) -> str:
    """Give what stands behind a key in a block of Snakemake's log."""
    found = re.search(rf"^ {{4}}{key}: (.*)$", block, flags=re.MULTILINE)
    return found[1] if found else ""


def failure_told(step: dict[str, str]) -> str:
    """Write a failed step as a paragraph."""
    name = " ".join(filter(None, [step["rule"], step["wildcards"]]))
    own, *others = step["logs"].split(", ")
    if not own:
        return f"{name} failed, and has no log"
    more = [f"  More is in {other}" for other in others]
    return "\n".join([f"{name} failed; {own} ends:", *last_lines(Path(own)), *more])


def recorded(step: dict[str, str]) -> dict[str, str | list[str]]:
    """Describe a failed step for the page and the provenance.

    Parameters
    ----------
    step : dict
        As given by `failures`.

    Returns
    -------
    dict
        rule, wildcards, log and the log's last lines, ``says``.
    """
    own = step["logs"].split(", ")[0]
    says = [line.removeprefix("  | ") for line in last_lines(Path(own))] if own else []
    return {"rule": step["rule"], "wildcards": step["wildcards"], "log": own, "says": says}


def last_lines(path: Path) -> list[str]:
    """Give the end of a log, indented."""
    if not path.exists() or not (lines := path.read_text(errors="replace").splitlines()):
        return ["  (says nothing)"]
    return [f"  | {line}" for line in lines[-LINES:]]


def main(argv: list[str] | None = None) -> None:
    """Print the failed steps of a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, help="Snakemake's log of the run")
    arguments = parser.parse_args(argv)
    for step in failures(arguments.log.read_text(errors="replace")):
        print(f"\n{failure_told(step)}")


if __name__ == "__main__":
    reported(main)
