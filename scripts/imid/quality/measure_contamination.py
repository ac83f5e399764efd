"""Measure which share of a sample is of foreign sequences: those that the config names.

A sample of the fragments without a place in the genome is aligned to them.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import pysam

from imid.quality.contaminant_fits import fitting_contaminants, is_simple
from imid.quality.measured_sample import MeasuredSample
from imid.reads.aligner import load
from imid.reads.alignment_options import alignment_command
from imid.shared.bam_file import opened_bam
from imid.shared.count_table import read_count_table
from imid.shared.json_files import write_json
from imid.shared.paths import resource
from imid.shared.problems import InputError, reported
from imid.shared.rows import read_rows

# Of so many a share of one in ten thousand is known to a third.
FRAGMENTS = 100_000
# What each aligner is told so that it gives all places of a read, gives up on none, and looks for
# no introns: among reads of nothing in a small genome STAR takes 25 times as long to find none.
OPTIONS = resource("resources/contaminant_options.tsv")
UNALIGNED = "__not_aligned"
# Those with a figure of their own; of any other the largest share is the last figure.
FIGURE, KNOWN, OTHER = "contaminant_{}", ["mycoplasma", "rrna", "phix", "mouse"], "other"
# Of the sample's own kind: reads with too many places in the genome are of it, not of another's.
OWN = ["rrna"]


@dataclass
class Unaligned:
    """Fragments without a place in the genome, or those of them that were chosen.

    Attributes
    ----------
    reads : dict of str to list of (str, str)
        Bases and qualities of each mate, by the fragment's name.
    crowded : set of str
        Those that have a place, but too many of them, as STAR marks them.
    """

    reads: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    crowded: set[str] = field(default_factory=set)


def unaligned_fragments(alignments: Path, most: int) -> Unaligned:
    """Take a sample of the fragments that are not aligned, spread over the whole run.

    Parameters
    ----------
    alignments : Path
        A BAM, sorted by position, with its index: they stand at its end.
    most : int
        About as many, if there are more.

    Returns
    -------
    Unaligned
    """
    found = Unaligned()
    with opened_bam(alignments) as file:
        records = file.nocoordinate
        every = 0
        for record in file.fetch("*"):
            every = every or -(-records // ((2 if record.is_paired else 1) * most))
            name = record.query_name
            if record.is_secondary or crc32(name.encode()) % every:
                continue
            mates = found.reads.setdefault(name, [])
            # The first mate comes first, whatever the order in the file.
            mates.insert(0 if record.is_read1 else len(mates), _as_read(record))
            if record.has_tag("uT") and record.get_tag("uT") == "3":
                found.crowded.add(name)
    return found


def _as_read(record: pysam.AlignedSegment) -> tuple[str, str]:
    return record.query_sequence or "N", record.qual or "!"


def write_reads(reads: dict[str, list[tuple[str, str]]], outputs: Sequence[Path]) -> None:
    """Write fragments as a plain FASTQ for each mate."""
    for mate, output in enumerate(outputs):
        with output.open("w") as file:
            for name, mates in reads.items():
                file.write("@{}\n{}\n+\n{}\n".format(name, *mates[mate]))


def contaminant_options(aligner: str) -> list[str]:
    """Give the options by which an aligner gives all places of a read, not split at introns."""
    rows = read_rows(OPTIONS)
    return [word for row in rows if row["aligner"] == aligner for word in row["options"].split()]


def fits_of(
    reads: dict[str, list[tuple[str, str]]], arguments: argparse.Namespace, scratch: Path
) -> dict[str, list[str]]:
    """Align fragments to the contaminants; give those that each fits, as far as it fits any."""
    if not reads:
        return {}
    mates = max(map(len, reads.values()))
    files = [scratch / f"unaligned_{mate}.fastq" for mate in range(1, mates + 1)]
    write_reads({name: both for name, both in reads.items() if len(both) == mates}, files)
    options = contaminant_options(arguments.aligner.name)
    command = [*alignment_command(arguments, files, scratch), *options]
    output = scratch / "contaminants.alignments"
    with output.open("wb") as stream:
        if status := subprocess.run(list(map(str, command)), stdout=stream).returncode:
            raise InputError([f"{command[0]} ended with status {status}; its messages are above"])
    bases = {name: sum(len(read) for read, _ in both) for name, both in reads.items()}
    reference = pysam.FastaFile(str(arguments.fasta))
    with reference, pysam.AlignmentFile(str(output), check_sq=False) as file:
        return fitting_contaminants(file, reference, bases)


def shares_of(
    sample: str,
    names: Sequence[str],
    found: Unaligned,
    fits: dict[str, list[str]],
    counts: dict[str, int],
) -> MeasuredSample:
    """Make shares of all fragments of what a sample of the unaligned ones fits.

    Parameters
    ----------
    sample : str
        Its name.
    names : sequence of str
        The contaminants.
    found : Unaligned
        What was looked at.
    fits : dict of str to list of str
        The contaminants that fragments of it fit.
    counts : dict of str to int
        The sample's counts and counters.

    Returns
    -------
    MeasuredSample
        Of each contaminant, or of the largest of those without a figure of their own.
    """
    fragments = sum(counts.values())
    part = counts[UNALIGNED] / max(fragments, 1) / max(len(found.reads), 1)
    alone, ambiguous = Counter(), Counter()
    for fragment, fitting in fits.items():
        if len(fitting) > 1:
            ambiguous.update(fitting)
        elif fragment not in found.crowded or fitting[0] in OWN:
            alone.update(fitting)
    shares = {name: alone[name] * part for name in names}
    said = {name: f"{shares[name]:.3%} of all fragments" for name in names}
    for name, number in ambiguous.items():
        said[name] += f", and {number * part:.3%} that fit another contaminant as well"
    other = [name for name in names if name not in KNOWN]
    figures = {FIGURE.format(name): shares[name] for name in names if name in KNOWN}
    notes = {FIGURE.format(name): f"{name}: {said[name]}" for name in names if name in KNOWN}
    if other:
        most_first = sorted(other, key=lambda name: -shares[name])
        figures[FIGURE.format(OTHER)] = shares[most_first[0]]
        notes[FIGURE.format(OTHER)] = "; ".join(f"{name}: {said[name]}" for name in most_first)
    return MeasuredSample(sample=sample, figures=figures, notes=notes)


def main(argv: list[str] | None = None) -> None:
    """Write the shares of the contaminants in a sample."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True)
    parser.add_argument("--alignments", type=Path, required=True, help="BAM, with its index")
    parser.add_argument("--counts", type=Path, required=True, help="its table of counts")
    parser.add_argument("--contaminants", nargs="+", required=True, help="their names")
    parser.add_argument("--aligner", type=load, required=True)
    parser.add_argument("--index", type=Path, required=True, help="of the contaminants")
    parser.add_argument("--fasta", type=Path, required=True, help="what it was built from")
    parser.add_argument("--annotation", type=Path, required=True, help="GTF of it")
    parser.add_argument("--splice-sites", type=Path, required=True, help="known ones in it")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for large files")
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)

    found = unaligned_fragments(arguments.alignments, FRAGMENTS)
    telling = {
        name: mates
        for name, mates in found.reads.items()
        if not any(is_simple(read) for read, _ in mates)
    }
    simple = len(found.reads) - len(telling)
    print(f"of {len(found.reads)} fragments, {simple} are of low complexity", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=arguments.scratch, prefix="contamination.") as scratch:
        fits = fits_of(telling, arguments, Path(scratch))
    counts = read_count_table(arguments.counts)
    write_json(
        shares_of(arguments.sample, arguments.contaminants, found, fits, counts), arguments.output
    )


if __name__ == "__main__":
    reported(main)
