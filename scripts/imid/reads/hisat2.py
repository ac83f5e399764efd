"""HISAT2: its command, its summary, its index."""

import re
import shutil
import subprocess
from pathlib import Path

from imid.reads.aligner import (
    Aligner,
    Alignment,
    BuiltFrom,
    IndexBuild,
    command_words,
    has_content,
    lane_list,
    text_of,
)
from imid.shared.problems import ContentError

SUMMARY = "hisat2.txt"
PARTS = range(1, 9)
# The second is that of genomes beyond four billion bases, which no mammal has.
SUFFIXES = ["ht2", "ht2l"]
# hisat2-inspect reads the beginning of an index; on a slow disk that may take its time.
PATIENCE = 60
# The index of a human genome, in GB, whatever is given.
INDEX = 6


class Hisat2(Aligner):
    """HISAT2, which is told of known splice sites when it aligns."""

    name = "hisat2"
    title = "HISAT2"
    # The last tells of which genome a prebuilt index is.
    programs = ("hisat2", "hisat2-build", "hisat2-inspect")
    writes_bam = False
    reports = (SUMMARY,)
    summary = SUMMARY
    index_files = tuple(f"genome.{part}.ht2" for part in PARTS)
    index_is_annotated = False

    def command(self, alignment: Alignment) -> list[object]:
        """Have HISAT2 align.

        The program itself is called: the script ``hisat2`` around it takes files alone, no pipes.
        """
        first, second = alignment.first, alignment.second
        mates = ["-1", lane_list(first), "-2", lane_list(second)]
        reads = mates if second else ["-U", lane_list(first)]
        # It names the strand of each mate, or of single reads.
        strands = {"no": "", "yes": "FR", "reverse": "RF"}[alignment.strandedness]
        strand = ["--rna-strandness", strands if second else strands[0]] if strands else []
        prefix = re.sub(r"\.1\.ht2l?$", "", alignment.index.name)
        program = _program(large=alignment.index.suffix == ".ht2l")
        command = [
            *[program, "--wrapper", "basic-0", "--threads", alignment.threads, "--reorder"],
            *["-x", alignment.index.with_name(prefix), *reads, *strand],
            *["--known-splicesite-infile", alignment.splice_sites],
            *["--rg-id", alignment.sample, "--rg", f"SM:{alignment.sample}"],
            *["--new-summary", "--summary-file", alignment.scratch / SUMMARY],
        ]
        return command_words(command)

    def total(self, folder: Path) -> int:
        """Read its summary."""
        summary = text_of(folder / SUMMARY)
        found = re.search(r"Total (?:pairs|reads): (\d+)", summary)
        if not found or not re.search(r"Overall alignment rate: \S+%\n\Z", summary):
            raise ContentError("HISAT2 wrote its summary only in part")
        return int(found[1])

    def memory(self, index: Path) -> int:
        """Ask for the index of a human genome, and room for sorting."""
        return 8000 + 1100 * INDEX

    def index_command(self, build: IndexBuild) -> list[object]:
        """Have HISAT2 build an index."""
        return command_words(
            ["hisat2-build", "-p", build.threads, build.fasta, build.folder / "genome"]
        )

    def index_memory(self, fasta: Path) -> int:
        """Ask for what a human genome takes."""
        return 12_500

    def built_index(self, folder: str) -> str:
        """Name the first file."""
        return f"{folder}/{self.index_files[0]}"

    def prebuilt_index(self, name: str, directory: Path) -> tuple[str, list[str]]:
        """Name the first file of those whose names begin as the user says."""
        suffix = _suffix(directory / name) or SUFFIXES[0]
        parts = [f"{name}.{part}.{suffix}" for part in PARTS]
        return parts[0], parts

    def is_index(self, path: Path) -> bool:
        """Tell by its first file, or by one that lies in the folder."""
        return bool(_suffix(path) or _prefixes_in(path))

    def inspect_index(self, path: Path) -> BuiltFrom | None:
        """See that all files are there, and ask hisat2-inspect, if it is there, for the contigs."""
        suffix = _suffix(path)
        if not suffix:
            inside = _prefixes_in(path)
            if inside:
                raise ContentError(
                    f"is a folder; name the prefix of the index files in it, such as '{inside[0]}'"
                )
            raise ContentError(f"is no index of HISAT2: there is no {path.name}.1.ht2")
        parts = [Path(f"{path}.{part}.{suffix}") for part in PARTS]
        missing = [part.name for part in parts if not has_content(part)]
        if missing:
            gone = ", ".join(missing)
            raise ContentError(f"is incomplete: {gone} missing or empty; build it again")
        return _inspect(path)


def _program(large: bool) -> str:
    """Find the program: on the PATH, or beside the script that is there."""
    name = "hisat2-align-l" if large else "hisat2-align-s"
    script = shutil.which("hisat2")
    if shutil.which(name) or script is None:
        return name
    return str(Path(script).resolve().with_name(name))


def _inspect(prefix: Path) -> BuiltFrom | None:
    if not shutil.which("hisat2-inspect"):
        return None
    try:
        run = subprocess.run(
            ["hisat2-inspect", "--summary", prefix],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return None
    rows = [line.split("\t") for line in run.stdout.splitlines() if line.startswith("Sequence-")]
    if run.returncode or not rows or not all(len(row) == 3 and row[2].isdigit() for row in rows):
        raise ContentError("is damaged: hisat2-inspect cannot read it; build it again")
    return BuiltFrom({name.split()[0]: int(length) for _, name, length in rows})


def _suffix(prefix: Path) -> str | None:
    return next((s for s in SUFFIXES if Path(f"{prefix}.1.{s}").exists()), None)


def _prefixes_in(folder: Path) -> list[str]:
    parts = sorted(part for suffix in SUFFIXES for part in folder.glob(f"*.1.{suffix}"))
    return [str(folder / part.name.rsplit(".", 2)[0]) for part in parts]


ALIGNER = Hisat2()
