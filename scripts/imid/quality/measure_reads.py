"""Measure a sample by what became of its reads, as the programs on their way say it.

Nothing is read again but what no program told: of the reads that were not aligned, how many are an
adapter from their first bases on.
"""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from imid.quality.fastp_figures import fastp_curves, fastp_figures, read_fastp
from imid.quality.measured_sample import MeasuredSample
from imid.reads.findings import (
    FATES,
    READS_SEEN,
    STRANDEDNESS,
    ReadsSeen,
    SampleStrandedness,
    read_line_strandedness,
)
from imid.reads.known_adapters import KNOWN, NO_ADAPTER
from imid.reads.trimming import REPORT as FASTP_REPORT
from imid.shared.bam_file import opened_bam
from imid.shared.count_table import read_count_table
from imid.shared.counters import COUNTERS
from imid.shared.json_files import read_json, write_json
from imid.shared.problems import reported

# An adapter that begins within so many bases leaves next to nothing of a fragment: of pairs fastp
# sees no overlap that is shorter, and cuts nothing.
NO_INSERT = 30
# Bases of an adapter that say that it is one.
SURE = 10
# Fewer fragments say too little of a strand.
ENOUGH = 200
STAR_LOG = "Log.final.out"
TOO_MANY_PLACES = re.compile(r"Number of reads mapped to too many loci \|\s+(\d+)")


def alignment_figures(fates: dict[str, int]) -> dict[str, float]:
    """Give the shares of what became of a sample's fragments.

    Parameters
    ----------
    fates : dict of str to int
        Fragments by ``assigned`` and the special counters.

    Returns
    -------
    dict of str to float
        Empty where no fragment reached the aligner.
    """
    told = {name: fates[counter] for counter, name in COUNTERS.items()}
    total = sum(fates.values())
    if not total:
        return {}
    aligned = total - told["unaligned"]
    once = aligned - told["multimapped"]
    figures = {
        "aligned": aligned / total,
        "uniquely_aligned": once / total,
        "multiply_aligned": told["multimapped"] / total,
        "assigned": fates["assigned"] / total,
    }
    if once:
        figures |= {name: told[name] / once for name in ["ambiguous", "no_feature"]}
    return figures


def strand_figures(found: SampleStrandedness, counted: str) -> dict[str, float]:
    """Give the share of sense fragments, and how far the library is what it is counted as.

    Parameters
    ----------
    found : SampleStrandedness
        What the sample's reads show.
    counted : {"no", "yes", "reverse"}
        The strandedness of its line.

    Returns
    -------
    dict of str to float
        Empty where too few fragments tell.
    """
    total = found.sense + found.antisense
    if total < ENOUGH:
        return {}
    sense = found.sense / total
    as_counted = {"yes": sense, "reverse": 1 - sense, "no": 1 - abs(sense - 1 / 2)}
    return {"sense": sense, "strandedness": as_counted[counted]}


def pairs_without_insert(alignments: Path, adapters: Sequence[str]) -> int:
    """Count the unaligned pairs, or single reads, that run into an adapter at their beginning.

    Parameters
    ----------
    alignments : Path
        A sorted BAM with its index, which holds the unaligned reads as well.
    adapters : sequence of str
        How the adapters begin.

    Returns
    -------
    int
    """
    beginnings = "|".join(sorted({adapter[:SURE] for adapter in adapters}))
    early = re.compile(f".{{0,{NO_INSERT - 1}}}(?:{beginnings})")
    with opened_bam(alignments) as records:
        return sum(
            bool(early.match(record.query_sequence or ""))
            for record in records.fetch("*")
            if not record.is_read2
        )


def adapters_looked_for(adapters: Sequence[str]) -> list[str]:
    """Give the known adapters, and those that the config gives as sequences."""
    given = [name for name in adapters if name not in KNOWN and name != NO_ADAPTER]
    return [*KNOWN.values(), *given]


def too_many_places(reports: Path) -> int | None:
    """Tell how many fragments STAR gave up for their many places; None where its log does not."""
    found = TOO_MANY_PLACES.search((reports / STAR_LOG).read_text(errors="replace"))
    return int(found[1]) if found else None


def measure_reads(
    sample: str, reports: Path, counted: str, alignments: Path, adapters: Sequence[str]
) -> MeasuredSample:
    """Measure a sample by its reports.

    Parameters
    ----------
    sample : str
    reports : Path
        Its folder of reports.
    counted : {"no", "yes", "reverse"}
        The strandedness of its line.
    alignments : Path
        Its sorted BAM.
    adapters : sequence of str
        As the config has them.

    Returns
    -------
    MeasuredSample
    """
    fates = read_count_table(reports / FATES)
    pairs = sum(lane.records for lane in read_json(reports / READS_SEEN, ReadsSeen).lanes)
    figures, curves, notes = {"pairs": float(pairs)}, {}, {}
    if (report := reports / FASTP_REPORT).exists():
        told = read_fastp(report)
        figures |= fastp_figures(told)
        curves = fastp_curves(told)
    else:
        notes["trimmed_away"] = "reads were not trimmed, and so fastp tells nothing of them"
    figures |= alignment_figures(fates)
    found = strand_figures(read_json(reports / STRANDEDNESS, SampleStrandedness), counted)
    if not found:
        notes["strandedness"] = f"fewer than {ENOUGH} fragments lie on the exons of one strand"
    figures |= found
    if pairs:
        dimers = pairs_without_insert(alignments, adapters_looked_for(adapters))
        figures["adapter_dimers"] = figures.get("too_short", 0.0) + dimers / pairs
    # Another aligner leaves no such log.
    if pairs and (reports / STAR_LOG).exists():
        if (left := too_many_places(reports)) is None:
            notes["too_many_places"] = f"{STAR_LOG} does not tell it"
        else:
            figures["too_many_places"] = left / max(sum(fates.values()), 1)
    return MeasuredSample(sample=sample, figures=figures, curves=curves, notes=notes)


def main(argv: list[str] | None = None) -> None:
    """Write what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True)
    parser.add_argument("--reports", type=Path, required=True, help="its folder of reports")
    parser.add_argument("--strandedness", type=Path, required=True, help="of its line, JSON")
    parser.add_argument("--alignments", type=Path, required=True, help="sorted BAM")
    parser.add_argument("--adapters", nargs="+", required=True, help="as in the config")
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)
    counted = read_line_strandedness(arguments.strandedness).strandedness
    measured = measure_reads(
        arguments.sample, arguments.reports, counted, arguments.alignments, arguments.adapters
    )
    write_json(measured, arguments.output)


if __name__ == "__main__":
    reported(main)
