"""What the terminal shows of a run: one line for each job, how far it is, how long it takes still.

Snakemake's own log, which it names at the end, keeps all that it would have said of them.
"""

import logging
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import mean
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from snakemake.logging import LogEvent, get_event

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

# What a line of ours stands for.
REPLACED = {
    *[LogEvent.JOB_INFO, LogEvent.SHELLCMD, LogEvent.JOB_STARTED, LogEvent.JOB_FINISHED],
    *[LogEvent.JOB_ERROR, LogEvent.PROGRESS],
}
# What it says each time that it looks for jobs to run.
LOOKING = "Select jobs to execute..."
# Seconds without a line after which those that run are named.
SILENCE = 300
# What Snakemake counts among the jobs, and nothing is done for.
NO_JOBS = ("all", "total")
# Columns of what a job is called.
NAMED_IN = 50


class Progress(logging.Handler):
    """Turns what Snakemake reports of its jobs into lines.

    Parameters
    ----------
    stream : TextIO
        Where they go.
    clock : callable
        Gives the time in seconds.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self.stream, self.clock = stream, clock
        self.left: Counter[str] = Counter()
        self.names: dict[int | str, tuple[str, str]] = {}
        self.started: dict[int | str, float] = {}
        self.lasted: defaultdict[str, list[float]] = defaultdict(list)
        self.done = 0
        self.told = self.begun = clock()

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of an event; write a line where a job ended.

        What goes wrong with it, as where nobody reads what is written, fails no job.
        """
        try:
            self._take_note(record)
        except Exception:
            self.handleError(record)

    def _take_note(self, record: logging.LogRecord) -> None:
        match get_event(record):
            case LogEvent.RUN_INFO:
                counted = {rule: n for rule, n in record.stats.items() if rule not in NO_JOBS}
                self.left = Counter(counted)
                self.told = self.begun = self.clock()
            case LogEvent.JOB_INFO:
                words = [record.rule_name, *map(str, record.wildcards.values())]
                self.names[record.jobid] = record.rule_name, " ".join(words)
            case LogEvent.JOB_STARTED:
                self.started |= dict.fromkeys(record.jobs, self.clock())
            case LogEvent.GROUP_INFO:
                # It began as one job, under a name of its own, and its jobs end each.
                for job in record.jobs:
                    self.started.pop(job.uuid(), None)
                    self.started[job.jobid] = self.clock()
            case LogEvent.GROUP_ERROR:
                for failed in record.job_error_info:
                    self.started.pop(failed["jobid"], None)
            case LogEvent.JOB_FINISHED:
                self._tell_finished(record.job_id)
            case LogEvent.JOB_ERROR:
                self._tell(f"failed: {self._named(record.jobid)[1]}; log: {', '.join(record.log)}")
                self.started.pop(record.jobid, None)

    def _named(self, job: int | str) -> tuple[str, str]:
        return self.names.get(job, ("", f"job {job}"))

    def _tell_finished(self, job: int) -> None:
        rule, name = self._named(job)
        if rule in NO_JOBS:
            return
        lasted = self.clock() - self.started.pop(job, self.clock())
        self.lasted[rule].append(lasted)
        self.left[rule] -= 1
        self.done += 1
        left = self.seconds_left()
        still = f"   {in_words(left)} left" if left else ""
        self._tell(f"{name:<{NAMED_IN}} {in_words(lasted):>8}{still}")

    def seconds_left(self) -> float:
        """Expect how long the run takes still.

        Jobs that are left count as long as those of their rule took, those of other rules as long
        as jobs took in the mean; as many run at once as did so far.

        Returns
        -------
        float
            Seconds.
        """
        spent = sum(map(sum, self.lasted.values()))
        elsewhere = spent / self.done
        now = self.clock()
        of_rules = (
            number * (mean(self.lasted[rule]) if rule in self.lasted else elsewhere)
            for rule, number in self.left.items()
        )
        running = sum(now - start for start in self.started.values())
        at_once = max((spent + running) / max(now - self.begun, 1e-6), 1)
        return max(sum(of_rules) - running, 0) / at_once

    def tell_what_runs(self) -> None:
        """Name the jobs that run, where no line was written for long."""
        with self.lock:
            now = self.clock()
            if self.started and now - self.told >= SILENCE:
                running = [
                    f"{self._named(job)[1]} ({in_words(now - start)})"
                    for job, start in [*self.started.items()]
                ]
                self._tell(f"running: {', '.join(running)}")

    def _tell(self, words: str) -> None:
        total = self.done + self.left.total()
        self.stream.write(f"{self.done:>{len(str(total))}}/{total}  {words}\n")
        self.stream.flush()
        self.told = self.clock()


def in_words(seconds: float) -> str:
    """Write a time as people say it: 8 s, 3 min, 2 h 05 min."""
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def show_progress(workflow: "Workflow", logger: logging.Logger) -> None:
    """Have lines written in place of what Snakemake writes of its jobs.

    Nothing changes where it only plans, is asked for more or for less, or another logger writes.

    Parameters
    ----------
    workflow : Workflow
        Snakemake's, in its main process.
    logger : Logger
        Snakemake's.
    """
    asked = workflow.output_settings
    writers = [handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"]
    other = asked.dryrun or asked.verbose or asked.debug_dag or asked.quiet
    if other or not writers:
        return
    for handler in writers:
        handler.addFilter(_is_kept)
    progress = Progress(sys.stdout if asked.stdout else sys.stderr)
    logger.addHandler(progress)
    threading.Thread(target=_keep_telling, args=[progress], daemon=True).start()


def _is_kept(record: logging.LogRecord) -> bool:
    return get_event(record) not in REPLACED and record.msg != LOOKING


def _keep_telling(progress: Progress) -> None:
    while True:
        threading.Event().wait(SILENCE / 10)
        progress.tell_what_runs()
