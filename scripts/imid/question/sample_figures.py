"""The figures that are measured of samples: what each is, and from where on it warns or fails."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from imid.shared.paths import resource
from imid.shared.problems import InputError, did_you_mean, place
from imid.shared.rows import read_rows

FIGURES = resource("resources/sample_figures.tsv")
BOUNDS = ["warn", "fail"]
COLUMNS = ["figure", "group", "title", "unit", "worse", *BOUNDS, "meaning", "source"]
NUMBER = re.compile(r"([0-9]+([.][0-9]+)?)?")
HIGH, LOW, NEITHER = "high", "low", "none"
PASS, WARN, FAIL = "pass", "warn", "fail"
# Of a figure without bounds.
UNDECIDED = "none"
SHARE, COUNT = "share", "count"
# From the best to the worst.
VERDICTS = [PASS, WARN, FAIL]


@dataclass(frozen=True)
class SampleFigure:
    """A figure of a sample.

    Attributes
    ----------
    figure : str
        Its name in tables and in the config.
    group : str
        What it tells of: reads, alignment, composition and so on.
    title : str
        Its name for people.
    unit : str
        share, count, or what it is a number of.
    worse : {"high", "low", "none"}
        Which side is bad.
    warn, fail : float or None
        What lies beyond is doubtful, or bad; None where nothing is.
    meaning : str
        What is measured, of what, in a sentence.
    source : str
        Where the bounds are from.
    """

    figure: str
    group: str
    title: str
    unit: str
    worse: str
    warn: float | None
    fail: float | None
    meaning: str
    source: str

    def verdict(self, value: float) -> str:
        """Judge a value: pass, warn or fail; what lies on a bound is not beyond it.

        Of a figure without bounds: none.
        """
        if (self.warn, self.fail) == (None, None):
            return UNDECIDED
        for verdict, bound in [(FAIL, self.fail), (WARN, self.warn)]:
            if bound is not None and (value > bound if self.worse == HIGH else value < bound):
                return verdict
        return PASS

    def shown(self, value: float) -> str:
        """Write a value as people read it: ``31.0%``, ``18,780``, ``7.5``."""
        if self.unit == SHARE:
            return f"{value:.1%}"
        return f"{value:,.0f}" if self.unit == COUNT else f"{value:g}"

    def beyond(self, bound: float) -> str:
        """Say on which side of a bound the bad values lie: ``above 30.0%``."""
        return f"{'above' if self.worse == HIGH else 'below'} {self.shown(bound)}"

    @property
    def fault(self) -> str:
        """Say why its bounds cannot be; empty where they can."""
        if self.worse == NEITHER and (self.warn, self.fail) != (None, None):
            return f"{self.figure} is neither good nor bad, and has no bounds"
        for bound in (self.warn, self.fail):
            if bound is not None and (why := self._fault_of(bound)):
                return why
        if self.warn is None or self.fail is None or self.warn == self.fail:
            return ""
        if (self.fail > self.warn) != (self.worse == HIGH):
            side = "above" if self.worse == HIGH else "below"
            return (
                f"fails at {self.fail:,.10g} and warns at {self.warn:,.10g}, but of {self.figure} a"
                f" {self.worse} value is bad: fail must lie {side} warn"
            )
        return ""

    def _fault_of(self, bound: float) -> str:
        """Say why no value can lie at a bound: above all, percent were meant."""
        if self.unit == SHARE and not 0 <= bound <= 1:
            remedy = f"; write {bound:g}% as {bound / 100:g}" if 1 < bound <= 100 else ""
            return f"a share lies between 0 and 1, not at {bound:g}{remedy}"
        return f"{bound:g} is below zero, where no value lies" if bound < 0 else ""


@cache
def sample_figures(path: Path = FIGURES) -> dict[str, SampleFigure]:
    """Read what can be measured of samples.

    Parameters
    ----------
    path : Path
        A table with the columns `COLUMNS`.

    Returns
    -------
    dict of str to SampleFigure
        By name, in the order of the table.

    Raises
    ------
    InputError
        Columns are unknown or missing, or a row says what cannot be.
    """
    rows = read_rows(path)
    if problems := list(_column_faults(rows, path.name)):
        raise InputError(problems)
    if problems := list(_row_faults(rows, path.name)):
        raise InputError(problems)
    return {row["figure"]: _as_figure(row) for row in rows}


def with_bounds(
    figures: Mapping[str, SampleFigure], bounds: Mapping[str, Mapping[str, float | None]]
) -> dict[str, SampleFigure]:
    """Put a user's bounds in the place of the usual ones.

    Parameters
    ----------
    figures : mapping of str to SampleFigure
    bounds : mapping of str to mapping
        By figure: warn and fail, either of which may be absent; None for no bound.

    Returns
    -------
    dict of str to SampleFigure
    """
    return {
        name: replace(
            figure,
            warn=bounds.get(name, {}).get("warn", figure.warn),
            fail=bounds.get(name, {}).get("fail", figure.fail),
        )
        for name, figure in figures.items()
    }


def _as_figure(row: Mapping[str, str]) -> SampleFigure:
    bounds = {bound: float(row[bound]) if row[bound] else None for bound in BOUNDS}
    return SampleFigure(**{**row, **bounds})  # type: ignore[arg-type]


def _column_faults(rows: list[dict[str, str]], name: str) -> Iterator[str]:
    # Cells beyond the header stand under None.
    columns = [column for column in rows[0] if column is not None] if rows else []
    for column in columns:
        if column not in COLUMNS:
            yield f"{place(name, 1)}: unknown column {column}{did_you_mean(column, COLUMNS)}"
    if missing := [column for column in COLUMNS if column not in columns]:
        yield f"{place(name, 1)}: lacks {', '.join(missing)}"


def _row_faults(rows: list[dict[str, str]], name: str) -> Iterator[str]:
    first: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        if row.keys() != set(COLUMNS) or None in row.values():
            yield f"{place(name, line)}: has not as many cells as the header"
            continue
        for column in COLUMNS:
            if column not in BOUNDS and not row[column]:
                yield f"{place(name, line, column)}: is empty"
        if (earlier := first.setdefault(row["figure"], line)) != line:
            yield f"{place(name, line, 'figure')}: {row['figure']} is on line {earlier} already"
        if row["worse"] not in [HIGH, LOW, NEITHER]:
            yield f"{place(name, line, 'worse')}: '{row['worse']}' is not high, low or none"
            continue
        if not all(NUMBER.fullmatch(row[bound]) for bound in BOUNDS):
            yield f"{place(name, line)}: a bound is no number"
        elif fault := _as_figure(row).fault:
            yield f"{place(name, line)}: {fault}"
