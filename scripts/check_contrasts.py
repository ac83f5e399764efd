"""What the configuration asks, held against the samples there are."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from check_config import Config, value_at
from check_samples import OPTIONAL, one_row_per_sample
from check_table import UserTable
from problems import did_you_mean, place

CONTRASTS = ("differential", "contrasts")
DESIGN = ("differential", "design")
REFERENCE = ("differential", "reference")
# What can be contrasted, and what else a design may name.
FACTORS = ["treatment", *OPTIONAL]
VARIABLES = [*FACTORS, "replicate"]


def select_cell_lines(config: Config, sheet: UserTable) -> tuple[list[str], list[str]]:
    """Pick the cell lines to analyse.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    sheet : UserTable
        As given by `read_sheet`.

    Returns
    -------
    tuple of list of str and list of str
        The cell lines, in the order of the configuration or else of the sheet; the problems.
    """
    known = [cell_line for cell_line in sheet.rows["cell_line"].unique() if cell_line]
    if not config.sound("cell_lines") or config.settings["cell_lines"] is None:
        return known, []
    wanted = config.settings["cell_lines"]
    problems = [
        f"{config.where(('cell_lines', position))}: '{cell_line}' is no cell line of"
        f" {sheet.name} ({', '.join(known)}){did_you_mean(cell_line, known)}"
        for position, cell_line in enumerate(wanted)
        if cell_line not in known
    ]
    return [cell_line for cell_line in wanted if cell_line in known], problems


def sound_contrasts(config: Config) -> list[tuple[int, dict[str, str]]]:
    """Give the contrasts that fit the schema, each with its position in the list."""
    contrasts = value_at(config.settings, CONTRASTS)
    return [
        (position, contrast)
        for position, contrast in enumerate(contrasts if isinstance(contrasts, list) else [])
        if config.sound(*CONTRASTS, position)
    ]


def can_be_made(contrast: dict[str, str], samples: pd.DataFrame) -> bool:
    """Tell whether the samples of a cell line have both levels of a contrast."""
    return {contrast["numerator"], contrast["denominator"]} <= set(samples[contrast["factor"]])


def contrast_findings(
    config: Config, sheet: UserTable, cell_lines: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Hold the contrasts, the design and the reference level against the samples.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    sheet : UserTable
        As given by `read_sheet`.
    cell_lines : sequence of str
        The cell lines to analyse.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.
    """
    rows = sheet.rows[sheet.rows["cell_line"].isin(cell_lines)]
    samples = UserTable(sheet.name, sheet.header_line, one_row_per_sample(rows))
    problems = [
        *_contrast_problems(config, samples),
        *_reference_problems(config, samples),
        *_design_problems(config, samples),
    ]
    if problems:
        return problems, []
    return list(_lines_without_contrast(config, samples)), [
        *_left_out(config, samples),
        *_not_compared(config, samples),
    ]


def _contrast_problems(config: Config, samples: UserTable) -> Iterator[str]:
    first: dict[str, int] = {}
    for position, contrast in sound_contrasts(config):
        where = {key: config.where((*CONTRASTS, position, key)) for key in contrast}
        name = contrast["name"]
        # Results of names that differ in case only would be one file on some file systems.
        if first.setdefault(name.casefold(), position) != position:
            yield f"{where['name']}: '{name}' is the name of an earlier contrast"
        if contrast["numerator"] == contrast["denominator"]:
            yield f"{where['denominator']}: '{contrast['denominator']}' is the numerator too"
        fault = _factor_fault(contrast["factor"], samples)
        if fault:
            yield f"{where['factor']}: {fault}"
            continue
        for side in ["numerator", "denominator"]:
            fault = _level_fault(contrast[side], contrast["factor"], samples)
            if fault:
                yield f"{where[side]}: {fault}"


def _factor_fault(factor: str, samples: UserTable) -> str | None:
    known = samples.rows.columns.intersection(FACTORS)
    if factor == "cell_line":
        return "each cell line has a fit of its own; lines cannot be contrasted"
    if factor not in known:
        hint = did_you_mean(factor, known)
        return f"'{factor}' is no factor in {samples.name} ({', '.join(known)}){hint}"
    return None


