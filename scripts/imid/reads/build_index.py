"""Build an aligner's index of a genome."""

import argparse
import shutil
import subprocess
from pathlib import Path

from imid.reads.aligner import IndexBuild, load
from imid.shared.genome_index import read_lengths
from imid.shared.problems import InputError, reported


def main(argv: list[str] | None = None) -> None:
    """Build the index in a folder of its own, and see that all its files are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aligner", type=load, required=True)
    parser.add_argument("--fasta", type=Path, required=True, help="genome, not compressed")
    parser.add_argument("--lengths", type=Path, required=True, help="its contigs, .fai")
    parser.add_argument("--annotation", type=Path, nargs="?", help="GTF, not compressed")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", type=int, required=True, help="of the job, in MB")
    parser.add_argument("--folder", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)

    given = {**vars(arguments), "length": sum(read_lengths(arguments.lengths).values())}
    aligner = given.pop("aligner")
    del given["lengths"]
    shutil.rmtree(arguments.folder, ignore_errors=True)
    arguments.folder.mkdir(parents=True)
    command = aligner.index_command(IndexBuild(**given))
    if status := subprocess.run(command).returncode:
        raise InputError([f"{command[0]} ended with status {status}; its messages are above"])
    missing = [name for name in aligner.index_files if not (arguments.folder / name).exists()]
    if missing:
        raise InputError([f"{aligner.title} built no whole index: {', '.join(missing)} missing"])


if __name__ == "__main__":
    reported(main)
