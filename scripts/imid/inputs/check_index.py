"""A prebuilt index: that it is whole, and of the aligner that is to use it."""

from dataclasses import dataclass
from pathlib import Path

from imid.inputs.check_reference import Annotation, Contigs
from imid.reads.aligners import ALIGNERS
from imid.shared.problems import ContentError


@dataclass(frozen=True)
class Index(Contigs):
    """An aligner's index: the contigs that it was built from, and with which annotation.

    Attributes
    ----------
    genes : frozenset of str, optional
        Ids of the genes that the aligner was told of; unknown where it was told of none.
    exons : int, optional
        How many exon lines they had.
    """

    genes: frozenset[str] | None = None
    exons: int | None = None


def read_index(path: Path, source: str, aligner: str) -> Index | None:
    """Look into a prebuilt index.

    Parameters
    ----------
    path : Path
        A folder, or what the names of the index's files begin with.
    source : str
        What messages call it.
    aligner : str
        The program that is to use it, by its name in the config.

    Returns
    -------
    Index or None
        What it was built from; None where it does not tell.

    Raises
    ------
    ContentError
        If it is missing, incomplete, of another aligner, or of a format that is no longer read.
    """
    chosen = ALIGNERS[aligner]
    others = [other for other in ALIGNERS.values() if other.is_index(path)]
    if others and not chosen.is_index(path):
        raise ContentError(f"is an index of {others[0].title}, but the aligner is {aligner}")
    found = chosen.inspect_index(path)
    if found is None:
        return None
    return Index(source, list(found.lengths), True, found.lengths, found.genes, found.exons)


def index_findings(
    index: Index, genome: Contigs | None, annotation: Annotation | None
) -> tuple[list[str], list[str]]:
    """Hold a prebuilt index against genome and annotation, from which it must have been made.

    Parameters
    ----------
    index : Index
        As given by `read_index`.
    genome : Contigs, optional
        Of the FASTA.
    annotation : Annotation, optional
        What was seen of the GTF.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings; only what follows even if a file was not read whole.
    """
    problems = [_other_lengths(index, genome)] if genome else []
    if annotation and index.genes is not None:
        problems.append(_other_genes(index, annotation))
    found = [problem for problem in problems if problem]
    warning = _other_exons(index, annotation) if annotation and not found else None
    return found, [warning] if warning else []


def _other_lengths(index: Index, genome: Contigs) -> str | None:
    differing = [
        name for name, length in genome.lengths.items() if index.lengths.get(name, length) != length
    ]
    if differing:
        first = differing[0]
        return (
            f"{index.source} is of another genome: {first} has {index.lengths[first]:,} bases"
            f" there, {genome.lengths[first]:,} in {genome.source} (so {len(differing)} of"
            f" {len(genome.lengths)} contigs); leave the index out, and one is built"
        )
    absent = [name for name in genome.names if name not in index.lengths]
    if absent and index.lengths:
        return (
            f"{index.source} is of another genome: {len(absent)} of {len(genome.names)} contigs"
            f" of {genome.source} are not in it ({absent[0]}); leave the index out, and one is"
            " built"
        )
    return None


def _other_genes(index: Index, annotation: Annotation) -> str | None:
    located = [set(genes) for contig, genes in annotation.places.items() if contig in index.lengths]
    genes = index.genes or frozenset()
    expected = set().union(*located)
    lacking = sorted(expected - genes)
    further = sorted(genes - expected) if annotation.complete else []
    if not lacking and not further:
        return None
    said = [
        f"{len(lacking):,} of {len(expected):,} genes of {annotation.source} are not in it"
        f" ({lacking[0]})"
        if lacking
        else "",
        f"{len(further):,} genes are in it alone ({further[0]})" if further else "",
    ]
    return (
        f"{index.source} was built with another annotation: {' and '.join(filter(None, said))};"
        " give the GTF that it was built with, or leave the index out, and one is built"
    )


def _other_exons(index: Index, annotation: Annotation) -> str | None:
    known = annotation.complete and all(contig in index.lengths for contig in annotation.places)
    if index.exons is None or not known or index.exons == annotation.exons:
        return None
    return (
        f"{index.source} was built with {index.exons:,} exon lines, and {annotation.source} has"
        f" {annotation.exons:,}: perhaps another release of the annotation, or exons without a"
        " transcript_id, which are left out"
    )
