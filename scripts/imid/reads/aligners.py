"""The command lines of the aligners."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from imid.shared.streams import PipeEnd


def star(
    index: Path,
    first: Sequence[object],
    second: Sequence[object],
    *,
    sample: str,
    threads: int,
    scratch: Path,
    annotation: Path,
) -> list[object]:
    """Have STAR write name-collated, uncompressed alignments to its standard output.

    Parameters
    ----------
    index : Path
        The folder of the index.
    first, second : sequence of Path or PipeEnd
        The mates' files or pipes, not compressed, lane by lane; `second` is empty for single-end
        reads. Of pipes there is one for each mate: STAR reads several files through a script of
        its own.
    sample : str
        Named in the read group.
    threads : int
        Threads to use.
    scratch : Path
        A folder for STAR's own files; its summary is ``Log.final.out`` there.
    annotation : Path
        The GTF, inserted while mapping where the index was built without one.

    Returns
    -------
    list of str or PipeEnd
        The command.
    """
    inserted = [] if (index / "exonGeTrInfo.tab").exists() else ["--sjdbGTFfile", annotation]
    command = [
        *["STAR", "--runThreadN", threads, "--genomeDir", index],
        *["--readFilesIn", _lanes(first), *([_lanes(second)] if second else [])],
        *["--outFileNamePrefix", f"{scratch}/"],
        *["--outSAMattrRGline", f"ID:{sample}", f"SM:{sample}"],
        *["--outSAMunmapped", "Within", "--outSAMattributes", "Standard"],
        *["--quantMode", "GeneCounts", *inserted],
        # Sorting is left to samtools: STAR's own opens too many files at once.
        *["--outSAMtype", "BAM", "Unsorted"],
        *["--outStd", "BAM_Unsorted", "--outBAMcompression", 0],
    ]
    return _words(command)


def hisat2(
    index: Path,
    first: Sequence[object],
    second: Sequence[object],
    *,
    sample: str,
    threads: int,
    scratch: Path,
    splice_sites: Path,
    strandedness: str,
) -> list[object]:
    """Have HISAT2 write name-collated alignments as SAM to its standard output.

    The program itself is called: the script ``hisat2`` around it takes files alone, no pipes.

    Parameters
    ----------
    index : Path
        The first of the index's files.
    first, second, sample, threads
        As for `star`.
    scratch : Path
        A folder for its summary, ``hisat2.txt``.
    splice_sites : Path
        Known splice sites: contig, left, right, strand.
    strandedness : {"no", "yes", "reverse"}
        Of the library.

    Returns
    -------
    list of str or PipeEnd
        The command.
    """
    reads = ["-1", _lanes(first), "-2", _lanes(second)] if second else ["-U", _lanes(first)]
    # HISAT2 names the strand of each mate, or of single reads.
    strands = {"no": "", "yes": "FR", "reverse": "RF"}[strandedness]
    strand = ["--rna-strandness", strands if second else strands[0]] if strands else []
    prefix, large = _prefix(index)
    command = [
        *[_hisat2_program(large), "--wrapper", "basic-0", "--threads", threads, "--reorder"],
        *["-x", prefix, *reads, *strand],
        *["--known-splicesite-infile", splice_sites],
        *["--rg-id", sample, "--rg", f"SM:{sample}"],
        *["--new-summary", "--summary-file", scratch / "hisat2.txt"],
    ]
    return _words(command)


def _prefix(index: Path) -> tuple[Path, bool]:
    """Find how the names of an index's files begin, and whether it is of the large kind."""
    return index.with_name(re.sub(r"\.1\.ht2l?$", "", index.name)), index.suffix == ".ht2l"


def _hisat2_program(large: bool) -> str:
    """Find the program: on the PATH, or beside the script that is there."""
    name = "hisat2-align-l" if large else "hisat2-align-s"
    script = shutil.which("hisat2")
    if shutil.which(name) or script is None:
        return name
    return str(Path(script).resolve().with_name(name))


def _lanes(files: Sequence[object]) -> object:
    return files[0] if len(files) == 1 else ",".join(map(str, files))


def _words(command: Sequence[object]) -> list[object]:
    # Whoever starts the program hands it its ends of pipes.
    return [word if isinstance(word, PipeEnd) else str(word) for word in command]
