"""Which version of the workflow, and of what it runs with, is at work."""

import platform
import subprocess
from importlib.metadata import distributions
from pathlib import Path


def git_commit(folder: Path) -> str:
    """Name the commit of a checkout, and whether tracked files differ from it.

    Parameters
    ----------
    folder : Path
        A checkout, or a folder without git.

    Returns
    -------
    str
        The hash, followed by ``, with local changes`` where there are any; ``unknown`` where
        git or its history is missing.
    """
    git = ["git", "-C", str(folder)]
    try:
        head, changes = (
            subprocess.run([*git, *command], capture_output=True, text=True, check=True).stdout
            for command in (
                ["rev-parse", "HEAD"],
                ["status", "--porcelain", "--untracked-files=no"],
            )
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.strip() + (", with local changes" if changes else "")


def environment(prefix: str | None = None) -> dict[str, str | dict[str, str]]:
    """List the Python and the libraries that steps run with.

    Parameters
    ----------
    prefix : str, optional
        Of a conda environment; that of this process unless told otherwise.

    Returns
    -------
    dict
        ``python``, and ``libraries`` by name. A library whose removal was interrupted has no
        name any more.
    """
    python, found = platform.python_version(), distributions()
    if prefix:
        folders = sorted(map(str, Path(prefix).glob("lib/python3*/site-packages")))
        python = Path(folders[0]).parent.name.removeprefix("python") if folders else "none"
        found = distributions(path=folders)
    libraries = {one.metadata["Name"]: one.version for one in found if one.metadata["Name"]}
    by_name = sorted(libraries.items(), key=lambda item: item[0].lower())
    return {"python": python, "libraries": dict(by_name)}
