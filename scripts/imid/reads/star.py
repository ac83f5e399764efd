"""STAR: its command, its reports, its index."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

from imid.counting.star_counts import check_against_star
from imid.reads.aligner import (
    Aligner,
    Alignment,
    BuiltFrom,
    IndexBuild,
    command_words,
    gigabytes,
    has_content,
    lane_list,
    text_of,
)
from imid.shared.problems import ContentError

SUMMARY, GENE_COUNTS, JUNCTIONS = "Log.final.out", "ReadsPerGene.out.tab", "SJ.out.tab"
# What STAR 2.7.4a and later read and write; an index keeps the format it was built with.
FORMAT = "2.7.4a"
PARAMETERS = "genomeParameters.txt"
# Of a prebuilt index; what is written of an annotation may be missing.
NEEDED = ["Genome", "SA", "SAindex", PARAMETERS, "chrName.txt", "chrLength.txt", "chrStart.txt"]


class Star(Aligner):
    """STAR, which holds its whole index in memory."""

    name = "star"
    title = "STAR"
    programs = ("STAR",)
    writes_bam = True
    reports = (SUMMARY, GENE_COUNTS, JUNCTIONS)
    summary = SUMMARY
    # Without its log.
    index_files = (
        *("Genome", "SA", "SAindex", PARAMETERS),
        *("chrName.txt", "chrLength.txt", "chrNameLength.txt", "chrStart.txt"),
        *("exonGeTrInfo.tab", "exonInfo.tab", "geneInfo.tab", "transcriptInfo.tab"),
        *("sjdbInfo.txt", "sjdbList.fromGTF.out.tab", "sjdbList.out.tab"),
    )
    beside_index = ("Log.out",)
    index_is_annotated = True
    exceptions = "counting.star_exceptions"

    def command(self, alignment: Alignment) -> list[object]:
        """Have STAR align; the annotation is inserted where the index was built without one."""
        index, first, second = alignment.index, alignment.first, alignment.second
        annotated = (index / "exonGeTrInfo.tab").exists()
        inserted = [] if annotated else ["--sjdbGTFfile", alignment.annotation]
        command = [
            *["STAR", "--runThreadN", alignment.threads, "--genomeDir", index],
            # It reads several files through a script of its own.
            *["--readFilesIn", lane_list(first), *([lane_list(second)] if second else [])],
            *["--outFileNamePrefix", f"{alignment.scratch}/"],
            *["--outSAMattrRGline", f"ID:{alignment.sample}", f"SM:{alignment.sample}"],
            *["--outSAMunmapped", "Within", "--outSAMattributes", "Standard"],
            *["--quantMode", "GeneCounts", *inserted],
            # Sorting is left to samtools: STAR's own opens too many files at once.
            *["--outSAMtype", "BAM", "Unsorted"],
            *["--outStd", "BAM_Unsorted", "--outBAMcompression", 0],
        ]
        return command_words(command)

    def total(self, folder: Path) -> int:
        """Read its summary, and see that its table of junctions is whole, too."""
        log = text_of(folder / SUMMARY)
        found = re.search(r"Number of input reads \|\s*(\d+)", log)
        if not found or not re.search(r"% of chimeric reads \|\s*[\d.]+%\n\Z", log):
            raise ContentError(f"STAR wrote {SUMMARY} only in part")
        junctions = text_of(folder / JUNCTIONS)
        cut = not junctions.endswith("\n") or junctions.splitlines()[-1].count("\t") != 8
        if junctions and cut:
            raise ContentError(f"STAR wrote {JUNCTIONS} only in part")
        return int(found[1])

    def memory(self, index: Path) -> int:
        """Ask for the index, which it holds in memory whole, and room for sorting."""
        return int(8000 + 1100 * gigabytes(index))

    def check_counts(
        self, counts: dict[str, int], reports: Path, strandedness: str, exceptions: Sequence[str]
    ) -> str | None:
        """Hold counts against its own, if it left them."""
        table = reports / GENE_COUNTS
        if not table.exists():
            return None
        return check_against_star(counts, table, strandedness, list(exceptions))

    def index_command(self, build: IndexBuild) -> list[object]:
        """Have STAR build an index.

        Its log and its scratch go to the index's own folder, for in the node's one other users and
        runs would meet them.
        """
        command = [
            *["STAR", "--runMode", "genomeGenerate", "--runThreadN", build.threads],
            *["--genomeDir", build.folder, "--genomeFastaFiles", build.fasta],
            *["--sjdbGTFfile", build.annotation],
            *["--genomeSAindexNbases", suffix_bases(build.length)],
            *["--limitGenomeGenerateRAM", build.memory * 1_000_000],
            *["--outFileNamePrefix", f"{build.folder}/"],
        ]
        return command_words(command)

    def index_memory(self, fasta: Path) -> int:
        """Ask for what STAR's manual gives: ten bytes for each base, and a margin."""
        return int(4000 + 12_000 * gigabytes(fasta))

    def built_index(self, folder: str) -> str:
        """Name the folder."""
        return folder

    def prebuilt_index(self, name: str, directory: Path) -> tuple[str, list[str]]:
        """Name the folder."""
        return name, [name]

    def is_index(self, path: Path) -> bool:
        """Tell by the file that holds the parameters."""
        return (path / PARAMETERS).exists()

    def inspect_index(self, path: Path) -> BuiltFrom:
        """Look into the folder of an index."""
        if not path.is_dir():
            raise ContentError(
                "is a file; STAR's index is a folder" if path.exists() else "does not exist"
            )
        missing = [name for name in NEEDED if not has_content(path / name)]
        if len(missing) == len(NEEDED):
            raise ContentError("is no index of STAR; leave it out, and one is built")
        if missing:
            gone = ", ".join(missing)
            raise ContentError(f"is incomplete: {gone} missing or empty; build it again")
        _check_parameters(path)
        return BuiltFrom(_lengths(path), _known_genes(path), _exons(path))


