"""Tell for each sample where its fragments went, from the sequencer to the genes."""

import argparse
import json
from pathlib import Path

import pandas as pd

from tables import SAMPLE_SUMMARY, read_table, write_table

COUNTERS = {
    "__not_aligned": "unaligned",
    "__alignment_not_unique": "multimapped",
    "__too_low_aQual": "low_quality",
    "__no_feature": "no_feature",
    "__ambiguous": "ambiguous",
}


def fragments_of(counts: pd.DataFrame) -> dict[str, int]:
    """Add up one sample's counts.

    Parameters
    ----------
    counts : DataFrame
        gene_id and count, the special counters of htseq-count among them.

    Returns
    -------
    dict
        Fragments that reached the aligner, those assigned to a gene, and the special counters
        under plain names.
    """
    by_id = counts.set_index("gene_id")["count"]
    special = {name: int(by_id[counter]) for counter, name in COUNTERS.items()}
    total = int(by_id.sum())
    return {"fragments": total, **special, "assigned": total - sum(special.values())}


def fragments_before_trimming(reports: list[dict]) -> int:
    """Add up the lanes' fragments as they came from the sequencer, from fastp's reports."""
    return sum(
        report["summary"]["before_filtering"]["total_reads"]
        // (2 if "read2_before_filtering" in report else 1)
        for report in reports
    )


def summarize(sample: str, counts: Path, strandedness: Path, fastp: Path | None) -> dict:
    """Describe one sample.

    Parameters
    ----------
    sample : str
        Its name.
    counts, strandedness : Path
        Its counts, and what its reads say of the strand.
    fastp : Path or None
        The folder of fastp's reports of its lanes; None where reads were not trimmed.

    Returns
    -------
    dict
        One row of the sample summary.
    """
    fragments = fragments_of(read_table(counts))
    reports = [json.loads(path.read_text()) for path in fastp.glob("*.json")] if fastp else []
    sequenced = fragments_before_trimming(reports) if reports else fragments["fragments"]
    aligned = fragments["fragments"] - fragments["unaligned"]
    return {
        "sample": sample,
        "sequenced": sequenced,
        **fragments,
        "aligned_share": aligned / max(fragments["fragments"], 1),
        "assigned_share": fragments["assigned"] / max(fragments["fragments"], 1),
        "strandedness": json.loads(strandedness.read_text())["message"],
    }


def main(argv: list[str] | None = None) -> None:
    """Write one row for each sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", nargs="+", required=True, help="names, in row order")
    parser.add_argument("--counts", nargs="+", type=Path, required=True)
    parser.add_argument("--strandedness", nargs="+", type=Path, required=True)
    parser.add_argument("--fastp", nargs="*", type=Path, help="folders of fastp's reports")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    # Reads that were not trimmed have no reports.
    fastp = arguments.fastp or [None] * len(arguments.samples)
    rows = [
        summarize(*sample)
        for sample in zip(
            arguments.samples, arguments.counts, arguments.strandedness, fastp, strict=True
        )
    ]
    write_table(pd.DataFrame(rows, columns=SAMPLE_SUMMARY), arguments.output)


if __name__ == "__main__":
    main()
