"""The balance of a sample: what one program handed on is what the next one says it got.

No exit status and no program's own total is believed: fastp ends with status 0 after an error, an
aligner takes reads that were cut off for all there are, and a full disk is told by nobody. Each
figure here is told by somebody else than the one it is held against.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imid.reads.aligner import Aligner
from imid.reads.findings import READS_SEEN, ReadsSeen, StreamTally
from imid.reads.trimming import REPORT as FASTP_REPORT
from imid.reads.trimming import read_trimmed
from imid.shared.bgzf import is_whole
from imid.shared.json_files import read_json
from imid.shared.problems import ContentError, InputError
from imid.shared.rows import write_rows

COLUMNS = ["stage", "number", "unit", "told_by", "equals"]

MEGABYTE = 1e6
UNITS = {True: "pairs", False: "reads"}
# Stages that others are held against.
SEQUENCED = "sequenced"
TRIMMED = "left by trimming"
ALIGNED = "read by the aligner"
FRAGMENTS = "to be counted"
POURED = "aligned or not, secondary ones among them"


@dataclass(frozen=True)
class Figure:
    """One figure of the balance.

    Attributes
    ----------
    stage : str
        What was counted.
    number : int
        How many.
    unit : str
        pairs, reads or records.
    told_by : str
        Who counted.
    equals : str
        The stage whose figure this must be; empty where it begins anew.
    """

    stage: str
    number: int
    unit: str
    told_by: str
    equals: str = ""


def write_balance(figures: Sequence[Figure], output: Path) -> None:
    """Write the balance of a sample as a table."""
    write_rows(map(vars, figures), COLUMNS, output)


def faults(figures: Sequence[Figure]) -> list[str]:
    """Say which figures are not what they must be.

    Parameters
    ----------
    figures : sequence of Figure
        Of one sample.

    Returns
    -------
    list of str
        One sentence for each; none where all sums agree.
    """
    by_stage = {figure.stage: figure for figure in figures}
    return [
        f"{figure.number} {figure.unit} {figure.stage} ({figure.told_by}), but"
        f" {other.number} {other.stage} ({other.told_by})"
        for figure in figures
        if figure.equals and (other := by_stage[figure.equals]).number != figure.number
    ]


def refuse_imbalance(
    sample: str, figures: Sequence[Figure], files: Sequence[Path], room: str
) -> None:
    """Refuse a sample whose figures do not agree.

    Parameters
    ----------
    sample : str
        Its name.
    figures : sequence of Figure
        Of the sample.
    files : sequence of Path
        Its reads.
    room : str
        As given by `room_in`.

    Raises
    ------
    InputError
        Names the figures, the files of reads, and the room that is left.
    """
    if found := faults(figures):
        raise InputError(
            [
                f"sample {sample}: reads were lost on the way: {fault}; nothing is published"
                for fault in found
            ]
            + [f"its reads: {', '.join(map(str, files))}; {room}"]
        )


def room_in(scratch: Path, output: Path) -> str:
    """Say how much room both folders have: a full disk is what most often cuts files short."""
    told = []
    for what, folder in [("scratch", scratch), ("output", output)]:
        usage = shutil.disk_usage(folder)
        free, total = usage.free / MEGABYTE, usage.total / MEGABYTE
        told.append(f"{what} folder {folder}: {free:.1f} of {total:.1f} MB are free")
    return "; ".join(told)


# What the programs say


def fed_figures(reports: Path, paired: bool) -> list[Figure]:
    """Tell what was read of each lane, and of all together.

    Parameters
    ----------
    reports : Path
        The folder with ``reads.json`` of `feed_reads`.
    paired : bool
        Whether pairs are counted.

    Returns
    -------
    list of Figure
    """
    lanes = read_json(reports / READS_SEEN, ReadsSeen).lanes
    unit = UNITS[paired]
    read = [
        Figure(f"in {' and '.join(lane.files)}", lane.records, unit, "lines / 4") for lane in lanes
    ]
    return [*read, Figure(SEQUENCED, sum(figure.number for figure in read), unit, "all lanes")]


def trimmed_figures(reports: Path, paired: bool) -> list[Figure]:
    """Tell what fastp says it read and wrote.

    Raises
    ------
    ContentError
        Where its report is cut off.
    """
    try:
        trimmed = read_trimmed(reports / FASTP_REPORT, paired)
    except InputError as error:
        raise ContentError("fastp wrote its report only in part") from error
    unit = UNITS[paired]
    return [
        Figure("read by trimming", trimmed.read, unit, "fastp", equals=SEQUENCED),
        Figure(TRIMMED, trimmed.passed, unit, "fastp"),
    ]


def aligned_figures(aligner: Aligner, scratch: Path, paired: bool, trimmed: bool) -> list[Figure]:
    """Tell how many reads or pairs the aligner says it got.

    Raises
    ------
    ContentError
        Where a file of it is cut off.
    """
    before = TRIMMED if trimmed else SEQUENCED
    total = aligner.total(scratch)
    return [Figure(ALIGNED, total, UNITS[paired], aligner.title, equals=before)]


def counted_figures(tally: Path, fates: int, paired: bool) -> list[Figure]:
    """Tell what was in the stream of alignments, and what became of it.

    HTSeq counts mates that contradict each other apart, so that there may be more fragments than
    names. Names and mates are as many as pairs in any case.

    Parameters
    ----------
    tally : Path
        JSON of `tally_alignments`.
    fates : int
        The sum of all genes and special counters.
    paired : bool
        Whether pairs are counted.
    """
    counted = read_json(tally, StreamTally)
    unit = UNITS[paired]
    stream = "BAM stream"
    mates = {"first": "first mates aligned or not", "second": "second mates aligned or not"}
    return [
        Figure("by name after alignment", counted.names, unit, stream, equals=ALIGNED),
        *(
            Figure(stage, getattr(counted, mate), unit, stream, equals=ALIGNED)
            for mate, stage in list(mates.items())[: 2 if paired else 0]
        ),
        Figure(FRAGMENTS, counted.fragments, "fragments", "pairing as HTSeq does it"),
        Figure("with a fate", fates, "fragments", "counts.tsv", equals=FRAGMENTS),
    ]


def stored_figures(tally: Path, alignments: Path) -> list[Figure]:
    """Tell how many records were to be stored, and how many are."""
    poured = read_json(tally, StreamTally).records
    return [
        Figure(POURED, poured, "records", "BAM stream"),
        Figure("stored", stored_records(alignments), "records", "index", equals=POURED),
    ]


def stored_records(alignments: Path) -> int:
    """Count the records of a sorted BAM by its index, and see that the BAM is whole.

    Parameters
    ----------
    alignments : Path
        A BAM with its index beside it.

    Returns
    -------
    int

    Raises
    ------
    ContentError
        Where either is cut off.
    """
    if not alignments.exists():
        raise ContentError(f"samtools wrote no {alignments.name}")
    if not is_whole(alignments):
        raise ContentError(f"{alignments.name} was cut off, or a part of it is missing")
    # Without an index samtools would count the records themselves.
    if not alignments.with_name(f"{alignments.name}.bai").exists():
        raise ContentError(f"{alignments.name} has no index")
    run = subprocess.run(["samtools", "idxstats", alignments], capture_output=True, text=True)
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    if run.returncode or not rows or rows[-1][0] != "*":
        raise ContentError(f"{alignments.name} has an index that cannot be read")
    return sum(int(mapped) + int(unmapped) for _, _, mapped, unmapped in rows)
