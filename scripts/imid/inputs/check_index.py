"""A prebuilt index: that it is whole, and of the aligner that is to use it."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from imid.inputs.check_reference import Annotation, Contigs
from imid.userfiles.check_content import ContentError

# What STAR 2.7.4a and later read and write; an index keeps the format it was built with.
STAR_FORMAT = "2.7.4a"
STAR_FILES = [
    *["Genome", "SA", "SAindex", "genomeParameters.txt"],
    *["chrName.txt", "chrLength.txt", "chrStart.txt"],
]
# The second is that of genomes beyond four billion bases.
HISAT2_SUFFIXES = ["ht2", "ht2l"]
# hisat2-inspect reads the beginning of an index; on a slow disk that may take its time.
PATIENCE = 60


@dataclass(frozen=True)
class Index(Contigs):
    """An aligner's index: the contigs that it was built from, and with which annotation.

    Attributes
    ----------
    genes : frozenset of str, optional
        Ids of the genes that STAR was told of; unknown of HISAT2's, which is told of splice
        sites when it aligns.
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
        STAR's folder, or the prefix of HISAT2's files.
    source : str
        What messages call it.
    aligner : {"star", "hisat2"}
        The program that is to use it.

    Returns
    -------
    Index or None
        What it was built from; None of HISAT2's where hisat2-inspect is not on this machine.

    Raises
    ------
    ContentError
        If it is missing, incomplete, of another aligner, or of a format that STAR gave up.
    """
    if aligner == "star":
        _refuse_hisat2(path)
        return _read_star(path, source)
    if (path / "genomeParameters.txt").exists():
        raise ContentError("is an index of STAR, but the aligner is hisat2")
    _check_hisat2(path)
    return _inspect_hisat2(path, source)


def _read_star(path: Path, source: str) -> Index:
    if not path.is_dir():
        raise ContentError(
            "is a file; STAR's index is a folder" if path.exists() else "does not exist"
        )
    missing = [name for name in STAR_FILES if not _has_content(path / name)]
    if len(missing) == len(STAR_FILES):
        raise ContentError("is no index of STAR; leave it out, and one is built")
    if missing:
        raise ContentError(f"is incomplete: {', '.join(missing)} missing or empty; build it again")
    parameters = dict(
        line.split("\t", 1) for line in _lines(path / "genomeParameters.txt") if "\t" in line
    )
    built_as = parameters.get("versionGenome", "an unknown version").strip()
    if built_as != STAR_FORMAT:
        raise ContentError(
            f"has the format of STAR {built_as}, which is no longer read; build it again with"
            f" {STAR_FORMAT} or later"
        )
    _check_sizes(path, parameters.get("genomeFileSizes", "").split())
    lengths = _star_lengths(path)
    return Index(source, list(lengths), True, lengths, _star_genes(path), _star_exons(path))


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        lines = ["\0"]
    except OSError as error:
        raise ContentError(f"cannot be read: {path.name}: {error.strerror}") from error
    if any("\0" in line for line in lines):
        raise ContentError(f"is damaged: {path.name} is no text; build it again")
    return lines


def _check_sizes(path: Path, sizes: list[str]) -> None:
    """Hold the two large files against the sizes that STAR noted when it wrote them."""
    for name, size in zip(["Genome", "SA"], sizes, strict=False):
        found = (path / name).stat().st_size
        if size.isdigit() and int(size) != found:
            raise ContentError(
                f"is damaged: {name} has {found:,} bytes, of {int(size):,} that STAR wrote; copy"
                " it again or build it again"
            )


def _star_lengths(path: Path) -> dict[str, int]:
    names, lengths = _lines(path / "chrName.txt"), _lines(path / "chrLength.txt")
    if len(names) != len(lengths) or not all(length.isdigit() for length in lengths):
        raise ContentError("is damaged: chrName.txt and chrLength.txt differ; build it again")
    return dict(zip(names, map(int, lengths), strict=True))


def _star_genes(path: Path) -> frozenset[str] | None:
    """Give the genes that an index was built with; None without an annotation."""
    file = path / "geneInfo.tab"
    if not file.exists():
        return None
    return frozenset(line.split("\t")[0] for line in _lines(file)[1:] if line)


def _star_exons(path: Path) -> int | None:
    file = path / "exonGeTrInfo.tab"
    first = _lines(file)[:1] if file.exists() else []
    return int(first[0]) if first and first[0].strip().isdigit() else None


def _refuse_hisat2(path: Path) -> None:
    if _suffix(path) or _prefixes_in(path):
        raise ContentError("is an index of HISAT2, but the aligner is star")


def _check_hisat2(prefix: Path) -> None:
    suffix = _suffix(prefix)
    if not suffix:
        inside = _prefixes_in(prefix)
        if inside:
            raise ContentError(
                f"is a folder; name the prefix of the index files in it, such as '{inside[0]}'"
            )
        raise ContentError(f"is no index of HISAT2: there is no {prefix.name}.1.ht2")
    parts = [Path(f"{prefix}.{number}.{suffix}") for number in range(1, 9)]
    missing = [part.name for part in parts if not _has_content(part)]
    if missing:
        raise ContentError(f"is incomplete: {', '.join(missing)} missing or empty; build it again")


def _inspect_hisat2(prefix: Path, source: str) -> Index | None:
    if not shutil.which("hisat2-inspect"):
        return None
    try:
        run = subprocess.run(
            ["hisat2-inspect", "--summary", prefix],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return None
    rows = [line.split("\t") for line in run.stdout.splitlines() if line.startswith("Sequence-")]
    if run.returncode or not rows or not all(len(row) == 3 and row[2].isdigit() for row in rows):
        raise ContentError("is damaged: hisat2-inspect cannot read it; build it again")
    lengths = {name.split()[0]: int(length) for _, name, length in rows}
    return Index(source, list(lengths), True, lengths)


def _suffix(prefix: Path) -> str | None:
    return next((s for s in HISAT2_SUFFIXES if Path(f"{prefix}.1.{s}").exists()), None)


def _prefixes_in(folder: Path) -> list[str]:
    parts = sorted(part for suffix in HISAT2_SUFFIXES for part in folder.glob(f"*.1.{suffix}"))
    return [str(folder / part.name.rsplit(".", 2)[0]) for part in parts]


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


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
    expected = set().union(*located)
    lacking = sorted(expected - index.genes)
    further = sorted(index.genes - expected) if annotation.complete else []
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
        " transcript_id, which STAR leaves out"
    )
