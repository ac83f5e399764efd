"""The files of an aligner's index: those that we have it write, and those that the user names."""

from pathlib import Path

# What STAR writes where it is told of an annotation; without its log.
STAR = [
    *["Genome", "SA", "SAindex", "genomeParameters.txt"],
    *["chrName.txt", "chrLength.txt", "chrNameLength.txt", "chrStart.txt"],
    *["exonGeTrInfo.tab", "exonInfo.tab", "geneInfo.tab", "transcriptInfo.tab"],
    *["sjdbInfo.txt", "sjdbList.fromGTF.out.tab", "sjdbList.out.tab"],
]
# Of genomes beyond four billion bases, which no mammal has, the names end in ht2l.
HISAT2 = [f"genome.{number}.ht2" for number in range(1, 9)]
BUILT = {"star": STAR, "hisat2": HISAT2}


def built_index(aligner: str, folder: str) -> tuple[str, list[str]]:
    """Name an index that the workflow builds.

    Parameters
    ----------
    aligner : {"star", "hisat2"}
        The program.
    folder : str
        Where the index is to be.

    Returns
    -------
    index : str
        What the aligner's command is given: STAR's folder, or the first of HISAT2's files.
    files : list of str
        All of its files.
    """
    files = [f"{folder}/{name}" for name in BUILT[aligner]]
    return (folder if aligner == "star" else files[0]), files


def prebuilt_index(aligner: str, name: str, directory: Path) -> tuple[str, list[str]]:
    """Name an index that the user gives.

    Parameters
    ----------
    aligner : {"star", "hisat2"}
        The program.
    name : str
        STAR's folder, or what the names of HISAT2's files begin with.
    directory : Path
        What a relative name starts from.

    Returns
    -------
    index : str
        What the aligner's command is given.
    parts : list of str
        What there is of it on disk: the folder, or the files.
    """
    if aligner == "star":
        return name, [name]
    suffixes = ("ht2", "ht2l")
    suffix = next((s for s in suffixes if (directory / f"{name}.1.{s}").exists()), "ht2")
    parts = [f"{name}.{number}.{suffix}" for number in range(1, 9)]
    return parts[0], parts
