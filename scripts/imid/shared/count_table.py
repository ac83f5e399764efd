"""Tables of counts as htseq-count writes them: features, then the special counters."""

from pathlib import Path

from imid.shared.counters import COUNTERS
from imid.shared.problems import InputError, file_problem, place

# What stands above the counts in a table that is published.
HEADER = "count"


def read_count_table(path: Path) -> dict[str, int]:
    """Read a table of counts.

    Parameters
    ----------
    path : Path
        A name, a tab and a count on each line, with or without a header.

    Returns
    -------
    dict of str to int
        By feature id and counter.

    Raises
    ------
    InputError
        Where there is none, a line is no count, or counters are missing: it is cut off then.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise InputError([file_problem(error)]) from error
    counts: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        name, tab, count = line.partition("\t")
        if not (tab and count.isdecimal()):
            if number == 1 and count == HEADER:
                continue
            where = place(path, number)
            raise InputError([f"{where}: is no name, tab and count, as a table of counts has them"])
        counts[name] = int(count)
    if lacking := [counter for counter in COUNTERS if counter not in counts]:
        raise InputError(
            [f"{path}: lacks {', '.join(lacking)}, with which a whole table of counts ends"]
        )
    return counts
