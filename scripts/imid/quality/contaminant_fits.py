"""Which contaminant a fragment is of, from all places where its reads were aligned to one.

A fragment fits a contaminant where nearly all of its bases are found there, by our own count: a
part, as of a chimera of which one half happens to be conserved, or a similar sequence, as of a
gene that man and mouse have, is not enough. Of several contaminants the best counts; where two are
as good as each other, neither is told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
import pysam

# Of a fragment's bases, as many at least are those of the contaminant; and not fewer than so many.
IDENTICAL, ENOUGH_BASES = 0.95, 40
# Above it (the score of DUST) a read says next to nothing of where it is from; a tail of A or G of
# a third of a read makes 4, random bases 1, a genome as rich in A and T as a mycoplasma's 2.
DUST = 5.0
CODES = np.full(256, 4, np.uint8)
CODES[list(b"ACGTacgt")] = [0, 1, 2, 3] * 2
# A sequence of the index is called by its contaminant and a number.
SEPARATOR = "."
# Operations of a CIGAR that lay bases of a read on bases of a sequence.
ALIGNED = (pysam.CMATCH, pysam.CEQUAL, pysam.CDIFF)


def is_simple(read: str) -> bool:
    """Tell whether a read is of low complexity, as a tail of one base is, by its triplets."""
    codes = CODES[np.frombuffer(read.encode(), np.uint8)].astype(np.int64)
    triplets = 25 * codes[:-2] + 5 * codes[1:-1] + codes[2:]
    if len(triplets) < 2:
        return True
    seen = np.bincount(triplets)
    return bool((seen * (seen - 1)).sum() / 2 / (len(triplets) - 1) > DUST)


def identical_bases(record: pysam.AlignedSegment, reference: pysam.FastaFile) -> int:
    """Count the bases of an alignment that are those of the sequence it is aligned to."""
    read, at = record.query_sequence or "", 0
    place, same = record.reference_start, 0
    for operation, length in record.cigartuples or []:
        if operation in ALIGNED:
            there = reference.fetch(record.reference_name, place, place + length).upper()
            here = read[at : at + length].upper()
            same += sum(a == b != "N" for a, b in zip(here, there, strict=False))
        at += length * (operation in (*ALIGNED, pysam.CINS, pysam.CSOFT_CLIP))
        place += length * (operation in (*ALIGNED, pysam.CDEL, pysam.CREF_SKIP))
    return same


def fitting_contaminants(
    records: Iterable[pysam.AlignedSegment], reference: pysam.FastaFile, bases: dict[str, int]
) -> dict[str, list[str]]:
    """Find which contaminants fragments fit.

    Parameters
    ----------
    records : iterable of AlignedSegment
        All alignments of all fragments; unaligned reads are passed over.
    reference : FastaFile
        The contaminants' sequences.
    bases : dict of str to int
        How many each fragment has, by its name.

    Returns
    -------
    dict of str to list of str
        The best, sorted, by the name of a fragment; of one that fits none nothing.
    """
    best: defaultdict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for record in records:
        if not record.is_unmapped:
            contaminant = record.reference_name.rpartition(SEPARATOR)[0]
            key = contaminant, record.is_read2
            found = best[record.query_name]
            found[key] = max(found[key], identical_bases(record, reference))
    fits = {}
    for fragment, found in best.items():
        of: Counter[str] = Counter()
        for (contaminant, _), same in found.items():
            of[contaminant] += same
        most = max(of.values())
        if most >= max(ENOUGH_BASES, IDENTICAL * bases[fragment]):
            fits[fragment] = sorted(name for name, same in of.items() if same == most)
    return fits
