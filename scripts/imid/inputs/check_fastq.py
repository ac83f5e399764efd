"""FASTQ files before any job: that they are there, are FASTQ, and that mates belong together.

What is right is said in one place, `fastq_lane`, by which the job goes that reads all of them.
"""

import os
from collections import defaultdict
from collections.abc import Hashable
from pathlib import Path

from imid.inputs.check_samples import FASTQ
from imid.reads.fastq_file import FastqError, FastqFile
from imid.reads.fastq_lane import Lane, read_lane
from imid.shared.problems import place, quoted
from imid.userfiles.check_content import is_small
from imid.userfiles.check_table import UserTable
from imid.userfiles.user_files import file_fault

# Records that are read of files that are not read whole: so many, but of many lanes fewer.
BEGINNING, FEWEST, TOGETHER = 1000, 200, 200_000
# Reading as much takes a second.
WHOLE_TOGETHER = 32 * 2**20


def fastq_problems(sheet: UserTable, working_directory: Path) -> list[str]:
    """Look into the FASTQ files of a sheet.

    Files that are small, one by one and together, are read whole. Of others the first records
    are read; the rest is for the job that reads them first.

    Parameters
    ----------
    sheet : UserTable
        As given by `read_sheet`; the rows of the cell lines to analyse.
    working_directory : Path
        What relative paths start from.

    Returns
    -------
    list of str
        The problems.
    """
    absent = _absent_folders(sheet, working_directory)
    whole = _together(sheet, working_directory) <= WHOLE_TOGETHER
    beginning = max(FEWEST, min(BEGINNING, TOGETHER // max(len(sheet.rows), 1)))
    problems = [
        f"{place(sheet.name, *cells[0])}: the folder {quoted(folder)}"
        f" {file_fault(working_directory / folder)};"
        f" {len(cells)} FASTQ {'file is' if len(cells) == 1 else 'files are'} looked for in it"
        for folder, cells in absent.items()
    ]
    for line, row in sheet.records:
        named = {column: row[column] for column in FASTQ if row[column]}
        there = {c: name for c, name in named.items() if os.path.dirname(name) not in absent}
        paths = {column: working_directory / name for column, name in there.items()}
        comparable = len(there) == len(named) and len({*there.values()}) == len(there)
        problems += [
            f"{place(sheet.name, line, column)}: {quoted(row[column])} {fault}"
            for column, fault in _lane_faults(paths, comparable, whole, beginning)
        ]
    return problems


def _lane_faults(
    paths: dict[str, Path], comparable: bool, whole: bool, beginning: int
) -> list[tuple[str, str]]:
    """Find what is wrong with the files of a lane, and in which column each is named."""
    faults, files = [], []
    for column, path in paths.items():
        if fault := file_fault(path):
            faults.append((column, fault))
            continue
        try:
            files.append(FastqFile(path))
        except FastqError as error:
            faults.append((column, str(error)))
    if comparable and not faults:
        try:
            inspect(files, whole, beginning)
        except FastqError as error:
            faults += [(column, str(error)) for column, path in paths.items() if path == error.path]
    return faults


def inspect(files: list[FastqFile], whole: bool = True, beginning: int = BEGINNING) -> Lane:
    """Read the files of a lane if they are small, or their first records.

    Parameters
    ----------
    files : list of FastqFile
        One file, or those of both mates.
    whole : bool
        Whether to read small files whole.
    beginning : int
        Records to read of others.

    Returns
    -------
    Lane
        What was seen.

    Raises
    ------
    FastqError
        At the first thing that is not as it should be.
    """
    lane = Lane([file.path for file in files])
    whole = whole and all(map(is_small, lane.paths))
    for _ in read_lane(files, lane, None if whole else beginning):
        pass
    return lane


def _together(sheet: UserTable, working_directory: Path) -> int:
    names = {name for name in sheet.rows[FASTQ].to_numpy().flat if name}
    paths = [os.path.join(working_directory, name) for name in names]
    return sum(os.path.getsize(path) for path in paths if os.path.exists(path))


def _absent_folders(
    sheet: UserTable, working_directory: Path
) -> dict[str, list[tuple[Hashable, str]]]:
    # One wrong folder is one problem, not one for each file.
    cells = defaultdict(list)
    for column in FASTQ:
        for line, name in sheet.rows[column].items():
            if name:
                cells[os.path.dirname(name)].append((line, column))
    return {
        folder: found
        for folder, found in cells.items()
        if not os.path.exists(working_directory / folder)
    }
