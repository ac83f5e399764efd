"""What runs on Slurm have left in a working directory: their logs, and those of their jobs."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

# Snakemake's log of a run: a job's description, where it was sent, and that it went well.
OUTPUT = re.compile(r"^ {4}output: (.*)$")
JOB = re.compile(r"^ {4}jobid: (\d+)$")
SUBMITTED = re.compile(r"^Job (\S+) has been submitted with SLURM jobid (\d+) \(log: (.*)\)\.$")
FINISHED = re.compile(r"^Finished jobid: (\d+)\b")
# Jobs may be sent to another cluster, whose queue is not the one that is asked.
ELSEWHERE = re.compile(r"^ {4}resources: .*\b(slurm_cluster|clusters?)=", flags=re.MULTILINE)
# In a job's log, one Snakemake starts another; the last word of each is the second of these.
STARTED = re.compile(r"^Building DAG of jobs\.\.\.$", flags=re.MULTILINE)
DONE = re.compile(r"^(\d+) of \1 steps \(100%\) done$", flags=re.MULTILINE)
FAILED = re.compile(
    r"^(Exiting because a job execution failed|slurmstepd: error: \*\*\* )", flags=re.MULTILINE
)


@dataclass(frozen=True)
class Attempt:
    """A job that a run sent to Slurm.

    Parameters
    ----------
    slurm_job : str
        Its id on Slurm.
    log : Path
        What Slurm keeps of its output.
    outputs : tuple of str
        Files that it makes, as the workflow names them.
    """

    slurm_job: str
    log: Path
    outputs: tuple[str, ...] = field(default=())

    def state_by_log(self) -> str | None:
        """Say how the job ended, once it has left the queue.

        Returns
        -------
        {"COMPLETED", "FAILED"} or None
            None where its log does not tell, or not yet.
        """
        if not self.log.exists():
            return None
        text = self.log.read_text(errors="replace")
        if FAILED.search(text):
            return "FAILED"
        # The step ends before its job: each Snakemake in the job must have come to its end.
        started, done = len(STARTED.findall(text)), len(DONE.findall(text))
        return "COMPLETED" if 0 < started == done else None


@dataclass(frozen=True)
class Run:
    """A run on Slurm, by the log of its main process.

    Parameters
    ----------
    path : Path
        The log, named by the time when the run began.
    text : str
        What it says.
    """

    path: Path
    text: str

    @property
    def id(self) -> str:
        """The run's ID, which is the name of all its jobs."""
        return self.head("SLURM run ID")

    @property
    def began(self) -> datetime:
        """When it began, before it read any file; the log itself has whole seconds only."""
        return datetime.fromisoformat(self.path.name.removesuffix(".snakemake.log"))

    def head(self, key: str) -> str:
        """Give what stands behind a key in the head of the log, or nothing."""
        found = re.search(rf"^ *{re.escape(key)}: (.*)$", self.text, flags=re.MULTILINE)
        return found[1] if found else ""

    def attempts(self) -> list[Attempt]:
        """List the jobs that were sent to Slurm, in their order."""
        return [attempt for _, attempt in self._attempts()]

    def unfinished(self) -> list[Attempt]:
        """List the newest attempt at each job that the main process does not know to be done."""
        if ELSEWHERE.search(self.text):
            return []
        last = dict(self._attempts())
        done = {found[1] for line in self.text.splitlines() if (found := FINISHED.match(line))}
        return [attempt for job, attempt in last.items() if job not in done]

    def _attempts(self) -> list[tuple[str, Attempt]]:
        outputs, described, attempts = (), {}, []
        for line in self.text.splitlines():
            if found := OUTPUT.match(line):
                outputs = tuple(found[1].split(", "))
            elif found := JOB.match(line):
                described[found[1]], outputs = outputs, ()
            elif found := SUBMITTED.match(line):
                job, slurm_job, log = found.groups()
                attempts.append((job, Attempt(slurm_job, Path(log), described.get(job, ()))))
        return attempts


def runs_on_slurm(directory: Path) -> list[Run]:
    """Read Snakemake's logs of the runs on Slurm that a working directory has seen.

    Parameters
    ----------
    directory : Path
        The working directory.

    Returns
    -------
    list of Run
        From the oldest to the newest.
    """
    logs = sorted((directory / ".snakemake/log").glob("*.snakemake.log"))
    runs = [Run(log, log.read_text(errors="replace")) for log in logs]
    return [run for run in runs if run.id]
