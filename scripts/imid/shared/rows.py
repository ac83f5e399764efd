"""Tables as rows of words, for steps that go without pandas.

Apart from `tables`, whose edits would align all samples anew if they belonged to that step's code.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from imid.shared.files import written


def read_rows(path: str | Path) -> list[dict[str, str]]:
    """Read a published table as its cells stand there, where no numbers are to be worked with.

    Parameters
    ----------
    path : str or Path
        A tab-separated file with a header.

    Returns
    -------
    list of dict
        The rows, by column.
    """
    with Path(path).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, dialect="excel-tab"))


def write_rows(rows: Iterable[Mapping[str, object]], columns: list[str], path: str | Path) -> None:
    """Write rows of words and whole numbers as `write_table` would, whole or not at all.

    Parameters
    ----------
    rows : iterable of mapping
        By column; none is missing.
    columns : list of str
        In their published order.
    path : str or Path
        The tab-separated file to write.
    """
    with written(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as lines:
        table = csv.DictWriter(lines, columns, dialect="excel-tab", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
