"""List what lies in results/ and the present configuration does not make, or remove it.

Results of contrasts, lines, samples and figures that were asked for once stay until somebody says
so. What the workflow has no record of having made is listed apart, and never removed. Takes the
options that the run was started with, such as --directory, --configfile and --config.
"""

import argparse
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imid.reads.aligners import ALIGNERS
from imid.reads.findings import recorded_strandedness
from imid.running.job_records import JobRecord, read_job_records
from imid.running.planned_files import planned_files
from imid.running.resume import alone, is_snakemake, processes_in
from imid.running.run_options import enter_experiment, read_run_options
from imid.running.snakemake_records import LOCKS, recorded_outputs
from imid.shared.problems import InputError, end_with_reader, reported

RESULTS, SAMPLES = Path("results"), Path("results/samples")
STRANDEDNESS = RESULTS / "strandedness"
COMMAND = "python -m imid.running.left_overs"
# What Snakemake leaves in folders that it made.
TIMESTAMP = ".snakemake_timestamp"
# What a step that was killed leaves: a file being written, a sample's folder being filled.
BROKEN_OFF = re.compile(r"\.\d+\..+|\.unfinished\..+")
# Where a sample's alignments are kept that a cross-check did not pass.
KEPT = "failed"
MB = 1e6


@dataclass
class LeftOvers:
    """What lies in ``results/`` and belongs to no result of the present configuration.

    Attributes
    ----------
    ours : list of Path
        Made by the workflow, for a question that is asked no more.
    others : list of Path
        Of which there is no record that the workflow made them.
    occupied : set of Path
        Folders that hold something else than what is ours and left over.
    """

    ours: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    occupied: set[Path] = field(default_factory=set)

    def together(self) -> dict[Path, list[Path]]:
        """Put what is ours together by the largest folders in which nothing else is."""
        found: dict[Path, list[Path]] = {}
        for file in self.ours:
            top = file
            while top.parent not in self.occupied:
                top = top.parent
            found.setdefault(top, []).append(file)
        return found


def find_left_overs(planned: Collection[str]) -> LeftOvers:
    """Look through the results in the working directory.

    Parameters
    ----------
    planned : collection of str
        Every file and folder that the present configuration makes.

    Returns
    -------
    LeftOvers
    """
    wanted = {Path(name) for name in planned}
    wanted |= {folder / KEPT for folder in {path.parent for path in wanted} if _is_sample(folder)}
    records = [*read_job_records()]
    names = {*map(str, wanted)}
    of_today = [record for record in records if record.is_of(names)]
    wanted |= {path for record in of_today for path in [record.path, record.environment]}
    made = {path for record in records for path in [record.path, record.environment]}
    made |= _outputs(records)
    found = LeftOvers(occupied={RESULTS})
    for file in _files(RESULTS, wanted):
        if file not in wanted and _is_ours(file, made):
            found.ours.append(file)
        else:
            found.occupied.update(file.parents)
            if file not in wanted and file.name != TIMESTAMP:
                found.others.append(file)
    return found


def _outputs(records: Sequence[JobRecord]) -> set[Path]:
    """Gather what jobs made: by our records each file, by Snakemake's whole folders as well."""
    files = {Path(name) for record in records for name in record.outputs}
    known_by_file = {folder for file in files for folder in file.parents}
    return files | ({*map(Path, recorded_outputs())} - known_by_file)


def _is_sample(folder: Path) -> bool:
    return folder.parent == SAMPLES


def _files(folder: Path, wanted: Collection[Path]) -> Iterator[Path]:
    """List files, and folders that are wanted as a whole; a link is what it leads to."""
    seen = set()
    for name, folders, files in os.walk(folder, followlinks=True):
        place = Path(name)
        seen.add(os.path.realpath(place))
        yield from (
            place / each for each in sorted({*files, *folders}) if _one(place / each, wanted)
        )
        folders[:] = sorted(
            each
            for each in folders
            if place / each not in wanted and os.path.realpath(place / each) not in seen
        )


def _one(path: Path, wanted: Collection[Path]) -> bool:
    return path in wanted or not path.is_dir()


