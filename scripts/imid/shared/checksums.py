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
        A line is something else.
    """
    found = {}
    for path in paths:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            checksum, _, name = line.partition("  ")
            if not name:
                raise InputError([f"{place(path, number)}: is no checksum with a file's name"])
            found[name] = checksum
    return found
