"""What code a script consists of, so that a step is redone when that code changes."""

import hashlib
import re
from functools import cache
from pathlib import Path


def modules_of(script: Path) -> list[Path]:
    """List a script and the modules beside it that it imports, directly or through others.

    Parameters
    ----------
    script : Path
        A Python file.

    Returns
    -------
    list of Path
        Sorted by name.
    """
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [
                beside
                for name in _imported_names(module.read_text())
                if (beside := script.parent / f"{name}.py").exists()
            ]
    return sorted(found)


@cache
def _imported_names(text: str) -> frozenset[str]:
    # Every Snakemake process asks, and parsing takes fifty times as long.
    return frozenset(re.findall(r"^ *(?:from|import) +(\w+)", text, flags=re.MULTILINE))


def digest(script: Path, *others: Path) -> str:
    """Digest what a script does: its own text and that of the modules it imports.

    Parameters
    ----------
    script : Path
        A Python file.
    *others : Path
        Files that it reads and that belong to the code, such as a template.

    Returns
    -------
    str
        Hexadecimal. A new time stamp or another place leaves it as it is.
    """
    content = hashlib.sha256()
    for path in [*modules_of(script), *others]:
        content.update(path.name.encode())
        content.update(path.read_bytes())
    return content.hexdigest()[:16]
