"""Digests of code, taken once for each state of the checkout.

To read what a hundred modules do takes half a second, which every job on a cluster would take
anew; to see that nothing was edited takes a hundredth.
"""

import hashlib
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from imid.running.sources import digest
from imid.shared.files import written
from imid.shared.json_files import as_json, read_if_whole
from imid.shared.paths import ROOT

# Beside Snakemake's own records, and thrown away with them.
KNOWN = Path(".snakemake/code_digests.json")
# Where code lies, and all that it reads of the workflow.
FOLDERS = ["scripts", "resources", "workflow"]


@dataclass(frozen=True)
class KnownDigests:
    """Digests by modules, and the state of the checkout that they were taken of."""

    state: str
    digests: dict[str, str]


class CodeDigests:
    """What is known of the code in one working directory.

    Parameters
    ----------
    directory : Path
        The working directory.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / KNOWN
        self.changed = False

    def of(self, *modules: str) -> str:
        """Digest what modules do, as `digest` does, or recall it.

        Parameters
        ----------
        *modules : str
            Such as ``imid.reads.align_sample``.

        Returns
        -------
        str
            Hexadecimal.
        """
        key = " ".join(modules)
        if key not in self.known:
            self.known[key] = digest(*modules)
            self.changed = True
        return self.known[key]

    def write(self) -> None:
        """Write down what is known; nothing where nothing is new."""
        if self.changed:
            with written(self.path) as temporary:
                temporary.write_text(as_json(KnownDigests(self.state, self.known)))
            self.changed = False

    @cached_property
    def known(self) -> dict[str, str]:
        """The digests that were taken of this state of the checkout, by modules."""
        found = read_if_whole(self.path, KnownDigests)
        return found.digests if found and found.state == self.state else {}

    @cached_property
    def state(self) -> str:
        """All files of the checkout that a digest may depend on, and the Python that reads them."""
        content = hashlib.sha256(sys.version.encode())
        for folder in FOLDERS:
            for file in sorted((ROOT / folder).rglob("*")):
                if file.is_file() and file.suffix != ".pyc":
                    content.update(f"{file.relative_to(ROOT)} {file.stat().st_size}\n".encode())
                    content.update(file.read_bytes())
        return content.hexdigest()
