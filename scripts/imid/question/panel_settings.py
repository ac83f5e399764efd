"""Where an expectation was seen, and whether an experiment is of that kind.

The panel tells an expectation's setting in the columns of `SETTING`; an empty cell holds for
anything. Controls are compared by their kind: what one source calls vehicle, another calls DMSO,
but cells before the drug (0 h) have also not been in culture for as long.
"""

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from imid.question.contrast_results import ContrastResult
from imid.question.contrasts import Contrast

# The panel's columns of expectations.
DRUGS = ["lenalidomide", "pomalidomide"]
SETTING = ["cells", "dose_um", "hours", "control"]
COMPARED = ["cells", "dose_um", "hours"]
# What was measured there, and how sure it is; a panel may leave these columns out.
NUMBERS = ["log2_fold_change", "lfc_se", "p_value", "n"]
# Kinds of control, by the words for them.
VEHICLE, START = "vehicle", "0 h"
BEFORE = r"\b(0 ?(h|hr|hrs|hour|hours)|t ?=? ?0|baseline)\b"
VEHICLES = ["control", "ctrl", "dmso", "mock", "none", "solvent", "untreated", "vehicle"]
# What was seen at one dose is taken to tell of doses up to this many times lower or higher.
DOSE_RATIO = 3.0


def drug_of(contrast: Contrast, control: str, samples: pd.DataFrame) -> str | None:
    """Tell which drug's expectations a contrast is held against.

    Parameters
    ----------
    contrast : Contrast
    control : str
        The treatment that expectations are held against.
    samples : DataFrame
        The samples table of the fit: which treatment a dose or a condition is of.

    Returns
    -------
    str or None
        One of `DRUGS`, for that drug against the control, or against its own arm at 0 h; None for
        all other contrasts, such as the difference of two drugs, of two lines, or of a drug's
        effects in two lines.
    """
    if contrast.between:
        return None
    treated, controls = (samples_with(samples, levels) for _, levels in contrast.conditions)
    numerator, denominator = (rows["treatment"].unique().tolist() for rows in (treated, controls))
    if len(numerator) != 1 or numerator[0] not in DRUGS:
        return None
    against = denominator == [control] or (denominator == numerator and _at_start(controls))
    return numerator[0] if against else None


def _at_start(samples: pd.DataFrame) -> bool:
    """Tell whether samples are of cells before the drug; a sheet need not say the hours."""
    if "hours" not in samples or samples.empty:
        return False
    return bool((pd.to_numeric(samples["hours"]) == 0).all())


def samples_with(samples: pd.DataFrame, levels: Mapping[str, str]) -> pd.DataFrame:
    """Choose the samples in which some levels hold, by factor."""
    chosen = samples
    for factor, level in levels.items():
        chosen = chosen[chosen[factor].astype(str) == str(level)]
    return chosen


def normalized_name(name: str) -> str:
    """Leave out of a name what people write in several ways: ``MM.1S`` becomes ``mm1s``."""
    return "".join(filter(str.isalnum, name.casefold()))


