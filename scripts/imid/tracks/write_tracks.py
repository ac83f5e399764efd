"""Write a sample's coverage by strand as bigWig, in fragments per million."""

import argparse
from contextlib import ExitStack
from pathlib import Path

from imid.reads.findings import read_line_strandedness
from imid.shared.bam_file import opened_bam
from imid.shared.count_table import read_count_table
from imid.shared.problems import reported
from imid.tracks.bigwig import written_bigwig
from imid.tracks.coverage import STRANDS, coverage

# The counters of fragments with one place in the genome; those of genes are, too.
PLACED = ["__no_feature", "__ambiguous"]


def fragments_in_use(counts: dict[str, int]) -> int:
    """Count the fragments with one place in the genome, in a gene or not.

    Parameters
    ----------
    counts : dict of str to int
        By gene and counter.
    """
    return sum(
        count for name, count in counts.items() if not name.startswith("__") or name in PLACED
    )


def write_tracks(alignments: Path, strandedness: str, fragments: int, output: Path) -> None:
    """Write one bigWig for each strand, or one for both.

    Parameters
    ----------
    alignments : Path
        A BAM, sorted by position.
    strandedness : {"no", "yes", "reverse"}
        Of the library.
    fragments : int
        How many are in use; values are per million of them.
    output : Path
        The folder to write to.
    """
    with opened_bam(alignments) as file:
        lengths = dict(zip(file.references, file.lengths, strict=True))
    scale = 1e6 / max(fragments, 1)
    with ExitStack() as stack:
        tracks = {
            strand: stack.enter_context(written_bigwig(output / f"{strand}.bw", lengths, scale))
            for strand in STRANDS[strandedness]
        }
        for strand, runs in coverage(alignments, strandedness):
            tracks[strand].add(runs)


def main(argv: list[str] | None = None) -> None:
    """Write the tracks of a sample to its folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alignments", type=Path, required=True, help="BAM, sorted by position")
    parser.add_argument("--counts", type=Path, required=True, help="its table of counts")
    parser.add_argument("--strandedness", type=Path, required=True, help="its line's, JSON")
    parser.add_argument("--output", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args(argv)

    fragments = fragments_in_use(read_count_table(arguments.counts))
    strandedness = read_line_strandedness(arguments.strandedness).strandedness
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_tracks(arguments.alignments, strandedness, fragments, arguments.output)


if __name__ == "__main__":
    reported(main)
