"""What the steps from reads to counts say of a sample or a line, as they write it for others."""

from dataclasses import dataclass, field
from pathlib import Path

from imid.shared.json_files import read_if_whole, read_json

# In a sample's folder of reports.
READS_SEEN, STRANDEDNESS, AUDIT = "reads.json", "strandedness.json", "audit.json"
# How many fragments were assigned to a gene, and what became of the others.
FATES = "fragments.tsv"


@dataclass(frozen=True)
class LaneSeen:
    """What was read of a lane.

    Attributes
    ----------
    files : list of str
        Those of its mates.
    records : int
        Reads, or pairs.
    notes : dict of str to int
        What was brought to the common form: how many records, by what it was.
    """

    files: list[str]
    records: int
    notes: dict[str, int]


@dataclass(frozen=True)
class AdaptersSeen:
    """In how many of the reads that were looked at which known adapter was found."""

    reads: int
    found: dict[str, int]


@dataclass(frozen=True)
class ReadsSeen:
    """What `feed_reads` saw of a sample's reads."""

    lanes: list[LaneSeen]
    adapters: AdaptersSeen

    @property
    def paired(self) -> bool:
        """Whether they are pairs."""
        return len(self.lanes[0].files) > 1


@dataclass(frozen=True)
class StreamTally:
    """What `tally_alignments` or the counter saw in a sample's stream of alignments.

    Attributes
    ----------
    records, names, first, second, fragments : int
        As the counter of `tally_alignments` tells them.
    strands : list of dict
        Of each stretch how many fragments are of either strand; none where nobody asked.
    """

    records: int = 0
    names: int = 0
    first: int = 0
    second: int = 0
    fragments: int = 0
    strands: list[dict[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class LineStrandedness:
    """The strandedness that a cell line is counted with.

    Attributes
    ----------
    cell_line : str
    strandedness : {"no", "yes", "reverse"}
    configured : {"no", "yes", "reverse", "auto"}
        The setting.
    sample : str
        Whose first reads were looked at.
    sense, antisense : int
        Of these fragments, how many are of either strand.
    message : str
        What that says.
    """

    cell_line: str
    strandedness: str
    configured: str
    sample: str
    sense: int
    antisense: int
    message: str


@dataclass(frozen=True)
class SampleStrandedness:
    """What a sample's reads show of their strand, and whether counting contradicts it."""

    sense: int
    antisense: int
    message: str
    wrong: bool


@dataclass(frozen=True)
class Audit:
    """How many fragments HTSeq counted, too, and in what it differs."""

    fragments: int
    differences: list[str]


def recorded_strandedness(path: Path) -> LineStrandedness | None:
    """Read what an earlier run wrote of a line; None where nothing whole is."""
    return read_if_whole(path, LineStrandedness)


def read_line_strandedness(path: Path) -> LineStrandedness:
    """Read what `find_strandedness` wrote; raise `InputError` where it is damaged."""
    return read_json(path, LineStrandedness)
