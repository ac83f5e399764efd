"""The strandedness of a library, told from the strands that its first mates are of.

`imid.counting.strands` counts them.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from imid.reads.findings import SampleStrandedness
from imid.shared.json_files import write_json

# Fewer fragments on exons of one strand alone say too little.
ENOUGH = 200
# Share of the majority's strand: a stranded library has more than this on it, an unstranded
# one less than UNSTRANDED; what lies between is told but not refused.
STRANDED = 0.8
UNSTRANDED = 0.65
# Half of a library lies on more exons: on about a hundred even in a genome of two hundred genes.
FEW_EXONS = 50
# The first stretch of a sample without any fragment that is aligned.
NO_STRETCH = {"after": 0, "sense": 0, "antisense": 0, "exons": 0}


def kind_of(sense: int, antisense: int) -> str | None:
    """Tell the kind of a library.

    Parameters
    ----------
    sense, antisense : int
        Fragments whose first mate reads as the gene does, and against it.

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


def compare_strandedness(sense: int, antisense: int, configured: str) -> tuple[str, bool]:
    """Compare a strandedness with what the reads show.

    Parameters
    ----------
    sense, antisense : int
        Fragments whose first mate reads as the gene does, and against it.
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


def remark_on_few_exons(stretch: Mapping[str, int]) -> str:
    """Say what a stretch may tell of, other than its library.

    Parameters
    ----------
    stretch : mapping of str to int
        The first one of a sample, as `imid.counting.strands` counts it.

    Returns
    -------
    str
        To be added to what is said; empty where it lies on many exons, or is too short to tell.
    """
    exons = stretch["exons"]
    if exons >= FEW_EXONS or stretch["sense"] + stretch["antisense"] < ENOUGH:
        return ""
    return (
        f". Half of these fragments lie on {exons} exon{'s' if exons > 1 else ''} alone, as where"
        " reads are sorted by position, and these may be annotated on the wrong strand: if the"
        " reads were made from a sorted BAM, make them anew in another order (samtools collate,"
        " then samtools fastq)"
    )


def first_changed(later: Sequence[dict[str, int]], configured: str) -> str | None:
    """Say where the first later stretch is that a setting would count wrongly; None if none is.

    Parameters
    ----------
    later : sequence of dict
        Fragments ``sense`` and ``antisense`` of each stretch, ``after`` so many others.
    configured : {"no", "yes", "reverse"}
        As for `compare_strandedness`.

    Returns
    -------
    str or None
    """
    for stretch in later:
        message, wrong = compare_strandedness(stretch["sense"], stretch["antisense"], configured)
        if wrong:
            return (
                f"after {stretch['after']} fragments {message}; have mates of a lane changed"
                " places?"
            )
    return None


def write_finding(
    stretches: Sequence[dict[str, int]], configured: str, sample: str, output: Path
) -> None:
    """Write what a sample's reads show of their strand.

    It stops nothing: the step `cross_check` refuses a sample that was counted wrongly, once its
    alignments are kept.

    Parameters
    ----------
    stretches : sequence of dict
        As for `first_changed`; the first one tells the strandedness.
    configured : {"no", "yes", "reverse"}
        That which the sample is counted with.
    sample : str
        Named in the message.
    output : Path
        The JSON to write: fragments on either strand, what they say, and whether that is wrong.
    """
    first, later = (stretches or [NO_STRETCH])[0], stretches[1:]
    sense, antisense = first["sense"], first["antisense"]
    message, wrong = compare_strandedness(sense, antisense, configured)
    if wrong:
        message += remark_on_few_exons(first)
    elif changed := first_changed(later, configured):
        message, wrong = f"{message}; but {changed}", True
    if wrong:
        print(f"sample {sample}: {message}", file=sys.stderr)
    write_json(SampleStrandedness(sense, antisense, message, wrong), output)
