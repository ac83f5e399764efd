"""What the check before a run finds in the lines of a GTF."""

import re
from collections import Counter
from dataclasses import dataclass, field

from imid.counting.gtf_rules import (
    BYTE_ORDER_MARK,
    WITHOUT_STRAND,
    GeneReader,
    LineError,
    LineFaults,
    read_interval,
    split_line,
)

TRANSCRIPT_ID = re.compile(rb'(?:^|[; ])transcript_id[ \t]+"?([^";\n]*)')
# Ids of transcripts, as UCSC's table browser gives them for genes: Ensembl, RefSeq, UCSC.
TRANSCRIPT = re.compile(rb"ENS[A-Z]*T\d+|[NX][MR]_\d+|uc\d{3}[a-z]{3}")
# So many exons tell whether genes are transcripts.
TELLING = 20_000

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
        if lines.startswith(BYTE_ORDER_MARK):
            return MARK
        try:
            lines.decode()
        except UnicodeDecodeError:
            return NOT_UTF8
    return None


@dataclass
class ExonLines:
    """What was found in the lines seen so far.

    Attributes
    ----------
    source : str
        What messages call the file.
    stranded : bool
        Whether reads are counted by strand, for which every exon needs one.
    faults : LineFaults
        What is wrong with them.
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
    faults: LineFaults = field(default_factory=LineFaults)
    reach: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    home: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    scattered: set[bytes] = field(default_factory=set)
    exons: int = 0
    features: Counter = field(default_factory=Counter)
    _gene: GeneReader = field(default_factory=GeneReader)
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
        try:
            columns = split_line(line)
            if columns is None:
                return None
            if columns[2] != b"exon":
                if self.exons < TELLING:
                    self.features[columns[2]] += 1
                return None
            _, end = read_interval(columns)
            contig, *_, strand, _, attributes = columns
            if self.stranded and strand == b".":
                raise LineError(WITHOUT_STRAND)
            gene = self._gene(attributes)
        except LineError as fault:
            self.faults.add(str(fault), number)
            return None
        self.exons += 1
        self._without_transcript += b"transcript_id" not in attributes
        if end > self.reach.get(contig, (0, 0))[0]:
            self.reach[contig] = end, number
        if self.home.setdefault(gene, (contig, strand)) != (contig, strand):
            self.scattered.add(gene)
        if self.exons <= TELLING:
            self._hold_against_transcript(gene, attributes)
        return columns, gene

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
                    self.faults.add(fault, line_number)

    @property
    def problems(self) -> list[str]:
        """What keeps the lines from being counted, each fault with its first line."""
        told = self.faults.told(self.source)
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
