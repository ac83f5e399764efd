"""How much memory a job asks for, in MB."""

from collections.abc import Callable
from typing import Any

# What Snakemake itself takes in a job.
OF_SNAKEMAKE = 500


def growing(mem_mb: int) -> Callable[[Any, int], int]:
    """Give a rule's resource: more at each attempt, with room for Snakemake in the job."""
    return lambda wildcards, attempt: (OF_SNAKEMAKE + mem_mb) * attempt
