"""Opening alignments as a stream of BAM, whatever file they are in."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO, cast

from imid.counting.bam import read_header
from imid.shared.bgzf import END_OF_FILE, MAGIC, read_blocks
from imid.shared.problems import InputError

READ_AHEAD = 1 << 20


@contextmanager
def open_alignments(alignments: str, kind: str, order: str) -> Iterator[BinaryIO]:
    """Open alignments such that mates follow each other.

    Parameters
    ----------
    alignments : str
        A BAM, SAM or CRAM file; ``-`` for standard input, a SAM there only if `kind` says so.
    kind : str
        auto, bam or sam.
    order : str
        name, or pos where paired reads are sorted by position: samtools collates them then, as it
        does where the header says so.

    Yields
    ------
    binary file
        A BAM.

    Raises
    ------
    InputError
        Where it cannot be opened, or samtools fails.
    """
    if alignments == "-" and kind == "sam":
        with output_of(["samtools", "view", "-u", "-"]) as stream:
            yield stream
    elif alignments == "-":
        with open(sys.stdin.fileno(), "rb", READ_AHEAD, closefd=False) as stream:
            yield stream
    elif needs_collation(Path(alignments), order):
        with tempfile.TemporaryDirectory() as folder:
            command = ["samtools", "collate", "-u", "-O", alignments, f"{folder}/collated"]
            with output_of(command) as stream:
                yield stream
    else:
        with opened_file(Path(alignments)) as stream:
            yield stream


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file as BAM: as it is, or through samtools if it is not compressed as BAM is."""
    with BufferedReader(FileIO(path), READ_AHEAD) as stream:
        if stream.peek(1)[: len(MAGIC)] == MAGIC:
            yield stream
            return
    if not path.stat().st_size:
        raise InputError([f"{path}: the file is empty"])
    with output_of(["samtools", "view", "-u", str(path)]) as stream:
        yield stream


def needs_collation(path: Path, order: str) -> bool:
    """Tell whether a file has paired reads that are sorted by position, and is whole.

    samtools goes on where the end of a file is missing, and so that is looked at before.
    """
    with opened_file(path) as stream:
        header, _ = read_header(read_blocks(stream, str(path)))
        collates = header.paired and (order == "pos" or header.sorted_by_position)
        if collates and stream.seekable():
            stream.seek(-len(END_OF_FILE), 2)
            if stream.read() != END_OF_FILE:
                raise InputError([f"{path}: the end-of-file block is missing: it is truncated"])
    return collates


@contextmanager
def output_of(command: list[str]) -> Iterator[BinaryIO]:
    """Run a program and read its output; its failure is a problem of the input.

    Parameters
    ----------
    command : list of str
        The program and its arguments.

    Yields
    ------
    binary file
        What it writes.

    Raises
    ------
    InputError
        Where it fails, with what it said.
    """
    problems: list[str] = []
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, bufsize=READ_AHEAD) as child,
    ):
        output = cast(BinaryIO, child.stdout)
        try:
            yield output
            done = not output.read(1)
        except InputError as error:
            problems, done = error.problems, False
        output.close()
        # A program that was not read to its end is stopped by that, which is no failure.
        if child.wait() > 0 or (child.returncode and done):
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-3:]
            problems = [f"{' '.join(command)} failed: {'; '.join(last)}", *problems]
    if problems:
        raise InputError(problems)
