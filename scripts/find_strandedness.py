"""Find a cell line's strandedness from its first reads, and hold the setting against it.

The first reads of one sample are aligned before anything else of the line begins.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import zlib
from itertools import islice
from pathlib import Path

import pysam

import aligners
from check_strandedness import ENOUGH, judge, kind_of, read_exons, tally
from files import written
from problems import InputError, reported

FRAGMENTS = 200_000
LINES = 4
AUTO = "auto"


def write_head(lanes: list[Path], output: Path, reads: int) -> None:
    """Write the first reads of a sample's lanes to one file.

    Parameters
    ----------
    lanes : list of Path
        FASTQ files of one mate, plain or gzipped.
    output : Path
        A plain FASTQ.
    reads : int
        How many to write, if there are as many.

    Raises
    ------
    InputError
        If a file cannot be read as far as that.
    """
    lines_left = LINES * reads
    with output.open("wb") as head:
        for lane in lanes:
            opened = gzip.open if lane.suffix == ".gz" else open
            try:
                with opened(lane, "rb") as file:
                    for line in islice(file, lines_left):
                        head.write(line.rstrip(b"\r\n") + b"\n")
                        lines_left -= 1
            except (OSError, EOFError, zlib.error) as error:
                raise InputError([f"{lane}: cannot be read: {error}; copy it again"]) from error


def align(arguments: argparse.Namespace, scratch: Path) -> Path:
    """Align the first reads; give the alignments, name-collated."""
    mates = []
    for number, lanes in enumerate([arguments.first, arguments.second], start=1):
        if lanes:
            mates.append([scratch / f"head_{number}.fastq"])
            write_head(lanes, mates[-1][0], FRAGMENTS)
    reads = (mates[0], mates[1] if len(mates) > 1 else [])
    shared = {"sample": arguments.sample, "threads": arguments.threads, "scratch": scratch}
    if arguments.aligner == "star":
        command = aligners.star(arguments.index, *reads, **shared, annotation=arguments.annotation)
    else:
        sites = {"splice_sites": arguments.splice_sites, "strandedness": "no"}
        command = aligners.hisat2(arguments.index, *reads, **shared, **sites)
    alignments = scratch / "head.alignments"
    with alignments.open("wb") as output:
        if status := subprocess.run(command, stdout=output).returncode:
            raise InputError([f"{command[0]} ended with status {status}; its messages are above"])
    return alignments


def tally_head(arguments: argparse.Namespace) -> dict[str, int]:
    """Count the first fragments by the strand that they are of, as `tally` does."""
    exons = read_exons(arguments.exons)
    with tempfile.TemporaryDirectory(dir=arguments.scratch, prefix="strandedness.") as scratch:
        alignments = align(arguments, Path(scratch))
        with pysam.AlignmentFile(str(alignments)) as reads:
            return tally(reads, exons)


def settle(sense: int, antisense: int, configured: str) -> str:
    """Settle a line's strandedness: the setting, or what the reads show.

    Parameters
    ----------
    sense, antisense : int
        Fragments, as given by `tally`.
    configured : {"no", "yes", "reverse", "auto"}
        The setting.

    Returns
    -------
    {"no", "yes", "reverse"}

    Raises
    ------
    InputError
        If the setting is wrong, or the reads do not tell where they are to.
    """
    found = kind_of(sense, antisense)
    if configured == AUTO:
        if found is None:
            few = sense + antisense < ENOUGH
            advice = "set it to no, yes or reverse, as the kit's manual has it"
            cause = "so few reads do not tell it" if few else "this is no kind of library"
            raise InputError([f"{judge(sense, antisense, AUTO)[0]}: {cause}; {advice}"])
        return found
    message, wrong = judge(sense, antisense, configured)
    if wrong:
        right = f"set it to '{found}', or to auto" if found else "look into the library"
        raise InputError([f"{message}; {right}"])
    return configured


def main(argv: list[str] | None = None) -> None:
    """Write a line's strandedness; stop where the setting is wrong, or nothing can be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell-line", required=True)
    parser.add_argument("--sample", required=True, help="whose reads these are")
    parser.add_argument("--first", nargs="+", type=Path, required=True, help="first mates by lane")
    parser.add_argument("--second", nargs="*", default=[], type=Path, help="second mates by lane")
    parser.add_argument("--aligner", choices=["star", "hisat2"], required=True)
    parser.add_argument("--index", type=Path, required=True, help="its folder, or first file")
    parser.add_argument("--annotation", type=Path, required=True, help="GTF, not compressed")
    parser.add_argument("--splice-sites", type=Path, required=True, help="known ones, for HISAT2")
    parser.add_argument("--exons", type=Path, required=True, help="BED of merged exons")
    parser.add_argument("--configured", choices=["no", "yes", "reverse", AUTO], required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for large files")
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    counts = tally_head(arguments)
    try:
        strandedness = settle(**counts, configured=arguments.configured)
    except InputError as error:
        raise InputError(
            f"config, strandedness: cell line {arguments.cell_line}, first reads of sample"
            f" {arguments.sample}: {problem}"
            for problem in error.problems
        ) from error
    message = judge(**counts, configured=strandedness)[0]
    if arguments.configured == AUTO:
        message = f"found in the first reads of {arguments.sample} (auto): {message}"
    print(f"{arguments.cell_line}: {strandedness}; {message}", file=sys.stderr)
    finding = {
        "cell_line": arguments.cell_line,
        "strandedness": strandedness,
        "configured": arguments.configured,
        "sample": arguments.sample,
        **counts,
        "message": message,
    }
    with written(arguments.output) as temporary:
        temporary.write_text(json.dumps(finding, indent=2) + "\n")


if __name__ == "__main__":
    reported(main)
