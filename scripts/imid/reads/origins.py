"""What a sample's alignments and counts were made from, and whether they are as they were made.

It is written down beside them, so that a run can go on from them when the reads are in an archive.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from imid.question.samples import LaneFiles
from imid.question.settings import Settings
from imid.reads.aligner import load
from imid.shared.fingerprints import fingerprint
from imid.shared.json_files import read_if_whole, write_json

REPORTS, ORIGIN = "reports", "origin.json"
ALIGNMENTS, COUNTS = "aligned.bam", "counts.tsv"
OUTPUTS = [ALIGNMENTS, f"{ALIGNMENTS}.bai", COUNTS]
DECISIVE = ["aligner", "trim", "adapters", "count_engine"]


@dataclass(frozen=True)
class PlannedOrigin:
    """What a sample is to be made from.

    Attributes
    ----------
    reads : list of str
        The FASTQ files, lane by lane.
    settings : dict
        All by which other alignments or counts would come from them, but for the strandedness,
        which the run itself may find.
    reference : dict of str to str
        Genome, annotation and index that the user gives, by fasta, gtf and index.
    """

    reads: list[str]
    settings: dict[str, Any]
    reference: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a finished sample was made from, and what came of it.

    Attributes
    ----------
    reads : dict of str to str
        The fingerprint of each FASTQ file.
    settings : dict
        As of `PlannedOrigin`.
    reference : dict of str to str, optional
        The fingerprints of genome, annotation and index that the user gave.
    strandedness : {"no", "yes", "reverse"}
        That it was counted with.
    outputs : dict of str to str
        The fingerprint of each file that was made, by its name in the sample's folder.
    """

    reads: dict[str, str]
    settings: dict[str, Any]
    reference: dict[str, str] | None = None
    strandedness: str
    outputs: dict[str, str]


def planned_origin(lanes: Iterable[LaneFiles], settings: Settings) -> PlannedOrigin:
    """Say what a sample is to be made from.

    Parameters
    ----------
    lanes : iterable of LaneFiles
        Its reads.
    settings : Settings

    Returns
    -------
    PlannedOrigin
    """
    return PlannedOrigin(
        reads=[file for lane in lanes for file in lane.files],
        settings={name: getattr(settings, name) for name in DECISIVE},
        reference=settings.reference.given,
    )


def write_origin(planned: PlannedOrigin, strandedness: str, sample: Path) -> None:
    """Write down what a finished sample was made from, and what came of it.

    Parameters
    ----------
    planned : PlannedOrigin
    strandedness : {"no", "yes", "reverse"}
        That it was counted with.
    sample : Path
        Its folder.
    """
    origin = Origin(
        reads={name: fingerprint(Path(name)) for name in planned.reads},
        settings=planned.settings,
        reference=contents(planned),
        strandedness=strandedness,
        outputs={name: fingerprint(sample / name) for name in made_in(sample)},
    )
    write_json(origin, sample / REPORTS / ORIGIN)


def contents(planned: PlannedOrigin) -> dict[str, str]:
    """Digest those files of the reference that are there, whatever their names.

    Parameters
    ----------
    planned : PlannedOrigin

    Returns
    -------
    dict
        By ``fasta``, ``gtf`` and ``index``.
    """
    parts = {key: [name] for key, name in planned.reference.items()}
    if "index" in parts:
        aligner = load(planned.settings["aligner"])
        parts["index"] = aligner.prebuilt_index(*parts["index"], Path())[1]
    there = {key: [*map(Path, names)] for key, names in parts.items()}
    return {
        key: " ".join(map(content, paths))
        for key, paths in there.items()
        if all(path.exists() for path in paths)
    }


# Samples share their reference.
content = cache(fingerprint)


def made_in(sample: Path) -> list[str]:
    """List what was made of a sample: alignments, counts, and every report."""
    reports = sorted(path for path in (sample / REPORTS).rglob("*") if path.is_file())
    return [*OUTPUTS, *(str(path.relative_to(sample)) for path in reports if path.name != ORIGIN)]


def read_origin(sample: Path) -> Origin | None:
    """Read what a sample was made from; None where nothing of the kind is written down."""
    return read_if_whole(sample / REPORTS / ORIGIN, Origin)


def changed(origin: Origin, planned: PlannedOrigin, strandedness: str | None) -> list[str]:
    """Tell what a sample is to be made from that it was not made from.

    Parameters
    ----------
    origin : Origin
    planned : PlannedOrigin
    strandedness : str or None
        The setting; None where it is found from the reads.

    Returns
    -------
    list of str
        In words that follow "was made": ``with aligner star, which is now hisat2``.
    """
    differences = []
    if list(origin.reads) != planned.reads:
        made, now = ("+".join(names) for names in (origin.reads, planned.reads))
        differences.append(f"from {made}, and the sheet names {now}")
    were = {**origin.settings, "strandedness": origin.strandedness}
    are = {**planned.settings, "strandedness": strandedness or origin.strandedness}
    differences += [
        f"with {key} {were.get(key)}, which is now {value}"
        for key, value in are.items()
        if were.get(key) != value
    ]
    there = contents(planned)
    was = there if origin.reference is None else origin.reference
    return differences + [
        f"with another {key} than that of the config"
        for key in ("fasta", "gtf", "index")
        # One that is there no more is not needed any more.
        if was.get(key) != there.get(key) and (key in there or key not in planned.reference)
    ]


def damaged_outputs(origin: Origin, sample: Path) -> list[str]:
    """Tell which of a sample's files are missing, or are not as they were made."""
    there = {name for name in origin.outputs if (sample / name).exists()}
    return [
        f"{name} {'was changed or cut' if name in there else 'is missing'}"
        for name, made in origin.outputs.items()
        if name not in there or fingerprint(sample / name) != made
    ]
