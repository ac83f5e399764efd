"""What a line of a GTF must be, for whoever reads one: the check of the input and later steps."""

import re
from collections import Counter
from dataclasses import dataclass, field

from imid.shared.problems import place

GENE_ID = re.compile(rb'(?:^|[; ])gene_id[ \t]+"?([^";\n]*)')
TRANSCRIPT_ID = re.compile(rb'(?:^|[; ])transcript_id[ \t]+"?([^";\n]*)')
# Ids of transcripts, as UCSC's table browser gives them for genes: Ensembl, RefSeq, UCSC.
TRANSCRIPT = re.compile(rb"ENS[A-Z]*T\d+|[NX][MR]_\d+|uc\d{3}[a-z]{3}")
NO_IDS = {b"", b"NA", b"na", b"N/A", b"NaN", b"nan", b"None", b"null", b"NULL", b"."}
STRANDS = {b"+", b"-", b"."}
# BAM holds no position beyond.
LONGEST = 2**31 - 1
# So many exons tell whether genes are transcripts.
TELLING = 20_000

COLUMNS = "is no line of a GTF, which has nine columns separated by tabs"
BLANKS = "has blanks where a GTF has tabs; take the file anew, no editor or shell in between"
POSITION = "start and end of the exon must be whole numbers from 1 on"
TOO_FAR = "the exon ends beyond 2,147,483,647, the last position of any contig"
INVERTED = "the exon ends before it starts"
STRAND = "the strand of the exon, column 7, must be + or - (or . where it is not known)"
WITHOUT_STRAND = "the exon has no strand, which a stranded library needs"
WITHOUT_GENE = "the exon has no gene_id, and exons are counted by it"
GFF3 = "the exon has no gene_id; this looks like GFF3: make a GTF of it with gffread -T"
NO_ID = "the exon's gene_id says that there is none; give it an id, or take the line out"
TWO_GENES = "the exon has two gene_id; keep one"
SINGLE_QUOTES = "has single quotes around its gene_id; a GTF has double ones"
QUOTES = "has a quote that is not closed"
NOT_UTF8 = "is not UTF-8 text; convert the file with iconv -f latin1 -t utf-8"
NUL = "has a NUL byte, so the file is damaged"
OLD_MAC = "has line ends of old Macs; convert the file with tr '\\r' '\\n'"
MARK = "begins with a byte-order mark; take it off with sed '1s/^\\xEF\\xBB\\xBF//'"


def text_fault(lines: bytes) -> str | None:
    """Tell what keeps programs from reading a line, or lines, as text.

    Parameters
    ----------
    lines : bytes
        One or more whole lines.

    Returns
    -------
    str or None
        What is wrong with one of them.
    """
    if b"\0" in lines:
        return NUL
    if b"\r" in lines and lines.count(b"\r") != lines.count(b"\r\n"):
        return OLD_MAC
    if not lines.isascii():
        if lines.startswith(b"\xef\xbb\xbf"):
            return MARK
        try:
            lines.decode()
        except UnicodeDecodeError:
            return NOT_UTF8
    return None


def more_lines(number: int) -> str:
    """Say how many lines there are like the one that is told."""
    return f" (and so {number - 1:,} more lines)" if number > 1 else ""


