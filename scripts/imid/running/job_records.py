"""What each result was made by and from, as its job wrote it down.

A folder of results may be years of work by several versions of the workflow and of the programs.
So each job leaves a record in ``results/provenance/``, under the name that its log has in
``logs/``: the commit, the programs that it ran with their versions, its settings, and fingerprints
of what it read and wrote. `recording` writes them.
"""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from imid.shared.json_files import read_if_whole

RECORDS, LOGS = Path("results/provenance"), Path("logs")
ENVIRONMENTS = "environments"
# The version of a program that does not tell it.
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class RecordedJob:
    """What a job writes down of itself.

    Attributes
    ----------
    rule : str
    wildcards : dict of str to str
    made : str
        When it ended, by ISO 8601.
    commit : str
        Of the workflow.
    environment : str
        The name of the list of libraries that it ran with.
    programs : dict of str to str
        The versions of the programs of others that it ran.
    command : str
        As its rule has it.
    params : dict of str to str
        As they are compared; of a longer one a digest.
    inputs, outputs : dict of str to str
        The fingerprint of each file; of folders that it made, each file in them.
    renamed_from : str, optional
        What its sample was called then.
    """

    rule: str
    wildcards: dict[str, str]
    made: str
    commit: str
    environment: str
    programs: dict[str, str]
    command: str
    params: dict[str, str]
    inputs: dict[str, str]
    outputs: dict[str, str]
    renamed_from: str | None = None


def record_of_log(log: Path) -> Path:
    """Name the record of the job that writes a log."""
    return RECORDS / log.relative_to(LOGS).with_suffix(".json")


class JobRecord(NamedTuple):
    """A record as it was read.

    Attributes
    ----------
    path : Path
        Its file.
    content : RecordedJob
    """

    path: Path
    content: RecordedJob

    @property
    def outputs(self) -> set[str]:
        """The files that the job made, those in folders each."""
        return {*self.content.outputs}

    def is_of(self, wanted: Set[str]) -> bool:
        """Tell whether what the job made is among files, or in folders, that are wanted."""
        files = self.outputs
        around = {str(folder) for file in files for folder in Path(file).parents}
        return not wanted.isdisjoint(files | around)

    @property
    def environment(self) -> Path:
        """The file that lists the libraries which it ran with."""
        return RECORDS / ENVIRONMENTS / f"{self.content.environment}.json"

    @property
    def log(self) -> Path:
        """The log of the job."""
        return LOGS / self.path.relative_to(RECORDS).with_suffix(".log")


def read_job_records(directory: Path = Path()) -> Iterator[JobRecord]:
    """Read the records of all jobs, of whatever question; what is no whole record is passed over.

    Parameters
    ----------
    directory : Path
        The working directory of the runs, which paths are relative to.

    Yields
    ------
    JobRecord
    """
    for file in sorted((directory / RECORDS).rglob("*.json")):
        path = file.relative_to(directory)
        if path.is_relative_to(RECORDS / ENVIRONMENTS) or path.name.startswith("."):
            continue
        if content := read_if_whole(file, RecordedJob):
            yield JobRecord(path, content)


def read_environments(records: Iterable[JobRecord]) -> dict[str, dict]:
    """Read the environments that records name; those that are there, and whole."""
    files = sorted({record.environment for record in records})
    found = {file.stem: read_if_whole(file, dict[str, Any]) for file in files}
    return {name: environment for name, environment in found.items() if environment}
