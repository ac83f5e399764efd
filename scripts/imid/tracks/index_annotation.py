"""Sort and index an annotation, so that a browser reads of it what it shows."""

import argparse
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pysam

from imid.shared.files import written
from imid.shared.problems import InputError, reported

# By contig and first base. Names are compared byte by byte, in any language.
SORT = ["sort", "--field-separator=\t", "--key=1,1", "--key=4,4n", "--stable"]


def index_annotation(gtf: Path, output: Path, scratch: Path) -> None:
    """Write an annotation sorted, compressed block by block, and its index (``.tbi``).

    Parameters
    ----------
    gtf : Path
        Not compressed.
    output : Path
        The file to write; its index lies beside it.
    scratch : Path
        A folder for what does not fit into memory.

    Raises
    ------
    InputError
        Where sorting fails.
    """
    command = [*SORT, "--buffer-size=500M", f"--temporary-directory={scratch}"]
    language = {**os.environ, "LC_ALL": "C"}
    with (
        written(output) as temporary,
        written(f"{output}.tbi") as index,
        gtf.open("rb") as lines,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=language
        ) as sort,
    ):
        # Where it ended early, as on a full disk, its status tells.
        with suppress(BrokenPipeError), sort.stdin:
            for line in lines:
                if line.strip() and not line.startswith(b"#"):
                    sort.stdin.write(line if line.endswith(b"\n") else line + b"\n")
        with pysam.BGZFile(str(temporary), "wb") as file:
            shutil.copyfileobj(sort.stdout, file)
        if status := sort.wait():
            raise InputError([f"sort ended with status {status}; its messages are above"])
        pysam.tabix_index(str(temporary), preset="gff", force=True)
        Path(f"{temporary}.tbi").rename(index)


def main(argv: list[str] | None = None) -> None:
    """Write annotation and index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gtf", type=Path, required=True, help="not compressed")
    parser.add_argument("--scratch", type=Path, required=True, help="folder for large files")
    parser.add_argument("--output", type=Path, required=True, help=".gtf.gz to write, and its .tbi")
    arguments = parser.parse_args(argv)
    index_annotation(arguments.gtf, arguments.output, arguments.scratch)


if __name__ == "__main__":
    reported(main)