def _is_ours(file: Path, made: Collection[Path]) -> bool:
    """Tell whether the workflow made a file: it, or a folder around it, is in the records."""
    if file in made or not made.isdisjoint(file.parents):
        return True
    parts = file.relative_to(RESULTS).parts
    if any(BROKEN_OFF.fullmatch(part) for part in parts):
        return True
    if KEPT in parts[2:] and _is_sample(RESULTS.joinpath(*parts[:2])):
        return True
    # While the finding stands its step is none of the run, and touching the run records nothing.
    if file.parent == STRANDEDNESS and recorded_strandedness(file):
        return True
    # An index that was built: what the program leaves beside it.
    beside = {name for aligner in ALIGNERS.values() for name in [*aligner.beside_index, TIMESTAMP]}
    return file.name in beside and any(path.parent == file.parent for path in made)


def left_overs_told(found: LeftOvers, removed: bool = False) -> list[str]:
    """Write left-overs as lines: each file, or folder that holds nothing else, with its size."""
    lines = ["Nothing is left over."]
    if found.ours:
        what = "Removed" if removed else "Left over"
        lines = [f"{what}: {_sum(found.ours)} that the configuration does not make."]
        lines += [
            f"  {top}  {_bytes_in(files)}" if files == [top] else f"  {top}/  {_sum(files)}"
            for top, files in sorted(found.together().items())
        ]
    if found.others:
        lines.append("Not made by the workflow, as far as is recorded, and left alone:")
        lines += [f"  {file}" for file in sorted(found.others)]
    return lines


def _sum(files: Sequence[Path]) -> str:
    return f"{len(files)} {'file' if len(files) == 1 else 'files'}, {_bytes_in(files)}"


def _bytes_in(files: Sequence[Path]) -> str:
    return f"{sum(file.lstat().st_size for file in files) / MB:.1f} MB"


def tell_of_left_overs(planned: Collection[str]) -> None:
    """Say in a line at the end of a run how much is left over; nothing where nothing is."""
    found = find_left_overs(planned)
    if found.ours:
        remark = f"{COMMAND}, with this run's options, lists them (--remove removes them)"
        print(f"Left over in results/: {_sum(found.ours)}, of what is asked no more; {remark}")


def remove(found: LeftOvers) -> None:
    """Remove what is ours, the folders that are empty then, and Snakemake's records of both."""
    for file in found.ours:
        file.unlink()
    folders = {
        folder for file in found.ours for folder in file.parents if RESULTS in folder.parents
    }
    # A folder comes before what lies in it.
    for folder in sorted(folders, reverse=True):
        if not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()
    removed = {*found.ours, *folders}
    for output, record in recorded_outputs().items():
        if Path(output) in removed and not os.path.lexists(output):
            record.unlink()


def refuse_a_run(directory: Path) -> None:
    """Refuse to change results that a run is making, or made when it was broken off.

    Raises
    ------
    InputError
        Where Snakemake is at work in the working directory, or left its locks.
    """
    drivers = [pid for pid, words in processes_in(directory).items() if is_snakemake(words)]
    if drivers or any(LOCKS.glob("*")):
        what = f"Snakemake is at work in {directory}" + (
            f", as process {drivers[0]}" if drivers else ", or was when it was killed"
        )
        remedy = "let the run end, or go on with it; snakemake --unlock where there is none"
        raise InputError([f"{what}: nothing was changed; {remedy}"])


def main(argv: list[str] | None = None) -> None:
    """List left-overs, or remove them."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        usage=f"{COMMAND} [--remove] [options of snakemake ...]",
        allow_abbrev=False,
    )
    parser.add_argument("--remove", action="store_true", help="remove what is left over")
    arguments, of_run = read_run_options(parser, argv)
    planned = planned_files(enter_experiment(of_run))
    if not arguments.remove:
        print(*left_overs_told(find_left_overs(planned)), sep="\n")
        return
    directory = Path.cwd()
    refuse_a_run(directory)
    with alone(directory):
        found = find_left_overs(planned)
        lines = left_overs_told(found, removed=True)
        remove(found)
    print(*lines, sep="\n")


if __name__ == "__main__":
    end_with_reader()
    reported(main)
