"""What the configuration asks, held against the samples there are."""

from collections.abc import Iterator, Sequence

from imid.inputs.check_config import Config, value_at
from imid.inputs.check_samples import OPTIONAL, as_number
from imid.question import contrasts
from imid.question.contrasts import LINE, conditions
from imid.question.fits import plan_fits, present_by_line
from imid.question.plan import AGAINST, ENDINGS
from imid.shared.problems import did_you_mean, place, quoted
from imid.userfiles.check_table import UserTable
from imid.userfiles.config_files import Setting

CONTRASTS = ("differential", "contrasts")
REFERENCE = ("differential", "reference")
# What can be contrasted.
FACTORS = ["treatment", "condition", *OPTIONAL, LINE]


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
        f"{config.where(('cell_lines', position))}: {quoted(cell_line)} is no cell line of"
        f" {sheet.name} ({', '.join(known)}){did_you_mean(cell_line, known)}"
        for position, cell_line in enumerate(wanted)
        if cell_line not in known
    ]
    return [cell_line for cell_line in wanted if cell_line in known], problems


def sound_contrasts(config: Config) -> list[tuple[int, dict[str, str]]]:
    """Give the contrasts that fit the schema, each with its position in the list."""
    given = value_at(config.settings, CONTRASTS)
    return [
        (position, contrast)
        for position, contrast in enumerate(given if isinstance(given, list) else [])
        if config.sound(*CONTRASTS, position)
    ]


def contrast_problems(config: Config, samples: UserTable, known_lines: Sequence[str]) -> list[str]:
    """Hold the contrasts and the reference level against the sheet.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    samples : UserTable
        The samples of the cell lines to analyse, one row each.
    known_lines : sequence of str
        All lines of the sheet: a contrast of one that is not analysed is no fault.

    Returns
    -------
    list of str
        The problems.
    """
    return [
        *_repeated_names(config),
        *_clashing_names(config),
        *(
            problem
            for position, contrast in sound_contrasts(config)
            for problem in _contrast_faults(config, position, contrast, samples, known_lines)
        ),
        *_reference_problems(config, samples),
    ]


def fit_findings(
    config: Config, samples: UserTable, cell_lines: Sequence[str]
) -> tuple[list[str], list[str]]:
    """See whether the contrasts can be made from the samples.

    Parameters
    ----------
    config, samples
        As for `contrast_problems`, of which there are none.
    cell_lines : sequence of str
        The cell lines to analyse.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.
    """
    problems = [
        *_lines_without_contrast(config, samples, cell_lines),
        *_single_samples(config, samples, cell_lines),
    ]
    return problems, [
        *_left_out(config, samples, cell_lines),
        *_not_compared(config, samples),
    ]


def _repeated_names(config: Config) -> Iterator[str]:
    first: dict[str, int] = {}
    for position, contrast in sound_contrasts(config):
        name = contrast["name"]
        # Results of names that differ in case only would be one file on some file systems.
        if first.setdefault(name.casefold(), position) != position:
            where = config.where((*CONTRASTS, position, "name"))
            yield f"{where}: '{name}' is the name of an earlier contrast"


def _clashing_names(config: Config) -> Iterator[str]:
    names = [contrast["name"] for _, contrast in sound_contrasts(config)]
    for position, contrast in sound_contrasts(config):
        name = contrast["name"]
        for other, rest in clashes(name, names):
            where = config.where((*CONTRASTS, position, "name"))
            yield (
                f"{where}: '{name}' is what a file of the contrast '{other}' is called; end it"
                f" otherwise than in '{rest}'"
            )


