"""The index of a genome, as ``samtools faidx`` writes it (.fai)."""

from pathlib import Path

from imid.shared.problems import InputError


def read_lengths(index: Path) -> dict[str, int]:
    """Read the lengths of a genome's contigs.

    Parameters
    ----------
    index : Path
        The ``.fai``.

    Returns
    -------
    dict of str to int
        Bases by contig, in the genome's order.

    Raises
    ------
    InputError
        Where it is damaged.
    """
    lines = index.read_text(encoding="utf-8", errors="replace").split("\n")
    try:
        return {
            name: int(length) for name, length, *_ in (line.split("\t") for line in lines if line)
        }
    except ValueError:
        raise InputError([f"{index}: a damaged index of a genome; delete it"]) from None
