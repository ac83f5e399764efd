"""What the user gives, as a rule's parameters: files known by what is in them.

Snakemake knows an input by its name and its time stamp. A file that was moved, linked or touched
would redo all that depends on it, one that was rewritten with an older date nothing; and which of
two inputs is the first mates' file, or which lane comes first, is in no trigger at all. Parameters
are compared by `repr`: that of a `GivenFile` is its role and a digest of its content.
"""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from imid.shared.files import written
from imid.shared.fingerprints import WHOLE, fingerprint
from imid.shared.json_files import as_json, read_if_whole

# Beside Snakemake's own records of what results were made from, and thrown away with them.
KNOWN = Path(".snakemake/given_files.json")
# There are many FASTQ files, and they are compressed; of other files there are few.
WHOLE_READS = 2**20
# Nanoseconds after which a change of a file is seen in its times.
SETTLED = 2 * 10**9
ABSENT = "absent"


class GivenFile(str):
    """A file's name where it is written, its role and content where it is compared.

    Parameters
    ----------
    text : str
        What a command is given, such as the name of the file.
    known_as : str
        What the parameter is compared by.
    """

    known_as: str

    def __new__(cls, text: str, known_as: str) -> "GivenFile":
        """Make a text that is compared by another one."""
        given = super().__new__(cls, text)
        given.known_as = known_as
        return given

    def __getnewargs__(self) -> tuple[str, str]:
        """Give what a copy is made of."""
        return str(self), self.known_as

    def __repr__(self) -> str:
        """Give what the parameter is compared by."""
        return self.known_as


@dataclass(frozen=True)
class KnownFile:
    """What was in a file, and, where it can be told by that, its state at that time."""

    content: str
    state: list[list[int]] | None = None


class GivenFiles:
    """The files that the user gives, and what is in them.

    What was read once is read again only after its size, its time stamps or its inode changed; the
    time of an inode's change is one that no program sets. Of a file that is in an archive by now,
    what was in it when it was last seen.

    Parameters
    ----------
    directory : Path
        The working directory.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.known = read_if_whole(directory / KNOWN, dict[str, KnownFile]) or {}
        self.changed = False

    def given(
        self, name: str, role: str, text: str | None = None, parts: Iterable[str] = ()
    ) -> GivenFile:
        """Give a file as a parameter.

        Parameters
        ----------
        name : str
            The file, or folder, as the user named it.
        role : str
            What it is to the rule, such as ``fastq_1 of lane 2``.
        text : str, optional
            What the command is given; the name unless told otherwise.
        parts : iterable of str
            The files that a name stands for, where it is only what their names begin with.

        Returns
        -------
        GivenFile
        """
        whole = WHOLE_READS if role.startswith("fastq") else WHOLE
        content = " ".join(self.content(part, whole) for part in parts or [name])
        return GivenFile(name if text is None else text, f"{role}: {content}")

    def content(self, name: str, whole: int = WHOLE) -> str:
        """Digest a file, or recall what was in it.

        Parameters
        ----------
        name : str
            The file, or folder.
        whole : int
            Bytes up to which it is read whole.

        Returns
        -------
        str
        """
        known, state = self.known.get(name), state_of(self.directory / name)
        if not state:
            return known.content if known else ABSENT
        if not known or known.state != state:
            # A file that was written just now may be written again without a trace in its times.
            settled = time.time_ns() - max(changed for *_, changed in state) > SETTLED
            content = fingerprint(self.directory / name, whole)
            known = KnownFile(content, state if settled else None)
            self.changed |= known != self.known.get(name)
            self.known[name] = known
        return known.content

    def write(self) -> None:
        """Write down what is known; nothing where nothing is new."""
        if self.changed:
            with written(self.directory / KNOWN) as temporary:
                temporary.write_text(as_json(self.known))
            self.changed = False


def state_of(path: Path) -> list[list[int]]:
    """Tell by what a file, or what lies in a folder, would be seen to have changed.

    Parameters
    ----------
    path : Path
        The file or folder.

    Returns
    -------
    list of list of int
        Of each file its size, its inode and the times of its last changes, in nanoseconds; empty
        where nothing is.
    """
    try:
        files = [path, *sorted(path.rglob("*"))] if path.is_dir() else [path]
        found = [os.stat(file) for file in files]
    except OSError:
        return []
    return [[s.st_size, s.st_ino, s.st_mtime_ns, s.st_ctime_ns] for s in found]
