"""Writing files so that a reader finds them complete or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written(path: str | Path) -> Iterator[Path]:
    """Give a temporary name to write to, and move it to `path` when that went well.

    The temporary file lies in the same folder, so that the move is a single step of the
    file system. The suffix is kept, because writers choose a format by it. A link stays, and what
    it leads to is written; a device or a pipe is written to as it is.

    Parameters
    ----------
    path : str or Path
        The file to be written; its folder is made if it does not exist.

    Yields
    ------
    Path
        The temporary name. It is removed if the body raises.

    Raises
    ------
    IsADirectoryError
        If a folder is there.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        yield path
        return
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
