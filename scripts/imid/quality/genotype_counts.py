"""What a sample's reads show at the bases that are asked: kept in a file, to be compared.

Of most bases the depth alone is kept, for all reads show the reference there. So whatever site
another sample turns out to differ at, this one's answer is there without a second look.
"""

from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pysam

from imid.counting.annotation import POSITION_BITS
from imid.quality.genotype_regions import POSITION, Regions
from imid.quality.pileup import BASES
from imid.shared.files import written
from imid.shared.json_files import REMEDY, as_json, from_json
from imid.shared.problems import InputError

FORMAT = "imid-rnaseq genotypes 1"
# What is kept of a base beside its depth: a second base in two reads and one of twenty.
LEAST_READS, LEAST_SHARE = 2, 0.05
# Aligners place bases beside a repeat of one letter wrongly where its length varies.
REPEAT = 5
UNKNOWN_BASE = 4
DEEPEST = np.iinfo(np.uint16).max
ARRAYS = [
    *["start", "end", "strand", "depth", "base", "counts", "reference", "beside_repeat"],
    "fragment_ends",
]


@dataclass(frozen=True)
class Description:
    """What a file of these says of itself."""

    format: str
    sample: str
    contigs: list[str]
    given_sites: bool


@dataclass(frozen=True)
class GenotypeCounts:
    """Reads of a sample by the base that they show.

    Attributes
    ----------
    sample : str
    regions : Regions
        Whose bases were asked.
    depth : ndarray of uint16
        Reads at each base of the regions.
    base : ndarray of int64, ascending
        The numbers of those bases that have other letters than the reference's, too.
    counts : ndarray of uint16, shape (of those bases, 4)
        Reads that show A, C, G or T.
    reference : ndarray of uint8
        The letter of the reference there, as its place in `BASES`.
    beside_repeat : ndarray of bool
        Whether one letter is repeated beside it.
    fragment_ends : ndarray of uint64
        As `Pileup` gives them; none of single reads.
    given_sites : bool
        Whether only sites were asked that the user gives.
    """

    sample: str
    regions: Regions
    depth: np.ndarray
    base: np.ndarray
    counts: np.ndarray
    reference: np.ndarray
    beside_repeat: np.ndarray
    fragment_ends: np.ndarray
    given_sites: bool


def reference_bases(genome: Path, regions: Regions) -> tuple[np.ndarray, np.ndarray]:
    """Read the letters of regions, and find which stand beside a repeat of one letter.

    Parameters
    ----------
    genome : Path
        An indexed FASTA.
    regions : Regions

    Returns
    -------
    letter : ndarray of uint8
        The place in `BASES` of each base; `UNKNOWN_BASE` where it is none of them, and on contigs
        that the FASTA has not.
    beside_repeat : ndarray of bool
    """
    number = np.full(256, UNKNOWN_BASE, np.uint8)
    for place, letter in enumerate(BASES):
        number[[ord(letter), ord(letter.lower())]] = place
    letters, repeats = [np.zeros(0, np.uint8)], [np.zeros(0, bool)]
    with pysam.FastaFile(str(genome)) as fasta:
        for start, end in zip(regions.start.tolist(), regions.end.tolist(), strict=True):
            contig, first, size = (
                regions.contigs[start >> POSITION_BITS],
                start & POSITION,
                end - start,
            )
            before = min(first, REPEAT)
            around = contig, first - before, first + size + REPEAT
            # An index that the user gives may have been built with more sequences than the FASTA.
            text = fasta.fetch(*around) if contig in fasta else "N" * (before + size)
            codes = number[np.frombuffer(text.encode(), np.uint8)]
            inside = slice(before, before + size)
            letters.append(codes[inside])
            repeats.append(_beside_repeat(codes)[inside])
    return np.concatenate(letters), np.concatenate(repeats)


def _beside_repeat(codes: np.ndarray) -> np.ndarray:
    """Tell of each letter whether it is in a repeat, or next to one."""
    same = np.ones(max(len(codes) - REPEAT + 1, 0), bool)
    for step in range(1, REPEAT):
        same &= codes[step : step + len(same)] == codes[: len(same)]
    beside = np.zeros(len(codes), bool)
    for run in np.flatnonzero(same).tolist():
        beside[max(run - 1, 0) : run + REPEAT + 1] = True
    return beside


def of_pileup(
    sample: str,
    regions: Regions,
    counts: np.ndarray,
    letter: np.ndarray,
    beside_repeat: np.ndarray,
    fragment_ends: np.ndarray,
    given: np.ndarray | None = None,
) -> GenotypeCounts:
    """Keep of a pileup what is to be compared.

    Parameters
    ----------
    sample : str
    regions : Regions
    counts : ndarray of int32, shape (bases, 4)
        Of `Pileup`.
    letter, beside_repeat : ndarray
        As `reference_bases` gives them.
    fragment_ends : ndarray of uint64
        Of `Pileup`.
    given : ndarray of int64, optional
        Numbers of the bases that are to be asked; all.

    Returns
    -------
    GenotypeCounts
    """
    counts = np.where((letter < UNKNOWN_BASE)[:, None], counts, 0)
    if given is not None:
        asked = np.zeros(len(counts), bool)
        asked[given] = True
        counts = np.where(asked[:, None], counts, 0)
    depth = counts.sum(axis=1)
    of_reference = np.take_along_axis(counts, np.minimum(letter, 3)[:, None].astype(int), 1)[:, 0]
    others = depth - of_reference
    base = np.flatnonzero((others >= LEAST_READS) & (others >= LEAST_SHARE * depth))
    return GenotypeCounts(
        sample=sample,
        regions=regions,
        depth=depth.clip(max=DEEPEST).astype(np.uint16),
        base=base,
        counts=counts[base].clip(max=DEEPEST).astype(np.uint16),
        reference=letter[base],
        beside_repeat=beside_repeat[base],
        fragment_ends=fragment_ends,
        given_sites=given is not None,
    )


def write_genotype_counts(counted: GenotypeCounts, path: Path) -> None:
    """Keep them in a file, whole or not at all."""
    regions = counted.regions
    about = Description(FORMAT, counted.sample, regions.contigs, counted.given_sites)
    arrays = {
        **{name: getattr(regions, name) for name in ARRAYS[:3]},
        **{name: getattr(counted, name) for name in ARRAYS[3:]},
    }
    text = np.frombuffer(as_json(about).encode(), np.uint8)
    with written(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, about=text, **arrays)


def read_genotype_counts(path: Path) -> GenotypeCounts:
    """Read such a file; `InputError` where it is missing, damaged or of another version."""
    try:
        with np.load(path) as file:
            about = from_json(file["about"].tobytes(), Description, str(path))
            if about.format != FORMAT:
                raise ValueError("another format")
            arrays = {name: file[name] for name in ARRAYS}
    except (InputError, ValueError, KeyError, OSError, BadZipFile) as error:
        raise InputError([f"{path}: holds no genotypes for this version; {REMEDY}"]) from error
    regions = Regions(about.contigs, *(arrays[name] for name in ARRAYS[:3]))
    kept = {name: arrays[name] for name in ARRAYS[3:]}
    return GenotypeCounts(about.sample, regions, **kept, given_sites=about.given_sites)
