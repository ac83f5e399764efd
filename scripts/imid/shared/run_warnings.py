"""Warnings of a run: what does not stop a step, but has to be known by who reads its results.

A step that may warn writes a table of its own beside its results, empty where there is nothing
to say. The provenance gathers them with those of the checks, and the page shows them.
"""

import argparse
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from imid.shared.tables import WARNINGS, read_table, write_table


def add_warning_options(parser: argparse.ArgumentParser) -> None:
    """Let a step be told what its results are of, and where its warnings go."""
    parser.add_argument("--about", required=True, help="the fit, as warnings name it")
    parser.add_argument("--warnings", type=Path, required=True, help="to write")


@contextmanager
def noted() -> Iterator[list[str]]:
    """Note the `UserWarning` of what is done within; other warnings go their usual way.

    Yields
    ------
    list of str
        Filled at the end: each text once, in the order of their coming.
    """
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield notes
    for warning in caught:
        if not issubclass(warning.category, UserWarning):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        elif (text := str(warning.message)) not in notes:
            notes.append(text)


def write_warnings(texts: Iterable[str], about: str | None, path: Path) -> None:
    """Write a step's warnings as a table; they may be about the run as a whole, None."""
    write_table(pd.DataFrame([(about, text) for text in texts], columns=WARNINGS), path)


def gather_warnings(
    of_checks: Sequence[str], tables: Iterable[Path]
) -> list[dict[str, str | None]]:
    """Put the warnings of a run together.

    Parameters
    ----------
    of_checks : sequence of str
        Of the config and the files that it names.
    tables : iterable of Path
        As the steps wrote them.

    Returns
    -------
    list of dict
        about (None for the run as a whole) and warning. What a step repeats of the checks is
        told where it belongs, once.
    """
    rows: list[dict] = [row for path in tables for row in read_table(path).to_dict("records")]
    # What is missing is about the run as a whole.
    of_steps = [row | {"about": None} if pd.isna(row["about"]) else row for row in rows]
    told = {row["warning"] for row in of_steps}
    return [{"about": None, "warning": text} for text in of_checks if text not in told] + of_steps
