"""Put what each job asked for beside what it used, so that the next run can be sized.

Reads the measurements that are left beside the jobs' logs (see `measure_jobs`), and Slurm's own
logs of jobs that ran on a cluster. Each job's own log then ends with where it ran and what it took.
"""

import argparse
import os
import platform
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd

from imid.shared.json_files import read_whole_lines
from imid.shared.problems import reported
from imid.shared.tables import write_table

# How the last line of a job's own log begins.
TOLD = "This step ran on "
COLUMNS = [
    *["rule", "wildcards", "threads", "mem_mb", "runtime_min"],
    *["run_s", "cpu_s", "peak_mb", "node", "slurm_job"],
]


@dataclass(frozen=True)
class MeasuredJob:
    """What is read of Snakemake's extended measurements of a job.

    Attributes
    ----------
    rule_name : str
    wildcards : dict of str to str
    threads : int
    resources : dict
        What it asked for.
    s, cpu_time : float or str
        Seconds of time, and of processors; ``NA`` where Snakemake did not get them.
    max_rss : float or str
        The most memory, in MB; or the same.
    """

    rule_name: str
    wildcards: dict[str, str]
    threads: int
    resources: dict[str, Any]
    s: float | str
    cpu_time: float | str
    max_rss: float | str


def jobs_measured(
    logs: Path, asked: Collection[Path] | None = None
) -> dict[Path, dict[str, object]]:
    """Read what was measured of the jobs.

    Parameters
    ----------
    logs : Path
        The folder of the logs.
    asked : collection of Path, optional
        The logs of the jobs that the results of today come from (see `present_logs`); others
        are of what was asked before.

    Returns
    -------
    dict
        Each job by its own log, as `job_used` gives it; not those of which Snakemake wrote no
        extended measurements, because a run left out the workflow's own profile, or a part,
        because it was killed.
    """
    measurements = {
        path.with_suffix(".log"): read_whole_lines(path, MeasuredJob)
        for path in sorted(logs.rglob("*.jsonl"))
    }
    return {
        log: job_used(jobs[-1], log.stat().st_mtime if log.exists() else 0, logs)
        for log, jobs in measurements.items()
        if jobs and (asked is None or log in asked)
    }


def resources_used(jobs: Collection[dict[str, object]]) -> pd.DataFrame:
    """Put the jobs in a table.

    Parameters
    ----------
    jobs : collection of dict
        As `job_used` gives them.

    Returns
    -------
    DataFrame
        One row for each job, in the order of their rules. Asked for: threads; mem_mb, in MB;
        runtime_min, in minutes. Used: run_s, and cpu_s of all its processes, in seconds;
        peak_mb, the most memory that they were seen to hold together, in MB, missing for a job
        of a few hundredths of a second. The node, and the id of the Slurm job, missing where it
        ran without Slurm.
    """
    table = pd.DataFrame(jobs, columns=COLUMNS)
    return table.sort_values(["rule", "wildcards"], kind="stable", ignore_index=True)


def job_used(measured: MeasuredJob, ended: float, logs: Path) -> dict[str, object]:
    """Give one job's row.

    Parameters
    ----------
    measured : MeasuredJob
    ended : float
        When the job last wrote to its own log, in seconds since 1970.
    logs : Path
        The folder of the logs.

    Returns
    -------
    dict
        By column.
    """
    asked, wildcards = measured.resources, measured.wildcards
    return {
        "rule": measured.rule_name,
        "wildcards": " ".join(f"{name}={value}" for name, value in wildcards.items()),
        "threads": measured.threads,
        "mem_mb": asked.get("mem_mb"),
        "runtime_min": asked.get("runtime"),
        "run_s": rounded(measured.s, 1),
        "cpu_s": rounded(measured.cpu_time, 1),
        "peak_mb": rounded(measured.max_rss, 0),
        **where_it_ran(measured.rule_name, list(wildcards.values()), ended, logs),
    }


def rounded(value: float | str, digits: int) -> float | None:
    """Round a measurement; Snakemake writes NA for what it did not get."""
    return None if isinstance(value, str) else round(value, digits)


def where_it_ran(
    rule: str, wildcards: list[str], ended: float, logs: Path
) -> dict[str, str | None]:
    """Name the node of a job, and its Slurm job.

    Parameters
    ----------
    rule : str
        Its rule.
    wildcards : list of str
        Their values.
    ended : float
        When it last wrote to its own log, in seconds since 1970. A Slurm log that is older is of
        an earlier run.
    logs : Path
        The folder of the logs; those of Slurm are in ``slurm/rule_{rule}/{wildcards}/{id}.log``.

    Returns
    -------
    dict
        node; slurm_job, None for a job on this machine.
    """
    # Snakemake's measurements have the wildcards by name, the folders in the order of the rule.
    folders = {"_".join(values).replace("/", "_") for values in permutations(wildcards)}
    paths = [
        path for folder in folders for path in (logs / f"slurm/rule_{rule}" / folder).glob("*.log")
    ]
    # A job's Slurm log ends after its own one; some file systems count whole seconds.
    found = [path for path in paths if path.stat().st_mtime >= int(ended)]
    if not found:
        return {"node": platform.node(), "slurm_job": None}
    last = max(found, key=lambda path: int(path.stem))
    text = last.read_text(errors="replace")
    host = re.search(r"^ *Host: (\S+)", text, flags=re.MULTILINE)
    return {"node": host[1] if host else None, "slurm_job": last.stem}


def tell_in_log(job: dict[str, object], log: Path) -> None:
    """End a job's own log with where it ran and what it took, unless it does so already.

    Parameters
    ----------
    job : dict
        As `job_used` gives it.
    log : Path
        Its log; a step need not have one.
    """
    if not log.exists() or TOLD in log.read_text(errors="replace"):
        return
    place = f"{job['node']}, Slurm job {job['slurm_job']}" if job["slurm_job"] else job["node"]
    memory = "" if job["peak_mb"] is None else f", at most {job['peak_mb']:.0f} MB of memory"
    status = log.stat()
    with log.open("a") as file:
        file.write(f"{TOLD}{place}: {job['run_s']} s{memory}.\n")
    # Its time is still that of the job: see `where_it_ran`.
    os.utime(log, ns=(status.st_atime_ns, status.st_mtime_ns))


def summarize_jobs(logs: Path, asked: Collection[Path] | None, output: Path) -> None:
    """Write the table, and the last lines of the logs.

    Parameters
    ----------
    logs : Path
        The folder of the logs.
    asked : collection of Path, optional
        As for `jobs_measured`.
    output : Path
        The table.
    """
    jobs = jobs_measured(logs, asked)
    write_table(resources_used(jobs.values()), output)
    for log, job in jobs.items():
        tell_in_log(job, log)


def main(argv: list[str] | None = None) -> None:
    """Summarize all jobs of which there are logs, of whatever question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="folder of the logs")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)
    summarize_jobs(arguments.logs, None, arguments.output)


if __name__ == "__main__":
    reported(main)
