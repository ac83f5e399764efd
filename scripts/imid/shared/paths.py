"""Where the workflow's own files are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def resource(name: str) -> Path:
    """Name a file of the workflow that code reads.

    A step is redone when such a file changes; for that its name is written out where it is asked
    for: ``resource("resources/targets.tsv")``.

    Parameters
    ----------
    name : str
        Relative to the checkout.

    Returns
    -------
    Path
        Absolute.
    """
    return ROOT / name
