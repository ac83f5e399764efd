"""JSON that one step writes and another reads: of a known shape, or refused by its name."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from imid.shared.files import written
from imid.shared.problems import InputError, file_problem

Shape = TypeVar("Shape")

REMEDY = "it is damaged, or of another version; remove it, and the next run makes it anew"


def as_json(value: Any, indent: int | None = None) -> str:
    """Write dicts, lists, plain values and dataclasses as JSON, each in the order that it has."""
    return json.dumps(value, default=asdict, indent=indent)


def write_json(value: Any, path: str | Path) -> None:
    """Write a file of what `as_json` takes, for people to read, too."""
    with written(path) as temporary:
        temporary.write_text(as_json(value, indent=2) + "\n")


def as_shape(content: Any, shape: type[Shape], name: str, known_only: bool = False) -> Shape:
    """Hold dicts, lists and plain values against a shape.

    Parameters
    ----------
    content : Any
        What was read.
    shape : type
        A dataclass, or what may stand in one: ``dict[str, int]``. What else the content holds is
        left out.
    name : str
        What messages call it.
    known_only : bool
        Whether to refuse what a dataclass has no attribute for.

    Returns
    -------
    shape

    Raises
    ------
    InputError
        It has another shape.
    """
    if known_only and isinstance(content, dict) and is_dataclass(shape):
        known = {attribute.name for attribute in fields(shape)}
        if unknown := sorted(content.keys() - known):
            raise InputError([f"{name}: {', '.join(unknown)} is unknown"])
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as error:
        raise InputError([f"{name}: {error}"]) from error


def from_json(
    text: str | bytes, shape: type[Shape], name: str, names: Mapping[str, str] | None = None
) -> Shape:
    """Read values of one shape from a text.

    Parameters
    ----------
    text : str or bytes
        JSON.
    shape, name
        As for `as_shape`.
    names : mapping of str to str, optional
        Attributes by what the text calls them, where that is something else.

    Returns
    -------
    shape

    Raises
    ------
    InputError
        It is no JSON, or has another shape.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        raise InputError([f"{name}: is no JSON: {error}"]) from error
    if names and isinstance(content, dict):
        content = {names.get(key, key): value for key, value in content.items()}
    return as_shape(content, shape, name)


def read_json(path: Path, shape: type[Shape], names: Mapping[str, str] | None = None) -> Shape:
    """Read a file that a step wrote.

    Parameters
    ----------
    path : Path
        JSON.
    shape, names
        As for `from_json`.

    Returns
    -------
    shape

    Raises
    ------
    InputError
        There is no such file, or it holds something else.
    """
    try:
        return from_json(path.read_bytes(), shape, str(path), names)
    except OSError as error:
        raise InputError([file_problem(error)]) from error
    except InputError as error:
        raise InputError(f"{problem}; {REMEDY}" for problem in error.problems) from error


def read_if_whole(path: Path, shape: type[Shape]) -> Shape | None:
    """Read a file that may be missing, cut or of another version; then it tells nothing: None."""
    try:
        return read_json(path, shape)
    except InputError:
        return None


def read_whole_lines(path: Path, shape: type[Shape]) -> list[Shape]:
    """Read a file that holds a value in each line.

    Parameters
    ----------
    path : Path
        Lines of JSON; there need be no such file.
    shape : type
        Of each value, as for `as_shape`.

    Returns
    -------
    list of shape
        A line that was cut, as when a process is killed, and one of another shape tell nothing.
    """
    lines = path.read_bytes().splitlines() if path.exists() else []
    found = []
    for line in lines:
        with suppress(InputError):
            found.append(from_json(line, shape, str(path)))
    return found