def _level_fault(level: str, factor: str, samples: UserTable) -> str | None:
    known = [value for value in samples.rows[factor].unique() if value not in ("", "NA")]
    if level in known:
        return None
    cell_lines = ", ".join(samples.rows["cell_line"].unique())
    return (
        f"'{level}' is no {factor} of {cell_lines} in {samples.name}"
        f" ({', '.join(known)}){did_you_mean(level, known)}"
    )


def _reference_problems(config: Config, samples: UserTable) -> Iterator[str]:
    if config.sound(*REFERENCE):
        fault = _level_fault(value_at(config.settings, REFERENCE), "treatment", samples)
        if fault:
            yield f"{config.where(REFERENCE)}: {fault}"


def _design_problems(config: Config, samples: UserTable) -> Iterator[str]:
    if not config.sound(*DESIGN):
        return
    where = f"{config.where(DESIGN)}: '{value_at(config.settings, DESIGN)}'"
    variables = _variables(value_at(config.settings, DESIGN))
    known = samples.rows.columns.intersection(VARIABLES)
    unknown = [variable for variable in variables if variable not in known]
    if unknown:
        for variable in unknown:
            yield f"{where} names '{variable}', {_variable_fault(variable, known, samples.name)}"
        return
    factors = {contrast["factor"] for _, contrast in sound_contrasts(config)}
    for factor in sorted(factors.intersection(known).difference(variables)):
        yield f"{where} lacks '{factor}', which is contrasted"
    for variable in variables:
        for line, row in samples.rows[samples.rows[variable] == "NA"].iterrows():
            yield (
                f"{place(samples.name, line, variable)}: is missing for sample '{row['sample']}',"
                f" but the design names {variable}"
            )
    # With one variable alone, counting its replicates says all.
    if len(variables) > 1:
        for cell_line, rows in samples.rows.groupby("cell_line", sort=False):
            if fault := _fit_fault(rows[variables]):
                yield f"{where} cannot be fitted to {cell_line}: {fault}"


def _variables(design: str) -> list[str]:
    # A name before a bracket is a function, such as C(batch).
    return list(dict.fromkeys(re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", design)))


def _variable_fault(variable: str, known: pd.Index, sheet: str) -> str:
    if variable == "cell_line":
        return "but each cell line has a fit of its own"
    return f"which is no factor in {sheet} ({', '.join(known)}){did_you_mean(variable, known)}"


def _fit_fault(factors: pd.DataFrame) -> str | None:
    """Say why main effects of these factors cannot be estimated, if so."""
    columns = pd.get_dummies(factors, drop_first=True, dtype=float)
    matrix = np.column_stack([np.ones(len(columns)), columns.to_numpy()])
    if len(matrix) <= matrix.shape[1]:
        return f"its {len(matrix)} samples leave nothing to estimate the variance from"
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        return f"{' and '.join(factors)} change together, so that no sample tells them apart"
    return None


def _lines_without_contrast(config: Config, samples: UserTable) -> Iterator[str]:
    contrasts = sound_contrasts(config)
    for cell_line, rows in samples.rows.groupby("cell_line", sort=False):
        if contrasts and not any(can_be_made(contrast, rows) for _, contrast in contrasts):
            yield (
                f"{config.where(CONTRASTS)}: none of them can be made in {cell_line}"
                f" ({', '.join(rows['treatment'].unique())}); leave it out by cell_lines"
            )


def _left_out(config: Config, samples: UserTable) -> Iterator[str]:
    for cell_line, rows in samples.rows.groupby("cell_line", sort=False):
        for position, contrast in sound_contrasts(config):
            if not can_be_made(contrast, rows):
                levels = {contrast["numerator"], contrast["denominator"]}
                absent = sorted(levels - set(rows[contrast["factor"]]))
                yield (
                    f"{config.where((*CONTRASTS, position))}: '{contrast['name']}' is left out for"
                    f" {cell_line}, which has no sample of {' and '.join(absent)}"
                )


def _not_compared(config: Config, samples: UserTable) -> Iterator[str]:
    compared = [
        contrast[side]
        for _, contrast in sound_contrasts(config)
        for side in ["numerator", "denominator"]
        if contrast["factor"] == "treatment"
    ]
    if compared:
        for line, treatment in samples.rows["treatment"].drop_duplicates().items():
            if treatment and treatment not in compared:
                hint = did_you_mean(treatment, compared)
                where = place(samples.name, line, "treatment")
                yield f"{where}: '{treatment}' is in no contrast{hint}"
