"""Slurm does not answer, is restarted, and forgets jobs before anybody looked: runs go on."""

import time

import psutil
import pytest

from cluster_runs import journal, printed, started, steps
from slurm import blocked_controller, changed_setting, queue, stopped_controller, until

pytestmark = [pytest.mark.slurm, pytest.mark.workflow]


@pytest.fixture(scope="module")
def runs(cluster, tmp_path_factory):
    """A sound run and one with a failing step: their directories, and their exit codes."""
    folder, daemons = cluster
    sound, doomed = tmp_path_factory.mktemp("it's a sound run"), tmp_path_factory.mktemp("doomed")
    with (
        changed_setting("MinJobAge", 2),
        started(sound, *steps(sound, "after_patient_b", "after_here_c")) as first,
        started(doomed, *steps(doomed, "after_doomed_f"), "--retries=0") as second,
    ):
        until(lambda: journal(sound, "begins", "b") and journal(doomed, "begins", "f"), 120)
        with stopped_controller(folder, daemons):
            until(lambda: "Slurm is away: squeue failed" in outages(sound))
            # Time for many more questions without an answer.
            time.sleep(5)
        with blocked_controller(daemons):
            (sound / "submit").touch()
            until(lambda: "here_c cannot be submitted" in outages(sound))
        until(lambda: journal(sound, "ends", "here_c"), 120)
        end_unseen({sound: first, doomed: second})
        codes = [run.wait(timeout=240) for run in [first, second]]
    return sound, doomed, codes


def outages(directory) -> str:
    path = directory / "logs/slurm/outages.log"
    return path.read_text() if path.exists() else ""


def end_unseen(drivers) -> None:
    """Let the jobs of runs end and be forgotten while nobody looks."""
    processes = [psutil.Process(driver.pid) for driver in drivers.values()]
    for process in processes:
        process.suspend()
    for directory in drivers:
        (directory / "go").touch()
    until(lambda: not queue(states="all"))
    for process in processes:
        process.resume()


def test_runs_end_by_what_their_jobs_did(runs):
    sound, doomed, codes = runs
    assert codes == [0, 1], printed(sound) + printed(doomed)


def test_every_step_is_done_by_one_job_alone(runs):
    sound, *_ = runs
    for sample in ["b", "patient_b", "c", "here_c"]:
        assert len(journal(sound, "begins", sample)) == 1, sample
        assert journal(sound, "ends", sample) == journal(sound, "begins", sample), sample


def test_a_step_that_fails_unseen_is_told(runs):
    _, doomed, _ = runs
    assert len(journal(doomed, "begins", "f")) == 1
    assert "doomed sample=f failed; logs/doomed_f.log ends:" in printed(doomed)


def test_a_cluster_that_forgets_soon_is_told_of_once(runs):
    sound, *_ = runs
    assert printed(sound).count("Slurm forgets a job 2 s after its end") == 1
