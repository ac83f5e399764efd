"""Each job leaves a record of what it made, by what, and from what: see `job_records`.

Snakemake runs jobs in this process, or on a cluster in one of the job's own, and writes a job's
measurements when its command went well; that is when the record is written, too.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import snakemake.benchmark
from snakemake.settings.types import DeploymentMethod

from imid.running.checkout import environment, git_commit
from imid.running.job_records import ENVIRONMENTS, RECORDS, UNKNOWN, RecordedJob, record_of_log
from imid.shared.files import written
from imid.shared.fingerprints import fingerprint
from imid.shared.json_files import read_if_whole, write_json
from imid.shared.paths import ROOT
from imid.shared.problems import warn

if TYPE_CHECKING:
    from snakemake.jobs import Job
    from snakemake.workflow import Workflow

# Of a longer parameter, such as the rows of a table, a digest is kept.
LONGEST_KEPT = 500
VERSION = re.compile(r"\d+\.\d\S*$")

write_measurements = snakemake.benchmark.write_benchmark_records


def record_jobs(workflow: "Workflow", programs: Mapping[str, Iterable[str]]) -> None:
    """Have each job that goes well leave a record.

    Parameters
    ----------
    workflow : Workflow
        Snakemake's.
    programs : mapping of str to iterable of str
        By rule the programs of others that its jobs run.
    """
    # Jobs may end at once, and two of them write one file of what they share.
    one_by_one = Lock()
    by_conda = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
    # What is edited while a run goes on is not what its jobs were planned by.
    checkout_at_work()

    def write(records: list, path: str, *options: bool) -> None:
        write_measurements(records, path, *options)
        job = jobs_by_id(workflow.dag)[records[-1].jobid]
        prefix = job.conda_env.address if by_conda and job.conda_env else None
        try:
            with one_by_one:
                write_record(job, programs.get(job.rule.name, []), prefix)
        except (OSError, ValueError) as error:
            # The job itself went well.
            warn(f"what {job.rule.name} was made from could not be written down: {error}")

    jobs_by_id.cache_clear()
    snakemake.benchmark.write_benchmark_records = write


@cache
def jobs_by_id(dag: object) -> dict[int, "Job"]:
    """Find the jobs of a graph by the number that Snakemake gives each."""
    return {dag.jobid(job): job for job in dag.jobs}


@cache
def checkout_at_work() -> str:
    """Name the commit that this process works by."""
    return git_commit(ROOT)


def write_record(job: "Job", programs: Iterable[str], prefix: str | None = None) -> None:
    """Write down what a job made, by what, and from what.

    Parameters
    ----------
    job : Job
        Snakemake's, its command ended well. Where an output is missing, which Snakemake is about
        to tell, nothing is written.
    programs : iterable of str
        Programs of others that it ran.
    prefix : str, optional
        Of the conda environment that it ran in.
    """
    outputs = [*map(str, job.output)]
    if not all(map(os.path.exists, outputs)):
        return
    record = RecordedJob(
        rule=job.rule.name,
        wildcards=dict(job.wildcards_dict),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=checkout_at_work(),
        environment=write_environment(prefix),
        programs={name: version_of(name, prefix) for name in programs},
        command=job.rule.shellcmd,
        params={name: _kept(repr(value)) for name, value in job.params.items()},
        inputs=_contents(map(str, job.input)),
        outputs=_contents(file for output in outputs for file in _files_in(output)),
    )
    write_json(record, record_of_log(Path(str(job.log[0]))))


def _kept(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return text if len(text) <= LONGEST_KEPT else f"{text[:40]}… ({digest})"


def _contents(names: Iterable[str]) -> dict[str, str]:
    return {name: content_of(name) for name in sorted({*names})}


def _files_in(output: str) -> list[str]:
    """List the files of a folder, but for what Snakemake keeps there; a file is itself."""
    if not os.path.isdir(output):
        return [output]
    files = (path for path in Path(output).rglob("*") if path.is_file())
    return [str(path) for path in files if not path.name.startswith(".")]


def content_of(name: str) -> str:
    """Give the fingerprint of a file, taken once as long as it stays as it is, or of a folder."""
    if os.path.isdir(name):
        return fingerprint(Path(name))
    status = os.stat(name)
    return _content(name, status.st_size, status.st_ino, status.st_mtime_ns)


@cache
def _content(name: str, *_: int) -> str:
    return fingerprint(Path(name))


@cache
def write_environment(prefix: str | None) -> str:
    """Write down an environment, conda's or our own, and give the name that records call it."""
    text = json.dumps(environment(prefix), indent=1) + "\n"
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = RECORDS / ENVIRONMENTS / f"{name}.json"
    if read_if_whole(path, dict[str, Any]) is None:
        with written(path) as temporary:
            temporary.write_text(text)
    return name


def version_of(program: str, prefix: str | None = None) -> str:
    """Ask a program for its version: the last word of the first line that it answers.

    Parameters
    ----------
    program : str
        Its name.
    prefix : str, optional
        Of the conda environment that comes before the PATH.

    Returns
    -------
    str
        ``unknown`` where there is no such program, it fails, or says nothing of the kind.
    """
    path = os.pathsep.join([*([f"{prefix}/bin"] if prefix else []), os.environ["PATH"]])
    found = shutil.which(program, path=path)
    if found is None:
        return UNKNOWN
    status = os.stat(found)
    # Another one may be put into its place between two jobs.
    return _asked(found, status.st_ino, status.st_mtime_ns)


@cache
def _asked(program: str, *_: int) -> str:
    answer = subprocess.run(
        [program, "--version"], capture_output=True, text=True, errors="replace"
    )
    first = (answer.stdout + answer.stderr).strip().splitlines()[:1]
    version = VERSION.search(first[0]) if first and answer.returncode == 0 else None
    return version[0] if version else UNKNOWN
