"""Tell for each sample where its fragments went, from the sequencer to the genes."""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path

import pandas as pd

from imid.reads.findings import FATES, READS_SEEN, LaneSeen, ReadsSeen
from imid.reads.known_adapters import KNOWN, NO_ADAPTER
from imid.reads.trimming import REPORT as FASTP_REPORT
from imid.reads.trimming import cut_as, read_trimmed
from imid.shared.checksums import READS
from imid.shared.copies import copy_problems
from imid.shared.count_table import read_count_table
from imid.shared.counters import COUNTERS
from imid.shared.files import written
from imid.shared.json_files import read_json
from imid.shared.problems import InputError, reported, warn
from imid.shared.sample_checks import SampleChecks, read_checks
from imid.shared.tables import SAMPLE_SUMMARY, write_table

# A share of reads that is worth a remark, and how far from the others it must be.
NOTICEABLE = 0.02
FOLD = 2


def fragments_of(fates: Mapping[str, int]) -> dict[str, int]:
    """Give what became of a sample's fragments plain names.

    Parameters
    ----------
    fates : mapping of str to int
        Fragments by ``assigned`` and the special counters.

    Returns
    -------
    dict
        Fragments that reached the aligner, and how many of them had which fate.
    """
    special = {name: fates[counter] for counter, name in COUNTERS.items()}
    return {"fragments": sum(fates.values()), **special, "assigned": fates["assigned"]}


def summarize_sample(
    sample: str, reports: Path, checked: SampleChecks, adapters: Sequence[str]
) -> dict:
    """Describe one sample.

    Parameters
    ----------
    sample : str
        Its name.
    reports : Path
        Its folder of reports: ``fragments.tsv``, ``strandedness.json``, ``reads.json`` and, where
        reads were trimmed, ``fastp.json``.
    checked : SampleChecks
        What its cross-checks say.
    adapters : sequence of str
        As the config has them.

    Returns
    -------
    dict
        One row of the sample summary, without remarks.
    """
    fragments = fragments_of(read_count_table(reports / FATES))
    reads = read_json(reports / READS_SEEN, ReadsSeen)
    said = dict(checked.findings)
    aligned = fragments["fragments"] - fragments["unaligned"]
    return {
        "sample": sample,
        "sequenced": sum(lane.records for lane in reads.lanes),
        **fragments,
        "aligned_share": aligned / max(fragments["fragments"], 1),
        "assigned_share": fragments["assigned"] / max(fragments["fragments"], 1),
        "strandedness": said.pop("strandedness"),
        "cross_checks": "; ".join(said.values()),
        **describe_adapters(reads, reports / FASTP_REPORT, adapters),
        "reads_changed": describe_changes(reads.lanes),
    }


def what_tells_copies(checked: dict[str, SampleChecks]) -> tuple[dict, dict]:
    """Gather what tells samples of the same reads, also of different cell lines.

    Parameters
    ----------
    checked : dict of str to SampleChecks
        What the cross-checks of each sample say.

    Returns
    -------
    counts : dict of str to str
        A checksum of each sample's counts, where they are enough to be its own.
    reads : dict of str to dict
        Those of its FASTQ files.
    """
    counts = {name: found.counts_sha256 for name, found in checked.items()}
    reads = {name: found.reads for name, found in checked.items()}
    return {name: checksum for name, checksum in counts.items() if checksum}, reads


def describe_adapters(reads: ReadsSeen, report: Path, adapters: Sequence[str]) -> dict:
    """Tell what was cut as what, and which known adapter the reads had before.

    Parameters
    ----------
    reads : ReadsSeen
    report : Path
        Of fastp; absent where nothing was trimmed.
    adapters : sequence of str
        As the config has them.

    Returns
    -------
    dict
        adapter_cut, adapter_share (of the reads, both mates), adapter_seen, seen_share (of the
        reads that were looked at).
    """
    seen, found = max(reads.adapters.found.items(), key=itemgetter(1), default=("", 0))
    described = {
        "adapter_cut": NO_ADAPTER,
        "adapter_share": 0.0,
        "adapter_seen": seen if found else NO_ADAPTER,
        "seen_share": found / max(reads.adapters.reads, 1),
    }
    if report.exists():
        trimmed = read_trimmed(report, reads.paired)
        cut = cut_as(trimmed, adapters, reads.paired)
        described |= {"adapter_cut": cut, "adapter_share": trimmed.cut_share}
    return described


def describe_changes(lanes: Sequence[LaneSeen]) -> str:
    """Tell what of the reads was brought to the common form, and how many of them."""
    changes = sum((Counter(lane.notes) for lane in lanes), Counter())
    return "; ".join(f"{number} {what}" for what, number in changes.items())


def remarks(samples: pd.DataFrame) -> list[str]:
    """Say of each sample in what its adapters differ from those of the others.

    Parameters
    ----------
    samples : DataFrame
        Rows as `summarize_sample` gives them.

    Returns
    -------
    list of str
        One for each sample; empty where it is like the others.
    """
    return [
        "; ".join(_remarks(row, samples.drop(index=place)))
        for place, row in zip(samples.index, samples.to_dict("records"), strict=True)
    ]


def _remarks(row: dict, others: pd.DataFrame) -> Iterator[str]:
    for column, what in [("adapter_share", "cut in"), ("seen_share", "seen in")]:
        share, usual = row[column], others[column].median()
        if abs(share - usual) > NOTICEABLE and max(share, usual) > FOLD * min(share, usual):
            yield f"adapters {what} {share:.1%} of its reads, in the other samples {usual:.1%}"
    kit, noticed = row["adapter_seen"], row["seen_share"] >= NOTICEABLE
    kits = others.loc[others["seen_share"] >= NOTICEABLE, "adapter_seen"].mode()
    if noticed and len(kits) and kit not in kits.to_list():
        yield f"its reads have the adapter {kit}, those of the others {kits.iat[0]}"
    if noticed and row["adapter_share"] < row["seen_share"] / FOLD:
        yield (
            f"{row['seen_share']:.1%} of its reads run into the adapter {kit}, and it is not cut;"
            f" set adapters: {KNOWN[kit]}"
        )


def main(argv: list[str] | None = None) -> None:
    """Write one row for each sample, and the checksums of all their reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", nargs="+", required=True, help="names, in row order")
    parser.add_argument("--reports", nargs="+", type=Path, required=True, help="their folders")
    parser.add_argument("--checks", nargs="+", type=Path, required=True, help="of cross_check")
    parser.add_argument("--adapters", nargs="+", default=["illumina"], help="as in the config")
    parser.add_argument("--table", type=Path, required=True, help="to write")
    parser.add_argument("--checksums", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    found = [*map(read_checks, arguments.checks)]
    checked = dict(zip(arguments.samples, found, strict=True))
    if problems := copy_problems(*what_tells_copies(checked)):
        raise InputError(problems)
    named = zip(checked, arguments.reports, found, strict=True)
    rows = [summarize_sample(*each, arguments.adapters) for each in named]
    table = pd.DataFrame(rows, columns=SAMPLE_SUMMARY)
    table["remarks"] = remarks(table)
    for sample, remark in zip(table["sample"], table["remarks"], strict=True):
        if remark:
            warn(f"sample {sample}: {remark}")
    write_table(table, arguments.table)
    with written(arguments.checksums) as temporary:
        checksums = [(folder / READS).read_text() for folder in arguments.reports]
        temporary.write_text("".join(checksums))


if __name__ == "__main__":
    reported(main)
