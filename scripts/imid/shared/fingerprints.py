"""A file's content in a few letters, taken in a moment however large the file is."""

import hashlib
import os
from pathlib import Path

# Files up to this size are read whole.
WHOLE = 64 * 2**20
# Of larger ones, pieces of this size, evenly spread; the first and the last are among them.
PIECE, PIECES = 2**16, 64


def fingerprint(path: Path, whole: int = WHOLE) -> str:
    """Digest what is in a file, or in all files of a folder.

    Of a large file some pieces are read, and its size. Where it is compressed that is enough: the
    last bytes of a gzip file are a checksum of all its content.

    Parameters
    ----------
    path : Path
        The file or folder; name and time stamp do not count, names within a folder do.
    whole : int
        Bytes up to which a file is read whole.

    Returns
    -------
    str
        Hexadecimal.
    """
    content = hashlib.sha256()
    if path.is_dir():
        for file in sorted(file for file in path.rglob("*") if _counts(file)):
            content.update(f"{file.relative_to(path)} {fingerprint(file, whole)}\n".encode())
        return content.hexdigest()[:16]
    with path.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        if size <= whole:
            content = hashlib.file_digest(opened, "sha256")
        else:
            content.update(f"{size}\n".encode())
            for number in range(PIECES):
                opened.seek((size - PIECE) * number // (PIECES - 1))
                content.update(opened.read(PIECE))
    return content.hexdigest()[:16]


def _counts(file: Path) -> bool:
    """Tell whether a file is content of its folder, and nothing that a program keeps there."""
    return file.is_file() and not file.name.startswith(".")
