"""Files that people name and write: whether there is one, and its text."""

import errno
import os
import re
import stat
from pathlib import Path

from imid.shared.problems import InputError, place, shortened
from imid.userfiles.formats import TELLING, UTF_16, format_of
from imid.userfiles.gzip_stream import MAGIC

# What people write by hand is far smaller; a text of this size was named by mistake.
LARGEST_TEXT = 64 * 2**20
# Of bytes, what no text holds.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# An OpenDocument or Excel file is a zip archive.
SPREADSHEETS = ["Excel", "zip"]
TABLE_ADVICE = "save it as tab-separated text in UTF-8"

REASONS = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "does not exist",
    errno.ENAMETOOLONG: "is too long a name for a file",
    errno.EACCES: "lies in a folder that you may not look into",
    errno.ELOOP: "is a link that leads to itself",
}


def file_fault(path: Path) -> str | None:
    """Say why there is nothing to read under a name.

    Parameters
    ----------
    path : Path
        As somebody named it, below the working directory.

    Returns
    -------
    str or None
        What is wrong, such as ``is a folder; a file is needed``; None if a file can be opened.
    """
    if "\0" in str(path):
        return "holds a NUL character; type the name anew"
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return REASONS.get(error.errno or 0, (error.strerror or str(error)).lower()) + _hint(path)
    if stat.S_ISDIR(mode):
        return "is a folder; a file is needed"
    if not stat.S_ISREG(mode):
        return "is a pipe or a device; a file is needed, which can be read more than once"
    return None if os.access(path, os.R_OK) else "may not be read; change its permissions"


def _hint(path: Path) -> str:
    """Suggest what was meant by a name under which nothing is."""
    parts = path.parts
    if any(part in ("http:", "https:", "ftp:", "s3:", "gs:") for part in parts):
        return "; it is an address: download the file, and give its name here"
    if any(part.startswith(("~", "$")) for part in parts):
        return "; ~ and $ are not replaced here: write the path in full"
    if os.path.islink(path):
        return f"; it is a link to '{os.readlink(path)}'"
    try:
        beside = os.listdir(path.parent)
    except OSError:
        return ""
    # Nothing looser: the files of an experiment are called much alike.
    same = [name for name in beside if _without_gz(name) == _without_gz(path.name)]
    return f"; did you mean '{same[0]}'?" if same else ""


def _without_gz(name: str) -> str:
    return name.strip().casefold().removesuffix(".gz")


def user_text(
    path: Path, name: str, advice: str = TABLE_ADVICE, largest: int = LARGEST_TEXT
) -> str:
    """Read a text as it comes from an editor or a spreadsheet.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.
    advice : str
        How to save it where it is none.
    largest : int
        How many bytes it may have.

    Returns
    -------
    str
        Its content, without a byte-order mark.

    Raises
    ------
    InputError
        If it is missing, cannot be read, is far too large, not UTF-8, or no text at all.
    """
    if fault := file_fault(path):
        raise InputError([f"{shortened(name)}: {fault}"])
    if path.stat().st_size > largest:
        size = path.stat().st_size / 2**20
        raise InputError([f"{name}: has {size:.0f} MB, and is hardly what was meant; {advice}"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError([f"{name}: cannot be read: {error.strerror}"]) from error
    if fault := _no_text(content):
        raise InputError([f"{name}: {fault}; {advice}"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError([f"{place(name, line)}: is not UTF-8 text; {advice}"]) from error
    if control := CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        found = f"U+{ord(control[0]):04X}"
        raise InputError([f"{place(name, line)}: holds the control character {found}; {advice}"])
    return text


def _no_text(content: bytes) -> str | None:
    """Say what a file is that is no text, by its first bytes."""
    start = content[:TELLING]
    if start.startswith(MAGIC):
        return "is gzipped; decompress it"
    if other := format_of(start):
        return "is a spreadsheet's own file" if other.name in SPREADSHEETS else other.words
    return UTF_16.words if format_of(start, [UTF_16]) else None
