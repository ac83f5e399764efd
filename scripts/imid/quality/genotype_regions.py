"""Where in the genome genotypes are called: exons of genes that a sample expresses well enough.

To read all alignments of a library only to tell whose it is would cost more than all other
measurements together. So genes are taken in an order that is the same in every sample and has
nothing to do with what they are (a checksum of their ids), until enough bases are covered. Two
samples go through the same list, and what one passes over for its depth the other mostly has.

Left out are genes of immunoglobulins and T-cell receptors: a myeloma library may consist of one
rearranged chain, whose reads align where its mutated segments come closest, and at a depth that
tells nothing that the first fifty reads did not. Pseudogenes and rRNA share their reads with
copies, and the mitochondrion is read thousands of times for a handful of sites, at which cells of
one line differ among themselves.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zlib import crc32

import numpy as np

from imid.counting.annotation import POSITION_BITS
from imid.counting.features import Features
from imid.counting.strands import read_bounds

# Of the gene table's biotypes and of the names that contigs have in Ensembl, UCSC and RefSeq.
UNFIT_BIOTYPE = re.compile(r"(IG|TR)_|.*pseudogene|.*rRNA|Mt_")
MITOCHONDRION = {"MT", "chrM", "M", "chrMT", "NC_012920.1"}
# Fragments on a thousand bases: of 2 x 100 bases 60 make a depth of 12, of 1 x 50 of 3. Beyond
# the most, further reads say what the others did.
LEAST_COVERED, MOST_COVERED = 60, 3000
# A million bases of exons hold about a thousand sites at which somebody differs from the
# reference, ten times what two lines need to be told apart.
ENOUGH_BASES = 1_000_000
ENOUGH_FRAGMENTS = 300_000

POSITION = (1 << POSITION_BITS) - 1


@dataclass(frozen=True)
class Regions:
    """Stretches of the genome that do not overlap, sorted; their bases are numbered through.

    Attributes
    ----------
    contigs : list of str
        Names of contigs, by number.
    start, end : ndarray of int64
        Contig numbers above `POSITION_BITS`, positions below.
    strand : ndarray of int8
        Of the gene: 1, -1, or 0 where it is not known.
    """

    contigs: list[str]
    start: np.ndarray
    end: np.ndarray
    strand: np.ndarray

    @cached_property
    def first(self) -> np.ndarray:
        """The number of the first base of each stretch, and of all bases at the end."""
        return np.concatenate([[0], np.cumsum(self.end - self.start)])

    def __len__(self) -> int:
        """Count the bases."""
        return int(self.first[-1])

    def stretch_of(self, base: np.ndarray) -> np.ndarray:
        """Find the stretch that each base is of."""
        return np.searchsorted(self.first, base, side="right") - 1

    def place_of(self, base: np.ndarray) -> np.ndarray:
        """Find the place of each base: its contig's number above `POSITION_BITS`."""
        stretch = self.stretch_of(base)
        return self.start[stretch] + base - self.first[stretch]

    def base_at(self, place: np.ndarray) -> np.ndarray:
        """Find the number of the base at each place; -1 where none is."""
        if not len(self.start):
            return np.full(len(place), -1)
        stretch = np.searchsorted(self.start, place, side="right") - 1
        inside = (stretch >= 0) & (place < self.end[stretch])
        return np.where(inside, self.first[stretch] + place - self.start[stretch], -1)

    def bases_at(self, places: Collection[int]) -> np.ndarray:
        """Give the numbers of those bases that lie at some of the places, ascending."""
        base = self.base_at(np.unique(np.array([*places], np.int64)))
        return base[base >= 0]

    def as_bed(self) -> str:
        """Write them as a BED."""
        contig, start = self.start >> POSITION_BITS, self.start & POSITION
        size = self.end - self.start
        rows = zip(contig.tolist(), start.tolist(), (start + size).tolist(), strict=True)
        return "".join(f"{self.contigs[number]}\t{one}\t{other}\n" for number, one, other in rows)


def exons_of_one_gene(features: Features, exons: Path) -> tuple[np.ndarray, Regions]:
    """Find the stretches of exons that are of one gene, and on one strand.

    Parameters
    ----------
    features : Features
        Unstranded.
    exons : Path
        BED of the exons by strand.

    Returns
    -------
    gene : ndarray of int64
        Which of the features each stretch is of.
    stretches : Regions
    """
    lowest, _ = features.set_bounds
    of_one = (np.diff(features.set_start) == 1)[features.step_set]
    start, end = features.step_key[:-1][of_one], features.step_key[1:][of_one]
    gene = lowest[features.step_set[of_one]].astype(np.int64)
    # Unstranded features lie on the plus strand, whose number is twice the contig's.
    contig = start >> POSITION_BITS >> 1
    start, end = (place - (contig << POSITION_BITS) for place in (start, end))
    on_plus, on_minus = (
        np.searchsorted(bounds, start, side="right") % 2 == 1
        for bounds in read_bounds(exons, features.contigs)
    )
    strand = on_plus.astype(np.int8) - on_minus
    return gene, Regions(features.contigs, start, end, strand)


def well_expressed(
    features: Features,
    exons: Path,
    biotypes: Mapping[str, str],
    counts: Mapping[str, int],
    sites: Collection[int] | None = None,
) -> Regions:
    """Choose the stretches in which a sample's genotypes are called.

    Parameters
    ----------
    features : Features
        Unstranded.
    exons : Path
        BED of the exons by strand.
    biotypes : mapping of str to str
        Of the genes, by gene_id; NA where the annotation has none.
    counts : mapping of str to int
        Fragments of the sample by gene_id.
    sites : collection of int, optional
        Places of sites that the user gives; genes without one are passed over.

    Returns
    -------
    Regions
    """
    gene, stretches = exons_of_one_gene(features, exons)
    fit = np.array([not UNFIT_BIOTYPE.match(biotypes.get(name, "")) for name in features.ids])
    nuclear = np.array([name not in MITOCHONDRION for name in features.contigs])
    usable = fit[gene] & nuclear[stretches.start >> POSITION_BITS]
    size = stretches.end - stretches.start
    length = np.bincount(gene[usable], size[usable], len(features.ids))
    fragments = np.array([counts.get(name, 0) for name in features.ids])
    covered = 1000 * fragments / length.clip(1)
    chosen = (length > 0) & (covered >= LEAST_COVERED) & (covered <= MOST_COVERED)
    if sites is not None:
        with_site = np.unique(gene[stretches.stretch_of(stretches.bases_at(sites))])
        chosen &= np.isin(np.arange(len(chosen)), with_site)
    order = np.array(
        sorted(np.flatnonzero(chosen), key=lambda row: crc32(features.ids[row].encode()))
    )
    order = order.astype(np.int64)
    enough = (np.cumsum(length[order]) > ENOUGH_BASES) | (
        np.cumsum(fragments[order]) > ENOUGH_FRAGMENTS
    )
    taken = np.zeros(len(chosen), bool)
    taken[order[: len(order) - enough.sum() + 1]] = True
    kept = usable & taken[gene]
    return Regions(
        features.contigs, stretches.start[kept], stretches.end[kept], stretches.strand[kept]
    )
