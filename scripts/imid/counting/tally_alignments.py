"""Count what is in a stream of alignments, before anybody counts it in genes."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from imid.counting.bam import FIRST, NOT_PRIMARY, PAIRED, Records, read_header, read_records
from imid.counting.fragments import Fragments, paired_fragments, single_fragments
from imid.shared.bgzf import read_blocks
from imid.shared.files import written
from imid.shared.problems import reported

READ_AHEAD = 1 << 20


def tally(records: Records, fragments: Fragments) -> Counter:
    """Count records, names and mates.

    Parameters
    ----------
    records : Records
        All of a stretch.
    fragments : Fragments
        What was made of them.

    Returns
    -------
    Counter
        ``records``; ``names`` of primary records, those that follow each other being one;
        ``first`` and ``second`` mates, single reads being first ones; ``fragments``, as HTSeq
        makes them of those: mates that contradict each other are counted apart.
    """
    primary = ~records.has(NOT_PRIMARY)
    first = int((primary & (records.has(FIRST) | ~records.has(PAIRED))).sum())
    return Counter(
        records=len(records),
        names=fragments.names,
        first=first,
        second=int(primary.sum()) - first,
        fragments=len(fragments.first),
    )


def write_tally(total: Counter, output: Path) -> None:
    """Write what was counted, as JSON."""
    with written(output) as temporary:
        temporary.write_text(json.dumps(total))


def main(argv: list[str] | None = None) -> None:
    """Count a name-collated BAM on the standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)
    with open(sys.stdin.fileno(), "rb", READ_AHEAD, closefd=False) as stream:
        blocks = read_blocks(stream, "alignments")
        header, rest = read_header(blocks)
        group = paired_fragments if header.paired else single_fragments
        total: Counter[str] = Counter()
        for records in read_records(blocks, rest, len(header.contigs), header.paired):
            total.update(tally(records, group(records)))
    write_tally(total, arguments.output)


if __name__ == "__main__":
    reported(main)
