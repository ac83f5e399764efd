"""Snakemake's limit of jobs per time, which costs more the more jobs have ended.

While there is one, every look for jobs that could start arranges for another look when that time,
a second unless told otherwise, is over; and so does every job that ends. None of these rounds ever
stops: after a hundred jobs the main process looks a hundred times a second, through all jobs that
are left and the sizes of all their inputs, and starts a thread for each. Without a limit it looks
when a job has ended, which is when there may be something to start.
"""

from snakemake.scheduling.job_scheduler import JobScheduler

# Jobs per second, unless --max-jobs-per-timespan says something else. Nothing starts so many.
DEFAULT = 100


def lift_default_limit(scheduler: JobScheduler) -> None:
    """Start jobs as they come, unless the user wants them slower.

    Parameters
    ----------
    scheduler : JobScheduler
        Of a run that is about to begin.
    """
    limiter = scheduler.job_rate_limiter
    if limiter and limiter.max_jobs >= DEFAULT * limiter.timespan:
        scheduler.job_rate_limiter = None
