"""Samples whose FASTQ files are in an archive: a run goes on from what was made of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from imid.inputs.check_samples import lanes_of, rows_by_sample
from imid.question.settings import Settings
from imid.reads.origins import (
    Origin,
    PlannedOrigin,
    changed,
    damaged_outputs,
    planned_origin,
    read_origin,
)
from imid.shared.problems import place
from imid.userfiles.check_table import UserTable

SAMPLES = "results/samples"
TOLD = 5
# What is read of the reference, made by an earlier run: with it, the reference itself is not.
PREPARED = [f"results/reference/{name}" for name in ["genes.tsv", "inputs.sha256", "genome.fa.fai"]]


class Archived(NamedTuple):
    """What became of samples that were finished.

    Attributes
    ----------
    samples : list of str
        Those that have none of their FASTQ files any more, and were finished by an earlier run.
    problems, warnings : list of str
        What is wrong with the former, and what should be known of them.
    """

    samples: list[str]
    problems: list[str]
    warnings: list[str]


def archived_samples(sheet: UserTable, settings: Settings, working_directory: Path) -> Archived:
    """Find the samples that are finished and have no reads any more.

    Parameters
    ----------
    sheet : UserTable
        As given by `read_sheet`; the rows of the cell lines to analyse.
    settings : Settings
    working_directory : Path
        What relative paths start from.

    Returns
    -------
    Archived
        A sample without any of its files and without a finished result is none of them: its
        files are missing.
    """
    found = Archived([], [], [])
    faults: dict[str, list[tuple[int, str]]] = {}
    for sample, rows in rows_by_sample(sheet.rows).items():
        folder = working_directory / SAMPLES / sample
        origin = read_origin(folder)
        if origin is None:
            continue
        planned = planned_origin(lanes_of(rows), settings)
        if not any((working_directory / name).exists() for name in planned.reads):
            found.samples.append(sample)
            for fault in _origin_faults(origin, planned, settings, folder):
                faults.setdefault(fault, []).append((rows.index[0], sample))
    # One setting that was changed is one problem, not one for each sample.
    for fault, cells in faults.items():
        where = place(sheet.name, cells[0][0], "fastq_1")
        gone = f"the FASTQ files of {_sample_names([sample for _, sample in cells])} are gone"
        remedy = "bring the reads back, or undo the change"
        found.problems.append(f"{where}: {gone}, and {fault}; {remedy}")
    if found.samples and not faults:
        found.warnings.append(
            f"{sheet.name}: the FASTQ files of {_sample_names(found.samples)} are gone; what was"
            " made of them with the same settings is there and unchanged, and is gone on from as"
            " it is"
        )
    return found


def _origin_faults(
    origin: Origin, planned: PlannedOrigin, settings: Settings, folder: Path
) -> list[str]:
    """Say why a sample cannot be gone on from."""
    strandedness = None if settings.found_strandedness else settings.strandedness
    return [
        *(f"counts were made {what}" for what in changed(origin, planned, strandedness)),
        *(f"of what was made {what}" for what in damaged_outputs(origin, folder)),
    ]


def _sample_names(samples: Sequence[str]) -> str:
    more = f" and {len(samples) - TOLD} more" if len(samples) > TOLD else ""
    return ", ".join(samples[:TOLD]) + more


def reference_is_prepared(working_directory: Path) -> bool:
    """Tell whether an earlier run left what samples without reads need of the reference."""
    return all((working_directory / path).exists() for path in PREPARED)
