"""Checksums of files, as sha256sum writes them."""

from pathlib import Path

# Those of a sample's FASTQ files, in its folder of reports.
READS = "reads.sha256"


def read_checksums(paths: list[Path]) -> dict[str, str]:
    """Join files as sha256sum writes them.

    Parameters
    ----------
    paths : list of Path
        Lines of a checksum, two blanks and a file's name.

    Returns
    -------
    dict
        The SHA-256 checksum of each file.
    """
    lines = [line for path in paths for line in path.read_text().splitlines()]
    return {name: checksum for checksum, name in (line.split("  ", 1) for line in lines)}
