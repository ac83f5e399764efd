"""The options that steps have in common which align reads: all of a sample, or its first ones."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from imid.reads.aligner import Alignment, load


def add_alignment_options(parser: argparse.ArgumentParser) -> None:
    """Add what names a sample's reads, the aligner and what it takes of the reference."""
    parser.add_argument("--sample", required=True, help="whose reads these are")
    parser.add_argument("--first", nargs="+", type=Path, required=True, help="first mates by lane")
    parser.add_argument("--second", nargs="*", default=[], type=Path, help="second mates by lane")
    parser.add_argument("--aligner", type=load, required=True)
    parser.add_argument("--index", type=Path, required=True, help="its folder, or first file")
    parser.add_argument("--annotation", type=Path, required=True, help="GTF, not compressed")
    parser.add_argument("--splice-sites", type=Path, required=True, help="known ones")
    parser.add_argument("--exons", type=Path, required=True, help="BED, for the strandedness")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for large files")


def alignment_command(
    arguments: argparse.Namespace,
    reads: Sequence[object],
    scratch: Path,
    strandedness: str = "no",
) -> list[object]:
    """Put the aligner's command line together from a step's own.

    Parameters
    ----------
    arguments : Namespace
        With the options of `add_alignment_options`.
    reads : sequence of Path or PipeEnd
        What is aligned, one for each mate.
    scratch : Path
        A folder for the aligner's own files.
    strandedness : {"no", "yes", "reverse"}
        Of the library, where it is known.

    Returns
    -------
    list of str or PipeEnd
    """
    alignment = Alignment(
        index=arguments.index,
        first=reads[:1],
        second=reads[1:],
        sample=arguments.sample,
        threads=arguments.threads,
        scratch=scratch,
        annotation=arguments.annotation,
        splice_sites=arguments.splice_sites,
        strandedness=strandedness,
    )
    return arguments.aligner.command(alignment)
