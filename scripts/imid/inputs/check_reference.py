"""The reference: that genome and annotation can be read and belong together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from imid.counting.gtf_rules import beyond_contigs
from imid.inputs.exon_lines import ExonLines
from imid.shared.genome_index import read_lengths
from imid.shared.problems import InputError, first_few
from imid.userfiles.check_content import (
    ContentError,
    is_small,
    read_content,
    read_lines,
    refuse_cut_bgzf,
)
from imid.userfiles.fasta_rules import FastaRules

GENE_NAME = re.compile(rb'(?:^|[; ])gene_name[ \t]+"?([^";\n]+)')


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
    lengths : dict
        Bases of those of which they are known.
    """

    source: str
    names: list[str]
    complete: bool
    lengths: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Annotation:
    """What was seen of a GTF.

    Attributes
    ----------
    source : str
        The file, as the user named it.
    genes : dict
        Names by gene_id, of genes with exons; a gene without a name has its id.
    places : dict
        The genes on each contig.
    complete : bool
        Whether the file was read whole.
    exons : int
        How many exon lines were seen.
    reach : dict
        The highest end of an exon on each contig, and its line.
    warnings : list of str
        What should be known of it.
    """

    source: str
    genes: dict[str, str]
    places: dict[str, list[str]]
    complete: bool
    exons: int = 0
    reach: dict[str, tuple[int, int]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def genes_on(self) -> dict[str, int]:
        """How many genes lie on each contig."""
        return {contig: len(genes) for contig, genes in self.places.items()}


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
    rules = FastaRules()
    for block in read_content(path):
        rules.feed(block)
    if is_small(path):
        rules.end()
    if rules.problems:
        raise InputError(f"{source} {problem}" for problem in rules.problems)
    refuse_cut_bgzf(path)
    index = Path(f"{path}.fai")
    lengths = rules.lengths
    if not is_small(path):
        if not index.exists() or index.stat().st_mtime < path.stat().st_mtime:
            # The last of those seen may go on.
            return Contigs(source, list(lengths), False, dict(list(lengths.items())[:-1]))
        try:
            lengths = read_lengths(index)
        except InputError:
            raise ContentError(f"has a damaged index, {index.name}; delete that") from None
    return Contigs(source, list(lengths), complete=True, lengths=lengths)


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
    rules = ExonLines(source, stranded)
    names: dict[bytes, bytes] = {}
    places: dict[tuple[bytes, bytes], None] = {}
    seen = 0
    for block in read_lines(path):
        rules.text(seen + 1, block)
        lines = block.splitlines()
        for number, line in enumerate(lines, start=seen + 1):
            found = rules.exon(number, line)
            if found is None:
                continue
            (contig, *_, attributes), gene = found
            if (contig, gene) not in places:
                places[contig, gene] = None
                names.setdefault(gene, (GENE_NAME.search(attributes) or [b"", gene])[1])
        seen += len(lines)
    if rules.problems:
        raise InputError(rules.problems)
    refuse_cut_bgzf(path)
    if not names and is_small(path):
        features = ", ".join(_text(feature) for feature, _ in rules.features.most_common(4))
        raise ContentError(
            "has no exon lines, and they are what is counted"
            + (f"; its features are {features}" if features else "")
        )
    genes_on: dict[str, list[str]] = {}
    for contig, gene in places:
        genes_on.setdefault(_text(contig), []).append(_text(gene))
    return Annotation(
        source,
        genes={_text(gene): _text(name) for gene, name in names.items()},
        places=genes_on,
        complete=is_small(path),
        exons=rules.exons,
        reach={_text(contig): reach for contig, reach in rules.reach.items()},
        warnings=rules.warnings,
    )


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
    beyond = beyond_contigs(annotation.reach, contigs.lengths, annotation.source, contigs.source)
    if beyond:
        return [beyond], []
    names, wanted = set(contigs.names), annotation.genes_on
    absent = [contig for contig in wanted if contig not in names]
    both_complete = contigs.complete and annotation.complete
    if wanted and len(absent) == len(wanted):
        renamed = in_other_style(names) & wanted.keys()
        if both_complete or renamed:
            hint = "; one of them puts chr before its names: take both from one source"
            return [
                f"{contigs.source} and {annotation.source} have no contig name in common:"
                f" {first_few(contigs.names)} against {first_few(wanted)}{hint if renamed else ''}"
            ], []
    elif absent and both_complete:
        genes = sum(wanted[contig] for contig in absent)
        return [], [
            f"{annotation.source}: {genes} of {sum(wanted.values())} genes lie on contigs that"
            f" {contigs.source} does not have ({first_few(absent)}); they will count 0"
        ]
    return [], []


def in_other_style(names: Iterable[str]) -> set[str]:
    """Name contigs as the other sources do: 1 for chr1, and chr1 for 1."""
    return {name.removeprefix("chr") if name.startswith("chr") else f"chr{name}" for name in names}


def _text(name: bytes) -> str:
    return name.decode(errors="replace")
