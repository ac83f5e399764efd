"""The main process of a run dies, and the run is resumed; a run beside it does not notice."""

import pytest

from cluster_runs import RESUME, jobs, journal, printed, started, steps
from slurm import kill_job, until

pytestmark = [pytest.mark.slurm, pytest.mark.workflow]

STEPS = ["quick_a", "after_quick_a", "patient_b", "after_patient_b", "broken_c"]


@pytest.fixture(scope="module")
def runs(cluster, tmp_path_factory):
    """Two runs at once; one is killed, refused while it lives, and resumed with a job running."""
    killed, other = tmp_path_factory.mktemp("killed"), tmp_path_factory.mktemp("other")

    def begun(directory, sample: str) -> None:
        until(lambda: journal(directory, "begins", sample), 120)

    options = steps(killed, *STEPS)
    with started(other, *steps(other, "patient_b")) as undisturbed:
        with started(killed, *options) as driver:
            begun(killed, "b")
            with (
                started(killed, *options, by=RESUME) as refused,
                started(killed, *options) as second,
            ):
                refused.wait()
                second.wait()
            until(lambda: journal(killed, "ends", "a"), 120)
            begun(killed, "c")
            driver.kill()
        kill_job(*journal(killed, "begins", "c"))
        begun(other, "b")
        with started(killed, *options, by=RESUME) as resumed:
            until(lambda: "Waiting for what the run left behind" in printed(killed))
            (other / "go").touch()
            (killed / "go").touch()
            resumed.wait()
        undisturbed.wait()
    assert second.returncode == 1
    codes = [refused.returncode, resumed.returncode, undisturbed.returncode]
    # Slurm forgets them after a time.
    return killed, other, codes, jobs(other)


def test_a_living_run_is_neither_resumed_nor_started_again(runs):
    killed, _, codes, _ = runs
    assert codes[0] == 1
    assert "Snakemake still runs in" in printed(killed)
    assert "Directory cannot be locked" in printed(killed)


def test_every_step_is_done_by_one_job_alone(runs):
    killed, _, codes, _ = runs
    assert codes[1] == 0
    for sample in ["a", "quick_a", "b", "patient_b"]:
        assert len(journal(killed, "begins", sample)) == 1, sample
    assert (killed / "results/after_patient_b.txt").exists()


def test_what_ended_unwatched_is_recorded(runs):
    """So that an edit of a setting redoes it like everything else."""
    told = printed(runs[0]).partition("Finished unwatched:")[2]
    assert "results/patient_b.txt" in told


def test_what_was_ended_unwatched_in_the_middle_is_done_again(runs):
    killed, *_ = runs
    told = printed(killed).partition("Broken off, and done again:")[2]
    assert told.startswith("\n  results/broken_c.txt\n")
    assert len(journal(killed, "begins", "c")) == 2
    assert (killed / "results/broken_c.txt").read_text() == "done\n"


def test_the_other_run_is_not_disturbed(runs):
    *_, codes, found = runs
    assert codes[2] == 0
    assert [state for _, state, *_ in found["rule_patient_wildcards_b"]] == ["COMPLETED"]
