"""Count what is in a stream of alignments, before anybody counts it in genes."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from imid.counting.bam import FIRST, NOT_PRIMARY, PAIRED, Records, read_header, read_records
from imid.counting.fragments import Fragments, paired_fragments, single_fragments
from imid.counting.strands import StrandTally
from imid.shared.bgzf import read_blocks
from imid.shared.files import written
from imid.shared.json_files import as_json
from imid.shared.problems import reported

READ_AHEAD = 1 << 20


class Tally:
    """Counts records, names and mates, and on which strand first mates lie.

    Parameters
    ----------
    strands : StrandTally, optional
        Adds up the strands, where they are asked for.

    Attributes
    ----------
    counted : Counter
        ``records``; ``names`` of primary records, those that follow each other being one;
        ``first`` and ``second`` mates, single reads being first ones; ``fragments``, as HTSeq
        makes them of those: mates that contradict each other are counted apart.
    """

    def __init__(self, strands: StrandTally | None = None) -> None:
        self.counted: Counter[str] = Counter()
        self._strands = strands

    def add(self, records: Records, fragments: Fragments) -> None:
        """Count all records of a stretch, and what was made of them."""
        primary = ~records.has(NOT_PRIMARY)
        first = int((primary & (records.has(FIRST) | ~records.has(PAIRED))).sum())
        self.counted.update(
            records=len(records),
            names=fragments.names,
            first=first,
            second=int(primary.sum()) - first,
            fragments=len(fragments.first),
        )
        if self._strands:
            self._strands.add(records)

    def write(self, output: Path) -> None:
        """Write what was counted as JSON, with the ``strands`` of each stretch if asked for."""
        strands = {"strands": self._strands.stretches} if self._strands else {}
        with written(output) as temporary:
            temporary.write_text(as_json({**self.counted, **strands}))


def main(argv: list[str] | None = None) -> None:
    """Count a name-collated BAM on the standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    parser.add_argument("--exons", type=Path, help="BED by strand: tell of which first mates are")
    arguments = parser.parse_args(argv)
    with open(sys.stdin.fileno(), "rb", READ_AHEAD, closefd=False) as stream:
        blocks = read_blocks(stream, "alignments")
        header, rest = read_header(blocks)
        group = paired_fragments if header.paired else single_fragments
        strands = StrandTally(arguments.exons, header.contigs) if arguments.exons else None
        tally = Tally(strands)
        for records in read_records(blocks, rest, len(header.contigs), header.paired):
            tally.add(records, group(records))
    tally.write(arguments.output)


if __name__ == "__main__":
    reported(main)
