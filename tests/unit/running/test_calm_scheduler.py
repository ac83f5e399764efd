import inspect
import subprocess
import sys
import time
from threading import Semaphore
from types import SimpleNamespace

from snakemake.scheduling.job_scheduler import JobScheduler

from imid.running.calm_scheduler import look_again
from running import ROOT


def looks(scheduler):
    """Count the looks that were arranged for and have come due."""
    found = 0
    while scheduler._open_jobs.acquire(blocking=False):
        found += 1
    return found


def test_only_one_look_is_arranged_at_a_time():
    scheduler = SimpleNamespace(_open_jobs=Semaphore(0))
    for _ in range(5):
        look_again(scheduler, 0.05)
    time.sleep(0.5)
    assert looks(scheduler) == 1
    # As after any look.
    look_again(scheduler, 0.05)
    time.sleep(0.5)
    assert looks(scheduler) == 1


def test_snakemake_arranges_for_looks_by_that_name():
    assert "self._schedule_reevalutation(" in inspect.getsource(JobScheduler.schedule)


def test_the_main_process_does_not_look_more_often_the_more_jobs_have_ended(tmp_path):
    """Each of many jobs ends while others are waiting, a second and more before the run's end."""
    (tmp_path / "Snakefile").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
        "from snakemake.scheduling.job_scheduler import JobScheduler\n"
        "from imid.running.calm_scheduler import calm_scheduler\n"
        "calm_scheduler()\n"
        "select = JobScheduler.job_selector\n"
        "def counted(scheduler, jobs):\n"
        "    print('looked', file=sys.stderr)\n"
        "    return select(scheduler, jobs)\n"
        "JobScheduler.job_selector = counted\n"
        "rule all:\n    input: expand('{number}', number=range(40)),\n"
        "rule one:\n    output: '{number}'\n    shell: 'sleep 0.1; touch {output}'\n"
    )
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet"]
    began = time.monotonic()
    run = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    seconds = time.monotonic() - began
    # One when a job has ended, one each second.
    assert run.stderr.count("looked") <= 41 + seconds
