"""The design held against the samples: whether its effects can be told apart, and from what."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd

from imid.inputs.check_config import CONTRASTS, Config
from imid.inputs.check_samples import OPTIONAL
from imid.question.contrasts import LINE
from imid.question.fits import Fit
from imid.question.formulas import Formula, FormulaError, read_formula
from imid.shared.problems import did_you_mean, place, quoted
from imid.userfiles.check_table import UserTable

DESIGN = ("differential", "design")
COVARIATES = ("differential", "covariates")
# What a design may name: what can be contrasted but the line, and the pairs of replicates.
VARIABLES = ["treatment", "condition", "replicate", *OPTIONAL]
NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")


def design_problems(config: Config, samples: UserTable) -> list[str]:
    """Find what is wrong with a design as it is written.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    samples : UserTable
        The samples of the cell lines to analyse, one row each.

    Returns
    -------
    list of str
        The problems.
    """
    if not config.sound(*DESIGN):
        return []
    design = config.settings.differential.design
    where = f"{config.where(DESIGN)}: {quoted(design)}"
    try:
        formula = read_formula(design)
    except FormulaError as error:
        return [f"{where} is no formula: {error}"]
    known = [name for name in VARIABLES if name in samples.rows]
    unknown = [name for name in formula.columns if name not in known]
    if unknown:
        return [
            f"{where} names '{name}', {_unknown_column(name, known, samples.name)}"
            for name in unknown
        ]
    return [
        *_lacking(config, where, formula, samples),
        *_missing_values(formula, samples),
        *_covariate_problems(config, where, formula, samples),
        *_unfixed(config, formula),
    ]


def _unknown_column(name: str, known: Sequence[str], sheet: str) -> str:
    if name == LINE:
        return "but each cell line has a fit of its own; a contrast may compare lines"
    return f"which is no factor in {sheet} ({', '.join(known)}){did_you_mean(name, known)}"


def _lacking(config: Config, where: str, formula: Formula, samples: UserTable) -> Iterator[str]:
    weighed = {
        factor
        for contrast in config.contrasts.values()
        for _, levels in contrast.conditions
        for factor in levels
    }
    for factor in sorted(weighed.intersection(VARIABLES).intersection(samples.rows)):
        if factor not in formula.columns:
            yield f"{where} lacks '{factor}', which is contrasted"


def _missing_values(formula: Formula, samples: UserTable) -> Iterator[str]:
    for name in formula.columns:
        for line, row in samples.rows[samples.rows[name] == "NA"].iterrows():
            yield (
                f"{place(samples.name, line, name)}: is missing for sample '{row['sample']}',"
                f" but the design names {name}"
            )


def _covariate_problems(
    config: Config, where: str, formula: Formula, samples: UserTable
) -> Iterator[str]:
    """Have it said of numbers in the design whether they are levels or a slope.

    What is said of a covariate must fit the design, the contrasts and the sheet; and of a column
    of numbers it must be said, unless something else tells: that it is contrasted, or ``C()``.
    """
    said = config.settings.differential.covariates
    contrasted = {
        name for c in config.contrasts.values() for _, levels in c.conditions for name in levels
    }
    for name, kind in said.items():
        at = f"{config.where((*COVARIATES, name))}:"
        if name not in formula.columns:
            yield f"{at} '{name}' is not in the design, '{formula.written}'"
        elif kind == "slope" and (fault := _slope_fault(name, formula, contrasted, samples)):
            yield f"{at} {fault}"
    told = {*said, *contrasted, *formula.called}
    for name in [column for column in formula.columns if column not in told]:
        values = samples.rows[name].unique()
        if len(values) > 1 and all(map(_is_number, values)):
            yield (
                f"{where} names {name}, which is a number in {samples.name} ({', '.join(values)}):"
                f" write 'covariates: {{{name}: factor}}' under differential if these are levels,"
                f" or slope if the effect grows with the number"
            )


def _slope_fault(
    name: str, formula: Formula, contrasted: Collection[str], samples: UserTable
) -> str | None:
    """Say why a column of the design cannot be a slope."""
    if name in contrasted:
        return f"'{name}' is contrasted, so it is a factor"
    if name in formula.called:
        return (
            f"'{name}' is a slope here, and C({name}) in the design makes levels of it; say one or"
            " the other"
        )
    others = samples.rows[name][~samples.rows[name].map(_is_number)]
    if others.empty:
        return None
    line, value = others.index[0], others.iloc[0]
    where = place(samples.name, line, name)
    return f"a slope needs numbers, and {where} is '{value}'; write factor"


def _is_number(value: str) -> bool:
    return NUMBER.fullmatch(value) is not None


def _unfixed(config: Config, formula: Formula) -> Iterator[str]:
    """Refuse contrasts that would silently average over what changes the effect."""
    crossed = formula.interactions
    for position, contrast in config.contrasts.items():
        where = f"{config.where((*CONTRASTS, position))}: '{contrast.name}'"
        fixed = set(contrast.conditions[0][1])
        moving = {contrast.factor, contrast.between.factor if contrast.between else contrast.factor}
        partners = {name for term in crossed if moving & set(term) for name in term}
        if LINE in moving and contrast.factor == LINE:
            partners |= {"treatment", "condition"}.intersection(formula.columns)
        for name in sorted(partners - fixed):
            yield (
                f"{where} does not say at which {name}, and the effect may differ; add"
                f" 'under: {{{name}: …}}'"
            )
        between = contrast.between.factor if contrast.between else LINE
        if between in (LINE, contrast.factor):
            continue
        if not any({contrast.factor, between} <= set(c) for c in crossed):
            yield (
                f"{where} is a difference between levels of {between}, and '{formula.written}'"
                f" lets the effect be the same in all; design '~ {contrast.factor} * {between}'"
            )


def fit_problems(config: Config, samples: UserTable, fits: Sequence[Fit]) -> list[str]:
    """Find designs that the samples of a fit cannot answer.

    Parameters
    ----------
    config, samples
        As for `design_problems`, of which there are none.
    fits : sequence of Fit
        What is to be fitted. In joint fits each line has a design of its own.

    Returns
    -------
    list of str
        The problems.
    """
    design, slopes = config.settings.differential.design, config.settings.differential.slopes
    formula = read_formula(design)
    where = f"{config.where(DESIGN)}: '{design}'"
    problems = []
    by_line = dict(list(samples.rows.groupby(LINE, sort=False)))
    for line in dict.fromkeys(line for fit in fits for line in fit.cell_lines):
        rows = by_line[line]
        table = UserTable(samples.name, samples.header_line, rows)
        faults = list(_estimability_faults(table, formula, slopes))
        problems += [f"{where} cannot be fitted to {line}: {fault}" for fault in faults]
        problems += [f"{where} {fault}" for fault in _pooled(table, formula, line)]
    return problems


def _estimability_faults(
    samples: UserTable, formula: Formula, slopes: Sequence[str]
) -> Iterator[str]:
    """Say why the effects of a design cannot be told apart: the plainest reason there is."""
    factors = [name for name in formula.columns if name not in slopes]
    factors = [name for name in factors if samples.rows[name].nunique() > 1]
    faults = [
        *_empty_cells(samples, formula.interactions),
        *_confounded(samples, factors),
        *_alone(samples, factors),
    ]
    if faults:
        yield from faults
        return
    if len(formula.columns) == 1 and formula.is_sum:
        return
    # Imports formulaic, which takes half a second of every start.
    from imid.question.design import as_factors, design_matrix, without_units

    columns = design_matrix(as_factors(samples.rows[formula.columns], "", slopes), formula.text)
    columns = without_units(columns)
    if np.linalg.matrix_rank(columns) < columns.shape[1]:
        yield (
            f"{' and '.join(formula.columns)} cannot be told apart; leave one of them out, or add"
            " samples that have other combinations of them"
        )
    elif len(columns) <= columns.shape[1]:
        yield (
            f"its {len(columns)} samples leave nothing to estimate the variance from; leave a"
            " variable out, or add replicates"
        )


def _empty_cells(samples: UserTable, crossed: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for term in crossed:
        present = set(samples.rows[list(term)].itertuples(index=False, name=None))
        for cell in product(*(samples.rows[name].unique() for name in term)):
            if cell not in present:
                levels = " and ".join(f"{n} {v}" for n, v in zip(term, cell, strict=True))
                yield (
                    f"no sample has {levels}, which {':'.join(term)} needs; add samples of it,"
                    " leave out those that have no counterpart by exclude, or write + instead of *"
                )


def _confounded(samples: UserTable, factors: Sequence[str]) -> Iterator[str]:
    """Tell of factors that change together, or of levels of one that have one level of another."""
    for one, other in combinations(factors, 2):
        nested = [
            (a, b)
            for a, b in [(one, other), (other, one)]
            if (samples.rows.groupby(a, sort=False)[b].nunique() == 1).all()
        ]
        if len(nested) == 2:
            yield (
                f"{one} and {other} change together ({_column_lines(samples, one)}), so that no"
                f" sample tells them apart; leave one of them out of the design"
            )
        elif nested:
            ((inner, outer),) = nested
            yield (
                f"each {inner} has one {outer} only ({_column_lines(samples, inner)}), so that"
                f" {inner} says all that {outer} does; leave {inner} out of the design"
            )
        else:
            yield from _one_level_only(samples, one, other)


def _one_level_only(samples: UserTable, one: str, other: str) -> Iterator[str]:
    drugs = ("treatment", "condition")
    if one not in drugs and other not in drugs:
        return
    covariate, factor = (other, one) if one in drugs else (one, other)
    for level, rows in samples.rows.groupby(covariate, sort=False):
        if rows[factor].nunique() == 1 and len(rows) > 1:
            yield (
                f"{covariate} {level} holds {factor} {rows[factor].iloc[0]} only"
                f" ({samples.name}, {_numbers(rows.index)}), so that these samples say nothing of"
                f" {factor}; leave {covariate} out of the design, or these samples by exclude"
            )


def _alone(samples: UserTable, factors: Sequence[str]) -> Iterator[str]:
    for name in factors:
        for level, rows in samples.rows.groupby(name, sort=False):
            if len(rows) == 1:
                yield (
                    f"{name} {level} has one sample ({place(samples.name, rows.index[0], name)}),"
                    " which would be fitted as it is and say nothing; leave it out by exclude"
                )


def _pooled(samples: UserTable, formula: Formula, line: str) -> Iterator[str]:
    """Tell of doses or hours that a design would take for replicates."""
    named = formula.columns
    for name in [n for n in OPTIONAL[:2] if n in samples.rows and n not in named]:
        for treatment, rows in samples.rows.groupby("treatment", sort=False):
            if "condition" in named or rows[name].nunique() == 1:
                continue
            if (absent := rows.index[rows[name] == "NA"]).size:
                yield (
                    f"would take {treatment} in {line} of unknown {name} ({samples.name},"
                    f" {_numbers(absent)}) for replicates of {', '.join(rows[name].unique())};"
                    f" fill in {name}, or leave it out for all samples"
                )
            else:
                yield (
                    f"takes {', '.join(rows[name].unique())} {name} of {treatment} in {line} for"
                    f" replicates ({samples.name}, {_numbers(rows.index)}); write '~ condition' and"
                    " contrast conditions, or name the column in the design"
                )


def _column_lines(samples: UserTable, name: str) -> str:
    return f"{samples.name}, column {name}, {_numbers(samples.rows.index)}"


def _numbers(lines: pd.Index) -> str:
    return f"lines {', '.join(map(str, lines))}"
