"""Checksums of files, as sha256sum writes them."""

from pathlib import Path

from imid.shared.problems import InputError, place

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

    Raises
    ------
    InputError
        Where a line is none of sha256sum's.
    """
    checksums = {}
    for path in paths:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            checksum, gap, name = line.partition("  ")
            if not (checksum and gap and name):
                where = place(path, number)
                raise InputError([f"{where}: is no checksum and name, as sha256sum writes them"])
            checksums[name] = checksum
    return checksums
