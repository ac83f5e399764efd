"""What the cross-checks of a sample found, for the steps that follow."""

from dataclasses import dataclass
from pathlib import Path

from imid.shared.json_files import read_json


@dataclass(frozen=True)
class SampleChecks:
    """What the cross-checks of a sample say, and what tells it from other samples.

    Attributes
    ----------
    findings : dict of str to str
        What each check that applies says, by its name.
    reads : dict of str to str
        The checksums of its FASTQ files.
    counts_sha256 : str or None
        That of its table of counts, where they are enough to be its own.
    """

    findings: dict[str, str]
    reads: dict[str, str]
    counts_sha256: str | None


def read_checks(path: Path) -> SampleChecks:
    """Read what `cross_check` wrote; raise `InputError` where it is missing or damaged."""
    return read_json(path, SampleChecks)
