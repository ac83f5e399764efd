"""The sample sheet: its rows, and whether they agree with each other."""

import os
import re
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from imid.question.samples import LaneFiles
from imid.shared.problems import InputError, did_you_mean, place
from imid.shared.tables import GENES
from imid.userfiles.check_table import UserTable, cell_problems, column_problems, read_user_table
from imid.userfiles.schemas import load_schema

FASTQ = ["fastq_1", "fastq_2"]
# What may be left out; missing is written NA from here on, as in every table.
OPTIONAL = ["dose_um", "hours", "batch"]
# What was measured of the RNA: no factor, and nothing that tells samples apart.
MEASURED = ["rin"]
UNITS = {"dose_um": "uM", "hours": "h"}
# What tells one sample from another.
IDENTITY = ["cell_line", "treatment", "replicate", *OPTIONAL]
NAMES = ["sample", "cell_line", "treatment", "batch"]
NUMBER = re.compile(r"[0-9]+([.][0-9]+)?")
# Samples are columns of tables beside these.
RESERVED = {*GENES, "sample", "contrast", *IDENTITY, "condition", "size_factor"}

# One sample says nothing about the variance between samples.
REPLICATES_NEEDED = 2
# DESeq2 recognises an outlier only among three samples or more.
REPLICATES_FOR_OUTLIERS = 3


def read_sheet(path: Path, name: str, reads: bool = True) -> UserTable:
    """Read the sample sheet and see to its columns.

    Parameters
    ----------
    path : Path
        The sheet.
    name : str
        What messages call it.
    reads : bool
        Whether it must name FASTQ files; where counts are given instead, those columns are
        empty whatever it says.

    Returns
    -------
    UserTable
        One row for each lane. Columns as in the schema; ``fastq_2`` is always there, empty for
        single-end reads; what is missing in the other optional columns is ``NA``. Where the
        sheet has doses or hours there is one more, ``condition``: treatment, dose and hours.

    Raises
    ------
    InputError
        If it is no tab-separated table with the columns of a sheet.
    """
    table = read_user_table(path, name)
    schema = sheet_schema(reads)
    problems = column_problems(table, schema)
    if problems:
        raise InputError([*problems, *cell_problems(table, schema)])
    rows = table.rows.reindex(columns=[c for c in schema["properties"] if c in table.rows])
    rows["fastq_2"] = rows["fastq_2"].replace("NA", "") if "fastq_2" in rows else ""
    if not reads:
        rows[FASTQ] = ""
    for column in rows.columns.intersection([*OPTIONAL, *MEASURED]):
        rows[column] = rows[column].replace("", "NA")
    if rows.columns.intersection(list(UNITS)).size:
        rows["condition"] = rows.apply(_condition_name, axis=1)
    return UserTable(name, table.header_line, rows)


def sheet_schema(reads: bool) -> dict:
    """Load the schema of the sheet; FASTQ files are asked for only if `reads`."""
    schema = load_schema("samples")
    if not reads:
        schema["required"].remove("fastq_1")
    return schema


def _condition_name(row: pd.Series) -> str:
    """Join treatment, dose and hours, as ``lenalidomide_5uM_24h``."""
    known = [f"{row[name]}{unit}" for name, unit in UNITS.items() if row.get(name, "NA") != "NA"]
    return "_".join([row["treatment"], *known])


def sheet_problems(sheet: UserTable, working_directory: Path, reads: bool = True) -> list[str]:
    """Find what is wrong in the sheet itself, without a look at the files it names.

    Parameters
    ----------
    sheet : UserTable
        As given by `read_sheet`.
    working_directory : Path
        What relative paths start from.
    reads : bool
        Whether it must name FASTQ files.

    Returns
    -------
    list of str
        The problems.
    """
    return [
        *cell_problems(sheet, sheet_schema(reads)),
        *_reserved_names(sheet),
        *_spelt_in_two_ways(sheet),
        *_disagreeing_lanes(sheet),
        *_mixed_ends(sheet),
        *_same_identity(sheet),
        *_repeated_fastq(sheet, working_directory),
    ]


def one_row_per_sample(rows: pd.DataFrame) -> pd.DataFrame:
    """Merge lanes: the first row of each sample, without its FASTQ files."""
    return rows.drop_duplicates("sample").drop(columns=FASTQ)


