"""Trimming by fastp: its command line, and what it says it did.

A sequence is never guessed and cut: fastp's own guess takes an abundant transcript, as an
immunoglobulin chain is in myeloma, for an adapter, in some samples and not in others. Mates tell
by their overlap where a fragment ends. Whether G at the end of a read is the dark of a sequencer
with two colours fastp reads out of names, which archives replace: it is cut in all samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imid.reads.known_adapters import KNOWN, NO_ADAPTER, adapter_name
from imid.shared.json_files import read_json

# More of them would wait for the aligner.
MOST_THREADS = 2
REPORT = "fastp.json"
# Of tails that were cut, the most frequent ones of a sample say what they are.
TAILS_LOOKED_AT = 3
# Bases of a tail that is of no known kit.
SHOWN = 20


def trim_command(
    inputs: Sequence[object],
    outputs: Sequence[object],
    adapters: Sequence[str],
    reports: Path,
    threads: int,
) -> list[object]:
    """Put together the command that trims what it reads.

    Parameters
    ----------
    inputs, outputs : sequence of str or PipeEnd
        The mates; one of each for single reads. The first must be ``/dev/stdin``: of any other
        file fastp first takes some reads to look at.
    adapters : sequence of str
        As the config has them: the name of a kit, ``none``, or a sequence for each mate.
    reports : Path
        The folder for fastp's reports.
    threads : int
        Threads to use at most.

    Returns
    -------
    list of object
        The command.
    """
    paired = len(inputs) == 2
    files = [
        word
        for mate, (read, written) in enumerate(zip(inputs, outputs, strict=True), start=1)
        for word in (f"--in{mate}", read, f"--out{mate}", written)
    ]
    return [
        *["fastp", *files, *_adapter_options(adapters, paired), "--trim_poly_g"],
        *["--dont_eval_duplication", "--thread", min(threads, MOST_THREADS)],
        *["--json", reports / REPORT, "--html", reports / "fastp.html"],
    ]


def _adapter_options(adapters: Sequence[str], paired: bool) -> list[str]:
    """Say what to cut: overlap in pairs, a sequence in single reads, or where one is given."""
    if list(adapters) == [NO_ADAPTER]:
        return ["--disable_adapter_trimming"]
    if adapters[0] in KNOWN:
        return [] if paired else ["--adapter_sequence", KNOWN[adapters[0]]]
    names = ["--adapter_sequence", "--adapter_sequence_r2"][: 2 if paired else 1]
    sequences = adapters if len(adapters) == len(names) else [adapters[0]] * len(names)
    return [word for option in zip(names, sequences, strict=True) for word in option]


@dataclass(frozen=True)
class Trimmed:
    """What fastp says it did with a sample.

    Attributes
    ----------
    read, passed : int
        Reads or pairs that it read, and that it wrote.
    cut_share : float
        Share of the reads, both mates, of which an adapter was cut.
    tails : dict of str to int
        What was cut off first mates, and how often.
    """

    read: int
    passed: int
    cut_share: float
    tails: dict[str, int]


@dataclass(frozen=True)
class FastpReads:
    """What fastp says of all reads before, or after, it trimmed them."""

    total_reads: int


@dataclass(frozen=True)
class FastpSummary:
    """What fastp's report says of its input and its output."""

    before_filtering: FastpReads
    after_filtering: FastpReads


@dataclass(frozen=True)
class FastpCutting:
    """What fastp's report says of adapters; it says nothing where none was cut."""

    adapter_trimmed_reads: int = 0
    read1_adapter_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FastpReport:
    """What is read of fastp's report."""

    summary: FastpSummary
    adapter_cutting: FastpCutting = field(default_factory=FastpCutting)


def read_trimmed(report: Path, paired: bool) -> Trimmed:
    """Read what fastp reports of a sample.

    Parameters
    ----------
    report : Path
        Its JSON.
    paired : bool
        Whether it counts both mates.

    Returns
    -------
    Trimmed

    Raises
    ------
    InputError
        Where the report is not whole.
    """
    found = read_json(report, FastpReport)
    mates = 2 if paired else 1
    read = found.summary.before_filtering.total_reads
    return Trimmed(
        read=read // mates,
        passed=found.summary.after_filtering.total_reads // mates,
        cut_share=found.adapter_cutting.adapter_trimmed_reads / max(read, 1),
        tails=found.adapter_cutting.read1_adapter_counts,
    )


def cut_as(trimmed: Trimmed, adapters: Sequence[str], paired: bool) -> str:
    """Say what was cut: in pairs what follows the fragment, named where it is a known adapter.

    Parameters
    ----------
    trimmed : Trimmed
        What fastp reports.
    adapters : sequence of str
        As for `trim_command`.
    paired : bool
        Whether reads are pairs.

    Returns
    -------
    str
        ``illumina``, say, a sequence, ``overlap: illumina``, or ``none``.
    """
    if list(adapters) == [NO_ADAPTER]:
        return NO_ADAPTER
    given = "/".join(adapters)
    if not paired:
        return given
    tails = {tail: n for tail, n in trimmed.tails.items() if set(tail) <= set("ACGTN")}
    # Of each tail there are as many as fragments of one length; those that say most are long.
    bases = sorted(tails, key=lambda tail: len(tail) * tails[tail])
    found = next(filter(None, map(adapter_name, reversed(bases[-TAILS_LOOKED_AT:]))), None)
    found = found or (bases[-1][:SHOWN] if bases else "nothing")
    return f"overlap: {found}" + ("" if adapters[0] in KNOWN else f", and {given}")
