"""How much memory, in MB, and how many minutes a job asks for: more at each attempt."""

from collections.abc import Callable
from typing import Any

# What Snakemake itself takes in a job.
OF_SNAKEMAKE = 500


def growing(mem_mb: int) -> Callable[[Any, int], int]:
    """Give a rule's resource: more at each attempt, with room for Snakemake in the job."""
    return lambda wildcards, attempt: (OF_SNAKEMAKE + mem_mb) * attempt


def lasting(minutes: int) -> Callable[[Any, int], int]:
    """Give the like for the time that a job may take: one that ran out of it needs more."""
    return lambda wildcards, attempt: minutes * attempt
