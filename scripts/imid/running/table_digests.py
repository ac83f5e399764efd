"""What a step reads of a table that somebody wrote, in a few letters."""

import hashlib
from collections.abc import Collection
from pathlib import Path

from imid.userfiles.check_table import read_user_table


def digest_of_table(path: Path, columns: Collection[str] | None = None) -> str:
    """Digest the cells of a table, whatever comments and blanks stand between them.

    Parameters
    ----------
    path : Path
        The table.
    columns : collection of str, optional
        Those that the step reads; all unless told otherwise.

    Returns
    -------
    str
        Hexadecimal.
    """
    rows = read_user_table(path, str(path)).rows
    read = [column for column in rows.columns if columns is None or column in columns]
    cells = [read, *rows[read].to_numpy().tolist()]
    spaced = [[" ".join(cell.split()) for cell in row] for row in cells]
    return hashlib.sha256(repr(spaced).encode()).hexdigest()[:16]
