"""Genes and sorted alignments of fragments that were drawn by rule, so that the truth is known."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pysam

CONTIG_LENGTH = 1_000_000
CONTIGS = ["c1", "c2"]
EXONS, EXON, INTRON, APART = 4, 500, 1500, 12_000
LENGTH = EXONS * EXON
READ = 75
# Gene by gene along the contigs; every second on the minus strand.
GENES = 120


@dataclass
class Gene:
    """A gene whose one transcript has all its exons."""

    name: str
    contig: int
    start: int
    minus: bool

    @property
    def exons(self) -> list[tuple[int, int]]:
        begins = [self.start + number * (EXON + INTRON) for number in range(EXONS)]
        return [(begin, begin + EXON) for begin in begins]


def genes() -> list[Gene]:
    half = GENES // 2
    return [
        Gene(f"g{number:03d}", number // half, 5_000 + number % half * APART, number % 2 == 1)
        for number in range(GENES)
    ]


def write_gtf(path: Path) -> Path:
    lines = [
        f"{CONTIGS[gene.contig]}\tplanted\texon\t{start + 1}\t{end}\t.\t{'+-'[gene.minus]}\t.\t"
        f'gene_id "{gene.name}"; transcript_id "t_{gene.name}";\n'
        for gene in genes()
        for start, end in gene.exons
    ]
    path.write_text("".join(lines))
    return path


@dataclass
class Library:
    """How fragments are drawn.

    Attributes
    ----------
    fragments : int
        How many there are, copies included.
    weight : sequence of float
        Of each gene; all alike by default.
    copies : float
        Of the fragments, the share that are copies of one that was drawn before.
    intronic, intergenic : float
        Of the molecules, the share that begin anywhere in an intron, or between genes.
    decay : float
        How many times as many fragments begin at the 3' end of a transcript as at its 5' end.
    insert : tuple of float
        Mean and standard deviation of the fragments' lengths.
    paired : bool
        Whether both ends are read.
    as_hisat2 : bool
        Whether the length that a pair's records tell is without the introns in its reads.
    """

    fragments: int = 12_000
    weight: np.ndarray = field(default_factory=lambda: np.ones(GENES))
    copies: float = 0.0
    intronic: float = 0.0
    intergenic: float = 0.0
    decay: float = 1.0
    insert: tuple[float, float] = (250, 40)
    paired: bool = True
    as_hisat2: bool = False


def blocks_on(gene: Gene, start: int, end: int) -> list[tuple[int, int]]:
    """Map a stretch of a transcript, counted from the left, to the genome."""
    blocks, before = [], 0
    for begin, stop in gene.exons:
        first, last = max(start, before), min(end, before + stop - begin)
        if first < last:
            blocks.append((begin + first - before, begin + last - before))
        before += stop - begin
    return blocks


def introns_in(blocks: list[tuple[int, int]]) -> int:
    return blocks[-1][1] - blocks[0][0] - sum(end - start for start, end in blocks)


def cigar(blocks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    operations: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(blocks):
        if number:
            operations.append((3, start - blocks[number - 1][1]))
        operations.append((0, end - start))
    return operations


def draw(library: Library, seed: int = 1) -> list[tuple[Gene, list[list[tuple[int, int]]]]]:
    """Draw molecules: of each the gene, and the blocks of its left and right read."""
    rng = np.random.default_rng(seed)
    number = round(library.fragments * (1 - library.copies))
    all_genes, share = genes(), np.asarray(library.weight) / np.sum(library.weight)
    kinds = [1 - library.intronic - library.intergenic, library.intronic, library.intergenic]
    drawn = []
    for gene, kind in zip(
        rng.choice(GENES, number, p=share), rng.choice(3, number, p=kinds), strict=True
    ):
        gene = all_genes[gene]
        insert = max(READ + 1, round(rng.normal(*library.insert)))
        if kind == 0:
            # The density falls linearly from the 3' end to the 5' end.
            u, d = rng.random(), library.decay
            along = u if d == 1 else (np.sqrt(1 + u * (d * d - 1)) - 1) / (d - 1)
            start = int(along * (LENGTH - insert + 1))
            start = LENGTH - insert - start if gene.minus else start
            reads = [
                blocks_on(gene, start, start + READ),
                blocks_on(gene, start + insert - READ, start + insert),
            ]
        else:
            # Exons and introns lie in turn; behind the last exon there is nothing for a while.
            left = gene.exons[rng.integers(EXONS - 1) if kind == 1 else EXONS - 1][1]
            start = left + int(rng.integers(INTRON - insert))
            reads = [[(start, start + READ)], [(start + insert - READ, start + insert)]]
        drawn.append((gene, reads))
    copied = rng.integers(number, size=library.fragments - number)
    return [*drawn, *(drawn[which] for which in copied)]


def write_bam(path: Path, library: Library, seed: int = 1) -> Path:
    """Write the alignments of drawn fragments, sorted and indexed."""
    header = pysam.AlignmentHeader.from_dict(
        {
            "HD": {"VN": "1.6", "SO": "coordinate"},
            "SQ": [{"SN": name, "LN": CONTIG_LENGTH} for name in ["bare", *CONTIGS]],
            "RG": [{"ID": "planted", "SM": "planted", "LB": "planted"}],
        }
    )
    records = []
    for number, (gene, reads) in enumerate(draw(library, seed)):
        first_is_left = gene.minus is False
        span = reads[1][-1][1] - reads[0][0][0]
        if library.as_hisat2:
            span -= sum(map(introns_in, reads))
        for right, blocks in enumerate(reads[: 2 if library.paired else 1]):
            record = pysam.AlignedSegment(header)
            record.query_name = f"planted:{number}"
            record.reference_id = gene.contig + 1
            record.reference_start = blocks[0][0]
            record.cigartuples = cigar(blocks)
            record.mapping_quality = 255
            record.query_sequence = "A" * READ
            record.query_qualities = [37] * READ
            record.set_tags([("NH", 1), ("RG", "planted")])
            if library.paired:
                mate = reads[1 - right]
                record.is_paired = record.is_proper_pair = True
                record.is_reverse, record.mate_is_reverse = right == 1, right == 0
                record.is_read1 = (right == 0) == first_is_left
                record.is_read2 = not record.is_read1
                record.next_reference_id = gene.contig + 1
                record.next_reference_start = mate[0][0]
                record.template_length = -span if right else span
            else:
                record.is_reverse = gene.minus
            records.append(record)
    records.sort(key=lambda record: (record.reference_id, record.reference_start))
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for record in records:
            file.write(record)
    pysam.index(str(path))
    return path
