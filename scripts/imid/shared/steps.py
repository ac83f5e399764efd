"""Steps as programs: how one of ours starts another, and how files become its options."""

import sys
from collections.abc import Mapping, Sequence


def step(module: str) -> list[str]:
    """Put together the beginning of a command that runs a module as a program.

    What is started belongs to the code of who starts it, as what is imported does. So that it is
    found, the module's name is written out where it is asked for:
    ``step("imid.counting.count_reads")``.

    Parameters
    ----------
    module : str
        One that has a ``main``.

    Returns
    -------
    list of str
        The command, to which options are added.
    """
    return [sys.executable, "-m", module]


def options(files: Mapping[str, str | Sequence[str]]) -> str:
    """Write files as a step's options: each by the name that the rule calls it.

    Parameters
    ----------
    files : mapping of str to str or sequence of str
        One or several by each name.

    Returns
    -------
    str
        Such as ``--samples samples.tsv --sidecars a.json b.json``.
    """
    lists = {name: [file] if isinstance(file, str) else file for name, file in files.items()}
    return " ".join(
        f"--{name.replace('_', '-')} {' '.join(list_)}" for name, list_ in lists.items()
    )
