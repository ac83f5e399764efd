"""What a rule says that its jobs depend on, held against what they opened.

What is declared is read from Snakemake's own records of a finished run, which is what the next run
is planned by: a job's input, and its parameters, among which are digests of code and of what the
user gave.
"""

import ast
import json
import os
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from imid.running.given_files import WHOLE_READS
from imid.running.sources import modules_of, resources_of
from imid.shared.fingerprints import WHOLE, fingerprint
from opened_files import Opened
from running import ROOT

SCRIPTS = ROOT / "scripts"
# No part of the workflow: the environment, what pip says of the package in it, and git's folder.
ENVIRONMENT = [ROOT / ".venv", SCRIPTS / "imid_rnaseq.egg-info", ROOT / ".git"]
# Plans the workflow as Snakemake does, and writes down what each digest was taken of.
RECORDER = """
import atexit, json, sys
from pathlib import Path
from imid.running import code_digests, sources, table_digests

taken = {}


def recorded(place, name, first=0):
    take = getattr(place, name)

    def taking(*arguments):
        digest = take(*arguments)
        taken[digest] = [name, [str(each) for each in arguments[first:]]]
        return digest

    setattr(place, name, taking)


# The first argument of a method is whose it is.
recorded(code_digests.CodeDigests, "of", first=1)
recorded(sources, "digest_of_file")
recorded(table_digests, "digest_of_table")
atexit.register(lambda: Path(sys.argv[1]).write_text(json.dumps(taken)))
from snakemake.cli import main
main(sys.argv[2:])
"""


@dataclass
class Job:
    """One job of a finished run, as Snakemake recorded it.

    Attributes
    ----------
    rule : str
        Its rule.
    inputs, outputs : set of str
        As the rule names them, files or folders.
    params : str
        Its parameters, one after the other.
    modules : list of str
        Those whose code is in a digest among its parameters, without what they import.
    files : set of Path
        Those of the workflow that are in a digest of their own.
    before : set of str
        The parameters of all jobs that its input comes from, for what they are known by it is, too.
    """

    rule: str
    inputs: set[str]
    params: str
    outputs: set[str] = field(default_factory=set)
    modules: list[str] = field(default_factory=list)
    files: set[Path] = field(default_factory=set)
    before: set[str] = field(default_factory=set)


def digests_taken(directory: Path, scratch: Path) -> dict[str, tuple[str, list[str]]]:
    """Plan a run, and tell of each digest among its parameters what it was taken of."""
    command = [sys.executable, "-c", RECORDER, str(scratch), "--dry-run", "--quiet", "all"]
    command += ["--snakefile", str(ROOT / "workflow/Snakefile"), "--directory", str(directory)]
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return json.loads(scratch.read_text())


def recorded_jobs(directory: Path, taken: dict[str, tuple[str, list[str]]]) -> dict[str, Job]:
    """Read Snakemake's records of a finished run.

    Parameters
    ----------
    directory : Path
        The working directory.
    taken : dict
        What each digest was taken of.

    Returns
    -------
    dict of str to Job
        By the job's log.
    """
    jobs: dict[str, Job] = {}
    folder = directory / ".snakemake/metadata"
    for path in filter(Path.is_file, folder.rglob("*")):
        name = "".join(part.removeprefix("@") for part in path.relative_to(folder).parts)
        record = json.loads(path.read_text())
        params = "\n".join(record["params"])
        job = jobs.setdefault(record["log"][0], Job(record["rule"], set(record["input"]), params))
        job.outputs.add(urlsafe_b64decode(name).decode())
        digests = [taken[digest] for digest in taken if digest in params]
        job.modules = [each for kind, names in digests if kind == "of" for each in names]
        job.files = {Path(names[0]) for kind, names in digests if kind != "of"}
    makers = {name: job for job in jobs.values() for name in job.outputs}
    for job in jobs.values():
        job.before = {each.params for each in _with_all_before(job, makers)}
    return jobs


def _with_all_before(job: Job, makers: dict[str, Job]) -> list[Job]:
    """List a job and all jobs that its input comes from."""
    found = {id(job): job}
    waiting = [job]
    while waiting:
        inputs = waiting.pop().inputs
        makers_of = [makers[name] for name in inputs if name in makers]
        waiting += [maker for maker in makers_of if id(maker) not in found]
        found |= {id(maker): maker for maker in waiting}
    return [*found.values()]


def undeclared(job: Job, opened: Opened, directory: Path) -> list[str]:
    """List what a job depends on without a word.

    Parameters
    ----------
    job : Job
        What was declared.
    opened : Opened
        What it opened.
    directory : Path
        The working directory.

    Returns
    -------
    list of str
        Modules as ``imid.room.module``, files as their names in the working directory or in the
        checkout, folders that were listed with a ``/`` at the end.
    """
    directory = directory.resolve()
    modules = set(modules_of(*job.modules))
    resources = {ROOT / name for name in resources_of(*job.modules)} | job.files
    outputs = [directory / name for name in job.outputs]
    own = [*outputs, *(directory / name for name in job.inputs)]
    scratch = [output.parent for output in outputs]
    folders = [path for path in opened.listed if path.is_relative_to(directory)]

    def known(path: Path) -> bool:
        if path.is_relative_to(directory):
            # What is there no more was made on the way.
            on_the_way = not path.exists() and _within(path, scratch)
            return _within(path, own) or on_the_way or _given(path, job.before)
        ours = path.is_relative_to(ROOT) and not _within(path, [*ENVIRONMENT, SCRIPTS / "imid"])
        return not ours or path in resources

    return sorted(
        {module for module in modules_opened(opened) if module not in modules}
        | {_short(path, directory) for path in opened.read if not known(path)}
        | {f"{_short(path, directory)}/" for path in folders if not known(path)}
    )


def modules_opened(opened: Opened) -> set[str]:
    """Name the modules of the package that a job loaded, and the rooms that do anything."""
    found = set()
    for path in opened.read:
        if path.is_relative_to(SCRIPTS) and path.suffix in (".py", ".pyc"):
            folder = path.parent.parent if path.parent.name == "__pycache__" else path.parent
            file = folder / f"{path.name.split('.')[0]}.py"
            if file.stem != "__init__" or not _does_nothing(file):
                found.add(".".join(file.relative_to(SCRIPTS).with_suffix("").parts))
    return found


def loaded_by_rule(jobs: dict[str, Job], opened: dict[str, Opened]) -> dict[str, set[str]]:
    """Name what the jobs of each rule loaded of the package, and read of the checkout."""
    loaded = defaultdict(set)
    for log, job in jobs.items():
        files = {path for path in opened[log].read if path.is_relative_to(ROOT)}
        loaded[job.rule] |= modules_opened(opened[log])
        loaded[job.rule] |= {str(path.relative_to(ROOT)) for path in files}
    return loaded


@cache
def _does_nothing(module: Path) -> bool:
    """Tell whether there is nothing in a module but what it says of itself."""
    return all(isinstance(line, ast.Expr) for line in ast.parse(module.read_text()).body)


def _given(path: Path, before: set[str]) -> bool:
    """Tell whether what is in a file is known from a digest among parameters."""
    return path.is_file() and any(known in params for known in _contents(path) for params in before)


@cache
def _contents(path: Path) -> list[str]:
    return [fingerprint(path, whole) for whole in (WHOLE, WHOLE_READS)]


def _within(path: Path, places: list[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _short(path: Path, directory: Path) -> str:
    return str(path.relative_to(directory if path.is_relative_to(directory) else ROOT))
