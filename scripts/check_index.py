"""A prebuilt index: that it is whole, and of the aligner that is to use it."""

from pathlib import Path

from check_content import ContentError
from check_reference import Contigs

# What STAR 2.7.4a and later read and write; an index keeps the format it was built with.
STAR_FORMAT = "2.7.4a"
STAR_FILES = ["Genome", "SA", "SAindex", "chrName.txt", "genomeParameters.txt"]
# The second is that of genomes beyond four billion bases.
HISAT2_SUFFIXES = ["ht2", "ht2l"]


def read_index(path: Path, source: str, aligner: str) -> Contigs | None:
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
    Contigs or None
        Of the genome that it was built from; HISAT2's does not tell.

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
    return None


def _read_star(path: Path, source: str) -> Contigs:
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
        line.split("\t", 1)
        for line in (path / "genomeParameters.txt").read_text(encoding="utf-8").splitlines()
        if "\t" in line
    )
    built_as = parameters.get("versionGenome", "an unknown version").strip()
    if built_as != STAR_FORMAT:
        raise ContentError(
            f"has the format of STAR {built_as}, which is no longer read; build it again with"
            f" {STAR_FORMAT} or later"
        )
    names = (path / "chrName.txt").read_text(encoding="utf-8").split()
    return Contigs(source, names, complete=True)


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


def _suffix(prefix: Path) -> str | None:
    return next((s for s in HISAT2_SUFFIXES if Path(f"{prefix}.1.{s}").exists()), None)


def _prefixes_in(folder: Path) -> list[str]:
    parts = sorted(part for suffix in HISAT2_SUFFIXES for part in folder.glob(f"*.1.{suffix}"))
    return [str(folder / part.name.rsplit(".", 2)[0]) for part in parts]


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
