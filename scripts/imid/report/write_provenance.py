"""Write down what results were made from and with: settings, inputs, versions, commit."""

import argparse
import json
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path

from imid.running.summarize_resources import jobs_measured, resources_used
from imid.shared.checksums import read_checksums
from imid.shared.files import written
from imid.shared.paths import ROOT
from imid.shared.problems import reported
from imid.shared.run_warnings import gather
from imid.shared.tables import read_table


def git_commit(folder: Path) -> str:
    """Name the commit of a checkout, and whether tracked files differ from it.

    Parameters
    ----------
    folder : Path
        A checkout, or a folder without git.

    Returns
    -------
    str
        The hash, followed by ``, with local changes`` where there are any; ``unknown`` where
        git or its history is missing.
    """
    git = ["git", "-C", str(folder)]
    try:
        head, changes = (
            subprocess.run([*git, *command], capture_output=True, text=True, check=True).stdout
            for command in (
                ["rev-parse", "HEAD"],
                ["status", "--porcelain", "--untracked-files=no"],
            )
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.strip() + (", with local changes" if changes else "")


def jobs_so_far(logs: Path, asked: dict[str, list[str]]) -> list[dict]:
    """Tell where the jobs of a run were done, how long they took and what memory they used."""
    table = resources_used(jobs_measured(logs, asked).values()).astype(object)
    return table.where(table.notna(), None).to_dict("records")


def findings_of(summary: Path) -> list[dict[str, str]]:
    """Take from the summary of samples by which strandedness each was counted, and its checks."""
    columns = ["sample", "strandedness", "cross_checks"]
    return read_table(summary)[columns].to_dict("records")


def main(argv: list[str] | None = None) -> None:
    """Write the provenance of a run as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=json.loads, required=True, help="config, as JSON")
    parser.add_argument("--sheet", type=Path, required=True, help="sample sheet")
    parser.add_argument("--programs", nargs="*", type=Path, default=[], help="name, tab, version")
    parser.add_argument("--checksums", nargs="+", type=Path, required=True, help="of inputs")
    parser.add_argument("--samples", nargs="*", type=Path, default=[], help="summary of reads")
    parser.add_argument("--snakemake", required=True, help="version of Snakemake")
    parser.add_argument("--fits", nargs="+", required=True, help="their folders in results/")
    parser.add_argument("--asked", type=json.loads, default={}, help="as of summarize_resources")
    parser.add_argument("--logs", type=Path, default=Path("logs"), help="of the jobs so far")
    parser.add_argument("--warnings", type=json.loads, default=[], help="of the checks, as JSON")
    parser.add_argument("--warning-tables", nargs="*", type=Path, default=[], help="of the steps")
    parser.add_argument("--failed-run", type=Path, help="JSON: its failures, and files not to read")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    failed = {"failures": [], "unfinished": []}
    if arguments.failed_run:
        failed = json.loads(arguments.failed_run.read_text())

    def finished(paths: list[Path]) -> list[Path]:
        return [path for path in paths if str(path) not in failed["unfinished"]]

    programs = dict(
        line.split("\t")
        for path in finished(arguments.programs)
        for line in path.read_text().splitlines()
    )
    # A library whose removal was interrupted has no name any more.
    libraries = {
        library.metadata["Name"]: library.version
        for library in distributions()
        if library.metadata["Name"]
    }
    provenance = {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": git_commit(ROOT),
        "config": arguments.settings,
        "fits": arguments.fits,
        "sheet": arguments.sheet.read_text().splitlines(),
        "programs": {
            "snakemake": arguments.snakemake,
            "python": platform.python_version(),
            **programs,
        },
        "libraries": dict(sorted(libraries.items(), key=lambda item: item[0].lower())),
        "inputs": read_checksums(finished(arguments.checksums)),
        "samples": [row for path in finished(arguments.samples) for row in findings_of(path)],
        "warnings": gather(arguments.warnings, finished(arguments.warning_tables)),
        **failed,
        "jobs": jobs_so_far(arguments.logs, arguments.asked),
    }
    with written(arguments.output) as temporary:
        temporary.write_text(json.dumps(provenance, indent=2) + "\n")


if __name__ == "__main__":
    reported(main)
