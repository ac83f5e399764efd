"""Hold what MultiQC shows against what it was given: it passes over what it cannot read."""

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

from imid.reads.findings import FATES
from imid.reads.trimming import REPORT as FASTP_REPORT
from imid.shared.problems import InputError, reported


def expected_reports(folder: Path, aligned: str | None) -> list[Path]:
    """List the reports of a sample that MultiQC must have read.

    They are the aligner's summary, what became of fragments and, where reads were trimmed, fastp's.

    Parameters
    ----------
    folder : Path
        ``results/samples/{sample}/reports``.
    aligned : str or None
        The name of the aligner's summary, if MultiQC knows that aligner.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        Where the sample has no report of its aligner or of its counts.
    """
    always = [folder / name for name in [aligned, FATES] if name]
    if lacking := [report.name for report in always if not report.exists()]:
        raise InputError([f"{folder}: lacks {' and '.join(lacking)}"])
    trimmed = folder / FASTP_REPORT
    return [*always, *([trimmed] if trimmed.exists() else [])]


def overlooked(sources: Path, folders: Iterable[Path], aligned: str | None) -> list[Path]:
    """List the reports that MultiQC passed over.

    Parameters
    ----------
    sources : Path
        MultiQC's ``multiqc_sources.txt``, which names the file behind each sample of a module.
    folders : iterable of Path
        The samples' folders of reports.
    aligned : str or None
        The name of the aligner's summary in each, if MultiQC knows that aligner.

    Returns
    -------
    list of Path
    """
    with sources.open(newline="") as file:
        read = {Path(row["Source"]).resolve() for row in csv.DictReader(file, delimiter="\t")}
    expected = [report for folder in folders for report in expected_reports(folder, aligned)]
    return [report for report in expected if report.resolve() not in read]


def main(argv: list[str] | None = None) -> None:
    """Fail, and name them, where reports are not in MultiQC's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=Path, required=True, help="multiqc_sources.txt")
    parser.add_argument(
        "--reports", type=Path, nargs="+", required=True, help="folders given to it"
    )
    parser.add_argument("--aligned", nargs="?", help="name of the aligner's summary in each")
    arguments = parser.parse_args(argv)
    if missing := overlooked(arguments.sources, arguments.reports, arguments.aligned):
        raise InputError(f"{report}: MultiQC passed over it" for report in missing)


if __name__ == "__main__":
    reported(main)
