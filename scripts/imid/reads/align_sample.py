"""One sample from FASTQ to alignments and counts.

Reads are checked, trimmed and aligned as they come; what the aligner writes is counted, by gene and
by strand, and sorted as it comes, and stored only once, sorted. No program of the row is believed
when it says that it went well: what each got is held against what the one before it gave. What is
published appears only when all of it is complete.
"""

import argparse
import shutil
import sys
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path

from imid.reads.alignment_options import add_alignment_options, alignment_command
from imid.reads.balance import (
    aligned_figures,
    counted_figures,
    fed_figures,
    refuse_imbalance,
    room_in,
    stored_figures,
    trimmed_figures,
    write_balance,
)
from imid.reads.findings import (
    AUDIT,
    FATES,
    READS_SEEN,
    STRANDEDNESS,
    StreamTally,
    read_line_strandedness,
)
from imid.reads.origins import ALIGNMENTS, COUNTS, REPORTS, PlannedOrigin, write_origin
from imid.reads.strandedness import write_finding
from imid.reads.trimming import trim_command
from imid.shared.checksums import READS
from imid.shared.count_table import read_count_table
from imid.shared.files import written
from imid.shared.json_files import from_json, read_json
from imid.shared.problems import DISK_FULL, ContentError, InputError, reported
from imid.shared.steps import step
from imid.shared.streams import Pipe, PipeEnd, pour

TALLY = "tally.json"
UNFINISHED = ".unfinished."
KEPT = "failed"


def say(message: str) -> None:
    """Tell the log what is being done, and when it began."""
    print(f"{datetime.now():%H:%M:%S} {message}", file=sys.stderr, flush=True)


def feeder(arguments: argparse.Namespace, into: list[PipeEnd], reports: Path) -> list[object]:
    """Put together the command that checks the reads and hands them on."""
    lanes = ["--first", *arguments.first, "--second", *arguments.second]
    told = ["--checksums", reports / READS, "--seen", reports / READS_SEEN]
    return [*step("imid.reads.feed_reads"), *lanes, "--into", *into, *told]


def counter(arguments: argparse.Namespace, scratch: Path, finished: Path) -> list[object]:
    """Put together the command that counts what it reads on its standard input."""
    options = ["--order", "name", "--stranded", arguments.strandedness, "--mode", "union"]
    options += ["--counts_output", finished / COUNTS]
    if arguments.count_engine == "htseq":
        ignored = ["--secondary-alignments", "ignore", "--supplementary-alignments", "ignore"]
        return ["htseq-count", "--quiet", *options, *ignored, "-", arguments.annotation]
    evidence = ["--audit-evidence", arguments.output / "audit.bam"]
    evidence += ["--audit-report", finished / REPORTS / AUDIT]
    tally = ["--tally", scratch / TALLY, "--exons", arguments.exons]
    return [
        *step("imid.counting.count_reads"),
        *options,
        *evidence,
        *tally,
        "-",
        arguments.features,
    ]


def tally(arguments: argparse.Namespace, scratch: Path) -> list[object]:
    """Put together the command that counts records and strands, where our counter does not."""
    options = ["--exons", arguments.exons, "--output", scratch / TALLY]
    return [*step("imid.counting.tally_alignments"), *options]


def sorter(threads: int, scratch: Path, finished: Path) -> list[object]:
    """Put together the command that sorts by position, and indexes as it writes."""
    output = finished / ALIGNMENTS
    chunks = ["-T", scratch / "sort", "-m", "768M", "--threads", threads]
    index = ["--write-index", "-o", f"{output}##idx##{output}.bai"]
    # The default level costs four times as much (17 against 4 CPU s for a million pairs of 150
    # bases, more than all else beside the aligner) for files that are 15 % smaller.
    return ["samtools", "sort", "-l", "1", *chunks, *index, "-"]


