"""Texts of any size as programs and spreadsheets leave them, read line by line."""

import re
from pathlib import Path

from imid.shared.problems import InputError, place
from imid.userfiles.check_content import ContentError, read_content

ADVICE = "save it as tab-separated text in UTF-8"


def user_lines(path: Path, name: str) -> list[tuple[int, str]]:
    """Read the lines of a text, plain or gzipped, however they end.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.

    Returns
    -------
    list of tuple of int and str
        Each line that is not blank, with its number from 1. A byte-order mark is taken off.

    Raises
    ------
    InputError
        If it is missing, damaged, or no text in UTF-8.
    """
    try:
        content = b"".join(read_content(path, whole=True))
    except ContentError as error:
        raise InputError([f"{name}: {error}"]) from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError([f"{name}: is UTF-16 text; {ADVICE}"])
    text = _decoded(content, name)
    lines = re.split(r"\r\n|\r|\n", text) if "\r" in text else text.split("\n")
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _decoded(content: bytes, name: str) -> str:
    if (nul := content.find(b"\0")) >= 0:
        where = place(name, content.count(b"\n", 0, nul) + 1)
        raise InputError([f"{where}: has a NUL byte, so it is damaged or no text; {ADVICE}"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = place(name, content.count(b"\n", 0, error.start) + 1)
        raise InputError([f"{where}: is not UTF-8 text; {ADVICE}"]) from error
