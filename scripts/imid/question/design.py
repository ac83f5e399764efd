"""Design matrices, and contrasts as vectors over their columns."""

from collections.abc import Collection
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from imid.question.contrasts import Contrast
from imid.question.formulas import FormulaError, read_formula
from imid.shared.problems import InputError

if TYPE_CHECKING:
    from formulaic_contrasts import FormulaicContrasts

# Of a column scaled to 1, what is rounding.
NO_RESIDUAL = 1e-10


def as_factors(
    metadata: pd.DataFrame, references: str | Collection[str], slopes: Collection[str] = ()
) -> pd.DataFrame:
    """Turn the samples' variables into factors, whatever their values look like.

    Parameters
    ----------
    metadata : DataFrame
        Variables by name, one row a sample, as strings.
    references : str or collection of str
        Levels that come first in each factor that has one of them.
    slopes : collection of str
        Variables that stay numbers.

    Returns
    -------
    DataFrame
        Categories, of which the first is the reference; slopes as float.
    """
    first = [references] if isinstance(references, str) else list(references)
    return pd.DataFrame(
        {
            name: column.astype(float) if name in slopes else _as_factor(column, first)
            for name, column in metadata.items()
        },
        index=metadata.index,
    )


def _as_factor(column: pd.Series, first: Collection[str]) -> pd.Series:
    levels = sorted(column.dropna().unique(), key=lambda level: (level not in first, level))
    return pd.Series(pd.Categorical(column, categories=levels), index=column.index)


def design_matrix(factors: pd.DataFrame, design: str, by: str | None = None) -> pd.DataFrame:
    """Write a design as a matrix.

    Parameters
    ----------
    factors : DataFrame
        As given by `as_factors`.
    design : str
        A formula such as ``~ batch + treatment``.
    by : str, optional
        A factor within each level of which the design holds by itself. The columns span what
        those of ``by * (design)`` do, but covariates may have other levels in each.

    Returns
    -------
    DataFrame, samples × coefficients

    Raises
    ------
    InputError
        The design is no formula of these factors.
    """
    blocks = [
        _prefixed(_model(rows, design).design_matrix, level) for level, rows in _parts(factors, by)
    ]
    return pd.concat(blocks).fillna(0.0).loc[factors.index]


def _model(factors: pd.DataFrame, design: str) -> "FormulaicContrasts":
    """Hand a design to formulaic, which would run what is in it that we do not know."""
    # It takes a quarter of a second to load; most that read a fit write no design.
    from formulaic_contrasts import FormulaicContrasts

    try:
        formula = read_formula(design)
    except FormulaError as error:
        raise InputError([f"design '{design}' is no formula: {error}"]) from error
    if unknown := [name for name in formula.columns if name not in factors]:
        known = ", ".join(map(str, factors))
        raise InputError([f"design '{design}' names '{unknown[0]}', which is none of {known}"])
    return FormulaicContrasts(factors, formula.text)


def without_units(design: pd.DataFrame) -> pd.DataFrame:
    """Write a design such that the units of its numbers do not matter, and neither does their zero.

    Columns that tell samples apart, of 0 and 1, stay as they are. Each other column becomes its
    residual on those and on the numbers before it, scaled to a mean square of 1: what the columns
    span is the same. A year as 2010 to 2016 makes equations that hardly can be solved else.

    Parameters
    ----------
    design : DataFrame, samples × coefficients

    Returns
    -------
    DataFrame
        A column that depends on others is 0.
    """
    told_apart = design.isin([0, 1]).all().to_numpy()
    columns = design.to_numpy(dtype=float).copy()
    before = columns[:, told_apart]
    for place in np.flatnonzero(~told_apart):
        scaled = columns[:, place] / np.abs(columns[:, place]).max()
        rest = scaled
        for _ in range(2):  # the second time for the sake of rounding
            rest = rest - before @ np.linalg.lstsq(before, rest, rcond=None)[0]
        size = np.sqrt(np.mean(rest**2))
        # Rounded, so that searches in these columns end at the same place.
        columns[:, place] = np.round(rest / size, 10) if size > NO_RESIDUAL else 0.0
        before = np.column_stack([before, columns[:, place]])
    return pd.DataFrame(columns, index=design.index, columns=design.columns)


def contrast_vector(
    factors: pd.DataFrame, design: str, contrast: Contrast, by: str | None = None
) -> pd.Series:
    """Write a contrast as weights of the coefficients.

    Covariates that a condition says nothing of are averaged over their levels, each with the
    same weight; so no contrast depends on which level is the reference.

    Parameters
    ----------
    factors, design, by
        As for `design_matrix`.
    contrast : Contrast
        With `by`, its conditions name a level of that factor.

    Returns
    -------
    Series
        A number for each column of the design matrix.

    Raises
    ------
    KeyError
        A level does not occur where the contrast needs it.
    """
    columns = design_matrix(factors, design, by).columns
    vector = pd.Series(0.0, index=columns)
    for weight, levels in contrast.conditions:
        vector = vector.add(
            weight * _condition_weights(factors, design, levels, by), fill_value=0.0
        )
    return vector[columns]


def _condition_weights(
    factors: pd.DataFrame, design: str, levels: dict[str, str], by: str | None
) -> pd.Series:
    """Average the rows of the design over all combinations in which some levels are given."""
    part = levels[by] if by else None
    rows = dict(_parts(factors, by))[part]
    model = _model(rows, design)
    for factor, level in levels.items():
        if level not in rows[factor].cat.categories:
            raise KeyError(f"no sample has {factor} {level}")
    grid = [
        [levels[variable]] if variable in levels else _levels(rows[variable])
        for variable in sorted(model.variables)
    ]
    combinations = pd.DataFrame(product(*grid), columns=sorted(model.variables))
    matrix = model.design_matrix.model_spec.get_model_matrix(combinations)
    return _prefixed(matrix, part).mean()


def _levels(column: pd.Series) -> list:
    """List a factor's levels; a slope is taken at its mean."""
    is_factor = isinstance(column.dtype, pd.CategoricalDtype)
    return list(column.cat.categories) if is_factor else [column.mean()]


def _parts(factors: pd.DataFrame, by: str | None) -> list[tuple[str | None, pd.DataFrame]]:
    """Split samples by a factor, each part with the levels that occur in it."""
    if by is None:
        return [(None, factors)]
    return [
        (str(level), rows.apply(_without_unused))
        for level, rows in factors.groupby(by, observed=True)
    ]


def _without_unused(column: pd.Series) -> pd.Series:
    is_factor = isinstance(column.dtype, pd.CategoricalDtype)
    return column.cat.remove_unused_categories() if is_factor else column


def _prefixed(matrix: pd.DataFrame, part: str | None) -> pd.DataFrame:
    plain = pd.DataFrame(matrix)
    return plain if part is None else plain.add_prefix(f"{part}: ")


def compared_samples(factors: pd.DataFrame, contrast: Contrast) -> np.ndarray:
    """Tell which samples a contrast compares: those in one of its conditions.

    Returns
    -------
    ndarray of bool, samples
    """
    return np.any(samples_by_condition(factors, contrast), axis=0)


def samples_by_condition(factors: pd.DataFrame, contrast: Contrast) -> np.ndarray:
    """Tell which samples are in each condition of a contrast.

    Returns
    -------
    ndarray of bool, conditions × samples
        In the order of the contrast.
    """
    return np.array(
        [
            np.all([factors[factor] == level for factor, level in levels.items()], axis=0)
            for _, levels in contrast.conditions
        ]
    )