def stream(arguments: argparse.Namespace, scratch: Path, finished: Path) -> None:
    """Let the reads pass from their files through all programs at once.

    Parameters
    ----------
    arguments : Namespace
        The command line.
    scratch : Path
        For what is not kept.
    finished : Path
        For what is.

    Raises
    ------
    InputError
        Where a program fails, or all stand still.
    """
    reports = finished / REPORTS
    mates = 2 if arguments.second else 1
    pipes = reads = [Pipe() for _ in range(mates)]
    feeders = [feeder(arguments, [pipe.into for pipe in reads], reports)]
    if arguments.trim:
        trimmed = [Pipe() for _ in range(mates)]
        inputs = [reads[0].standard_input(), *(pipe.out for pipe in reads[1:])]
        outputs = [pipe.into for pipe in trimmed]
        settings = (arguments.adapters, reports, arguments.threads)
        feeders.append(trim_command(inputs, outputs, *settings))
        pipes, reads = [*reads, *trimmed], trimmed
    if arguments.trim and arguments.second:
        relayed = [Pipe() for _ in range(mates)]
        ends = ["--sources", *(p.out for p in reads), "--targets", *(p.into for p in relayed)]
        feeders.append([*step("imid.reads.relay_mates"), *ends])
        pipes, reads = [*pipes, *relayed], relayed
    outlets = [pipe.out for pipe in reads]
    aligner = [alignment_command(arguments, outlets, scratch, arguments.strandedness)]
    if not arguments.aligner.writes_bam:
        aligner.append(["samtools", "view", "--uncompressed", "-"])
    readers = [
        counter(arguments, scratch, finished),
        sorter(arguments.threads, scratch, finished),
    ]
    if arguments.count_engine == "htseq":
        readers.append(tally(arguments, scratch))
    stall_seconds = arguments.stall_minutes * 60
    pour(aligner, readers, feeders=feeders, pipes=pipes, stall_seconds=stall_seconds)


def process(arguments: argparse.Namespace, scratch: Path, finished: Path) -> None:
    """Go from reads to alignments and counts.

    Parameters
    ----------
    arguments : Namespace
        The command line.
    scratch : Path
        For what is not kept.
    finished : Path
        For what is.

    Raises
    ------
    InputError
        Where reads, programs or their figures are not as they should be.
    """
    reports = finished / REPORTS
    reports.mkdir()
    say(f"aligning with {arguments.aligner.name}, counting and sorting")
    try:
        stream(arguments, scratch, finished)
    except InputError as error:
        told = [f"sample {arguments.sample}: {problem}" for problem in error.problems]
        raise InputError([*told, room_in(scratch, arguments.output)]) from error
    try:
        reconcile(arguments, scratch, finished)
    except InputError as error:
        # The alignments are whole, and took an hour.
        raise InputError([*error.problems, *keep(finished, arguments.output)]) from error


def reconcile(arguments: argparse.Namespace, scratch: Path, finished: Path) -> None:
    """Hold what all programs told against each other, and add what is to be known of a sample."""
    reports = finished / REPORTS
    counts = read_count_table(finished / COUNTS)
    strands = read_json(scratch / TALLY, StreamTally).strands
    write_finding(strands, arguments.strandedness, arguments.sample, reports / STRANDEDNESS)
    say("holding what each program told against what the others did")
    balance(arguments, counts, scratch, finished)
    for name in arguments.aligner.reports:
        shutil.move(scratch / name, reports / name)
    write_fates(counts, reports / FATES)
    put_header_above(finished / COUNTS)
    write_origin(arguments.origin, arguments.strandedness, finished)


