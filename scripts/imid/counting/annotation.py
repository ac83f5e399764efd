"""Reading a GTF: its exons as columns of numbers, and what other steps need of them.

The annotation is read once, line by line, in little memory. The id of a gene is what HTSeq, which
counts by it, would take for it. What is derived here is the gene table, the known splice sites for
HISAT2 and the exons by strand for the check of strandedness; `features` makes of the same columns
what reads are counted in.
"""

import gzip
import re
import zlib
from array import array
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BufferedIOBase
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from imid.counting.gtf_rules import (
    STRAND_NAMES,
    STRANDS,
    GeneReader,
    IdReader,
    LineError,
    LineFaults,
    decoded,
    read_interval,
    split_line,
)
from imid.shared.problems import InputError

PLUS, MINUS, UNSTRANDED = range(3)
# As HTSeq tells a GTF from a GFF3.
GTF_SUFFIXES = (".gtf", ".gtf.gz", ".gtf.gzip")
# Intervals are sorted as numbers with these bits.
POSITION_BITS = 32


def attribute(*keys: str, value: str = r'[^";]+') -> re.Pattern:
    """Make the pattern that finds the value of an attribute, quoted or not.

    The key comes first and what stands before it last, for a pattern that begins with plain text
    is searched for many times faster.
    """
    alone = "".join(rf"(?<![^;\s]{key})" for key in keys)
    return re.compile(rf'(?:{"|".join(keys)}){alone}\s+"?({value})"?'.encode())


GENE_NAME = attribute("gene_name")
# Ensembl writes gene_biotype, GENCODE gene_type.
BIOTYPE = attribute("gene_type", "gene_biotype")
# One that is empty is a transcript to STAR, and none to anybody else.
TRANSCRIPT = attribute("transcript_id", value=r'[^";]*')
UNNAMED = b""


# Of numbers: an array while lines are added to it, an ndarray from then on.
Column: TypeAlias = Any


class Numbered(dict):
    """Texts numbered in the order in which they are first asked for."""

    def __missing__(self, text: bytes) -> int:
        """Give a text that is new its number."""
        try:
            text.decode()
        except UnicodeDecodeError:
            raise LineError(
                f"the name '{decoded(text)}' is not UTF-8: save the file as such"
            ) from None
        self[text] = number = len(self)
        return number

    def ranks(self) -> np.ndarray:
        """Give the place of each text, by its number, if they were sorted."""
        texts = list(self)
        ranks = np.empty(len(texts), np.int64)
        ranks[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
        return ranks


@dataclass
class Exons:
    """The lines of an annotation that are counted, as columns.

    Attributes
    ----------
    source : Path
        The file.
    feature_types, id_attributes : list of str
        What htseq-count calls ``--type`` and ``--idattr``; exon and gene_id but for other uses.
    contigs, genes, transcripts : Numbered
        The names, as bytes; genes by what HTSeq takes for their id.
    names, biotypes : dict of int to bytes
        By the number of a gene, of those that have one.
    contig, gene, transcript, strand, start, end, line : array, then ndarray, shape (lines,)
        Numbers of the names (transcript -1: none), place in `STRANDS`, the interval, 0-based and
        half-open, and which line of the file it is, from 1.
    """

    source: Path
    feature_types: list[str]
    id_attributes: list[str]
    contigs: Numbered = field(default_factory=Numbered)
    genes: Numbered = field(default_factory=Numbered)
    transcripts: Numbered = field(default_factory=Numbered)
    names: dict[int, bytes] = field(default_factory=dict)
    biotypes: dict[int, bytes] = field(default_factory=dict)
    contig: Column = field(default_factory=lambda: array("i"))
    gene: Column = field(default_factory=lambda: array("i"))
    transcript: Column = field(default_factory=lambda: array("i"))
    strand: Column = field(default_factory=lambda: array("b"))
    line: Column = field(default_factory=lambda: array("i"))
    start: Column = field(default_factory=lambda: array("i"))
    end: Column = field(default_factory=lambda: array("i"))

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.start)

    @cached_property
    def without_strand(self) -> int | None:
        """The first line that has no strand."""
        rows = np.flatnonzero(self.strand == UNSTRANDED)
        return int(self.line[rows[0]]) if len(rows) else None

    @property
    def reach(self) -> dict[str, tuple[int, int]]:
        """For each contig the highest end of an exon, and the first line that has it."""
        order = np.lexsort([-self.line, self.end, self.contig])
        last = order[np.flatnonzero(np.diff(self.contig[order], append=-1))]
        ends = zip(self.end[last].tolist(), self.line[last].tolist(), strict=True)
        return dict(zip(map(decoded, self.contigs), ends, strict=True))


