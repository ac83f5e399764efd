"""Write down what results were made from and with: settings, inputs, versions, commit."""

import argparse
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from imid.reads.aligners import ALIGNERS
from imid.running.checkout import environment, git_commit
from imid.running.job_records import UNKNOWN, JobRecord, read_environments
from imid.running.planned_files import AT_THE_END
from imid.running.present_jobs import present_logs, present_records
from imid.running.summarize_resources import jobs_measured, resources_used
from imid.running.tell_failures import FailedRun
from imid.shared.checksums import read_checksums
from imid.shared.json_files import read_json, write_json
from imid.shared.paths import ROOT
from imid.shared.problems import reported
from imid.shared.run_warnings import gather_warnings
from imid.shared.tables import read_table


def jobs_so_far(logs: Path, asked: Collection[Path] | None) -> list[dict]:
    """Tell where the jobs of a run were done, how long they took and what memory they used."""
    table = resources_used(jobs_measured(logs, asked).values()).astype(object)
    return table.where(table.notna(), None).to_dict("records")


def findings_of(summary: Path) -> list[dict[str, str]]:
    """Take from the summary of samples by which strandedness each was counted, and its checks."""
    columns = ["sample", "strandedness", "cross_checks"]
    return read_table(summary)[columns].to_dict("records")


def versions_at_work(records: Sequence[JobRecord]) -> list[dict]:
    """Tell which versions of the workflow made results, and when.

    Parameters
    ----------
    records : sequence of JobRecord
        Of the jobs that the results come from.

    Returns
    -------
    list of dict
        For each commit, from the one at work first: commit, first and last time of a job's end,
        and how many jobs.
    """
    times: dict[str, list[str]] = {}
    for record in sorted(records, key=lambda one: one.content.made):
        times.setdefault(record.content.commit, []).append(record.content.made)
    return [
        {"commit": commit, "first": made[0], "last": made[-1], "jobs": len(made)}
        for commit, made in times.items()
    ]


def unrecorded_outputs(planned: Sequence[str], records: Sequence[JobRecord]) -> list[str]:
    """List results that are there and of which no record tells what made them.

    Parameters
    ----------
    planned : sequence of str
        Every file and folder that the present configuration makes.
    records : sequence of JobRecord
        Of the jobs that they come from.

    Returns
    -------
    list of str
        They were made by a version of the workflow that kept no records.
    """
    files = {file for record in records for file in record.outputs}
    known = files | {str(folder) for file in files for folder in Path(file).parents}
    known |= {*AT_THE_END}
    beside = {name for aligner in ALIGNERS.values() for name in aligner.beside_index}
    return [
        name
        for name in planned
        if name not in known and Path(name).name not in beside and Path(name).exists()
    ]


def versions_of_programs(records: Sequence[JobRecord]) -> dict[str, list[str]]:
    """List the versions of each program of others that the results were made with."""
    found: dict[str, set[str]] = {}
    for record in records:
        for program, version in record.content.programs.items():
            found.setdefault(program, set()).add(version)
    return {program: sorted(versions) for program, versions in sorted(found.items())}


def program_warnings(records: Sequence[JobRecord]) -> list[str]:
    """Say what is odd about the programs that made results which are held against each other."""
    told = versions_of_programs(records).items()
    return [
        f"results were made with several versions of {program}: {', '.join(versions)};"
        " what differs between samples may be theirs (results in provenance.json tells which)"
        for program, versions in told
        if len(versions) > 1
    ] + [
        f"{program} did not tell its version when results were made with it"
        for program, versions in told
        if versions == [UNKNOWN]
    ]


def main(argv: list[str] | None = None) -> None:
    """Write the provenance of a run as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=json.loads, required=True, help="config, as JSON")
    parser.add_argument("--sheet", type=Path, required=True, help="sample sheet")
    parser.add_argument("--checksums", nargs="+", type=Path, required=True, help="of inputs")
    parser.add_argument("--samples", nargs="*", type=Path, default=[], help="summary of reads")
    parser.add_argument("--snakemake", required=True, help="version of Snakemake")
    parser.add_argument("--fits", nargs="+", required=True, help="their folders in results/")
    parser.add_argument("--planned", type=Path, required=True, help="lists all that a run makes")
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="of the jobs so far")
    parser.add_argument("--warnings", type=json.loads, default=[], help="of the checks, as JSON")
    parser.add_argument("--warning-tables", nargs="*", type=Path, default=[], help="of the steps")
    parser.add_argument("--failed-run", type=Path, help="JSON: its failures, and files not to read")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    failed = FailedRun()
    if arguments.failed_run:
        failed = read_json(arguments.failed_run, FailedRun)

    def finished(paths: list[Path]) -> list[Path]:
        return [path for path in paths if str(path) not in failed.unfinished]

    planned = arguments.planned.read_text().splitlines()
    records = present_records(planned)
    of_checks = [*arguments.warnings, *program_warnings(records)]
    at_work = environment()
    provenance = {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": git_commit(ROOT),
        "config": arguments.settings,
        "fits": arguments.fits,
        "sheet": arguments.sheet.read_text().splitlines(),
        "programs": {
            "snakemake": arguments.snakemake,
            "python": at_work["python"],
            **{name: ", ".join(all_) for name, all_ in versions_of_programs(records).items()},
        },
        "libraries": at_work["libraries"],
        "versions": versions_at_work(records),
        "unrecorded": unrecorded_outputs(planned, records),
        "inputs": read_checksums(finished(arguments.checksums)),
        "samples": [row for path in finished(arguments.samples) for row in findings_of(path)],
        "warnings": gather_warnings(of_checks, finished(arguments.warning_tables)),
        **asdict(failed),
        "jobs": jobs_so_far(arguments.logs, present_logs(planned)),
        "results": [record.content for record in records],
        "environments": read_environments(records),
    }
    write_json(provenance, arguments.output)


if __name__ == "__main__":
    reported(main)
