"""The samples that the configuration leaves out, each with its reason."""

from imid.inputs.check_config import Config
from imid.question.samples import ExcludedSample
from imid.shared.problems import did_you_mean, quoted
from imid.userfiles.check_table import UserTable

EXCLUDE = "exclude"


def exclude(config: Config, sheet: UserTable) -> tuple[UserTable, list[ExcludedSample], list[str]]:
    """Take samples out of the sheet.

    Parameters
    ----------
    config : Config
        As given by `check_config`.
    sheet : UserTable
        As given by `read_sheet`.

    Returns
    -------
    sheet : UserTable
        Without them.
    excluded : list of ExcludedSample
    problems : list of str
        Samples that the sheet does not have, or that are left out twice; or none is left.
    """
    lines = dict(zip(sheet.rows["sample"], sheet.rows["cell_line"], strict=True))
    problems: list[str] = []
    excluded: dict[str, ExcludedSample] = {}
    for position, item in enumerate(config.settings.exclude):
        sample = item.sample
        where = f"{config.where((EXCLUDE, position, 'sample'))}: {quoted(sample)}"
        if sample not in lines:
            problems.append(f"{where} is no sample of {sheet.name}{did_you_mean(sample, lines)}")
        elif sample in excluded:
            problems.append(f"{where} is excluded already")
        else:
            excluded[sample] = ExcludedSample(sample, item.reason, lines[sample])
    rows = sheet.rows[~sheet.rows["sample"].isin(list(excluded))]
    if excluded and rows.empty:
        problems.append(f"{config.where((EXCLUDE,))}: leaves no sample of {sheet.name}")
    return UserTable(sheet.name, sheet.header_line, rows), list(excluded.values()), problems