def same_setting(row: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Tell whether two rows of the panel have the same setting, however it is written."""

    def value(text: str) -> str | float:
        return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else normalized_name(text)

    return all(value(row[column]) == value(other[column]) for column in SETTING)


def control_kind(control: str) -> str:
    """Tell the kind of a control: `VEHICLE`, `START`, or its own name; empty where it is."""
    if re.search(BEFORE, control.casefold()):
        return START
    words = map(normalized_name, re.split(r"[\s,;/()]+", control))
    return VEHICLE if any(word in VEHICLES for word in words) else normalized_name(control)


def setting_of(samples: pd.DataFrame, contrast: ContrastResult) -> dict[str, list[str]]:
    """Find the setting of a contrast: that of the samples in its numerator, and their control.

    Parameters
    ----------
    samples : DataFrame
        The samples table of the fit; dose_um and hours may be absent or missing.
    contrast : ContrastResult

    Returns
    -------
    dict
        Under cells, dose_um and hours, the values that occur, as the sheet writes them; none
        where it does not say them for every sample. Under control, the kinds of control.
    """
    left_out = [left.sample for left in contrast.excluded]
    kept = samples[~samples["sample"].isin(left_out)].reindex(
        columns=samples.columns.union(["dose_um", "hours", "treatment"], sort=False)
    )
    (_, numerator), (_, denominator), *_ = contrast.conditions
    treated, controls = samples_with(kept, numerator), samples_with(kept, denominator)
    rows = treated.rename(columns={"cell_line": "cells"}).reindex(columns=COMPARED)
    setting = {
        str(column): [] if values.isna().any() else values.unique().tolist()
        for column, values in rows.items()
    }
    return setting | {"control": _control_kinds(treated, controls)}


def _control_kinds(treated: pd.DataFrame, controls: pd.DataFrame) -> list[str]:
    """Tell what the treated samples are compared with: cells at 0 h are so whatever they got."""
    if _at_start(controls) and (pd.to_numeric(treated["hours"]) > 0).all():
        return [START]
    return [*dict.fromkeys(map(control_kind, controls["treatment"].dropna()))]


def setting_misfits(row: Mapping[str, str] | pd.Series, setting: dict[str, list[str]]) -> list[str]:
    """Say in which ways an experiment is not of an expectation's setting.

    Parameters
    ----------
    row : mapping
        A row of the panel.
    setting : dict
        As given by `setting_of`.

    Returns
    -------
    list of str
        Words such as ``expected at 72 h, this is 24 h``; empty where it fits. Cells fit whatever
        their case and punctuation, hours where they are equal, doses within `DOSE_RATIO`. Whether
        the controls are of one kind is for `other_control` to say.
    """
    return list(_misfits(row, setting))


def other_control(row: Mapping[str, str] | pd.Series, setting: dict[str, list[str]]) -> str | None:
    """Name the control of an expectation where this experiment's is of another kind.

    Parameters
    ----------
    row : mapping
        A row of the panel; without a control it is taken to be of any kind.
    setting : dict
        As given by `setting_of`.

    Returns
    -------
    str or None
        The kind, such as ``0 h``.
    """
    kind = control_kind(row["control"])
    return kind if kind and setting["control"] != [kind] else None


def _misfits(row: Mapping[str, str] | pd.Series, setting: dict[str, list[str]]) -> Iterator[str]:
    cells, doses, hours = (setting[column] for column in COMPARED)
    if row["cells"] and {*map(normalized_name, cells)} != {normalized_name(row["cells"])}:
        yield f"seen in {row['cells']}, this is {' and '.join(cells)}"
    if row["dose_um"] and not (doses and all(_near(dose, row["dose_um"]) for dose in doses)):
        yield f"seen at {row['dose_um']} uM, {_this_is(doses, 'uM', 'dose')}"
    if row["hours"] and not (hours and all(float(hour) == float(row["hours"]) for hour in hours)):
        yield f"expected at {row['hours']} h, {_this_is(hours, 'h', 'hours')}"


def _near(dose: str, other: str) -> bool:
    low, high = sorted([float(dose), float(other)])
    # Ten times 0.3 is a little less than 3 in binary.
    return high <= DOSE_RATIO * low * (1 + 1e-9)


def _this_is(values: list[str], unit: str, name: str) -> str:
    if not values:
        return f"the sheet does not say the {name}"
    return f"this is {' and '.join(values)} {unit}"


def best_row(
    rows: pd.DataFrame, drug: str, setting: dict[str, list[str]]
) -> tuple[pd.Series, list[str]]:
    """Choose the expectation that an experiment is held against.

    Parameters
    ----------
    rows : DataFrame
        The panel's rows of one gene.
    drug : str
        Their column with the expectation.
    setting : dict
        As given by `setting_of`.

    Returns
    -------
    row : Series
        Among the rows that have an expectation for the drug, of those against the same kind of
        control if there are any: of those that fit, the one that says most of its setting; else
        the first. The first of all where none has one.
    reasons : list of str
        Why that row does not fit.
    """
    known = rows[rows[drug] != "unknown"]
    if known.empty:
        return rows.iloc[0], []
    candidates = [(row, setting_misfits(row, setting)) for _, row in known.iterrows()]
    comparable = [found for found in candidates if not other_control(found[0], setting)]
    candidates = comparable or candidates
    fitting = [(row, reasons) for row, reasons in candidates if not reasons]
    if not fitting:
        return candidates[0]
    return max(fitting, key=lambda candidate: (candidate[0][COMPARED] != "").sum())


def not_comparable(
    rows: pd.DataFrame, drug: str, setting: dict[str, list[str]]
) -> list[tuple[pd.Series, str]]:
    """Find what was measured in this experiment's setting, but against another kind of control.

    Parameters
    ----------
    rows, drug, setting
        As for `best_row`; the rows with their numbers.

    Returns
    -------
    list of (Series, str)
        Rows with a log2 fold change for the drug, and the kind of their control.
    """
    measured = rows[(rows[drug] != "unknown") & (rows["log2_fold_change"] != "")]
    return [
        (row, kind)
        for _, row in measured.iterrows()
        if (kind := other_control(row, setting)) and not setting_misfits(row, setting)
    ]


def with_numbers(panel: pd.DataFrame) -> pd.DataFrame:
    """Give a panel the columns of numbers that it may leave out, empty."""
    absent = [column for column in NUMBERS if column not in panel]
    return panel.assign(**dict.fromkeys(absent, ""))


def expectation_label(row: Mapping[str, str], drug: str) -> str:
    """Tell a setting: ``MM.1S, lenalidomide 10 uM, 72 h, against 0 h``."""
    parts = [
        row["cells"],
        f"{drug} {row['dose_um']} uM" if row["dose_um"] else drug,
        f"{row['hours']} h" if row["hours"] else "",
        f"against {row['control']}" if row["control"] else "",
    ]
    told = ", ".join(filter(None, parts))
    return told if told != drug else f"{drug}, in no particular setting"


def setting_in_words(setting: dict[str, list[str]], drug: str) -> str:
    """Tell the setting of an experiment, as far as the sheet says it.

    Parameters
    ----------
    setting : dict
        As given by `setting_of`.
    drug : str
        The drug whose effect is measured.

    Returns
    -------
    str
        Such as ``MM1S, lenalidomide 5 uM, 72 h, against vehicle``, and what the sheet leaves out.
    """
    told = {column: " and ".join(values) for column, values in setting.items()}
    parts = [
        told["cells"],
        f"{drug} {told['dose_um']} uM" if told["dose_um"] else drug,
        f"{told['hours']} h" if told["hours"] else "",
        f"against {told['control']}" if told["control"] else "",
    ]
    words = {"cells": "the cells", "dose_um": "the dose", "hours": "the hours"}
    unsaid = [word for column, word in words.items() if not told[column]]
    missing = f" (the sheet does not say {' and '.join(unsaid)})" if unsaid else ""
    return ", ".join(filter(None, parts)) + missing
