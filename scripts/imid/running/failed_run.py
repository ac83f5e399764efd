"""What a run that failed still shows: one line's failure does not hide the others' results.

No rule can do it, for a rule is done only if all that it needs was. So the page and the
provenance are made by their rules' own commands once the run has ended, of the files that it
left complete and up to date; and both are marked as unfinished, as Snakemake marks what a job
was making when it died. The next run makes them anew, whatever it finds to do besides.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from imid.question.plan import Plan
from imid.running.tell_failures import FailedRun, failures, recorded
from imid.shared.json_files import as_json

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

FAILED_RUN = Path("logs/failed_run.json")


def show_what_was_finished(workflow: "Workflow", plan: Plan, logs: Iterable[str]) -> None:
    """Write provenance and page of a run that failed, unless no fit has all its tables.

    Parameters
    ----------
    workflow : Workflow
        Snakemake's, its graph as the run left it.
    plan : Plan
        Of the run.
    logs : iterable of str
        Snakemake's own logs of it.
    """
    unfinished = {str(file) for job in workflow.dag.needrun_jobs() for file in job.output}
    told = "".join(Path(log).read_text(errors="replace") for log in logs)
    failed = [recorded(step) for step in failures(told)]
    steps = {job.rule.name: job for job in workflow.dag.jobs}
    complete = [fit for fit in plan.fits if unfinished.isdisjoint(plan.page_tables(fit))]
    if not (failed and complete and {"provenance", "report"} <= steps.keys()):
        return
    provenance, page = steps["provenance"], steps["report"]
    needed = {*map(str, provenance.input), *map(str, page.input)}
    left_out = sorted(unfinished & needed - {*map(str, provenance.output)})
    FAILED_RUN.write_text(as_json(FailedRun(failed, left_out)))
    for step, options in [(provenance, f" --failed-run {FAILED_RUN}"), (page, "")]:
        workflow.persistence.started(step)
        subprocess.run(["bash", "-c", step.shellcmd + options])
    print(f"\n{page.output[0]} shows what was finished, and what failed.")
