"""What the configuration asks, held against the samples there are."""

from collections.abc import Iterator, Sequence

from imid.inputs.check_config import CONTRASTS, Config
from imid.inputs.check_samples import OPTIONAL, as_number
from imid.question.contrasts import LINE, Contrast, TwoLevels
from imid.question.fits import plan_fits, present_by_line
from imid.question.plan import AGAINST, ENDINGS
from imid.shared.problems import did_you_mean, place, quoted
from imid.userfiles.check_table import UserTable
from imid.userfiles.config_files import Setting

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
    wanted = config.settings.cell_lines
    if wanted is None:
        return known, []
    problems = [
        f"{config.where(('cell_lines', position))}: {quoted(cell_line)} is no cell line of"
        f" {sheet.name} ({', '.join(known)}){did_you_mean(cell_line, known)}"
        for position, cell_line in enumerate(wanted)
        if cell_line not in known
    ]
    return [cell_line for cell_line in wanted if cell_line in known], problems


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
            for position, contrast in config.contrasts.items()
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
        *_contrasts_left_out(config, samples, cell_lines),
        *_not_compared(config, samples),
    ]


def _repeated_names(config: Config) -> Iterator[str]:
    first: dict[str, int] = {}
    for position, contrast in config.contrasts.items():
        name = contrast.name
        # Results of names that differ in case only would be one file on some file systems.
        if first.setdefault(name.casefold(), position) != position:
            where = config.where((*CONTRASTS, position, "name"))
            yield f"{where}: '{name}' is the name of an earlier contrast"


def _clashing_names(config: Config) -> Iterator[str]:
    """Refuse names of which one with an ending is another: both would write the same file."""
    names = [contrast.name for contrast in config.contrasts.values()]
    for position, contrast in config.contrasts.items():
        name = contrast.name
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
    config: Config,
    position: int,
    contrast: Contrast,
    samples: UserTable,
    known_lines: Sequence[str],
) -> Iterator[str]:
    """Find factors and levels of a contrast that the sheet does not have, or that are there twice.

    Each problem is told at the setting that it is in. A level is looked for only where its factor
    is one, and is named for the first time.
    """

    def at(setting: Setting) -> str:
        return config.where((*CONTRASTS, position, *setting))

    yield from (f"{at(setting)}: {fault}" for setting, fault in _equal_sides(contrast))
    seen: set[str] = set()
    for setting, factor in _named_factors(contrast):
        if fault := _factor_fault(factor, samples):
            yield f"{at(setting)}: {fault}"
        elif factor in seen:
            yield f"{at(setting)}: '{factor}' is in this contrast already; name another factor"
        else:
            known = known_lines if factor == LINE else samples.rows[factor].unique().tolist()
            for side, level in _levels_of(contrast, setting):
                if fault := _level_fault(level, factor, known, samples):
                    yield f"{at(side)}: {fault}"
        seen.add(factor)


def _equal_sides(contrast: Contrast) -> Iterator[tuple[Setting, str]]:
    """Find comparisons of a level with itself, and the settings that say so."""
    between: list[tuple[TwoLevels, Setting]] = []
    if contrast.between:
        between.append((contrast.between, ("between",)))
    for sides, inside in [(contrast, ()), *between]:
        if sides.numerator == sides.denominator:
            yield (*inside, "denominator"), f"'{sides.denominator}' is the numerator too"


def _named_factors(contrast: Contrast) -> Iterator[tuple[Setting, str]]:
    """Give each factor that a contrast names, and the setting that names it."""
    yield ("factor",), contrast.factor
    yield from ((("under", factor), factor) for factor in contrast.under)
    if contrast.between:
        yield ("between", "factor"), contrast.between.factor


def _levels_of(contrast: Contrast, named: Setting) -> Iterator[tuple[Setting, str]]:
    """Give the levels of a factor that a contrast names, and the settings that name them."""
    *inside, last = named
    if inside == ["under"]:
        yield named, contrast.under[str(last)]
    else:
        sides = (contrast.between if inside else None) or contrast
        yield (*inside, "numerator"), sides.numerator
        yield (*inside, "denominator"), sides.denominator


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
    reference = config.settings.differential.reference
    known = samples.rows["treatment"].unique().tolist()
    fault = _level_fault(reference, "treatment", known, samples)
    if fault and config.sound(*REFERENCE):
        yield f"{config.where(REFERENCE)}: {fault}"


def _lines_without_contrast(
    config: Config, samples: UserTable, cell_lines: Sequence[str]
) -> Iterator[str]:
    asked = list(config.contrasts.values())
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
    for position, contrast in config.contrasts.items():
        if contrast.factor == "treatment" and not contrast.under:
            continue
        for fit in plan_fits([contrast], samples.rows, cell_lines):
            rows = samples.rows[samples.rows[LINE].isin(fit.cell_lines)]
            for _, levels in contrast.conditions:
                lines = [n for n, row in rows.iterrows() if levels.items() <= dict(row).items()]
                if len(lines) == 1:
                    yield (
                        f"{config.where((*CONTRASTS, position))}: '{contrast.name}' needs two"
                        f" samples with {_levels_in_words(levels)}, and {samples.name} has one"
                        f" (line {lines[0]})"
                    )


def _levels_in_words(levels: dict[str, str]) -> str:
    return " and ".join(f"{factor} {level}" for factor, level in levels.items())


def _contrasts_left_out(
    config: Config, samples: UserTable, cell_lines: Sequence[str]
) -> Iterator[str]:
    """Tell of contrasts that are not made, in a line or at all, because samples are missing.

    A contrast that names lines is made once, from the samples of all of them, and needs each to
    be analysed; any other is made in each line by itself, from that line's samples.
    """
    here = present_by_line(samples.rows)
    for position, contrast in config.contrasts.items():
        where = f"{config.where((*CONTRASTS, position))}: '{contrast.name}' is left out"
        named = contrast.cell_lines
        if other := [line for line in named if line not in cell_lines]:
            yield f"{where}, for {' and '.join(other)} is not among the cell_lines to run"
            continue
        for lines in [named] if named else [[line] for line in cell_lines]:
            together = [condition for line in lines for condition in here.get(line, [])]
            if absent := contrast.absent(together):
                none = "; none ".join(map(_levels_in_words, absent))
                yield f"{where} for {' and '.join(lines)}: no sample has {none}"


def _not_compared(config: Config, samples: UserTable) -> Iterator[str]:
    weighed = [
        levels for contrast in config.contrasts.values() for _, levels in contrast.conditions
    ]
    compared = [levels["treatment"] for levels in weighed if "treatment" in levels]
    if compared:
        for line, treatment in samples.rows["treatment"].drop_duplicates().items():
            if treatment and treatment not in compared:
                hint = did_you_mean(treatment, compared)
                where = place(samples.name, line, "treatment")
                yield f"{where}: '{treatment}' is in no contrast{hint}"