def read_exons(
    gtf: Path,
    feature_types: Iterable[str] = ("exon",),
    id_attributes: Iterable[str] = ("gene_id",),
) -> Exons:
    """Read the lines of an annotation that are counted, as HTSeq would.

    Parameters
    ----------
    gtf : Path
        A GTF, or a GFF3 as HTSeq takes it, plain or gzipped, in any order.
    feature_types, id_attributes : iterable of str
        What htseq-count calls ``--type`` and ``--idattr``; several ids are joined by colons.

    Returns
    -------
    Exons

    Raises
    ------
    InputError
        Where lines cannot be read, each kind of fault with its first line; where there are none.
    """
    ids = list(id_attributes)
    is_gtf = gtf.name.lower().endswith(GTF_SUFFIXES)
    return _read(Exons(gtf, list(feature_types), ids), IdReader(ids, is_gtf))


def read_genes(gtf: Path) -> Exons:
    """Read the exons of genes; refuse, too, what HTSeq would count for a gene that is none.

    Parameters
    ----------
    gtf : Path
        As `read_exons` takes it.

    Returns
    -------
    Exons

    Raises
    ------
    InputError
        As of `read_exons`.
    """
    return _read(Exons(gtf, ["exon"], ["gene_id"]), GeneReader())


def _read(exons: Exons, gene_id: IdReader) -> Exons:
    """Read what is asked for from the file."""
    types = {kind.encode() for kind in exons.feature_types}
    faults = LineFaults()
    with open_annotation(exons.source) as lines:
        for number, columns in lines_of(lines, types, faults):
            try:
                interval = read_interval(columns)
                attributes = columns[8].rstrip(b"\r\n")
                add_exon(exons, number, columns, interval, gene_id(attributes), attributes)
            except LineError as fault:
                faults.add(str(fault), number)
    if told := faults.told(exons.source):
        raise InputError(told)
    if not len(exons):
        kinds = " or ".join(exons.feature_types)
        raise InputError([f"{exons.source}: no line has the feature type {kinds} (column 3)"])
    for name in ["contig", "gene", "transcript", "strand", "start", "end", "line"]:
        column = getattr(exons, name)
        setattr(exons, name, np.frombuffer(column, column.typecode))
    return exons


@contextmanager
def open_annotation(gtf: Path) -> Iterator[BufferedIOBase]:
    """Open an annotation, gzipped or not, past the mark that some editors put at its beginning."""
    with gtf.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(gtf) if zipped else gtf.open("rb") as file:
            if file.peek(3).startswith(BOM_UTF8):
                file.read(len(BOM_UTF8))
            yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError([f"{gtf}: the gzip file is truncated or damaged: {error}"]) from error


def lines_of(
    lines: Iterable[bytes], types: set[bytes], faults: LineFaults
) -> Iterator[tuple[int, list[bytes]]]:
    """Give the number and the columns of each line of these types; add what is no line of a GTF."""
    for number, line in enumerate(lines, start=1):
        try:
            columns = split_line(line)
        except LineError as fault:
            faults.add(str(fault), number)
            continue
        if columns and columns[2] in types:
            yield number, columns


def add_exon(
    exons: Exons,
    number: int,
    columns: list[bytes],
    interval: tuple[int, int],
    gene_id: bytes,
    attributes: bytes,
) -> None:
    """Add a line to the columns; of a gene's lines the first that has a name gives it."""
    gene = exons.genes[gene_id]
    if gene not in exons.names and (found := GENE_NAME.search(attributes)):
        exons.names[gene] = found[1]
    if gene not in exons.biotypes and (found := BIOTYPE.search(attributes)):
        exons.biotypes[gene] = found[1]
    transcript = TRANSCRIPT.search(attributes)
    exons.contig.append(exons.contigs[columns[0]])
    exons.gene.append(gene)
    exons.transcript.append(exons.transcripts[transcript[1]] if transcript else -1)
    exons.strand.append(STRANDS[columns[6]])
    exons.start.append(interval[0])
    exons.end.append(interval[1])
    exons.line.append(number)


