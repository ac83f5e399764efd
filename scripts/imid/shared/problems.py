"""Telling people what is wrong with their input, all of it at once and without a traceback."""

import errno
import os
import signal
import sys
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

# More of a text than this does not help to find it.
LONGEST_SHOWN = 80
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class InputError(Exception):
    """Input that cannot be worked with.

    Parameters
    ----------
    problems : iterable of str
        One message for each problem: where it is, what is wrong, what would be right.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class ContentError(Exception):
    """What is wrong with a file, in words that follow its name: ``is empty``."""


def reported(main: Callable[[], None]) -> None:
    """Run a command: the way in which each of ours ends.

    An `InputError`, a file that is missing or cannot be used, and a full disk are printed without
    a traceback, and the command exits with status 1.

    Parameters
    ----------
    main : callable
        The command, without arguments.
    """
    try:
        main()
    except InputError as error:
        problems = error.problems
    except OSError as error:
        # Of what has no name, as a pipe that broke, only the traceback tells where it was.
        if error.filename is None and error.errno not in DISK_FULL:
            raise
        problems = [file_problem(error)]
    else:
        return
    print(*problems, sep="\n", file=sys.stderr)
    sys.exit(1)


def end_with_reader() -> None:
    """End without a word where who reads what is printed has seen enough, as `head` has.

    For commands that print to people; among programs that feed each other a pipe that broke is
    a fault.
    """
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def file_problem(error: OSError) -> str:
    """Say in one line what is wrong with a file that could not be opened, read or written."""
    name = "a file" if error.filename is None else os.fsdecode(error.filename)
    if error.errno in DISK_FULL:
        return f"{name}: no space is left on the disk"
    if isinstance(error, FileNotFoundError):
        return f"{name}: does not exist"
    return f"{name}: cannot be used: {error.strerror}"


def warn(warning: str) -> None:
    """Print what does not stop a command, but should be known."""
    print(f"Warning: {warning}", file=sys.stderr)


def place(file: str | Path, line: Hashable = None, column: Hashable = None) -> str:
    """Say where something is: ``config/samples.tsv, line 7, column treatment``.

    Parameters
    ----------
    file : str or Path
        As the user named it.
    line : int, optional
        Counted from 1; as the index of a table's rows gives it.
    column : str, optional
        The column of a table.

    Returns
    -------
    str
        What a message begins with, before its colon.
    """
    parts = [str(file)]
    if line is not None:
        parts.append(f"line {line}")
    if column is not None:
        parts.append(f"column {column}")
    return ", ".join(parts)


def quoted(text: str) -> str:
    """Show what somebody wrote, so that it is seen what is wrong with it.

    Parameters
    ----------
    text : str
        As it stands in a file.

    Returns
    -------
    str
        In quotes, shortened, on one line; characters that cannot be seen are written by their
        number, and the first that is easily taken for another one is named.
    """
    odd = next(((n, c) for n, c in enumerate(text, start=1) if _looks_like_another(c)), None)
    remark = ""
    if odd:
        position, character = odd
        name = unicodedata.name(character, "a control character")
        remark = f" (its character {position} is U+{ord(character):04X}, {name})"
    return f"'{shortened(text)}'{remark}"


def shortened(text: str) -> str:
    """Cut a text that is too long for a message, and write what cannot be seen by its number."""
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    shown = "".join(f"\\u{ord(c):04x}" if _is_invisible(c) else c for c in shown)
    return shown if len(text) <= LONGEST_SHOWN else f"{shown} ({len(text)} characters)"


def _is_invisible(character: str) -> bool:
    return character != " " and unicodedata.category(character)[0] in "CZ"


def _looks_like_another(character: str) -> bool:
    latin = character <= "\xff" or unicodedata.name(character, "").startswith("LATIN")
    return _is_invisible(character) or (character.isalnum() and not latin)


def first_few(names: Iterable[str]) -> str:
    """Name the first three of some: ``1, 2, 3 ...``."""
    first = list(islice(names, 4))
    return ", ".join(first[:3]) + (" ..." if len(first) > 3 else "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known word that was probably meant.

    Parameters
    ----------
    word : str
        What was found.
    known : iterable of str
        What would have been right.

    Returns
    -------
    str
        ``"; did you mean 'x'?"``, or the empty string where nothing is close.
    """
    # The cutoff keeps pomalidomide from being taken for a misspelt lenalidomide.
    spelt = {right.casefold(): right for right in known if right != word}
    close = get_close_matches(word.casefold(), spelt, n=1, cutoff=0.8)
    return f"; did you mean '{spelt[close[0]]}'?" if close else ""
