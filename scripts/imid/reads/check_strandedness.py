"""Hold a strandedness against the reads of a sample.

The first ones tell it. Of those that follow some are looked at: where the mates of a later lane
changed places and their names do not say so, its reads are of the other strandedness.
"""

import argparse
import json
import sys
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import pysam

from imid.shared.files import written
from imid.shared.problems import InputError, reported

FRAGMENTS = 200_000
# Of the fragments that follow one of so many is looked at: these tell it as well.
LATER = 20
# Fewer fragments on exons of one strand alone say too little.
ENOUGH = 200
# Share of the majority's strand: a stranded library has more than this on it, an unstranded
# one less than UNSTRANDED; what lies between is told but not refused.
STRANDED = 0.8
UNSTRANDED = 0.65


def read_exons(bed: str | Path) -> dict[tuple[str, str], array]:
    """Read the annotation's exons.

    Parameters
    ----------
    bed : str or Path
        Merged exons of each strand, sorted.

    Returns
    -------
    dict
        For each contig and strand the bounds as one sorted array: start, end, start, end ...
    """
    exons = defaultdict(lambda: array("q"))
    with Path(bed).open(encoding="utf-8") as lines:
        for line in lines:
            contig, start, end, _, _, strand = line.rstrip("\n").split("\t")
            exons[contig, strand].extend([int(start), int(end)])
    return dict(exons)


def within(bounds: Sequence[int] | None, position: int) -> bool:
    """Tell whether a position lies in one of sorted, disjoint, half-open intervals."""
    return bounds is not None and bisect_right(bounds, position) % 2 == 1


def tally(alignments: pysam.AlignmentFile, exons: dict) -> dict[str, int]:
    """Count the first fragments by the strand that they are of.

    Parameters
    ----------
    alignments : pysam.AlignmentFile
        A name-collated BAM, read from its beginning.
    exons : dict
        As given by `read_exons`.

    Returns
    -------
    dict
        ``sense``: the first mate reads as the gene does (strandedness yes); ``antisense``: it
        reads against it (reverse).
    """
    return tally_fragments(islice(first_mates(alignments), FRAGMENTS), exons)


def tally_later(alignments: pysam.AlignmentFile, exons: dict) -> Iterator[dict[str, int]]:
    """Count some of the fragments that follow, as many of each stretch as tell its strandedness.

    Parameters
    ----------
    alignments, exons
        As for `tally`, which read the first fragments.

    Yields
    ------
    dict
        As given by `tally`, of each further `FRAGMENTS`.
    """
    mates = first_mates(alignments)
    for mate in mates:
        rest = islice(mates, LATER - 1, FRAGMENTS - 1, LATER)
        yield tally_fragments(chain([mate], rest), exons)


def first_mates(alignments: pysam.AlignmentFile) -> Iterator[pysam.AlignedSegment]:
    """Give the primary alignments of first mates and of single reads."""
    for read in alignments:
        if not (read.is_unmapped or read.is_secondary or read.is_supplementary or read.is_read2):
            yield read


