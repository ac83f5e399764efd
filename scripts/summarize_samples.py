"""Tell for each sample where its fragments went, from the sequencer to the genes."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from checksums import READS, read_checksums
from copies import copy_problems
from files import written
from origins import COUNTS, read_origin
from problems import InputError, reported
from tables import SAMPLE_SUMMARY, write_table

# Counts of fewer may be the same by chance.
ENOUGH_FRAGMENTS = 100

# The special counters of htseq-count.
COUNTERS = {
    "__not_aligned": "unaligned",
    "__alignment_not_unique": "multimapped",
    "__too_low_aQual": "low_quality",
    "__no_feature": "no_feature",
    "__ambiguous": "ambiguous",
}


def fragments_of(lines: Iterable[str]) -> dict[str, int]:
    """Give what became of a sample's fragments plain names.

    Parameters
    ----------
    lines : iterable of str
        ``assigned`` and the special counters, each with its number of fragments after a tab.

    Returns
    -------
    dict
        Fragments that reached the aligner, and how many of them had which fate.
    """
    fates = {name: int(count) for name, count in (line.split("\t") for line in lines)}
    special = {name: fates[counter] for counter, name in COUNTERS.items()}
    return {"fragments": sum(fates.values()), **special, "assigned": fates["assigned"]}


def fragments_before_trimming(reports: list[dict]) -> int:
    """Add up the lanes' fragments as they came from the sequencer, from fastp's reports."""
    return sum(
        report["summary"]["before_filtering"]["total_reads"]
        // (2 if "read2_before_filtering" in report else 1)
        for report in reports
    )


def summarize(sample: str, reports: Path, checks: Path) -> dict:
    """Describe one sample.

    Parameters
    ----------
    sample : str
        Its name.
    reports : Path
        Its folder of reports: ``fragments.tsv``, ``strandedness.json`` and, where reads were
        trimmed, ``fastp`` with one for each lane.
    checks : Path
        What the cross-checks say of it.

    Returns
    -------
    dict
        One row of the sample summary.
    """
    fragments = fragments_of((reports / "fragments.tsv").read_text().splitlines())
    lanes = [json.loads(path.read_text()) for path in (reports / "fastp").glob("*.json")]
    sequenced = fragments_before_trimming(lanes) if lanes else fragments["fragments"]
    said = json.loads(checks.read_text())["findings"]
    aligned = fragments["fragments"] - fragments["unaligned"]
    return {
        "sample": sample,
        "sequenced": sequenced,
        **fragments,
        "aligned_share": aligned / max(fragments["fragments"], 1),
        "assigned_share": fragments["assigned"] / max(fragments["fragments"], 1),
        "strandedness": said.pop("strandedness"),
        "cross_checks": "; ".join(said.values()),
    }


def what_tells_copies(rows: list[dict], reports: list[Path]) -> tuple[dict, dict]:
    """Gather what tells samples of the same reads, also of different cell lines.

    Parameters
    ----------
    rows : list of dict
        As given by `summarize`.
    reports : list of Path
        The folder of each.

    Returns
    -------
    counts : dict of str to str
        A digest of each sample's counts, where they are enough to be its own.
    checksums : dict of str to dict
        Those of its FASTQ files.
    """
    counts, checksums = {}, {}
    for row, folder in zip(rows, reports, strict=True):
        checksums[row["sample"]] = read_checksums([folder / READS])
        if row["assigned"] >= ENOUGH_FRAGMENTS:
            counts[row["sample"]] = read_origin(folder.parent)["outputs"][COUNTS]["ends_sha256"]
    return counts, checksums


def main(argv: list[str] | None = None) -> None:
    """Write one row for each sample, and the checksums of all their reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", nargs="+", required=True, help="names, in row order")
    parser.add_argument("--reports", nargs="+", type=Path, required=True, help="their folders")
    parser.add_argument("--checks", nargs="+", type=Path, required=True, help="of cross_check")
    parser.add_argument("--table", type=Path, required=True, help="to write")
    parser.add_argument("--checksums", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    named = zip(arguments.samples, arguments.reports, arguments.checks, strict=True)
    rows = [summarize(*each) for each in named]
    if problems := copy_problems(*what_tells_copies(rows, arguments.reports)):
        raise InputError(problems)
    write_table(pd.DataFrame(rows, columns=SAMPLE_SUMMARY), arguments.table)
    with written(arguments.checksums) as temporary:
        checksums = [(folder / READS).read_text() for folder in arguments.reports]
        temporary.write_text("".join(checksums))


if __name__ == "__main__":
    reported(main)