@dataclass
class ExonRules:
    """The rules, and what they found in the lines seen so far.

    Attributes
    ----------
    source : str
        What messages call the file.
    stranded : bool
        Whether reads are counted by strand, for which every exon needs one.
    faults : dict
        For each fault the first line, and how many there are.
    reach : dict
        For each contig the highest end of an exon, and its line.
    home : dict
        Contig and strand of each gene's first exon.
    scattered : set
        Genes that have exons elsewhere, too.
    exons : int
        Sound exon lines.
    features : Counter
        How many lines of each feature are no exons; of the first lines.
    """

    source: str
    stranded: bool
    faults: dict[str, list[int]] = field(default_factory=dict)
    reach: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    home: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    scattered: set[bytes] = field(default_factory=set)
    exons: int = 0
    features: Counter = field(default_factory=Counter)
    _without_transcript: int = 0
    _own_transcript: int = 0
    _like_transcript: int = 0

    def exon(self, number: int, line: bytes) -> tuple[list[bytes], bytes] | None:
        """Look at a line.

        Parameters
        ----------
        number : int
            Of the line, from 1.
        line : bytes
            Without its end.

        Returns
        -------
        tuple of list of bytes and bytes, or None
            The nine columns of a sound exon line and its gene_id; None for any other line.
        """
        columns = line.split(b"\t")
        if len(columns) != 9:
            if line.startswith((b"#", b"\xef\xbb\xbf#")) or not line.strip():
                return None
            untabbed = len(columns) == 1 and len(line.split(None, 8)) == 9
            return self._fault(BLANKS if untabbed else COLUMNS, number)
        if columns[2] != b"exon" or line.startswith(b"#"):
            if self.exons < TELLING:
                self.features[columns[2]] += 1
            return None
        contig, _, _, start, end, _, strand, _, attributes = columns
        if not (start.isdigit() and end.isdigit()) or int(start) < 1:
            return self._fault(POSITION, number)
        if len(end) > 10 or int(end) > LONGEST:
            return self._fault(TOO_FAR, number)
        if int(end) < int(start):
            return self._fault(INVERTED, number)
        if strand not in STRANDS:
            return self._fault(STRAND, number)
        if self.stranded and strand == b".":
            return self._fault(WITHOUT_STRAND, number)
        gene = self._gene(number, attributes)
        if gene is None:
            return None
        self.exons += 1
        self._without_transcript += b"transcript_id" not in attributes
        if int(end) > self.reach.get(contig, (0, 0))[0]:
            self.reach[contig] = int(end), number
        if self.home.setdefault(gene, (contig, strand)) != (contig, strand):
            self.scattered.add(gene)
        if self.exons <= TELLING:
            self._hold_against_transcript(gene, attributes)
        return columns, gene

    def _fault(self, fault: str, number: int) -> None:
        self.faults.setdefault(fault, [number, 0])[1] += 1

    def _gene(self, number: int, attributes: bytes) -> bytes | None:
        found = GENE_ID.search(attributes)
        if found is None:
            return self._fault(GFF3 if b"Parent=" in attributes else WITHOUT_GENE, number)
        gene = found[1].strip()
        if gene in NO_IDS:
            return self._fault(NO_ID, number)
        if gene.startswith(b"'"):
            return self._fault(SINGLE_QUOTES, number)
        if attributes.count(b'"') % 2:
            return self._fault(QUOTES, number)
        again = attributes.find(b"gene_id", found.end())
        if again >= 0 and any(other.strip() != gene for other in GENE_ID.findall(attributes)):
            return self._fault(TWO_GENES, number)
        return gene

    def _hold_against_transcript(self, gene: bytes, attributes: bytes) -> None:
        transcript = TRANSCRIPT_ID.search(attributes)
        if transcript and transcript[1] == gene:
            self._own_transcript += 1
            self._like_transcript += TRANSCRIPT.match(gene) is not None

    def text(self, number: int, lines: bytes) -> None:
        """Look at lines as text, before they are split.

        Parameters
        ----------
        number : int
            Of the first, from 1.
        lines : bytes
            Whole lines.
        """
        if text_fault(lines):
            for line_number, line in enumerate(lines.split(b"\n"), start=number):
                if fault := text_fault(line.removesuffix(b"\r")):
                    self._fault(fault, line_number)

    @property
    def problems(self) -> list[str]:
        """What keeps the lines from being counted, each fault with its first line."""
        told = [
            f"{place(self.source, first)}: {fault}" + more_lines(number)
            for fault, (first, number) in self.faults.items()
        ]
        seen = min(self.exons, TELLING)
        if seen and self._like_transcript > seen / 2:
            told.append(
                f"{self.source}: gene_id is transcript_id in {self._own_transcript:,} of {seen:,}"
                " exons, as UCSC's table browser writes it: isoforms would be counted as genes of"
                " their own. Take UCSC's genes/*.gtf.gz, GENCODE's or Ensembl's file"
            )
        return told

    @property
    def warnings(self) -> list[str]:
        """What should be known of lines that can be counted."""
        told = []
        seen = min(self.exons, TELLING)
        if seen and seen / 2 < self._own_transcript and self._like_transcript <= seen / 2:
            told.append(
                f"{self.source}: gene_id is transcript_id in {self._own_transcript:,} of {seen:,}"
                " exons; where a gene has several transcripts, each is counted as a gene"
            )
        if self._without_transcript:
            told.append(
                f"{self.source}: {self._without_transcript:,} of {self.exons:,} exons have no"
                " transcript_id; STAR leaves them out, and HISAT2 is told of no junctions of theirs"
            )
        if self.scattered:
            first = ", ".join(_as_text(gene) for gene in sorted(self.scattered)[:3])
            told.append(
                f"{self.source}: {len(self.scattered):,} of {len(self.home):,} genes have exons on"
                f" two contigs or strands ({first}{' ...' if len(self.scattered) > 3 else ''});"
                " what lies in any of them counts for the gene"
            )
        return told


def _as_text(name: bytes) -> str:
    return name.decode(errors="replace")
