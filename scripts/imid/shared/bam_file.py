"""A BAM that a step reads by pysam: where it is damaged, people are told which one it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysam

from imid.shared.json_files import REMEDY
from imid.shared.problems import InputError


@contextmanager
def opened_bam(path: Path) -> Iterator[pysam.AlignmentFile]:
    """Open a BAM to read, and nothing else.

    Parameters
    ----------
    path : Path
        The file, with its index beside it.

    Yields
    ------
    AlignmentFile

    Raises
    ------
    InputError
        Where it, or its index, is missing or damaged; also where that is seen only as it is read.
    """
    try:
        with pysam.AlignmentFile(str(path)) as file:
            yield file
    except (OSError, ValueError) as error:
        raise InputError([f"{path}: {error}; {REMEDY}"]) from error