def tally_fragments(mates: Iterator[pysam.AlignedSegment], exons: dict) -> dict[str, int]:
    """Count fragments whose first mate lies on one strand's exons alone; see `tally`."""
    counts = {"sense": 0, "antisense": 0}
    for read in mates:
        # The middle base that is aligned, which in a spliced read is not the middle of its span.
        positions = read.get_reference_positions()
        middle = positions[len(positions) // 2]
        forward, backward = (
            within(exons.get((read.reference_name, strand)), middle) for strand in "+-"
        )
        if forward != backward:
            counts["sense" if backward == read.is_reverse else "antisense"] += 1
    return counts


def kind_of(sense: int, antisense: int) -> str | None:
    """Tell the kind of a library.

    Parameters
    ----------
    sense, antisense : int
        Fragments, as given by `tally`.

    Returns
    -------
    {"no", "yes", "reverse"} or None
        None where too few tell, or they are neither of one strand nor of both alike.
    """
    total = sense + antisense
    if total < ENOUGH:
        return None
    share = max(sense, antisense) / total
    if share > STRANDED:
        return "yes" if sense > antisense else "reverse"
    return "no" if share < UNSTRANDED else None


def judge(sense: int, antisense: int, configured: str) -> tuple[str, bool]:
    """Compare a strandedness with what the reads show.

    Parameters
    ----------
    sense, antisense : int
        Fragments, as given by `tally`.
    configured : {"no", "yes", "reverse", "auto"}
        That which counting goes by, or would.

    Returns
    -------
    tuple of str and bool
        What to say, and whether counting with this setting would be wrong.
    """
    total = sense + antisense
    if total < ENOUGH:
        return f"only {total} fragments lie on the exons of one strand: too few to tell", False
    shown = (
        f"of {total} fragments {sense / total:.1%} read sense, {antisense / total:.1%} antisense"
    )
    kind = kind_of(sense, antisense)
    if kind is None:
        message = f"{shown}: neither stranded nor unstranded; contaminated with genomic DNA?"
        majority = "yes" if sense > antisense else "reverse"
        return message, configured not in ("no", majority)
    lost = configured == "no" != kind
    return (
        f"{shown}: strandedness is '{kind}', "
        + ("as it is counted" if kind == configured else f"configured is '{configured}'")
        + (" (counted as configured; half of the information is lost)" if lost else ""),
        configured != kind and not lost,
    )


def first_changed(later: list[dict[str, int]], configured: str) -> str | None:
    """Say where the first later stretch is that a setting would count wrongly; None if none is.

    Parameters
    ----------
    later : list of dict
        As given by `tally_later`.
    configured : {"no", "yes", "reverse"}
        As for `judge`.

    Returns
    -------
    str or None
    """
    for number, counts in enumerate(later, start=1):
        message, wrong = judge(**counts, configured=configured)
        if wrong:
            return (
                f"after {number * FRAGMENTS} fragments {message}; have mates of a lane changed"
                " places?"
            )
    return None


def check_strandedness(
    alignments: Path, exons: Path, configured: str, sample: str, output: Path
) -> None:
    """Write what a sample's reads show of their strand.

    It stops nothing: the step `cross_check` refuses a sample that was counted wrongly, once its
    alignments are kept.

    Parameters
    ----------
    alignments : Path
        A name-collated BAM.
    exons : Path
        BED of merged exons.
    configured : {"no", "yes", "reverse"}
        That which the sample is counted with.
    sample : str
        Named in the message.
    output : Path
        The JSON to write: fragments on either strand, what they say, and whether that is wrong.
    """
    bounds = read_exons(exons)
    try:
        with pysam.AlignmentFile(str(alignments)) as reads:
            counts = tally(reads, bounds)
            later = list(tally_later(reads, bounds))
    except (OSError, ValueError) as error:
        raise InputError([f"sample {sample}: alignments cannot be read: {error}"]) from error
    message, wrong = judge(**counts, configured=configured)
    if not wrong and (changed := first_changed(later, configured)):
        message, wrong = f"{message}; but {changed}", True
    if wrong:
        print(f"sample {sample}: {message}", file=sys.stderr)
    with written(output) as temporary:
        finding = {**counts, "message": message, "wrong": wrong}
        temporary.write_text(json.dumps(finding, indent=2) + "\n")


def main(argv: list[str] | None = None) -> None:
    """Write what the reads show, and whether the setting contradicts it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alignments", type=Path, required=True, help="name-collated BAM")
    parser.add_argument("--exons", type=Path, required=True, help="BED of merged exons")
    parser.add_argument("--configured", choices=["no", "yes", "reverse"], required=True)
    parser.add_argument("--sample", required=True)
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    check_strandedness(**vars(parser.parse_args(argv)))


if __name__ == "__main__":
    reported(main)