def clashes(name: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Find the contrasts a file of which would be one of another contrast's.

    Figures cannot be: each has an ending of its own, and no contrast is without one.

    Parameters
    ----------
    name : str
        Of a contrast.
    names : sequence of str
        Of all.

    Returns
    -------
    list of (str, str)
        Each contrast that the name begins with, and the rest, which is what a file is called.
    """
    rests = [(other, name.removeprefix(other)) for other in names if name.startswith(other)]
    return [
        (other, rest)
        for other, rest in rests
        if rest and (rest in ENDINGS or f"{rest}.".startswith(AGAINST))
    ]


def _contrast_faults(
    config: Config, position: int, contrast: dict, samples: UserTable, known_lines: Sequence[str]
) -> Iterator[str]:
    def at(*setting: str) -> str:
        return config.where((*CONTRASTS, position, *setting))

    between = contrast.get("between")
    for sides, inside in [(contrast, []), *([(between, ["between"])] if between else [])]:
        if sides["numerator"] == sides["denominator"]:
            yield f"{at(*inside, 'denominator')}: '{sides['denominator']}' is the numerator too"
    factors = list(_named_factors(contrast))
    for place_, factor in factors:
        if fault := _factor_fault(factor, samples):
            yield f"{at(*place_)}: {fault}"
        elif [name for _, name in factors].index(factor) < factors.index((place_, factor)):
            yield f"{at(*place_)}: '{factor}' is in this contrast already; name another factor"
        else:
            for side, level in _levels_of(contrast, place_):
                known = known_lines if factor == LINE else samples.rows[factor].unique()
                if fault := _level_fault(level, factor, known, samples):
                    yield f"{at(*side)}: {fault}"


def _named_factors(contrast: dict) -> Iterator[tuple[Setting, str]]:
    """Give each factor that a contrast names, and the setting that names it."""
    yield ("factor",), contrast["factor"]
    yield from ((("under", factor), factor) for factor in contrast.get("under") or {})
    if contrast.get("between"):
        yield ("between", "factor"), contrast["between"]["factor"]


def _levels_of(contrast: dict, named: Setting) -> Iterator[tuple[Setting, str]]:
    """Give the levels of a factor that a contrast names, and the settings that name them."""
    *inside, last = named
    if inside == ["under"]:
        yield named, contrast["under"][last]
    else:
        block = contrast["between"] if inside else contrast
        yield from (((*inside, side), block[side]) for side in ["numerator", "denominator"])


def _factor_fault(factor: str, samples: UserTable) -> str | None:
    known = [name for name in FACTORS if name in samples.rows]
    if factor in known:
        return None
    hint = did_you_mean(factor, known)
    return f"{quoted(factor)} is no factor in {samples.name} ({', '.join(known)}){hint}"


def _level_fault(level: str, factor: str, values: Sequence[str], samples: UserTable) -> str | None:
    known = [value for value in values if value not in ("", "NA")]
    if level in known:
        return None
    hint = did_you_mean(level, known) or _same_number(level, known)
    holder = "" if factor == LINE else f" of {', '.join(samples.rows[LINE].unique())}"
    return f"{quoted(level)} is no {factor}{holder} in {samples.name} ({', '.join(known)}){hint}"


def _same_number(level: str, known: Sequence[str]) -> str:
    """Suggest a level that is the same number, but another text."""
    same = [other for other in known if as_number(other) == as_number(level) is not None]
    return f"; write it as the sheet does, '{same[0]}'" if same else ""


def _reference_problems(config: Config, samples: UserTable) -> Iterator[str]:
    if config.sound(*REFERENCE):
        reference, known = value_at(config.settings, REFERENCE), samples.rows["treatment"].unique()
        if fault := _level_fault(reference, "treatment", known, samples):
            yield f"{config.where(REFERENCE)}: {fault}"


def _lines_without_contrast(
    config: Config, samples: UserTable, cell_lines: Sequence[str]
) -> Iterator[str]:
    asked = [contrast for _, contrast in sound_contrasts(config)]
    fits = plan_fits(asked, samples.rows, cell_lines)
    answered = {line for fit in fits for line in fit.cell_lines}
    for line, rows in samples.rows.groupby(LINE, sort=False):
        if asked and line not in answered:
            yield (
                f"{config.where(CONTRASTS)}: none of them can be made in {line}"
                f" ({', '.join(rows['treatment'].unique())}); leave it out by cell_lines"
            )


def _single_samples(config: Config, samples: UserTable, cell_lines: Sequence[str]) -> Iterator[str]:
    """Refuse contrasts of conditions with one sample, beyond what counting treatments tells."""
    for position, contrast in sound_contrasts(config):
        if contrast["factor"] == "treatment" and not contrast.get("under"):
            continue
        for fit in plan_fits([contrast], samples.rows, cell_lines):
            rows = samples.rows[samples.rows[LINE].isin(fit.cell_lines)]
            for _, levels in conditions(contrast):
                lines = [n for n, row in rows.iterrows() if levels.items() <= dict(row).items()]
                if len(lines) == 1:
                    yield (
                        f"{config.where((*CONTRASTS, position))}: '{contrast['name']}' needs two"
                        f" samples with {_in_words(levels)}, and {samples.name} has one"
                        f" (line {lines[0]})"
                    )


def _in_words(levels: dict[str, str]) -> str:
    return " and ".join(f"{factor} {level}" for factor, level in levels.items())


def _left_out(config: Config, samples: UserTable, cell_lines: Sequence[str]) -> Iterator[str]:
    here = present_by_line(samples.rows)
    for position, contrast in sound_contrasts(config):
        where = f"{config.where((*CONTRASTS, position))}: '{contrast['name']}' is left out"
        named = contrasts.cell_lines(contrast)
        if other := [line for line in named if line not in cell_lines]:
            yield f"{where}, for {' and '.join(other)} is not among the cell_lines to run"
            continue
        for lines in [named] if named else [[line] for line in cell_lines]:
            absent = [
                _in_words(levels)
                for _, levels in conditions(contrast)
                if not any(
                    levels.items() <= c.items() for line in lines for c in here.get(line, [])
                )
            ]
            if absent:
                yield f"{where} for {' and '.join(lines)}: no sample has {'; none '.join(absent)}"


def _not_compared(config: Config, samples: UserTable) -> Iterator[str]:
    weighed = [
        levels for _, contrast in sound_contrasts(config) for _, levels in conditions(contrast)
    ]
    compared = [levels["treatment"] for levels in weighed if "treatment" in levels]
    if compared:
        for line, treatment in samples.rows["treatment"].drop_duplicates().items():
            if treatment and treatment not in compared:
                hint = did_you_mean(treatment, compared)
                where = place(samples.name, line, "treatment")
                yield f"{where}: '{treatment}' is in no contrast{hint}"
