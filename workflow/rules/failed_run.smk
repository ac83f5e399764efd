# What a run that failed still shows: one line's failure does not hide the others' results.
#
# No rule can do it, for a rule is done only if all that it needs was. So the page and the
# provenance are made by their rules' own commands once the run has ended, of the files that it
# left complete and up to date; and both are marked as unfinished, as Snakemake marks what a job
# was making when it died. The next run makes them anew, whatever it finds to do besides.

import subprocess

from imid.running.tell_failures import failures, recorded

FAILED_RUN = "logs/failed_run.json"


def show_what_was_finished(logs):
    """Write provenance and page of a run that failed, unless no fit has all its tables."""
    unfinished = {str(file) for job in workflow.dag.needrun_jobs() for file in job.output}
    told = "".join(Path(log).read_text(errors="replace") for log in logs)
    failed = [recorded(step) for step in failures(told)]
    steps = {job.rule.name: job for job in workflow.dag.jobs}
    complete = [fit for fit in FITS if unfinished.isdisjoint(page_tables(fit))]
    if not (failed and complete and {"provenance", "report"} <= steps.keys()):
        return
    provenance, page = steps["provenance"], steps["report"]
    needed = {*map(str, provenance.input), *map(str, page.input)}
    left_out = sorted(unfinished & needed - {*map(str, provenance.output)})
    Path(FAILED_RUN).write_text(json.dumps({"failures": failed, "unfinished": left_out}))
    for step, options in [(provenance, f" --failed-run {FAILED_RUN}"), (page, "")]:
        workflow.persistence.started(step)
        subprocess.run(["bash", "-c", step.shellcmd + options])
    print(f"\n{page.output[0]} shows what was finished, and what failed.")
