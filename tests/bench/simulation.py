"""Annotations and alignments of any size, made without a genome or an aligner."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam

READ_LENGTH = 100
MAX_BLOCKS = 4
PAIRS_AT_A_TIME = 100_000
# As each aligner writes them, NH first or last.
STAR_TAGS = b"NHC\1HIC\1ASC\xc6nMC\0"
HISAT2_TAGS = b"ASc\xfbXNC\0XMC\1XOC\0XGC\0NMC\1MDZ57A42\0YSC\0YTZCP\0XSA+NHC\1"
NAME = "A00512:173:HFLTJDSX2:{}:{}:{:05d}:{:08d}"


@dataclass(frozen=True)
class Genes:
    """One spliced transcript for each gene, as read positions are drawn from it.

    Attributes
    ----------
    contig, minus : ndarray, shape (genes,)
        Contig number, and whether the gene lies on the minus strand.
    first_exon : ndarray, shape (genes + 1,)
        Where each gene's exons begin in the arrays of exons.
    exon_start, exon_end : ndarray, shape (exons,)
        0-based, half-open, ascending within a gene.
    """

    contig: np.ndarray
    minus: np.ndarray
    first_exon: np.ndarray
    exon_start: np.ndarray
    exon_end: np.ndarray


def simulate_genes(rng: np.random.Generator, genes: int, contigs: int, contig_length: int) -> Genes:
    """Place genes at random, so that some of them overlap.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    genes, contigs, contig_length : int
        How many genes, on how many contigs, of how many bases each.

    Returns
    -------
    Genes
        Two to ten exons of 80 to 600 bases a gene, introns of 70 to 900.
    """
    exons = rng.integers(2, 11, genes)
    first_exon = np.concatenate([[0], np.cumsum(exons)])
    length = rng.integers(80, 600, first_exon[-1])
    intron = rng.integers(70, 900, first_exon[-1])
    gene = np.repeat(np.arange(genes), exons)
    before = np.cumsum(length + intron) - (length + intron)
    before -= before[first_exon[:-1]][gene]
    start = rng.integers(1_000, contig_length - 20_000, genes)[gene] + before
    return Genes(
        rng.integers(0, contigs, genes), rng.random(genes) < 0.5, first_exon, start, start + length
    )


def write_gtf(
    path: Path, rng: np.random.Generator, genes: Genes, transcripts: int, coding: bool = False
) -> int:
    """Write genes with several transcripts each, their outer ends varied.

    Parameters
    ----------
    path : Path
        The GTF to write.
    rng : Generator
        Source of randomness.
    genes : Genes
        The genes; transcript 1 has all exons as they are.
    transcripts : int
        How many transcripts a gene has.
    coding : bool
        Whether every exon has a CDS line beside it.

    Returns
    -------
    int
        The number of exon lines.
    """
    written = 0
    features = ["exon", "CDS"] if coding else ["exon"]
    with path.open("w") as gtf:
        for gene in range(len(genes.contig)):
            strand = "-" if genes.minus[gene] else "+"
            exons = slice(genes.first_exon[gene], genes.first_exon[gene + 1])
            starts, ends = genes.exon_start[exons].tolist(), genes.exon_end[exons].tolist()
            shifts = rng.integers(0, 40, (transcripts, 2)).tolist()
            shifts[0] = [0, 0]
            for transcript, (left, right) in enumerate(shifts):
                attributes = (
                    f'gene_id "ENSG{gene:011d}"; gene_version "5"; '
                    f'transcript_id "ENST{gene:07d}{transcript:04d}"; transcript_version "2"; '
                    f'gene_name "GENE{gene}"; gene_source "ensembl_havana"; '
                    f'gene_biotype "protein_coding"; transcript_name "GENE{gene}-{transcript}"; '
                    'transcript_source "havana"; transcript_biotype "protein_coding"; tag "basic";'
                )
                for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
                    first = start + 1 + left * (number == 0)
                    last = end - right * (number == len(starts) - 1)
                    for feature in features:
                        gtf.write(
                            f"chr{genes.contig[gene] + 1}\tensembl\t{feature}\t{first}\t{last}\t.\t"
                            f'{strand}\t.\t{attributes} exon_number "{number + 1}";\n'
                        )
                    written += 1
    return written


def spliced_blocks(genes: Genes, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Map reads from transcripts to the genome.

    Parameters
    ----------
    genes : Genes
        The transcripts, thought of as laid end to end.
    at : ndarray of int, shape (reads,)
        Where each read begins in that row.

    Returns
    -------
    start, length : ndarray of int, shape (reads, MAX_BLOCKS)
        The aligned blocks; those not used have length 0.
    """
    exon_length = genes.exon_end - genes.exon_start
    reach = np.cumsum(exon_length)
    exon = np.searchsorted(reach, at, side="right")
    begin = genes.exon_start[exon] + at - (reach - exon_length)[exon]
    left = np.full(len(at), READ_LENGTH)
    start = np.zeros((len(at), MAX_BLOCKS), np.int64)
    length = np.zeros_like(start)
    for block in range(MAX_BLOCKS):
        room = genes.exon_end[np.minimum(exon, len(reach) - 1)] - begin
        start[:, block] = begin
        length[:, block] = left if block == MAX_BLOCKS - 1 else np.minimum(left, room)
        left = left - length[:, block]
        exon = exon + 1
        begin = genes.exon_start[np.minimum(exon, len(reach) - 1)]
    return start, length


