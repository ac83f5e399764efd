"""The command lines of the aligners."""

import re
from pathlib import Path


def star(
    index: Path,
    first: list[Path],
    second: list[Path],
    *,
    sample: str,
    threads: int,
    scratch: Path,
    annotation: Path,
) -> list[str]:
    """Have STAR write name-collated, uncompressed alignments to its standard output.

    Parameters
    ----------
    index : Path
        The folder of the index.
    first, second : list of Path
        The mates' files, lane by lane; `second` is empty for single-end reads.
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
    list of str
        The command.
    """
    inserted = [] if (index / "exonGeTrInfo.tab").exists() else ["--sjdbGTFfile", annotation]
    command = [
        *["STAR", "--runThreadN", threads, "--genomeDir", index],
        *["--readFilesIn", _lanes(first), *([_lanes(second)] if second else [])],
        *["--readFilesCommand", "gzip", "-dcf"],
        *["--outFileNamePrefix", f"{scratch}/"],
        *["--outSAMattrRGline", f"ID:{sample}", f"SM:{sample}"],
        *["--outSAMunmapped", "Within", "--outSAMattributes", "Standard"],
        *["--quantMode", "GeneCounts", *inserted],
        # Sorting is left to samtools: STAR's own opens too many files at once.
        *["--outSAMtype", "BAM", "Unsorted"],
        *["--outStd", "BAM_Unsorted", "--outBAMcompression", 0],
    ]
    return [str(word) for word in command]


def hisat2(
    index: Path,
    first: list[Path],
    second: list[Path],
    *,
    sample: str,
    threads: int,
    scratch: Path,
    splice_sites: Path,
    strandedness: str,
) -> list[str]:
    """Have HISAT2 write name-collated alignments as SAM to its standard output.

    Parameters
    ----------
    index : Path
        A folder with one index, or the first of an index's files.
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
    list of str
        The command.
    """
    reads = ["-1", _lanes(first), "-2", _lanes(second)] if second else ["-U", _lanes(first)]
    # HISAT2 names the strand of each mate, or of single reads.
    strands = {"no": "", "yes": "FR", "reverse": "RF"}[strandedness]
    strand = ["--rna-strandness", strands if second else strands[0]] if strands else []
    command = [
        *["hisat2", "--threads", threads, "--reorder", "-x", _prefix(index), *reads, *strand],
        *["--known-splicesite-infile", splice_sites],
        *["--rg-id", sample, "--rg", f"SM:{sample}"],
        *["--new-summary", "--summary-file", scratch / "hisat2.txt"],
    ]
    return [str(word) for word in command]


def _prefix(index: Path) -> Path:
    """Find how the names of an index's files begin, by which HISAT2 knows it."""
    first = next(index.glob("*.1.ht2*")) if index.is_dir() else index
    return first.with_name(re.sub(r"\.1\.ht2l?$", "", first.name))


def _lanes(files: list[Path]) -> str:
    return ",".join(map(str, files))
