import subprocess
import sys
from types import SimpleNamespace

import pytest
from snakemake.scheduling.job_scheduler import JobRateLimiter
from snakemake.settings.types import MaxJobsPerTimespan

from imid.running.job_rate import lift_default_limit
from running import ROOT


@pytest.mark.parametrize(
    ("limit", "lifted"), [("100/1s", True), ("100/1m", False), ("5/1s", False), ("900/1m", False)]
)
def test_a_limit_that_the_user_set_stays(limit, lifted):
    limiter = JobRateLimiter(MaxJobsPerTimespan.parse_choice(limit))
    scheduler = SimpleNamespace(job_rate_limiter=limiter)
    lift_default_limit(scheduler)
    assert scheduler.job_rate_limiter is (None if lifted else limiter)


def test_the_main_process_does_not_look_more_often_the_more_jobs_have_ended(tmp_path):
    """Each of many jobs ends while others are waiting, a second and more before the run's end."""
    (tmp_path / "Snakefile").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
        f"include: {str(ROOT / 'workflow/rules/onstart.smk')!r}\n"
        "from snakemake.scheduling.job_scheduler import JobScheduler\n"
        "select = JobScheduler.job_selector\n"
        "def counted(scheduler, jobs):\n"
        "    print('looked', file=sys.stderr)\n"
        "    return select(scheduler, jobs)\n"
        "JobScheduler.job_selector = counted\n"
        "rule all:\n    input: expand('{number}', number=range(40)),\n"
        "rule one:\n    output: '{number}'\n    shell: 'sleep 0.1; touch {output}'\n"
    )
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet"]
    run = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    # When a job has ended, and no more.
    assert run.stderr.count("looked") <= 41
