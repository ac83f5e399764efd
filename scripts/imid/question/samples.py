"""Samples: the lanes that one was sequenced in, and those that are left out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LaneFiles:
    """The reads of one lane of a sample.

    Attributes
    ----------
    fastq_1, fastq_2 : str
        The FASTQ files of the mates, as the sheet names them; the second is empty for single-end
        reads.
    """

    fastq_1: str
    fastq_2: str = ""

    @property
    def files(self) -> list[str]:
        """The files that there are."""
        return [name for name in (self.fastq_1, self.fastq_2) if name]


@dataclass(frozen=True)
class Exclusion:
    """A sample that the configuration leaves out, and why."""

    sample: str
    reason: str


@dataclass(frozen=True)
class ExcludedSample(Exclusion):
    """A sample that is left out, with the cell line that it would be of."""

    cell_line: str
