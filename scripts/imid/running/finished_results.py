"""What each job left, so that a result which was cut or altered since is made again.

To Snakemake a result is finished if its job ended and something lies in its place. What lies there
is written down here when a job ends, and looked at when the next run is planned. Snakemake asks of
each job of a plan which of its outputs are incomplete, and is given these files as well; what it
does then is its own: with ``--rerun-incomplete``, as in the profile, they are made again, without
it the run is refused.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snakemake.exceptions import WorkflowError
from snakemake.persistence import PersistenceBase

from imid.running.given_files import state_of
from imid.shared.files import written
from imid.shared.fingerprints import fingerprint
from imid.shared.json_files import read_whole_lines
from imid.shared.problems import warn

if TYPE_CHECKING:
    from snakemake.jobs import Job

# Beside Snakemake's own records of results, and thrown away with them.
RECORDS = Path(".snakemake/finished_results.jsonl")


class Left(NamedTuple):
    """What a job left in one place.

    Attributes
    ----------
    content : str
        A fingerprint.
    state : list of list of int
        By what it would be seen to have changed: see `state_of`.
    """

    content: str
    state: list[list[int]]


class FinishedResults:
    """The results that jobs left, by their names.

    Parameters
    ----------
    directory : Path
        The working directory.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        records = dict(read_whole_lines(directory / RECORDS, tuple[str, Left | None]))
        self.left = {name: left for name, left in records.items() if left}
        self.told: set[str] = set()
        self.tidied = False

    def record(self, name: str) -> None:
        """Write down what a job left, a file or a folder."""
        path = self.directory / name
        if state := state_of(path):
            self._add(name, Left(fingerprint(path), state))

    def forget(self, name: str) -> None:
        """Cross out what an earlier job left, for another one begins."""
        if name in self.left:
            self._add(name, None)

    def damage(self, name: str) -> str | None:
        """Say what happened to a result since its job ended.

        Parameters
        ----------
        name : str
            Of a file or folder, as the workflow names it.

        Returns
        -------
        str, optional
            In words that follow its name: ``was cut from 20 to 7 bytes``. None where it is as its
            job left it, was deleted, or nothing is known of it.
        """
        left, state = self.left.get(name), state_of(self.directory / name)
        if not left or not state or state == left.state:
            return None
        before, now = size_of(left.state), size_of(state)
        if fingerprint(self.directory / name) != left.content:
            return f"was cut from {before:,} to {now:,} bytes" if now < before else "was altered"
        # Copied or touched. It is written down with what is written next.
        self.left[name] = left._replace(state=state)
        return None

    def _add(self, name: str, left: Left | None) -> None:
        """Put down one more line, which is all that a process that is killed could lose."""
        if not self.tidied:
            self._tidy()
        if left:
            self.left[name] = left
        else:
            del self.left[name]
        with (self.directory / RECORDS).open("a") as records:
            records.write(json.dumps([name, left]) + "\n")

    def _tidy(self) -> None:
        """Leave the last line of each result: Snakemake's lock is held, no other run writes."""
        with written(self.directory / RECORDS) as temporary:
            lines = [json.dumps(record) + "\n" for record in self.left.items()]
            temporary.write_text("".join(lines))
        self.tidied = True


def size_of(state: list[list[int]]) -> int:
    """Add up the sizes of a file, or of a folder's files and folders, in bytes."""
    return sum(size for size, *_ in state)


def watch_results(results: FinishedResults) -> None:
    """Let Snakemake keep these records beside its own, and plan by them.

    Parameters
    ----------
    results : FinishedResults
        The records.
    """
    started, finished = PersistenceBase.started, PersistenceBase.finished
    incomplete, cleaned = PersistenceBase.incomplete, PersistenceBase.cleanup_metadata

    def started_and_forgotten(self: PersistenceBase, job: "Job", *external: str | None) -> None:
        for file in job.output:
            results.forget(str(file))
        started(self, job, *external)

    async def finished_and_recorded(self: PersistenceBase, job: "Job") -> None:
        await finished(self, job)
        for file in job.output:
            results.record(str(file))

    async def incomplete_or_damaged(self: PersistenceBase, job: "Job") -> list:
        broken_off = await incomplete(self, job)
        # What `--touch` is to take for current is meant.
        if job.dag.workflow.touch:
            return broken_off
        _refuse_lost_inputs(results, job)
        damaged = [file for file in job.output if _told_damage(results, str(file))]
        return [*broken_off, *(file for file in damaged if file not in broken_off)]

    def cleaned_and_forgotten(self: PersistenceBase, target: str) -> bool:
        results.forget(str(target))
        return cleaned(self, target)

    PersistenceBase.started = started_and_forgotten
    PersistenceBase.finished = finished_and_recorded
    PersistenceBase.cleanup_metadata = cleaned_and_forgotten
    PersistenceBase.incomplete = incomplete_or_damaged


def _told_damage(results: FinishedResults, name: str) -> bool:
    """Find out whether a result was damaged, and tell it once."""
    damage = results.damage(name)
    if damage and name not in results.told:
        results.told.add(name)
        warn(f"{name} {damage} since its job ended: it is to be made again")
    return bool(damage)


def _refuse_lost_inputs(results: FinishedResults, job: "Job") -> None:
    """Stop where a job would read a damaged result that no job of the plan makes again."""
    made = {file for files in job.dag.dependencies[job].values() for file in files}
    given = [str(file) for file in job.input if file not in made]
    lost = [f"{name} {damage}" for name in given if (damage := results.damage(name))]
    if lost:
        ending = "since its job ended, and what it was made from is gone: bring either back"
        raise WorkflowError("\n".join(f"{problem} {ending}" for problem in lost))