def merge_intervals(
    group: np.ndarray, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge overlapping and touching intervals within each group.

    Parameters
    ----------
    group : ndarray of int, shape (intervals,)
        What keeps intervals apart, below 2**31.
    start, end : ndarray of int, shape (intervals,)
        0-based, half-open.

    Returns
    -------
    group, start, end : ndarray of int64
        Sorted by group and start.
    """
    base = group.astype(np.int64) << POSITION_BITS
    order = np.argsort(base + start, kind="stable")
    first, reach = (base + start)[order], np.maximum.accumulate((base + end)[order])
    begins = np.flatnonzero(np.concatenate([[True], first[1:] > reach[:-1]]))
    ends = np.concatenate([begins[1:], [len(first)]]) - 1
    mask = (1 << POSITION_BITS) - 1
    return first[begins] >> POSITION_BITS, first[begins] & mask, reach[ends] & mask


def numbered(*columns: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Give each combination of columns a number.

    Parameters
    ----------
    *columns : ndarray of int, shape (rows,)
        Not negative.

    Returns
    -------
    number : ndarray of int64, shape (rows,)
        Of each row's combination, sorted by the first column, then the second, and so on.
    values : list of ndarray
        The columns of each combination.
    """
    shape = [int(column.max()) + 1 for column in columns]
    unique, number = np.unique(np.ravel_multi_index(columns, shape), return_inverse=True)
    return number, list(np.unravel_index(unique, shape))


def gene_lengths(exons: Exons) -> np.ndarray:
    """Count the bases that any exon of a gene covers, by the gene's number."""
    group, (gene, _, _) = numbered(exons.gene, exons.contig, exons.strand)
    merged, start, end = merge_intervals(group, exons.start, exons.end)
    length = np.zeros(len(exons.genes), np.int64)
    np.add.at(length, gene[merged], end - start)
    return length


def gene_table(exons: Exons) -> Iterator[tuple[str, str, str | None, int]]:
    """Describe each gene by its name, biotype and exonic length.

    Parameters
    ----------
    exons : Exons
        As given by `read_exons`.

    Yields
    ------
    tuple
        gene_id, gene_name, biotype (or None), length (bases covered by any exon of the gene),
        sorted by gene_id as htseq-count sorts. A gene without a name is called by its id.
    """
    lengths = gene_lengths(exons).tolist()
    for gene_id, gene in sorted(exons.genes.items()):
        name, biotype = exons.names.get(gene, gene_id), exons.biotypes.get(gene)
        yield decoded(gene_id), decoded(name), decoded(biotype) if biotype else None, lengths[gene]


def stranded_exons(exons: Exons) -> Iterator[tuple[str, int, int, str]]:
    """List contig, start, end and strand of what exons cover, merged across genes."""
    contigs = sorted(exons.contigs)
    group, (contig, strand) = numbered(exons.contigs.ranks()[exons.contig], exons.strand)
    merged, start, end = merge_intervals(group, exons.start, exons.end)
    for number, first, last, way in np.stack(
        [contig[merged], start, end, strand[merged]], axis=1
    ).tolist():
        yield decoded(contigs[number]), first, last, STRAND_NAMES[way]


def splice_sites(exons: Exons) -> Iterator[tuple[str, int, int, str]]:
    """List the introns of all transcripts, in the form HISAT2 takes as known splice sites.

    Parameters
    ----------
    exons : Exons
        As given by `read_exons`.

    Yields
    ------
    tuple
        contig, left (0-based last base of the exon before), right (0-based first base of the
        exon after), strand; each intron once, sorted.
    """
    contigs = sorted(exons.contigs)
    rank = exons.contigs.ranks()[exons.contig]
    order = np.lexsort([exons.start, exons.contig, exons.transcript])
    before, after = order[:-1], order[1:]
    gap = (
        (exons.transcript[after] >= 0)
        & (exons.transcript[after] != exons.transcripts.get(UNNAMED, -1))
        & (exons.transcript[before] == exons.transcript[after])
        & (exons.contig[before] == exons.contig[after])
        & (exons.end[before] < exons.start[after])
    )
    before, after = before[gap], after[gap]
    columns = [rank[after], exons.end[before] - 1, exons.start[after], exons.strand[after]]
    introns = np.stack(columns, axis=1)[np.lexsort(columns[::-1])]
    new = np.concatenate([[True], (introns[1:] != introns[:-1]).any(axis=1)])[: len(introns)]
    for number, left, right, way in introns[new].tolist():
        yield decoded(contigs[number]), left, right, STRAND_NAMES[way]