def balance(
    arguments: argparse.Namespace, counts: dict[str, int], scratch: Path, finished: Path
) -> None:
    """Hold the figures of all programs against each other, and write them.

    Raises
    ------
    InputError
        Where they do not agree, or one cannot be read.
    """
    reports, paired = finished / REPORTS, bool(arguments.second)
    files = [*arguments.first, *arguments.second]
    try:
        figures = [
            *fed_figures(reports, paired),
            *(trimmed_figures(reports, paired) if arguments.trim else []),
            *aligned_figures(arguments.aligner, scratch, paired, arguments.trim),
            *counted_figures(scratch / TALLY, sum(counts.values()), paired),
            *stored_figures(scratch / TALLY, finished / ALIGNMENTS),
        ]
    except ContentError as error:
        lost = f"sample {arguments.sample}: {error}; nothing is published"
        raise InputError([lost, room_in(scratch, arguments.output)]) from error
    room = room_in(scratch, arguments.output)
    refuse_imbalance(arguments.sample, figures, files, room)
    write_balance(figures, reports / "balance.tsv")


def write_fates(counts: dict[str, int], output: Path) -> None:
    """Write how many fragments were assigned to a gene, and what became of the others."""
    fates = {"assigned": 0}
    for name, count in counts.items():
        fate = name if name.startswith("__") else "assigned"
        fates[fate] = fates.get(fate, 0) + count
    output.write_text("".join(f"{fate}\t{count}\n" for fate, count in fates.items()))


def put_header_above(path: Path) -> None:
    """Make htseq-count's output a table like the others."""
    with written(path) as temporary:
        temporary.write_text("gene_id\tcount\n" + path.read_text())


def strandedness_of(finding: str) -> str:
    """Read the strandedness that was found, or confirmed, for the sample's cell line."""
    return read_line_strandedness(Path(finding)).strandedness


def parse_options(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_alignment_options(parser)
    parser.add_argument("--trim", action="store_true", help="trim with fastp")
    parser.add_argument("--adapters", nargs="+", default=["illumina"], help="kit, none, sequences")
    parser.add_argument("--stall-minutes", type=float, default=60, help="until it is ended")
    parser.add_argument("--count-engine", choices=["fast", "htseq"], required=True)
    parser.add_argument(
        "--features", type=Path, required=True, help="made by imid.counting.features"
    )
    parser.add_argument("--strandedness", type=strandedness_of, required=True, help="JSON")
    origin = partial(from_json, shape=PlannedOrigin, name="--origin")
    parser.add_argument("--origin", type=origin, required=True, help="to write down, JSON")
    parser.add_argument("--output", type=Path, required=True, help="folder of the sample")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Write a sample's alignments, counts and reports to its folder."""
    arguments = parse_options(argv)
    arguments.output.mkdir(parents=True, exist_ok=True)
    # What a job left that was killed; no two jobs write to one folder.
    for left in arguments.output.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left)
    with (
        tempfile.TemporaryDirectory(dir=arguments.scratch, prefix="align.") as scratch,
        tempfile.TemporaryDirectory(dir=arguments.output, prefix=UNFINISHED) as finished,
    ):
        try:
            process(arguments, Path(scratch), Path(finished))
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
            full = (
                f"sample {arguments.sample}: no space is left on the device; nothing is published"
            )
            raise InputError([full, room_in(Path(scratch), arguments.output)]) from error
        shutil.rmtree(arguments.output / KEPT, ignore_errors=True)
        for made in Path(finished).iterdir():
            publish(made, arguments.output / made.name)
    say("done")


def keep(finished: Path, output: Path) -> list[str]:
    """Keep what was made of a sample that fails after its alignments; say where it is.

    The name is none that the workflow takes for finished.
    """
    shutil.rmtree(output / KEPT, ignore_errors=True)
    (output / KEPT).mkdir()
    for made in finished.iterdir():
        made.replace(output / KEPT / made.name)
    return [f"what was made of it is kept in {output / KEPT}"]


def publish(made: Path, target: Path) -> None:
    """Move a finished file or folder to its place, over what an earlier run left there."""
    if target.is_dir():
        shutil.rmtree(target)
    made.replace(target)


if __name__ == "__main__":
    reported(main)
