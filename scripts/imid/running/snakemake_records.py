"""Snakemake's own records of what it made: one file for each output, named after it.

They are read and moved where Snakemake itself has no command for it. Its file for an output is
called by the output's name in base64; a name that is longer than a file's may be is cut into
folders, each of which begins with ``@``.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from pathlib import Path

from imid.shared.json_files import read_if_whole

METADATA = Path(".snakemake/metadata")
LOCKS = Path(".snakemake/locks")


@dataclass(frozen=True)
class OutputRecord:
    """What is read of a record: the logs of the job that made the output."""

    log: list[str] | None = None


def recorded_outputs() -> dict[str, Path]:
    """Find the outputs that Snakemake ever made in the working directory, and kept a record of.

    Returns
    -------
    dict
        By the output's name the file of its record.
    """
    found = {}
    for path in METADATA.rglob("*"):
        if path.is_file():
            pieces = path.relative_to(METADATA).parts
            try:
                name = urlsafe_b64decode("".join(piece.removeprefix("@") for piece in pieces))
                found[name.decode()] = path
            except (Error, UnicodeDecodeError):
                continue
    return found


def record_of_output(output: str) -> Path:
    """Name the file of an output's record."""
    longest = os.pathconf(METADATA, "PC_NAME_MAX") - 1
    letters = urlsafe_b64encode(output.encode()).decode()
    *folders, last = [letters[n : n + longest] for n in range(0, len(letters), longest)]
    return METADATA.joinpath(*(f"@{folder}" for folder in folders), last)


def logs_of(outputs: dict[str, Path]) -> dict[str, list[str]]:
    """Read which log the job of each output wrote; of a record that cannot be read, none.

    Parameters
    ----------
    outputs : dict
        Files of records by output.

    Returns
    -------
    dict
        By output.
    """
    records = {output: read_if_whole(path, OutputRecord) for output, path in outputs.items()}
    return {output: (record.log if record else None) or [] for output, record in records.items()}
