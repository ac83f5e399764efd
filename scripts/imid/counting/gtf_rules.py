"""What a line of a GTF must be, for whoever reads one: the check before a run, and later steps.

The check sees the beginning of a large file, a step all of it; what the one lets pass the other
does not refuse, for both ask here.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from imid.shared.problems import place

GENE_ID = re.compile(rb'(?:^|[; ])gene_id[ \t]+"?([^";\n]*)')
# The value of an attribute as HTSeq reads it, where that is plain.
PLAIN = rb'%s\s+(?:"([^";]*)"|([^";=\s]+))(?=;|$)'
NO_IDS = {b"", b"NA", b"na", b"N/A", b"NaN", b"nan", b"None", b"null", b"NULL", b"."}
STRAND_NAMES = "+-."
STRANDS = {strand.encode(): number for number, strand in enumerate(STRAND_NAMES)}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# BAM holds no position beyond.
LONGEST = 2**31 - 1
# As many kinds of fault are told at once, each with its first line.
FAULTS_TOLD = 10

COLUMNS = "is no line of a GTF, which has nine columns separated by tabs"
BLANKS = "has blanks where a GTF has tabs; take the file anew, no editor or shell in between"
POSITION = "start and end of the exon must be whole numbers from 1 on"
TOO_FAR = "the exon ends beyond 2,147,483,647, the last position of any contig"
INVERTED = "the exon ends before it starts"
STRAND = "the strand of the exon, column 7, must be + or - (or . where it is not known)"
WITHOUT_STRAND = "the exon has no strand, which a stranded library needs"
WITHOUT_ID = "the exon has no {}, and exons are counted by it"
GFF3 = "the exon has no gene_id; this looks like GFF3: make a GTF of it with gffread -T"
NO_ID = "the exon's gene_id says that there is none; give it an id, or take the line out"
TWO_GENES = "the exon has two gene_id; keep one"
SINGLE_QUOTES = "has single quotes around its gene_id; a GTF has double ones"
QUOTES = "has a quote that is not closed"


class LineError(Exception):
    """What is wrong with a line; the same words for the same kind."""


@dataclass
class LineFaults:
    """What is wrong with the lines seen so far.

    Attributes
    ----------
    seen : dict
        For each fault the first line, and how many there are.
    """

    seen: dict[str, list[int]] = field(default_factory=dict)

    def add(self, fault: str, number: int) -> None:
        """Add a line's fault."""
        self.seen.setdefault(fault, [number, 0])[1] += 1

    def told(self, source: str | Path) -> list[str]:
        """Tell the faults of a file, each with its first line."""
        return [
            f"{place(source, first)}: {fault}"
            + (f" (and so {number - 1:,} more lines)" if number > 1 else "")
            for fault, (first, number) in list(self.seen.items())[:FAULTS_TOLD]
        ]


def split_line(line: bytes) -> list[bytes] | None:
    """Split a line into its nine columns.

    Parameters
    ----------
    line : bytes
        With its end or without.

    Returns
    -------
    list of bytes or None
        None for a comment or a blank line.

    Raises
    ------
    LineError
        Where it has other columns.
    """
    if line.startswith(b"#"):
        return None
    columns = line.split(b"\t", 9)
    if len(columns) == 9:
        return columns
    if line.startswith(BYTE_ORDER_MARK + b"#") or not line.strip():
        return None
    untabbed = len(columns) == 1 and len(line.split(None, 8)) == 9
    raise LineError(BLANKS if untabbed else COLUMNS)


def read_interval(columns: list[bytes]) -> tuple[int, int]:
    """Read where a line's feature lies, 0-based and half-open; `LineError` where it cannot lie."""
    _, _, _, start, end, _, strand, _, _ = columns
    if not (start.isdigit() and end.isdigit()):
        raise LineError(POSITION)
    # More digits than Python reads as a number are too far, too.
    if len(end) > 10 or (last := int(end)) > LONGEST:
        raise LineError(TOO_FAR)
    if len(start) > 10 or last < (first := int(start)):
        raise LineError(INVERTED)
    if first < 1:
        raise LineError(POSITION)
    if strand not in STRANDS:
        raise LineError(STRAND)
    return first - 1, last


