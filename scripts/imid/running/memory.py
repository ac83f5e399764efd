"""How much memory a job asks for, in MB."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

# What Snakemake itself takes in a job.
OF_SNAKEMAKE = 500
# HISAT2's index of a human genome, in GB, whatever is given.
HISAT2_INDEX = 6


def growing(mem_mb: int) -> Callable[[Any, int], int]:
    """Give a rule's resource: more at each attempt, with room for Snakemake in the job."""
    return lambda wildcards, attempt: (OF_SNAKEMAKE + mem_mb) * attempt


def of_alignment(aligner: str, index: Path) -> int:
    """Ask for the index, which STAR holds in memory whole, and room for sorting."""
    size = gigabytes(index) if aligner == "star" else HISAT2_INDEX
    return int(8000 + 1100 * size)


def of_star_index(fasta: Path) -> int:
    """Ask for what STAR's manual gives for an index: ten bytes for each base, and a margin."""
    return int(4000 + 12_000 * gigabytes(fasta))


def gigabytes(path: Path) -> float:
    """Give the size of a file, or of what lies in a folder; 0 before it is made."""
    files = path.iterdir() if path.is_dir() else [path] if path.exists() else []
    return sum(file.stat().st_size for file in files) / 1e9
