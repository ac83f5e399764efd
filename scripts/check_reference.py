"""The reference: that genome and annotation can be read and belong together."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from check_content import ContentError, is_small, read_content, read_lines, refuse_cut_bgzf
from problems import InputError, place

GENE_ID = re.compile(rb'(?:^|[; ])gene_id[ \t]+"?([^";\n]+)')
GENE_NAME = re.compile(rb'(?:^|[; ])gene_name[ \t]+"?([^";\n]+)')
STRANDS = [b"+", b"-", b"."]
MALFORMED = (
    "is no line of a GTF; it has nine columns separated by tabs, among them start, end and strand"
)
WITHOUT_GENE = "the exon has no gene_id, and exons are counted by it"
GFF3 = "the exon has no gene_id; this looks like GFF3: make a GTF of it with gffread -T"
WITHOUT_STRAND = "the exon has no strand, which a stranded library needs"


@dataclass(frozen=True)
class Contigs:
    """Sequences by name.

    Attributes
    ----------
    source : str
        The file, as the user named it.
    names : list of str
        In its order.
    complete : bool
        Whether these are all.
    """

    source: str
    names: list[str]
    complete: bool


@dataclass(frozen=True)
class Annotation:
    """What was seen of a GTF.

    Attributes
    ----------
    source : str
        The file, as the user named it.
    genes : dict
        Names by gene_id, of genes with exons; a gene without a name has its id.
    genes_on : dict
        How many of them lie on each contig.
    complete : bool
        Whether the file was read whole.
    """

    source: str
    genes: dict[str, str]
    genes_on: dict[str, int]
    complete: bool


def read_fasta(path: Path, source: str) -> Contigs:
    """Read the names of a genome's sequences.

    Those of a FASTA too large to be read whole here come from its index (``.fai``), if there is
    one beside it that is not older.

    Parameters
    ----------
    path : Path
        A FASTA, plain or gzipped.
    source : str
        What messages call it.

    Returns
    -------
    Contigs
        All of them, or those at the beginning of a large file.

    Raises
    ------
    ContentError
        If it is missing, empty, truncated or not FASTA.
    """
    names = [_text((header.split() or [b""])[0]) for header in _headers(path)]
    if not all(names):
        raise ContentError("has a sequence without a name")
    if not names:
        raise ContentError("holds no sequences")
    refuse_cut_bgzf(path)
    index = Path(f"{path}.fai")
    if is_small(path):
        return Contigs(source, names, complete=True)
    if index.exists() and index.stat().st_mtime >= path.stat().st_mtime:
        lines = index.read_text(encoding="utf-8").splitlines()
        return Contigs(source, [line.split("\t")[0] for line in lines], complete=True)
    return Contigs(source, names, complete=False)


def _headers(path: Path) -> Iterator[bytes]:
    """Give each header of a FASTA without its >; a sequence may be one line of any length."""
    rest = b"\n"
    for number, block in enumerate(filter(None, read_content(path))):
        if number == 0 and not block.startswith(b">"):
            raise ContentError("is not FASTA: its first line does not begin with '>'")
        text = rest + block
        rest = text[-1:]
        found = text.find(b"\n>")
        while found >= 0:
            end = text.find(b"\n", found + 2)
            if end < 0:
                rest = text[found:]
                break
            yield text[found + 2 : end]
            found = text.find(b"\n>", end)


def read_gtf(path: Path, source: str, stranded: bool) -> Annotation:
    """Read which genes a GTF has exons of, and where they lie.

    Parameters
    ----------
    path : Path
        A GTF, plain or gzipped.
    source : str
        What messages call it.
    stranded : bool
        Whether reads will be counted by strand, for which every exon needs one.

    Returns
    -------
    Annotation
        What was seen of it.

    Raises
    ------
    ContentError
        If it is missing, empty, truncated, or has no exons.
    InputError
        If exons cannot be counted, with the first line of each fault.
    """
    names: dict[tuple[bytes, bytes], bytes] = {}
    faults: dict[str, int] = {}
    for number, columns in _exons(path):
        if fault := _exon_fault(columns, stranded):
            faults.setdefault(fault, number)
            continue
        contig, attributes = columns[0], columns[8]
        gene = GENE_ID.search(attributes)
        if not gene:
            faults.setdefault(GFF3 if b"Parent=" in attributes else WITHOUT_GENE, number)
        elif (gene[1], contig) not in names:
            names[gene[1], contig] = (GENE_NAME.search(attributes) or gene)[1]
    if faults:
        raise InputError([f"{place(source, line)}: {fault}" for fault, line in faults.items()])
    refuse_cut_bgzf(path)
    if not names and is_small(path):
        raise ContentError("has no exon lines, and they are what is counted")
    return Annotation(
        source,
        genes={_text(gene): _text(name) for (gene, _), name in names.items()},
        genes_on=Counter(_text(contig) for _, contig in names),
        complete=is_small(path),
    )


def _exons(path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """Give each exon line's number and columns."""
    lines = (line for block in read_lines(path) for line in block.splitlines())
    for number, line in enumerate(lines, start=1):
        columns = line.split(b"\t")
        if len(columns) > 2 and columns[2] == b"exon" and not line.startswith(b"#"):
            yield number, columns


def _exon_fault(columns: list[bytes], stranded: bool) -> str | None:
    if (
        len(columns) != 9
        or not (columns[3].isdigit() and columns[4].isdigit())
        or columns[6] not in STRANDS
    ):
        return MALFORMED
    return WITHOUT_STRAND if stranded and columns[6] == b"." else None


def contig_findings(contigs: Contigs, annotation: Annotation) -> tuple[list[str], list[str]]:
    """Compare the contigs of a genome with those of an annotation.

    Parameters
    ----------
    contigs : Contigs
        Of the genome, or of an index of it.
    annotation : Annotation
        What was seen of the GTF.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings; only what follows even if a file was not read whole.
    """
    names, wanted = set(contigs.names), annotation.genes_on
    absent = [contig for contig in wanted if contig not in names]
    both_complete = contigs.complete and annotation.complete
    if wanted and len(absent) == len(wanted):
        other_style = {
            name.removeprefix("chr") if name.startswith("chr") else f"chr{name}" for name in names
        }
        renamed = other_style.intersection(wanted)
        if both_complete or renamed:
            hint = "; one of them puts chr before its names: take both from one source"
            return [
                f"{contigs.source} and {annotation.source} have no contig name in common:"
                f" {_first(contigs.names)} against {_first(wanted)}{hint if renamed else ''}"
            ], []
    elif absent and both_complete:
        genes = sum(wanted[contig] for contig in absent)
        return [], [
            f"{annotation.source}: {genes} of {sum(wanted.values())} genes lie on contigs that"
            f" {contigs.source} does not have ({_first(absent)}); they will count 0"
        ]
    return [], []


def _text(name: bytes) -> str:
    return name.decode(errors="replace")


def _first(names: Iterable[str]) -> str:
    first = list(islice(names, 4))
    return ", ".join(first[:3]) + (" ..." if len(first) > 3 else "")