def suffix_bases(length: int) -> int:
    """Say by strings of how many bases the suffix array of a genome of this length is indexed.

    Longer ones crash on a small genome.
    """
    return min(14, int(math.log2(length) / 2 - 1))


def _check_parameters(path: Path) -> None:
    rows = (line.split("\t", 1) for line in _lines_of(path / PARAMETERS) if "\t" in line)
    parameters = dict(rows)
    built_as = parameters.get("versionGenome", "an unknown version").strip()
    if built_as != FORMAT:
        raise ContentError(
            f"has the format of STAR {built_as}, which is no longer read; build it again with"
            f" {FORMAT} or later"
        )
    # It noted the sizes of the two large files when it wrote them.
    sizes = parameters.get("genomeFileSizes", "").split()
    for name, size in zip(["Genome", "SA"], sizes, strict=False):
        found = (path / name).stat().st_size
        if size.isdigit() and int(size) != found:
            raise ContentError(
                f"is damaged: {name} has {found:,} bytes, of {int(size):,} that STAR wrote; copy"
                " it again or build it again"
            )


def _lines_of(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        lines = ["\0"]
    except OSError as error:
        raise ContentError(f"cannot be read: {path.name}: {error.strerror}") from error
    if any("\0" in line for line in lines):
        raise ContentError(f"is damaged: {path.name} is no text; build it again")
    return lines


def _lengths(path: Path) -> dict[str, int]:
    names, lengths = _lines_of(path / "chrName.txt"), _lines_of(path / "chrLength.txt")
    if len(names) != len(lengths) or not all(length.isdigit() for length in lengths):
        raise ContentError("is damaged: chrName.txt and chrLength.txt differ; build it again")
    return dict(zip(names, map(int, lengths), strict=True))


def _known_genes(path: Path) -> frozenset[str] | None:
    file = path / "geneInfo.tab"
    if not file.exists():
        return None
    return frozenset(line.split("\t")[0] for line in _lines_of(file)[1:] if line)


def _exons(path: Path) -> int | None:
    file = path / "exonGeTrInfo.tab"
    first = _lines_of(file)[:1] if file.exists() else []
    return int(first[0]) if first and first[0].strip().isdigit() else None


ALIGNER = Star()
