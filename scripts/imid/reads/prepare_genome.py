"""Decompress a genome, hold it against the rules on the way, and index it."""

import argparse
import subprocess
from pathlib import Path

from imid.shared.files import written
from imid.shared.problems import InputError, reported
from imid.userfiles.check_content import ContentError, read_content
from imid.userfiles.fasta_rules import FastaRules


def write_plain_fasta(fasta: Path, output: Path) -> None:
    """Write a FASTA as plain text with plain line ends.

    Parameters
    ----------
    fasta : Path
        Plain or gzipped.
    output : Path
        The file to write.

    Raises
    ------
    InputError
        With all that is wrong with it.
    """
    rules = FastaRules()
    try:
        with output.open("wb") as file:
            for block in read_content(fasta, whole=True):
                rules.feed(block)
                file.write(block.replace(b"\r", b""))
        rules.end()
    except ContentError as error:
        raise InputError([f"{fasta} {error}"]) from error
    if rules.problems:
        raise InputError(f"{fasta} {problem}" for problem in rules.problems)


def index(fasta: Path) -> None:
    """Let samtools index a FASTA.

    Parameters
    ----------
    fasta : Path
        The file; its index lies beside it.

    Raises
    ------
    InputError
        If samtools does not.
    """
    run = subprocess.run(["samtools", "faidx", fasta], capture_output=True, text=True)
    if run.returncode or not Path(f"{fasta}.fai").exists():
        raise InputError(
            [f"the genome cannot be indexed; samtools faidx says: {' '.join(run.stderr.split())}"]
        )


def main(argv: list[str] | None = None) -> None:
    """Write genome and index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fasta", type=Path, required=True, help="genome, plain or gzipped")
    parser.add_argument("--output", type=Path, required=True, help="FASTA to write, and its .fai")
    arguments = parser.parse_args(argv)
    with written(arguments.output) as temporary, written(f"{arguments.output}.fai") as fai:
        write_plain_fasta(arguments.fasta, temporary)
        index(temporary)
        Path(f"{temporary}.fai").rename(fai)


if __name__ == "__main__":
    reported(main)
