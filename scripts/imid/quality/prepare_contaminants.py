"""Put the contaminants together, for one index of them all.

The sequences of each are joined, with N between them: an aligner such as STAR gives each sequence
room of its own, however short, and assemblies have thousands. So that an index with an annotation
can be built, each is one exon.
"""

import argparse
from pathlib import Path
from typing import BinaryIO

from imid.quality.contaminant_fits import SEPARATOR
from imid.reads.prepare_genome import index
from imid.shared.files import written
from imid.shared.problems import ContentError, InputError, reported
from imid.userfiles.check_content import read_content
from imid.userfiles.fasta_rules import FastaRules

# Longer than any read, and longer sequences than BAM can hold are none.
BETWEEN = b"N" * 1000
LONGEST = 1_000_000_000


class JoinedSequences:
    """Writes the sequences of contaminants as few long ones.

    Attributes
    ----------
    lengths : dict of str to int
        Of what was written, by name.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.lengths: dict[str, int] = {}

    def add(self, name: str, fasta: Path) -> None:
        """Add a contaminant; `InputError` where its file is no FASTA any more."""
        rules, number = FastaRules(), 1
        now = self._begin(name, number)
        rest = b""
        try:
            for block in read_content(fasta, whole=True):
                rules.feed(block)
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    if line.startswith(b">") and self.lengths[now] > LONGEST:
                        now = self._begin(name, number := number + 1)
                    self._line(now, line)
            self._line(now, rest)
            rules.end()
        except ContentError as error:
            raise InputError([f"{fasta} {error}"]) from error
        if rules.problems:
            raise InputError(f"{fasta} {problem}" for problem in rules.problems)

    def _begin(self, name: str, number: int) -> str:
        now = f"{name}{SEPARATOR}{number}"
        self._file.write(f"{chr(10) if self.lengths else ''}>{now}\n".encode())
        self.lengths[now] = 0
        return now

    def _line(self, now: str, line: bytes) -> None:
        bases = line.rstrip(b"\r")
        if bases.startswith(b">"):
            bases = BETWEEN if self.lengths[now] else b""
        self.lengths[now] += len(bases)
        self._file.write(bases)


def named_file(text: str) -> tuple[str, Path]:
    """Read ``mycoplasma=mycoplasma.fa.gz``."""
    name, _, file = text.partition("=")
    return name, Path(file)


def main(argv: list[str] | None = None) -> None:
    """Write sequences, their index, exons, and known splice sites, of which there are none."""
    parser = argparse.ArgumentParser(description=__doc__)
    given = {"nargs": "+", "type": named_file, "required": True}
    parser.add_argument("--contaminants", **given, help="NAME=FASTA, plain or gzipped")
    parser.add_argument("--output", type=Path, required=True, help="FASTA to write, and its .fai")
    parser.add_argument("--annotation", type=Path, required=True, help="GTF to write")
    parser.add_argument("--splice-sites", type=Path, required=True, help="empty, to write")
    arguments = parser.parse_args(argv)

    with written(arguments.output) as temporary, written(f"{arguments.output}.fai") as fai:
        with temporary.open("wb") as file:
            joined = JoinedSequences(file)
            for name, fasta in arguments.contaminants:
                joined.add(name, fasta)
            file.write(b"\n")
        index(temporary)
        Path(f"{temporary}.fai").rename(fai)
    with written(arguments.annotation) as temporary, temporary.open("w") as lines:
        for name, length in joined.lengths.items():
            ids = f'gene_id "{name}"; transcript_id "{name}";'
            lines.write(f"{name}\tjoined\texon\t1\t{length}\t.\t+\t.\t{ids}\n")
    with written(arguments.splice_sites) as temporary:
        temporary.touch()


if __name__ == "__main__":
    reported(main)
