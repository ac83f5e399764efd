"""Genotypes of samples at the sites where some of them differ from the reference.

A site is called in a sample by three likelihoods: all reads show the reference but for errors,
all show the other base but for errors, or both are there. What share of the transcripts then shows
which is anything but a half: myeloma cells have three copies of one allele and one of the other,
and transcribe them unequally. So the share follows a beta distribution that is wide. A call needs
a posterior of 0.95, each of the three being as likely before: ten reads that agree give it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from imid.counting.annotation import POSITION_BITS
from imid.quality.genotype_counts import GenotypeCounts
from imid.quality.pileup import BASES
from imid.shared.problems import InputError

# One read in a hundred is wrong at a base of quality 20, and alignment adds to it.
ERROR = 0.01
# Of the share of reads that show the reference where both are there.
SHAPE = 2
POSTERIOR = 0.95
LEAST_DEPTH = 10
# A site is found where a sample surely has another base than the reference.
FOUND_READS, FOUND_SHARE = 4, 0.2
# Three sites so close together are one misaligned insertion more often than three variants (GATK's
# advice for RNA-seq, -window 35 -cluster 3).
WINDOW, CLUSTER = 35, 3
UNKNOWN, REFERENCE, BOTH, OTHER = -1, 0, 1, 2
A, C, G, T = range(4)


@dataclass(frozen=True)
class Sites:
    """Sites and the reads of all samples there.

    Attributes
    ----------
    place : ndarray of int64, ascending
        Contig numbers above `POSITION_BITS`, positions below.
    reference, other : ndarray of int32, shape (samples, sites)
        Reads that show the one base or the other.
    left_out : dict of str to int
        How many sites were found and left out, by the reason.
    """

    place: np.ndarray
    reference: np.ndarray
    other: np.ndarray
    left_out: dict[str, int]


def find_sites(samples: Sequence[GenotypeCounts]) -> Sites:
    """Find the sites at which some sample differs from the reference, and ask all samples there.

    A base that the gene's strand reads as A and the reads show as G is left out: RNA is edited so,
    more or less in each sample. Sites that the user gives are taken as they are.

    Parameters
    ----------
    samples : sequence of GenotypeCounts

    Returns
    -------
    Sites

    Raises
    ------
    InputError
        Their files are of different annotations.
    """
    if any(sample.regions.contigs != samples[0].regions.contigs for sample in samples):
        raise InputError(["genotypes of different annotations cannot be compared"])
    rows = [_sites_of(sample) for sample in samples]
    place, reference, other, strand, repeat = _united(rows)
    edited = _is_edited(reference, other, strand)
    clustered = _is_clustered(place)
    kept = np.ones(len(place), bool)
    left_out = {"as edited RNA": edited, "beside a repeat": repeat, "clustered": clustered}
    counted = {}
    for reason, unfit in left_out.items():
        unfit = unfit & (not samples[0].given_sites)
        counted[reason] = int((kept & unfit).sum())
        kept &= ~unfit
    place, reference, other = place[kept], reference[kept], other[kept]
    shown = [_shown(sample, place, reference, other) for sample in samples]
    both = np.array(shown, np.int32).reshape(len(samples), 2, len(place))
    return Sites(place, both[:, 0], both[:, 1], counted)


def _sites_of(sample: GenotypeCounts) -> np.ndarray:
    """Find a sample's own sites: place, reference, other, reads, strand, beside a repeat."""
    counts = sample.counts.astype(np.int64)
    rows = np.arange(len(counts))
    depth = counts.sum(axis=1)
    counts[rows, sample.reference] = -1
    other = counts.argmax(axis=1)
    reads = counts[rows, other]
    sure = (reads >= FOUND_READS) & (reads >= FOUND_SHARE * depth) & (depth >= LEAST_DEPTH)
    strand = sample.regions.strand[sample.regions.stretch_of(sample.base)]
    columns = [
        *[sample.regions.place_of(sample.base), sample.reference, other, reads, strand],
        sample.beside_repeat,
    ]
    return np.stack([np.asarray(column, np.int64) for column in columns], axis=1)[sure]


def _united(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """Unite sites: of several other bases at one place that which most reads show."""
    found = np.concatenate([np.zeros((0, 6), np.int64), *rows])
    place, number = np.unique(found[:, 0], return_inverse=True)
    reads = np.zeros((len(place), len(BASES)), np.int64)
    np.add.at(reads, (number, found[:, 2]), found[:, 3])
    first = np.zeros(len(place), np.int64)
    first[number] = np.arange(len(found))
    reference, strand, repeat = (found[first, column] for column in (1, 4, 5))
    return place, reference, reads.argmax(axis=1), strand, repeat == 1


def _is_edited(reference: np.ndarray, other: np.ndarray, strand: np.ndarray) -> np.ndarray:
    on_plus = (reference == A) & (other == G) & (strand >= 0)
    on_minus = (reference == T) & (other == C) & (strand <= 0)
    return on_plus | on_minus


def _is_clustered(place: np.ndarray) -> np.ndarray:
    clustered = np.zeros(len(place), bool)
    for first in range(max(len(place) - CLUSTER + 1, 0)):
        if place[first + CLUSTER - 1] - place[first] < WINDOW:
            clustered[first : first + CLUSTER] = True
    return clustered


def _shown(
    sample: GenotypeCounts, place: np.ndarray, reference: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Look up how many reads show either base; where only depth is kept, all show the reference."""
    base = sample.regions.base_at(place)
    depth = np.where(base >= 0, sample.depth[base.clip(0)] if len(sample.depth) else 0, 0)
    depth = depth.astype(np.int64)
    if not len(sample.base):
        return depth, np.zeros_like(depth)
    row = np.searchsorted(sample.base, base).clip(max=len(sample.base) - 1)
    kept = (sample.base[row] == base) & (base >= 0)
    counts = sample.counts.astype(np.int64)[row]
    sites = np.arange(len(place))
    return (
        np.where(kept, counts[sites, reference], depth),
        np.where(kept, counts[sites, other], 0),
    )


def call(reference: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Call genotypes.

    Parameters
    ----------
    reference, other : ndarray of int
        Reads that show the one base or the other; of one shape.

    Returns
    -------
    ndarray of int8
        `REFERENCE`, `BOTH`, `OTHER`, or `UNKNOWN`.
    """
    right, wrong = np.log(1 - ERROR), np.log(ERROR)
    likelihood = np.stack(
        [
            reference * right + other * wrong,
            betaln(reference + SHAPE, other + SHAPE) - betaln(SHAPE, SHAPE),
            reference * wrong + other * right,
        ]
    )
    likelihood -= likelihood.max(axis=0)
    posterior = np.exp(likelihood) / np.exp(likelihood).sum(axis=0)
    sure = (posterior.max(axis=0) >= POSTERIOR) & (reference + other >= LEAST_DEPTH)
    return np.where(sure, posterior.argmax(axis=0), UNKNOWN).astype(np.int8)


def named_place(contigs: Sequence[str], place: int) -> str:
    """Name a place as people do: contig:position, the first being 1."""
    position = place & ((1 << POSITION_BITS) - 1)
    return f"{contigs[place >> POSITION_BITS]}:{position + 1}"
