"""Tell for each sample where its fragments went, from the sequencer to the genes."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from checksums import READS
from copies import copy_problems
from files import written
from problems import InputError, reported
from tables import SAMPLE_SUMMARY, write_table

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


def summarize(sample: str, reports: Path, checked: dict) -> dict:
    """Describe one sample.

    Parameters
    ----------
    sample : str
        Its name.
    reports : Path
        Its folder of reports: ``fragments.tsv``, ``strandedness.json`` and, where reads were
        trimmed, ``fastp`` with one for each lane.
    checked : dict
        What `cross_check` wrote of it.

    Returns
    -------
    dict
        One row of the sample summary.
    """
    fragments = fragments_of((reports / "fragments.tsv").read_text().splitlines())
    lanes = [json.loads(path.read_text()) for path in (reports / "fastp").glob("*.json")]
    sequenced = fragments_before_trimming(lanes) if lanes else fragments["fragments"]
    said = dict(checked["findings"])
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


def what_tells_copies(checked: dict[str, dict]) -> tuple[dict, dict]:
    """Gather what tells samples of the same reads, also of different cell lines.

    Parameters
    ----------
    checked : dict of str to dict
        What `cross_check` wrote of each sample.

    Returns
    -------
    counts : dict of str to str
        A checksum of each sample's counts, where they are enough to be its own.
    reads : dict of str to dict
        Those of its FASTQ files.
    """
    counts = {name: found["counts_sha256"] for name, found in checked.items()}
    reads = {name: found["reads"] for name, found in checked.items()}
    return {name: checksum for name, checksum in counts.items() if checksum}, reads


def main(argv: list[str] | None = None) -> None:
    """Write one row for each sample, and the checksums of all their reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", nargs="+", required=True, help="names, in row order")
    parser.add_argument("--reports", nargs="+", type=Path, required=True, help="their folders")
    parser.add_argument("--checks", nargs="+", type=Path, required=True, help="of cross_check")
    parser.add_argument("--table", type=Path, required=True, help="to write")
    parser.add_argument("--checksums", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    found = [json.loads(path.read_text()) for path in arguments.checks]
    checked = dict(zip(arguments.samples, found, strict=True))
    if problems := copy_problems(*what_tells_copies(checked)):
        raise InputError(problems)
    named = zip(checked, arguments.reports, found, strict=True)
    rows = [summarize(*each) for each in named]
    write_table(pd.DataFrame(rows, columns=SAMPLE_SUMMARY), arguments.table)
    with written(arguments.checksums) as temporary:
        checksums = [(folder / READS).read_text() for folder in arguments.reports]
        temporary.write_text("".join(checksums))


if __name__ == "__main__":
    reported(main)
