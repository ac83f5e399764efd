"""What happens to jobs on a cluster, all of it in one run: it goes on, and does nothing twice."""

import pytest

from cluster_runs import jobs, journal, printed, started, steps
from slurm import kill_node, node_states, queue, slurm, start_node, until

pytestmark = [pytest.mark.slurm, pytest.mark.workflow]

STEPS = [
    *["quick_a", "after_quick_a", "patient_b", "after_patient_b"],
    *["patient_cancelled", "hungry_h", "after_failing_f"],
]
# The profile's two retries.
ATTEMPTS = 3


@pytest.fixture(scope="module")
def run(cluster, tmp_path_factory):
    """The run after all its mishaps: its directory, its exit code and its Slurm jobs."""
    folder, daemons = cluster
    directory = tmp_path_factory.mktemp("mishaps")

    def begun(sample: str, times: int = 1) -> str:
        until(lambda: len(journal(directory, "begins", sample)) == times, 180)
        return journal(directory, "begins", sample)[-1]

    def only_patient_steps_are_left() -> bool:
        ended = [len(journal(directory, "ends", sample)) for sample in ["quick_a", "h"]]
        running = jobs(directory, states="running,completing")
        given_up = len(journal(directory, "begins", "f")) == ATTEMPTS
        return given_up and all(ended) and all(step.startswith("rule_patient") for step in running)

    def change(node: str, state: str) -> None:
        slurm("scontrol", "update", f"nodename={node}", f"state={state}", "reason=test")

    with started(directory, *steps(directory, *STEPS)) as driver:
        drained = _node_of(begun("b"))
        slurm("scancel", begun("cancelled"))
        change(drained, "drain")
        # The node that is left takes that job again, and goes down with it.
        killed = _node_of(begun("cancelled", times=2))
        change(drained, "resume")
        # A step whose job dies just after the step itself is not finished, and done again.
        until(only_patient_steps_are_left, 240)
        kill_node(daemons, killed)
        begun("cancelled", times=3)
        (directory / "go").touch()
        driver.wait()
    daemons[killed] = start_node(folder, killed)
    until(lambda: node_states() == ["idle", "idle"])
    assert drained != killed
    return directory, driver.returncode, jobs(directory)


def _node_of(job: str) -> str:
    return queue("--jobs", job, fields="%N")[0][0]


@pytest.fixture
def directory(run):
    return run[0]


def test_every_sound_step_is_completed_once(directory):
    for sample in ["a", "quick_a", "b", "patient_b", "cancelled", "h"]:
        assert len(journal(directory, "ends", sample)) == 1, sample


def test_a_job_on_a_drained_node_goes_on(directory):
    assert len(journal(directory, "begins", "b")) == 1


def test_what_was_cancelled_and_then_lost_its_node_is_done_in_the_end(run):
    states = {state for _, state, *_ in run[2]["rule_patient_wildcards_cancelled"]}
    assert states == {"CANCELLED", "NODE_FAIL", "COMPLETED"}


def test_a_step_that_outgrows_its_memory_gets_more(run):
    memory = {state: amount for _, state, _, amount in run[2]["rule_hungry_wildcards_h"]}
    assert memory["FAILED"] == "600M"
    assert memory["COMPLETED"] in {"1200M", "1800M"}


def test_a_failing_step_is_told_and_its_neighbours_are_done(run, directory):
    assert run[1] == 1
    assert not (directory / "results/after_failing_f.txt").exists()
    told = printed(directory)
    assert "failing sample=f failed; logs/failing_f.log ends:\n  | the last line" in told
    assert told.count(" failed; ") == 1