class IdReader:
    """Reads what HTSeq would take for the id of a line's feature.

    HTSeq's own parser costs more than all else together. It is asked where it is not plain at a
    glance what it would find.

    Parameters
    ----------
    id_attributes : list of str
        The attributes; the values of several are joined by colons.
    is_gtf : bool
        Whether attributes are written as in a GTF.
    """

    def __init__(self, id_attributes: list[str], is_gtf: bool) -> None:
        self.id_attributes = id_attributes
        self.is_gtf = is_gtf
        self.plain = [
            (key := name.encode(), re.compile(PLAIN % re.escape(key))) for name in id_attributes
        ]

    def __call__(self, attributes: bytes) -> bytes:
        """Give the id, from the ninth column; without one there is a `LineError`."""
        values = []
        for key, pattern in self.plain:
            at = attributes.find(key)
            found = self.is_gtf and at >= 0 and pattern.match(attributes, at)
            if not (
                found
                and (at == 0 or attributes[:at].rstrip().endswith(b";"))
                and attributes.count(b'"', 0, at) % 2 == 0
                and attributes.count(key) == 1
            ):
                return self.by_htseq(attributes)
            values.append(found[1] if found[2] is None else found[2])
        return b":".join(values)

    def by_htseq(self, attributes: bytes) -> bytes:
        """Let HTSeq read the attributes."""
        from HTSeq import GFF_Reader

        try:
            found = GFF_Reader.parse_GFF_attribute_string(
                decoded(attributes), gff_version=2 if self.is_gtf else 3
            )
        except ValueError as error:
            raise LineError(f"HTSeq cannot read the attributes: {error}") from None
        for name in self.id_attributes:
            if name not in found:
                if self.is_gtf and b"Parent=" in attributes:
                    raise LineError(GFF3)
                raise LineError(WITHOUT_ID.format(name))
        return ":".join(found[name] for name in self.id_attributes).encode()


class GeneReader(IdReader):
    """Reads the gene_id of an exon, where it can be meant: HTSeq counts for what is none, too."""

    def __init__(self) -> None:
        super().__init__(["gene_id"], is_gtf=True)

    def __call__(self, attributes: bytes) -> bytes:
        """Give the id, from the ninth column; without a sound one there is a `LineError`."""
        if attributes.count(b'"') % 2:
            raise LineError(QUOTES)
        gene = super().__call__(attributes)
        if gene.strip() in NO_IDS:
            raise LineError(NO_ID)
        if gene.startswith(b"'"):
            raise LineError(SINGLE_QUOTES)
        if attributes.count(b"gene_id") > 1 and len(set(GENE_ID.findall(attributes))) > 1:
            raise LineError(TWO_GENES)
        return gene

    def by_htseq(self, attributes: bytes) -> bytes:
        """Let HTSeq read the attributes, which takes those of a GFF3, too."""
        if GENE_ID.search(attributes) is None:
            raise LineError(GFF3 if b"Parent=" in attributes else WITHOUT_ID.format("gene_id"))
        # Where a blank follows the quotes, HTSeq takes them for a part of the id.
        return super().by_htseq(attributes).strip(b'" ')


def beyond_contigs(
    reach: dict[str, tuple[int, int]], lengths: dict[str, int], annotation: str | Path, genome: str
) -> str | None:
    """Tell of contigs whose exons go beyond their end, by the first of these exons.

    Parameters
    ----------
    reach : dict
        For each contig the highest end of an exon, and its line.
    lengths : dict
        Of the genome's contigs, in bases; a contig that is not among them is passed over.
    annotation : str or Path
        What messages call the GTF.
    genome : str
        And the genome.

    Returns
    -------
    str or None
        None where all lie within.
    """
    beyond = {
        contig: reached
        for contig, reached in reach.items()
        if reached[0] > lengths.get(contig, reached[0])
    }
    if not beyond:
        return None
    contig, (end, line) = min(beyond.items(), key=lambda item: item[1][1])
    shared = sum(contig in lengths for contig in reach)
    return (
        f"{place(annotation, line)}: the exon ends at {end:,} on {contig}, which has"
        f" {lengths[contig]:,} bases in {genome}; so it is on {len(beyond)} of {shared} contigs:"
        " they are of different assemblies, take both from one source"
    )


def decoded(text: bytes) -> str:
    """Read text as UTF-8, or as Latin-1, which is what is not UTF-8 most often."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")
