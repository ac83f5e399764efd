"""What a run says when it has ended."""

from collections.abc import Collection
from pathlib import Path

from imid.running.job_records import LOGS
from imid.running.left_overs import tell_of_left_overs
from imid.running.present_jobs import present_logs
from imid.running.summarize_resources import summarize_jobs
from imid.shared.problems import file_problem, warn

RESOURCES = Path("results/qc/resources.tsv")


def tell_what_was_done(planned: Collection[str]) -> None:
    """Write what the jobs of today's results took, and say how much is of no job of today.

    A disk that is full, or a file of somebody else, makes no failed run of one that went well.

    Parameters
    ----------
    planned : collection of str
        Every file and folder that the present configuration makes.
    """
    for tell in (_summarize, tell_of_left_overs):
        try:
            tell(planned)
        except OSError as error:
            warn(file_problem(error))


def _summarize(planned: Collection[str]) -> None:
    summarize_jobs(LOGS, present_logs(planned), RESOURCES)
