"""What a run says when it has ended."""

from collections.abc import Collection
from pathlib import Path

from imid.running.job_records import LOGS
from imid.running.left_overs import tell_of_left_overs
from imid.running.present_jobs import present_logs
from imid.running.summarize_resources import summarize_jobs

RESOURCES = Path("results/qc/resources.tsv")


def tell_what_was_done(planned: Collection[str]) -> None:
    """Write what the jobs of today's results took, and say how much is of no job of today.

    Parameters
    ----------
    planned : collection of str
        Every file and folder that the present configuration makes.
    """
    summarize_jobs(LOGS, present_logs(planned), RESOURCES)
    tell_of_left_overs(planned)