def rows_by_sample(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the rows of each sample, one for each of its lanes, in the order of the sheet."""
    return {str(sample): lanes for sample, lanes in rows.groupby("sample", sort=False)}


def lanes_of(rows: pd.DataFrame) -> list[LaneFiles]:
    """Give the reads of a sample's rows."""
    return [LaneFiles(*files) for files in rows[FASTQ].itertuples(index=False, name=None)]


def replicate_findings(
    sheet: UserTable, cell_lines: Sequence[str], treatments: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Count the replicates of each treatment in each cell line.

    Parameters
    ----------
    sheet : UserTable
        As given by `read_sheet`.
    cell_lines : sequence of str
        The cell lines to look at.
    treatments : sequence of str
        What is compared; a treatment with too few replicates may be one of them misspelt.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings. Nothing is counted while a cell that matters is empty.
    """
    if (sheet.rows[["sample", "cell_line", "treatment"]] == "").any(axis=None):
        return [], []
    samples = one_row_per_sample(sheet.rows).rename_axis("line").reset_index()
    groups = samples.groupby(["cell_line", "treatment"], sort=False)["line"].agg(["first", "size"])
    known = [*treatments, *samples["treatment"].unique()]
    problems, warnings = [], []
    groups = groups[groups.index.isin(cell_lines, level="cell_line")]
    found = zip(groups.index.tolist(), groups["first"], groups["size"], strict=True)
    for (cell_line, treatment), line, replicates in found:
        where = f"{place(sheet.name, line, 'treatment')}: '{treatment}' in {cell_line}"
        if replicates < REPLICATES_NEEDED:
            hint = did_you_mean(treatment, known)
            problems.append(f"{where} has one replicate, and at least two are needed{hint}")
        elif replicates < REPLICATES_FOR_OUTLIERS:
            warnings.append(
                f"{where} has two replicates; outliers are filtered among three or more only"
            )
    return problems, warnings


def single_end_warnings(sheet: UserTable) -> list[str]:
    """Tell of single-end samples among paired-end ones: their mates may have been forgotten.

    Parameters
    ----------
    sheet : UserTable
        As given by `read_sheet`.

    Returns
    -------
    list of str
        Warnings, for experiments do mix the two; none where all samples are of one kind.
    """
    if "fastq_2" not in sheet.rows or (sheet.rows["fastq_2"] == "").all():
        return []
    single = one_row_per_sample(sheet.rows[sheet.rows["fastq_2"] == ""])
    return [
        f"{place(sheet.name, line, 'fastq_2')}: '{sample}' is single-end among paired-end samples; "
        "was its second mate forgotten?"
        for line, sample in single["sample"].items()
    ]


def _named_rows(sheet: UserTable) -> list[tuple[int, dict[str, str]]]:
    # A row without a sample's name is told as such and belongs to no sample.
    return [(line, row) for line, row in sheet.records if row["sample"]]


def _reserved_names(sheet: UserTable) -> Iterator[str]:
    for line, sample in sheet.rows["sample"].drop_duplicates().items():
        if sample.casefold() in RESERVED:
            yield (
                f"{place(sheet.name, line, 'sample')}: '{sample}' is what a column of the tables is"
                " called; name the sample otherwise"
            )


def as_number(value: str) -> float | None:
    """Read a dose or hours; None where the cell holds something else."""
    return float(value) if NUMBER.fullmatch(value) else None


def _spelt_in_two_ways(sheet: UserTable) -> Iterator[str]:
    for column in sheet.rows.columns.intersection([*NAMES, *UNITS]):
        first: dict[str | float, tuple[Hashable, str]] = {}
        for line, value in sheet.rows[column].drop_duplicates().items():
            number = as_number(value) if column in UNITS else None
            meant = value.casefold() if number is None else number
            first_line, spelt = first.setdefault(meant, (line, value))
            if value != spelt:
                yield (
                    f"{place(sheet.name, line, column)}: '{value}' is written '{spelt}'"
                    f" on line {first_line}; write it in one way"
                )


def _disagreeing_lanes(sheet: UserTable) -> Iterator[str]:
    columns = sheet.rows.columns.intersection(IDENTITY)
    first: dict[str, tuple[int, dict[str, str]]] = {}
    for line, row in _named_rows(sheet):
        first_line, other = first.setdefault(row["sample"], (line, row))
        for column in columns:
            if row[column] != other[column]:
                yield (
                    f"{place(sheet.name, line, column)}: '{row[column]}', but sample"
                    f" '{row['sample']}' has '{other[column]}' on line {first_line};"
                    " the lanes of a sample differ in nothing but their FASTQ files"
                )


def _mixed_ends(sheet: UserTable) -> Iterator[str]:
    ends = {True: "paired-end", False: "single-end"}
    first: dict[str, tuple[int, bool]] = {}
    for line, row in _named_rows(sheet):
        paired = bool(row["fastq_2"])
        first_line, first_paired = first.setdefault(row["sample"], (line, paired))
        if paired != first_paired:
            yield (
                f"{place(sheet.name, line, 'fastq_2')}: sample '{row['sample']}' is"
                f" {ends[paired]} here and {ends[first_paired]} on line {first_line};"
                " name the second mates of all its lanes or of none"
            )


def _same_identity(sheet: UserTable) -> Iterator[str]:
    columns = sheet.rows.columns.intersection(IDENTITY)
    first: dict[tuple, tuple[int, str]] = {}
    samples = UserTable(sheet.name, sheet.header_line, one_row_per_sample(sheet.rows))
    for line, row in _named_rows(samples):
        identity = tuple(row[column] for column in columns)
        first_line, other = first.setdefault(identity, (line, row["sample"]))
        if other != row["sample"] and "" not in identity:
            yield (
                f"{place(sheet.name, line, 'replicate')}: '{row['sample']}' is replicate"
                f" {row['replicate']} of {row['treatment']} in {row['cell_line']}, and so is"
                f" '{other}' on line {first_line}; number it on,"
                " or name both alike if they are lanes of one sample"
            )


def _repeated_fastq(sheet: UserTable, working_directory: Path) -> Iterator[str]:
    first: dict[object, tuple[int, str]] = {}
    for line, row in _named_rows(sheet):
        told = set()
        for column in FASTQ:
            here = (line, column)
            file = _identity(working_directory / row[column]) if row[column] else here
            first_line, first_column = first.setdefault(file, here)
            # A row that is there twice is one problem, not one for each mate.
            if (first_line, first_column) != here and first_line not in told:
                told.add(first_line)
                where = f"as {first_column}" if first_line == line else f"on line {first_line}"
                yield (
                    f"{place(sheet.name, line, column)}: '{row[column]}' is already named"
                    f" {where}; each lane and mate has a file of its own"
                )


def _identity(path: Path) -> tuple[int, int] | str:
    """Tell a file from others, whatever leads to it: a link, another spelling of its path."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return os.path.realpath(path)
    return found.st_dev, found.st_ino
