"""What code a step consists of, so that a step is redone when what that code does changes."""

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from imid.shared.paths import ROOT, resource

PACKAGES = ROOT / "scripts"
PACKAGE = "imid"
# By step digests of code that gives the same bytes as earlier code, whose digest stands beside it.
EQUIVALENT = ROOT / "resources/equivalent_code.yaml"
NOTHING = ast.dump(ast.parse("")).encode()


class Source(NamedTuple):
    """What one module brings to the steps that run it.

    Attributes
    ----------
    imported : frozenset of str
        Modules of the package that it imports, wherever in its text, or starts by `step`; and the
        ``__init__`` of each room that it is in, which Python runs before it, if that does anything.
    resources : frozenset of str
        Files of the workflow that it reads, as it names them to `resource`.
    behaviour : bytes
        Its syntax tree without docstrings; comments and layout are in no syntax tree.
    """

    imported: frozenset[str]
    resources: frozenset[str]
    behaviour: bytes


def modules_of(*names: str) -> list[str]:
    """List modules with all that they import or start, directly or through others.

    Parameters
    ----------
    *names : str
        Modules, such as ``imid.reads.align_sample``.

    Returns
    -------
    list of str
        Sorted.
    """
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += read_source(name).imported
    return sorted(found)


def resources_of(*names: str) -> list[str]:
    """List the files of the workflow that modules, and what they import, read.

    Parameters
    ----------
    *names : str
        Modules.

    Returns
    -------
    list of str
        Sorted, relative to the checkout.
    """
    return sorted({file for name in modules_of(*names) for file in read_source(name).resources})


def digest(*names: str) -> str:
    """Digest what modules do: their code, that of what they import, and the files these read.

    Parameters
    ----------
    *names : str
        Modules.

    Returns
    -------
    str
        Hexadecimal. Comments, docstrings, layout, time stamps and the place of the checkout
        leave it as it is, and so does an edit that is known to give the same bytes.
    """
    own = digest_of_code(*names)
    return equivalents().get(own, own)


def digest_of_code(*names: str) -> str:
    """Give the digest of modules themselves, whatever they are known to be equivalent to."""
    content = hashlib.sha256()
    for name in modules_of(*names):
        content.update(name.encode())
        content.update(read_source(name).behaviour)
    for file in resources_of(*names):
        content.update(file.encode())
        content.update(resource(file).read_bytes())
    return content.hexdigest()[:16]


@cache
def equivalents() -> dict[str, str]:
    """Read which digests of code stand for which earlier ones."""
    by_step = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or {}
    return {own: first for digests in by_step.values() for own, first in digests.items()}


def digest_of_file(path: Path) -> str:
    """Digest a file's content, whatever its name and its time stamp.

    Parameters
    ----------
    path : Path
        The file, read whole.

    Returns
    -------
    str
        Hexadecimal.
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


@cache
def read_source(name: str) -> Source:
    """Read a module.

    Parameters
    ----------
    name : str
        Of a module of the package.

    Returns
    -------
    Source
    """
    tree = ast.parse(path_of(name).read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    started = _named_in_calls(nodes, "step")
    imported = started.union(_rooms(name), *map(_imported, nodes))
    resources = _named_in_calls(nodes, "resource")
    for node in nodes:
        _drop_docstring(node)
    return Source(imported, resources, ast.dump(tree).encode())


def path_of(name: str) -> Path:
    """Name the file of a module of the package."""
    return PACKAGES.joinpath(*name.split(".")).with_suffix(".py")


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        # What is imported from a room is a module, what is imported from a module is not.
        names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        return []
    return [name for name in names if name.startswith(f"{PACKAGE}.") and path_of(name).is_file()]


def _rooms(name: str) -> list[str]:
    """Name the ``__init__`` of those rooms around a module that do anything."""
    *rooms, _ = name.split(".")
    around = [".".join([*rooms[:depth], "__init__"]) for depth in range(1, len(rooms) + 1)]
    there = [room for room in around if room != name and path_of(room).is_file()]
    return [room for room in there if read_source(room).behaviour != NOTHING]


def _named_in_calls(nodes: list[ast.AST], function: str) -> frozenset[str]:
    """Find what is named in calls of a function, whose one argument is a text."""
    named = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=called), args=[ast.Constant(value=str(name))]):
                if called == function:
                    named.add(name)
    return frozenset(named)


def _drop_docstring(node: ast.AST) -> None:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        match node.body:
            case [ast.Expr(value=ast.Constant(value=str())), *rest]:
                node.body = rest
