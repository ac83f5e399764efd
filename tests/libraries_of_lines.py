"""Aligned libraries of cell lines that differ from the reference, and from each other, by variants.

The genome has genes of two exons on either strand; a line has variants at places of its own, on
one allele or on both; a library is a draw of fragments from the transcripts of one line.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pysam

from imid.counting import prepare_annotation

BASES = np.array(list("ACGT"))
GENES, EXON, INTRON, GAP = 20, 800, 300, 500
READ, ERROR = 75, 0.002
PAIRED, PROPER, REVERSE, MATE_REVERSE, FIRST, SECOND = 1, 2, 16, 32, 64, 128
SPACED = 40


@dataclass
class Reference:
    """A genome and its annotation, written to a folder."""

    folder: Path
    letters: np.ndarray
    starts: list[int]
    strands: str = "+-" * (GENES // 2)
    contig: str = "1"

    @property
    def options(self) -> list[str]:
        """As the step takes them."""
        return [
            *["--features", str(self.folder / "features.bin")],
            *["--exons", str(self.folder / "exons.bed")],
            *["--genes", str(self.folder / "genes.tsv")],
            *["--genome", str(self.folder / "genome.fa")],
        ]

    def exonic(self) -> np.ndarray:
        """The places of all exons, gene by gene."""
        places = np.concatenate([np.arange(EXON), np.arange(EXON) + EXON + INTRON])
        return np.array(self.starts)[:, None] + places


@dataclass
class Variants:
    """What a line has in place of the reference, and in what share of its transcripts."""

    place: np.ndarray
    letter: np.ndarray
    share: np.ndarray = field(default_factory=lambda: np.zeros(0))


def write_reference(folder: Path, rng: np.random.Generator, biotype="protein_coding") -> Reference:
    """Draw a genome and write it with what is derived from its annotation."""
    folder.mkdir(parents=True, exist_ok=True)
    span = 2 * EXON + INTRON
    starts = [GAP + number * (span + GAP) for number in range(GENES)]
    letters = rng.choice(BASES, starts[-1] + span + GAP)
    reference = Reference(folder, letters, starts)
    (folder / "genome.fa").write_text(f">1\n{''.join(letters)}\n")
    pysam.faidx(str(folder / "genome.fa"))
    lines = []
    for number, (start, strand) in enumerate(zip(starts, reference.strands, strict=True)):
        about = f'gene_id "G{number:02}"; transcript_id "T{number:02}"; gene_biotype "{biotype}";'
        for exon in (start, start + EXON + INTRON):
            lines.append(f"1\tx\texon\t{exon + 1}\t{exon + EXON}\t.\t{strand}\t.\t{about}\n")
    (folder / "genes.gtf").write_text("".join(lines))
    made = {"genes": "genes.tsv", "exons": "exons.bed", "features": "features.bin"}
    options = [word for key, name in made.items() for word in (f"--{key}", str(folder / name))]
    prepare_annotation.main(["--gtf", str(folder / "genes.gtf"), *options])
    return reference


def draw_variants(rng: np.random.Generator, reference: Reference, number: int) -> Variants:
    """Draw variants in exons, apart from each other; two of five on one allele only."""
    places = reference.exonic().ravel()
    places = places[places % SPACED == rng.integers(SPACED)]
    place = np.sort(rng.choice(places, number, replace=False))
    old = reference.letters[place]
    letter = np.array([rng.choice(BASES[one != BASES]) for one in old])
    share = np.where(rng.random(number) < 0.4, rng.uniform(0.3, 0.7, number), 1.0)
    return Variants(place, letter, share)


def together(*lines: Variants) -> Variants:
    """Unite the variants of one line and some more; at one place the first's stand."""
    place = np.concatenate([line.place for line in lines])
    _, first = np.unique(place, return_index=True)
    letter = np.concatenate([line.letter for line in lines])
    share = np.concatenate([line.share for line in lines])
    return Variants(place[first], letter[first], share[first])


def draw_fragments(rng: np.random.Generator, number: int) -> np.ndarray:
    """Draw gene, start in the transcript and length of fragments."""
    gene = rng.integers(GENES, size=number)
    length = rng.normal(200, 25, number).astype(int).clip(READ + 10, 300)
    start = (rng.random(number) * (2 * EXON - length)).astype(int)
    return np.stack([gene, start, length], axis=1)


def write_library(
    path: Path,
    rng: np.random.Generator,
    reference: Reference,
    variants: Variants,
    fragments: np.ndarray,
    paired: bool = True,
) -> Path:
    """Sequence fragments of a line and write them as a sorted BAM; its counts beside it."""
    exonic = reference.exonic()
    letter = reference.letters.copy()
    letter[variants.place] = variants.letter
    share = np.zeros(len(letter))
    share[variants.place] = variants.share
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": reference.contig, "LN": len(letter)}]}
    path.parent.mkdir(parents=True, exist_ok=True)
    unsorted = path.with_suffix(".unsorted.bam")
    with pysam.AlignmentFile(unsorted, "wb", header=header) as file:
        for number, (gene, start, length) in enumerate(fragments.tolist()):
            # A fragment is of one allele.
            allele = rng.random()
            mates = []
            for first in (start, start + length - READ)[: 2 if paired else 1]:
                places = exonic[gene, first : first + READ]
                seen = np.where(allele < share[places], letter[places], reference.letters[places])
                wrong = rng.random(READ) < ERROR
                seen[wrong] = rng.choice(BASES, wrong.sum())
                mates.append(_record(f"f{number}", places, "".join(seen)))
            if paired:
                _join(*mates)
            for mate in mates:
                file.write(mate)
    pysam.sort("-o", str(path), str(unsorted))
    pysam.index(str(path))
    counts = np.bincount(fragments[:, 0], minlength=GENES)
    special = ["__no_feature", "__ambiguous", "__too_low_aQual", "__not_aligned"]
    rows = [f"G{gene:02}\t{count}\n" for gene, count in enumerate(counts)]
    rows += [f"{name}\t0\n" for name in [*special, "__alignment_not_unique"]]
    path.with_suffix(".counts.tsv").write_text("".join(rows))
    return path


def _record(name: str, places: np.ndarray, sequence: str) -> pysam.AlignedSegment:
    read = pysam.AlignedSegment()
    read.query_name, read.query_sequence = name, sequence
    read.query_qualities = pysam.qualitystring_to_array("F" * READ)
    read.flag, read.reference_id, read.reference_start = 0, 0, int(places[0])
    read.mapping_quality = 255
    cut = np.flatnonzero(np.diff(places) > 1)
    read.cigarstring = f"{cut[0] + 1}M{INTRON}N{READ - cut[0] - 1}M" if len(cut) else f"{READ}M"
    return read


def _join(left: pysam.AlignedSegment, right: pysam.AlignedSegment) -> None:
    left.flag = PAIRED | PROPER | MATE_REVERSE | FIRST
    right.flag = PAIRED | PROPER | REVERSE | SECOND
    for one, other in [(left, right), (right, left)]:
        one.next_reference_id, one.next_reference_start = 0, other.reference_start
    left.template_length = right.reference_end - left.reference_start
    right.template_length = -left.template_length
