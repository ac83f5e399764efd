"""Take what was made of a sample for that of the name which it has in the sheet by now.

Alignments and counts stay as they are; what tells of them is done again. Nothing is renamed unless
reads, settings and reference are those that the results were made from. The alignments' own header
goes on to tell the old name. Takes the options that the run was started with.
"""

import argparse
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from imid.question.experiment import Experiment
from imid.question.plan import OF_QUALITY, OF_SAMPLE
from imid.reads.origins import changed, damaged_outputs, read_origin
from imid.reads.read_plan import ReadPlan
from imid.running.finished_results import FinishedResults
from imid.running.job_records import LOGS, RECORDS, RecordedJob
from imid.running.left_overs import RESULTS, SAMPLES, refuse_a_run
from imid.running.resume import alone
from imid.running.run_options import enter_experiment, read_run_options
from imid.running.snakemake_records import record_of_output, recorded_outputs
from imid.shared.files import written
from imid.shared.fingerprints import fingerprint
from imid.shared.json_files import as_json, read_if_whole, read_whole_lines, write_json
from imid.shared.problems import InputError, reported

COMMAND = "python -m imid.running.rename_sample"
# What is done again under the new name; it takes a second.
DONE_AGAIN, DONE_AGAIN_BY = "checks.json", "cross_check"


def renamed_samples(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """Find samples that are to be aligned and were, under a name that the sheet has no more.

    Parameters
    ----------
    experiment : Experiment
        Checked, with reads. Results are looked for in the working directory.

    Yields
    ------
    old, new : str
        The names.
    """
    plan = ReadPlan(experiment)
    left = [folder for folder in SAMPLES.glob("*") if folder.name not in experiment.lanes]
    finished = {
        tuple(origin.reads.values()): folder.name
        for folder in left
        if (origin := read_origin(folder))
    }
    # Reads are looked into only where there is what they may be those of.
    new = [name for name in plan.with_reads if not (SAMPLES / name).exists()] if finished else []
    for name in new:
        reads = plan.origin_of_sample(name).reads
        if old := finished.get(tuple(fingerprint(Path(read)) for read in reads)):
            yield old, name


def rename_problems(experiment: Experiment, old: str, new: str) -> list[str]:
    """Say why the results of a sample are not those of another name.

    Parameters
    ----------
    experiment : Experiment
        Checked, with reads.
    old, new : str
        The name in ``results/``, and in the sheet.

    Returns
    -------
    list of str
    """
    plan = ReadPlan(experiment)
    sheet, folder = experiment.settings.samples, SAMPLES / old
    if new not in experiment.lanes:
        return [f"{sheet}: no sample {new} is analysed; give it its new name there first"]
    if old in experiment.lanes:
        return [f"{sheet}: there is a sample {old} still; its results are its own"]
    origin = read_origin(folder)
    if origin is None:
        return [f"{folder}: no finished sample, or none that tells what it was made from"]
    if (SAMPLES / new).exists():
        return [f"{SAMPLES / new}: is there already; move it away if {folder} is to take its place"]
    planned = plan.origin_of_sample(new)
    names = [*map(Path, planned.reads)]
    there = all(name.exists() for name in names)
    # Files may have been renamed with their sample.
    if there and [*map(fingerprint, names)] == [*origin.reads.values()]:
        planned = replace(planned, reads=[*origin.reads])
    settings = experiment.settings
    strandedness = None if settings.found_strandedness else settings.strandedness
    return [
        *(f"{folder}: was made {what}" for what in changed(origin, planned, strandedness)),
        *(f"{folder}: {what}" for what in damaged_outputs(origin, folder)),
    ]


def rename(old: str, new: str) -> None:
    """Move a sample's results, and all records of how they were made.

    Parameters
    ----------
    old, new : str
        The names.
    """
    kept = [name for name in OF_SAMPLE if name != DONE_AGAIN]
    recorded = recorded_outputs()
    for name in kept:
        record = recorded.get(str(SAMPLES / old / name))
        # To Snakemake a damaged one is none, too.
        if record and (content := read_if_whole(record, dict[str, Any])):
            content["log"] = [_new_path(log, LOGS, old, new) for log in content.get("log") or []]
            with written(record_of_output(str(SAMPLES / new / name))) as temporary:
                temporary.write_text(as_json(content))
    os.rename(SAMPLES / old, SAMPLES / new)
    (SAMPLES / new / DONE_AGAIN).unlink(missing_ok=True)
    # What is measured names the sample, and is measured again within seconds.
    shutil.rmtree(SAMPLES / new / "quality", ignore_errors=True)
    finished = FinishedResults(Path())
    for name in [*OF_SAMPLE, *(f"quality/{name}" for name in OF_QUALITY)]:
        finished.forget(str(SAMPLES / old / name))
        if record := recorded.get(str(SAMPLES / old / name)):
            record.unlink()
    for name in kept:
        finished.record(str(SAMPLES / new / name))
    _rename_jobs(old, new)


def _new_path(name: str, root: Path, old: str, new: str) -> str:
    before = f"{root}/samples/{old}/"
    return name.replace(before, f"{root}/samples/{new}/", 1) if name.startswith(before) else name


def _rename_jobs(old: str, new: str) -> None:
    """Move records, logs and measurements of a sample's jobs, and let them tell the new name."""
    wildcards = {"sample": new}
    for path in _moved_files(RECORDS / "samples", old, new):
        if job := read_if_whole(path, RecordedJob):
            outputs = {
                _new_path(name, RESULTS, old, new): made for name, made in job.outputs.items()
            }
            write_json(replace(job, wildcards=wildcards, outputs=outputs, renamed_from=old), path)
    for path in _moved_files(LOGS / "samples", old, new):
        if path.suffix == ".jsonl":
            measured = read_whole_lines(path, dict[str, Any])
            with written(path) as temporary:
                lines = [as_json({**job, "wildcards": wildcards}) + "\n" for job in measured]
                temporary.write_text("".join(lines))


def _moved_files(folder: Path, old: str, new: str) -> list[Path]:
    """Move a folder of what jobs left to its new name; list it without what is done again."""
    if not (folder / old).is_dir():
        return []
    shutil.rmtree(folder / new, ignore_errors=True)
    os.rename(folder / old, folder / new)
    for path in (folder / new).glob(f"{DONE_AGAIN_BY}.*"):
        path.unlink()
    return [*(folder / new).iterdir()]


def main(argv: list[str] | None = None) -> None:
    """Rename the results of a sample."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        usage=f"{COMMAND} [options of snakemake ...] OLD NEW",
        epilog="OLD is its name in results/, NEW that in the sheet.",
        allow_abbrev=False,
    )
    _, of_run = read_run_options(parser, argv)
    if len(of_run.targets) != 2:
        parser.error("two names are needed, OLD and NEW, and no option that takes several before")
    old, new = of_run.targets
    experiment = enter_experiment(of_run)
    if not experiment.settings.from_reads:
        raise InputError(["the samples are those of a count matrix: nothing to rename"])
    directory = Path.cwd()
    refuse_a_run(directory)
    with alone(directory):
        if problems := rename_problems(experiment, old, new):
            raise InputError([*problems, "Nothing was renamed"])
        rename(old, new)
    print(f"{SAMPLES / old} is {SAMPLES / new} now")


if __name__ == "__main__":
    reported(main)
