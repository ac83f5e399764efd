"""Snakemake's scheduler, kept from looking for work more and more often.

With a limit of jobs per time, which Snakemake has unless told otherwise, every look for jobs that
could start arranges for another look when that time, a second, is over; and so does every job that
ends. None of these rounds ever stops: after a hundred jobs the main process looks a hundred times a
second, through all jobs that are left and the sizes of all their inputs, and starts a thread for
each. One round is enough.
"""

from threading import Lock, Timer

from snakemake.scheduling.job_scheduler import JobScheduler

ARRANGED = "imid_next_look"
lock = Lock()


def calm_scheduler() -> None:
    """Let the scheduler have one next look arranged at a time."""
    # By this misspelt name Snakemake calls it.
    if hasattr(JobScheduler, "_schedule_reevalutation"):
        JobScheduler._schedule_reevalutation = look_again


def look_again(scheduler: JobScheduler, delay: float) -> None:
    """Arrange for the next look, unless there is one to come already.

    Parameters
    ----------
    scheduler : JobScheduler
    delay : float
        Seconds.
    """
    with lock:
        if getattr(scheduler, ARRANGED, None):
            return
        timer = Timer(delay, look, [scheduler])
        # A run that is over does not wait for it.
        timer.daemon = True
        setattr(scheduler, ARRANGED, timer)
    timer.start()


def look(scheduler: JobScheduler) -> None:
    """Let the scheduler look for jobs; it then arranges for the next time itself."""
    with lock:
        setattr(scheduler, ARRANGED, None)
    scheduler._open_jobs.release()
