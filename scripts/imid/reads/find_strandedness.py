"""Find a cell line's strandedness from its first reads, and hold the setting against it.

The first reads of one sample are aligned before anything else of the line begins.
"""

import argparse
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from imid.counting.strands import FRAGMENTS, tally_strands
from imid.reads.alignment_options import add_alignment_options, alignment_command
from imid.reads.fastq_file import FastqError, FastqFile
from imid.reads.fastq_lane import Lane, read_lane
from imid.reads.findings import LineStrandedness
from imid.reads.strandedness import (
    ENOUGH,
    NO_STRETCH,
    compare_strandedness,
    kind_of,
    remark_on_few_exons,
)
from imid.shared.json_files import write_json
from imid.shared.problems import InputError, reported

AUTO = "auto"


def write_heads(lanes: list[tuple[Path, ...]], outputs: list[Path], fragments: int) -> None:
    """Write the first reads of a sample, as they are fed to the aligner.

    Parameters
    ----------
    lanes : list of tuple of Path
        The FASTQ files of each lane's mates.
    outputs : list of Path
        A plain FASTQ for each mate.
    fragments : int
        How many to write at least, if there are as many.

    Raises
    ------
    InputError
        At the first record that is not as it should be.
    """
    left, last_name = fragments, b""
    with ExitStack() as stack:
        heads = [stack.enter_context(output.open("wb")) for output in outputs]
        for paths in lanes:
            lane = Lane(list(paths))
            try:
                files = list(map(FastqFile, paths))
                for block in read_lane(files, lane, max(left, 0), last_name):
                    for mate, head in enumerate(heads):
                        head.write(block.text(mate))
                    last_name = block.names[-1]
            except FastqError as error:
                raise InputError([f"'{error.path}' {error}"]) from error
            left -= lane.records


def align(arguments: argparse.Namespace, scratch: Path) -> Path:
    """Align the first reads; give the alignments, name-collated."""
    mates = [arguments.first, arguments.second] if arguments.second else [arguments.first]
    heads = [scratch / f"head_{number}.fastq" for number in range(1, len(mates) + 1)]
    write_heads(list(zip(*mates, strict=True)), heads, FRAGMENTS)
    command = alignment_command(arguments, heads, scratch)
    alignments = scratch / "head.alignments"
    with alignments.open("wb") as output:
        if status := subprocess.run(command, stdout=output).returncode:
            raise InputError([f"{command[0]} ended with status {status}; its messages are above"])
    return alignments


def tally_head(arguments: argparse.Namespace) -> dict[str, int]:
    """Count the first fragments that read as the gene does, and those that read against it."""
    with tempfile.TemporaryDirectory(dir=arguments.scratch, prefix="strandedness.") as scratch:
        stretches = tally_strands(align(arguments, Path(scratch)), arguments.exons)
    return stretches[0] if stretches else NO_STRETCH


def settle_strandedness(sense: int, antisense: int, configured: str) -> str:
    """Settle a line's strandedness: the setting, or what the reads show.

    Parameters
    ----------
    sense, antisense : int
        Fragments, as given by `tally_head`.
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
            raise InputError(
                [f"{compare_strandedness(sense, antisense, AUTO)[0]}: {cause}; {advice}"]
            )
        return found
    message, wrong = compare_strandedness(sense, antisense, configured)
    if wrong:
        right = f"set it to '{found}', or to auto" if found else "look into the library"
        raise InputError([f"{message}; {right}"])
    return configured


def main(argv: list[str] | None = None) -> None:
    """Write a line's strandedness; stop where the setting is wrong, or nothing can be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_alignment_options(parser)
    parser.add_argument("--cell-line", required=True)
    parser.add_argument("--configured", choices=["no", "yes", "reverse", AUTO], required=True)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    first = tally_head(arguments)
    sense, antisense = first["sense"], first["antisense"]
    try:
        strandedness = settle_strandedness(sense, antisense, arguments.configured)
    except InputError as error:
        raise InputError(
            f"config, strandedness: cell line {arguments.cell_line}, first reads of sample"
            f" {arguments.sample}: {problem}{remark_on_few_exons(first)}"
            for problem in error.problems
        ) from error
    message = compare_strandedness(sense, antisense, strandedness)[0]
    if arguments.configured == AUTO:
        # Nothing contradicts them here, and so it is told though it stops nothing.
        remark = remark_on_few_exons(first)
        message = f"found in the first reads of {arguments.sample} (auto): {message}{remark}"
    print(f"{arguments.cell_line}: {strandedness}; {message}", file=sys.stderr)
    finding = LineStrandedness(
        cell_line=arguments.cell_line,
        strandedness=strandedness,
        configured=arguments.configured,
        sample=arguments.sample,
        sense=sense,
        antisense=antisense,
        message=message,
    )
    write_json(finding, arguments.output)


if __name__ == "__main__":
    reported(main)
