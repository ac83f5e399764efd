"""One line for each job, and how long the rest may take."""

import io
import logging
from types import SimpleNamespace

import pytest
from snakemake.logging import LogEvent

from imid.running.progress import SILENCE, Progress, in_words, show_progress


class Run:
    """Tells a handler of a run, at times of its own."""

    def __init__(self):
        self.now, self.stream = 100.0, io.StringIO()
        self.progress = Progress(self.stream, lambda: self.now)

    def tell(self, event, **what):
        record = logging.makeLogRecord({"event": event, **what})
        self.progress.handle(record)

    def plan(self, **stats):
        total = {"all": 1, "total": sum(stats.values()) + 1}
        self.tell(LogEvent.RUN_INFO, stats={**stats, **total})

    def start(self, job, rule, **wildcards):
        self.tell(LogEvent.JOB_INFO, jobid=job, rule_name=rule, wildcards=wildcards)
        self.tell(LogEvent.JOB_STARTED, jobs=[job])

    def finish(self, job, after):
        self.now += after
        self.tell(LogEvent.JOB_FINISHED, job_id=job)

    @property
    def lines(self):
        return self.stream.getvalue().splitlines()


@pytest.fixture
def run():
    return Run()


def test_each_job_that_ended_is_a_line(run):
    run.plan(genome=1, align=2)
    run.start(1, "genome")
    run.finish(1, after=4)
    run.start(2, "align", sample="MM1S_dmso_1")
    run.finish(2, after=60)
    run.start(3, "align", sample="MM1S_dmso_2")
    run.finish(3, after=70)
    run.start(0, "all")
    run.finish(0, after=0)
    assert [line.split() for line in run.lines] == [
        ["1/3", "genome", "4", "s", "8", "s", "left"],
        ["2/3", "align", "MM1S_dmso_1", "1", "min", "1", "min", "left"],
        ["3/3", "align", "MM1S_dmso_2", "1", "min"],
    ]


def test_a_job_that_failed_is_named_with_its_log(run):
    run.plan(align=1)
    run.start(1, "align", sample="a")
    run.tell(LogEvent.JOB_ERROR, jobid=1, log=["logs/samples/a/align.log"])
    assert run.lines == ["0/1  failed: align a; log: logs/samples/a/align.log"]


def test_the_rest_is_expected_by_rule_and_by_how_many_run_at_once(run):
    """Two at once: of ten alignments of 100 s, four are done in 200 s; six take 300 s."""
    run.plan(align=10, fit=1)
    for job in (1, 3):
        run.start(job, "align", sample=str(job))
        run.start(job + 1, "align", sample=str(job + 1))
        run.finish(job, after=100)
        run.finish(job + 1, after=0)
    # A fit counts as long as what has been seen.
    assert run.progress.seconds_left() == pytest.approx(350)
    run.start(5, "align", sample="5")
    run.now += 40
    assert run.progress.seconds_left() == pytest.approx((700 - 40) / (440 / 240))


def test_what_runs_is_named_where_nothing_was_said_for_long(run):
    run.plan(align=2)
    run.start(1, "align", sample="a")
    run.now += SILENCE - 1
    run.progress.tell_what_runs()
    assert not run.lines
    run.now += 1
    run.progress.tell_what_runs()
    run.progress.tell_what_runs()
    assert run.lines == ["0/2  running: align a (5 min)"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (3570, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_times_are_told_as_people_say_them(seconds, words):
    assert in_words(seconds) == words


@pytest.mark.parametrize("asked", ["", "dryrun", "verbose", "debug_dag", "quiet", "other logger"])
def test_snakemakes_own_lines_stay_where_something_else_is_asked_for(asked, monkeypatch):
    logger, written = logging.getLogger("of a test"), io.StringIO()
    logger.handlers[:] = [logging.StreamHandler(written)]
    logger.handlers[0].name = "" if asked == "other logger" else "DefaultStreamHandler"
    options = ["dryrun", "verbose", "debug_dag", "quiet"]
    settings = {name: name == asked for name in options} | {"stdout": False}
    workflow = SimpleNamespace(
        dryrun=asked == "dryrun", output_settings=SimpleNamespace(**settings)
    )
    ours = io.StringIO()
    monkeypatch.setattr("sys.stderr", ours)
    show_progress(workflow, logger)
    logger.error("Finished", extra={"event": LogEvent.JOB_FINISHED, "job_id": 7})
    logger.error("Something else")
    assert ("Finished" in written.getvalue()) == bool(asked)
    assert ("job 7" in ours.getvalue()) == (not asked)
    assert "Something else" in written.getvalue()


class Unread(io.StringIO):
    """As a pipe is whose reader has gone, or a terminal that was closed."""

    def write(self, _):
        raise BrokenPipeError


def test_lines_that_nobody_reads_fail_no_job(run):
    run.plan(genome=1, align=1)
    run.start(1, "genome")
    read, run.progress.stream = run.progress.stream, Unread()
    run.finish(1, after=4)
    run.progress.stream = read
    run.start(2, "align")
    run.finish(2, after=1)
    assert [line.split()[0] for line in run.lines] == ["2/2"]


def grouped(job):
    return SimpleNamespace(jobid=job, uuid=lambda: f"uuid of {job}")


def test_jobs_of_a_group_last_from_its_start(run):
    run.plan(genome=1, align=1)
    run.tell(LogEvent.JOB_STARTED, jobs=["uuid of 2"])
    run.tell(LogEvent.GROUP_INFO, group_id="group", jobs=[grouped(1), grouped(2)])
    for job, rule in enumerate(["genome", "align"], start=1):
        run.tell(LogEvent.JOB_INFO, jobid=job, rule_name=rule, wildcards={})
    run.finish(1, after=8)
    run.finish(2, after=0)
    assert [" ".join(line.split()[:4]) for line in run.lines] == ["1/2 genome 8 s", "2/2 align 8 s"]
    assert not run.progress.started


def test_jobs_of_a_group_that_failed_run_no_more(run):
    run.plan(genome=1, align=1)
    run.tell(LogEvent.JOB_STARTED, jobs=["uuid of 2"])
    run.tell(LogEvent.GROUP_INFO, group_id="group", jobs=[grouped(1), grouped(2)])
    told = [{"jobid": 1}, {"jobid": 2}]
    run.tell(LogEvent.GROUP_ERROR, groupid="group", job_error_info=told)
    assert not run.progress.started


def test_a_job_that_is_tried_again_counts_once(run):
    run.plan(align=1)
    run.start(1, "align")
    run.tell(LogEvent.JOB_ERROR, jobid=1, log=["logs/align.log"])
    run.start(1, "align")
    run.finish(1, after=2)
    assert [line.split()[0] for line in run.lines] == ["0/1", "1/1"]