def encode_records(
    rng: np.random.Generator,
    fields: dict[str, np.ndarray],
    start: np.ndarray,
    length: np.ndarray,
    tags: bytes,
) -> bytes:
    """Write alignments as BAM records.

    Parameters
    ----------
    rng : Generator
        Source of randomness, for bases and qualities.
    fields : dict of str to ndarray, shape (records,)
        contig, flag, mapq, mate_contig, mate_position, template_length, hits, and name
        (uint8, one row a record, all of one length with the closing NUL).
    start, length : ndarray, shape (records, MAX_BLOCKS)
        The aligned blocks.
    tags : bytes
        The same for all but for the value of NH, which has one byte.

    Returns
    -------
    bytes
        The records, in order.
    """
    blocks = (length > 0).sum(axis=1)
    name = fields["name"]
    size = 36 + name.shape[1] + 4 * (2 * blocks - 1) + READ_LENGTH // 2 + READ_LENGTH + len(tags)
    offset = np.cumsum(size) - size
    buffer = np.zeros(size.sum(), np.uint8)
    for count in np.unique(blocks):
        rows = np.flatnonzero(blocks == count)
        head = np.zeros((len(rows), 9), "<i4")
        head[:, 0] = size[rows] - 4
        head[:, 1] = fields["contig"][rows]
        head[:, 2] = start[rows, 0]
        head[:, 3] = name.shape[1] | fields["mapq"][rows] << 8 | 4680 << 16
        head[:, 4] = (2 * count - 1) | fields["flag"][rows] << 16
        head[:, 5] = READ_LENGTH
        head[:, 6] = fields["mate_contig"][rows]
        head[:, 7] = fields["mate_position"][rows]
        head[:, 8] = fields["template_length"][rows]
        cigar = np.zeros((len(rows), 2 * count - 1), "<u4")
        cigar[:, ::2] = length[rows, :count] << 4
        gaps = start[rows, 1:count] - start[rows, : count - 1] - length[rows, : count - 1]
        cigar[:, 1::2] = gaps << 4 | 3
        bases = np.array([17, 18, 20, 24, 33, 34, 36, 40, 65, 66, 68, 72, 129, 130, 132, 136])
        sequence = bases[rng.integers(0, 16, (len(rows), READ_LENGTH // 2))]
        quality = np.array([37] * 13 + [25, 11, 2])[rng.integers(0, 16, (len(rows), READ_LENGTH))]
        tagged = np.tile(np.frombuffer(tags, np.uint8), (len(rows), 1))
        tagged[:, tags.index(b"NHC") + 3] = fields["hits"][rows]
        parts = [head.view(np.uint8), name[rows], cigar.view(np.uint8), sequence, quality, tagged]
        record = np.concatenate([part.astype(np.uint8) for part in parts], axis=1)
        buffer[offset[rows, None] + np.arange(record.shape[1])] = record
    return buffer.tobytes()


def simulate_pairs(
    rng: np.random.Generator,
    genes: Genes,
    weight: np.ndarray,
    pairs: int,
    first: int,
    tags: bytes,
) -> bytes:
    """Draw pairs of reads, name-collated as an aligner writes them.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    genes : Genes
        Where reads come from; a tenth of the pairs is moved to anywhere on the contig.
    weight : ndarray, shape (genes,)
        Cumulative share of each gene, the last being 1.
    pairs, first : int
        How many pairs, and the number of the first of them.
    tags : bytes
        Of each record.

    Returns
    -------
    bytes
        BAM records: primary pairs, one in twenty with a secondary pair, all properly paired.
    """
    reach = np.cumsum(genes.exon_end - genes.exon_start)
    begin = np.concatenate([[0], reach])[genes.first_exon]
    gene = np.searchsorted(weight, rng.random(pairs))
    span = np.diff(begin)[gene]
    insert = np.minimum(rng.integers(READ_LENGTH, 400, pairs), span)
    left = begin[gene] + (rng.random(pairs) * (span - insert)).astype(np.int64)
    right = np.maximum(left + insert - READ_LENGTH, left)
    ends = [spliced_blocks(genes, at) for at in (left, right)]
    moved = np.where(rng.random(pairs) < 0.1, rng.integers(0, 100_000, pairs), 0)
    # As of a stranded library: the first mate reads along the gene, but for one in fifty.
    flip = genes.minus[gene] ^ (rng.random(pairs) < 0.02)
    multi = rng.random(pairs) < 0.05
    copies = np.where(multi, 4, 2)
    order = np.repeat(np.arange(pairs), copies)
    place = np.arange(len(order)) - (np.cumsum(copies) - copies)[order]
    rightmost, secondary = place % 2 == 1, place >= 2
    starts = np.where(rightmost[:, None], ends[1][0][order], ends[0][0][order])
    starts = starts + (moved[order] + 5_000 * secondary)[:, None]
    lengths = np.where(rightmost[:, None], ends[1][1][order], ends[0][1][order])
    mate = np.arange(len(order)) ^ 1
    is_second = rightmost ^ flip[order]
    flag = 3 | 256 * secondary | np.where(rightmost, 16, 32) | np.where(is_second, 128, 64)
    lanes = rng.integers([1, 1101, 1000], [5, 2679, 33_000], (pairs, 3)).tolist()
    names = "".join(NAME.format(*lane, first + number) + "\0" for number, lane in enumerate(lanes))
    fields = {
        "contig": genes.contig[gene][order],
        "mate_contig": genes.contig[gene][order],
        "mate_position": starts[mate, 0],
        "template_length": np.where(rightmost, -1, 1) * 300,
        "mapq": np.where(multi[order], 3, 255),
        "hits": np.where(multi[order], 2, 1),
        "flag": flag,
        "name": np.frombuffer(names.encode(), np.uint8).reshape(pairs, -1)[order],
    }
    return encode_records(rng, fields, starts, lengths, tags)


def write_bam(
    path: Path,
    rng: np.random.Generator,
    genes: Genes,
    pairs: int,
    contig_length: int,
    tags: bytes = STAR_TAGS,
) -> None:
    """Write a BAM of simulated pairs.

    Parameters
    ----------
    path : Path
        The BAM to write.
    rng : Generator
        Source of randomness.
    genes : Genes
        Where reads come from, of widely varying expression.
    pairs : int
        How many pairs.
    contig_length : int
        The length of every contig, for the header.
    tags : bytes
        Of each record.
    """
    contigs = int(genes.contig.max()) + 1
    lines = ["@HD\tVN:1.4\tSO:unsorted\tGO:query"]
    lines += [f"@SQ\tSN:chr{number + 1}\tLN:{contig_length}" for number in range(contigs)]
    text = ("\n".join(lines) + "\n").encode()
    header = b"BAM\1" + len(text).to_bytes(4, "little") + text + contigs.to_bytes(4, "little")
    for number in range(contigs):
        name = f"chr{number + 1}".encode() + b"\0"
        header += len(name).to_bytes(4, "little") + name + contig_length.to_bytes(4, "little")
    expression = rng.lognormal(0, 2, len(genes.contig))
    weight = np.cumsum(expression) / expression.sum()
    weight[-1] = 1.0
    # Compressed as STAR does by default.
    with pysam.BGZFile(str(path), "wb1") as bam:
        bam.write(header)
        for first in range(0, pairs, PAIRS_AT_A_TIME):
            count = min(PAIRS_AT_A_TIME, pairs - first)
            bam.write(simulate_pairs(rng, genes, weight, count, first, tags))
