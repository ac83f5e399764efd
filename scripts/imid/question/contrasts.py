"""Contrasts: which conditions they weigh against each other, and how to say so.

A contrast is a dict: factor, numerator and denominator; under, a dict of other factors' levels
that hold on both sides; between, None or the factor, numerator and denominator of a second
comparison, of which the contrast is the difference. So ``treatment: lenalidomide against dmso,
between cell_line: MM1S_res and MM1S`` asks whether the drug does something else in the resistant
line.
"""

from collections.abc import Sequence

LINE = "cell_line"
# What a contrast need not say, and what stands for it then.
UNSAID: dict[str, dict | None] = {"under": {}, "between": None}
# All that it may say besides its name, in the order of its sidecar.
KEYS = ["factor", "numerator", "denominator", *UNSAID]
# What two contrasts have in common that are compared with each other.
HELD = [key for key in KEYS if key != "numerator"]


def two_levels(factor: str, numerator: str, denominator: str) -> dict:
    """Give the contrast of two levels of a factor."""
    levels = {"factor": factor, "numerator": numerator, "denominator": denominator}
    return {**levels, **UNSAID}


def conditions(contrast: dict) -> list[tuple[int, dict[str, str]]]:
    """List the conditions that a contrast weighs.

    Parameters
    ----------
    contrast : dict
        As the module describes it; ``under`` and ``between`` may be left out.

    Returns
    -------
    list of (int, dict)
        For each condition its weight, 1 or -1, and the levels that hold in it, by factor.
    """
    under, between = contrast.get("under") or {}, contrast.get("between")
    sides = [(1, "numerator"), (-1, "denominator")]
    effect = [(weight, {**under, contrast["factor"]: contrast[side]}) for weight, side in sides]
    if not between:
        return effect
    return [
        (outer * weight, {**levels, between["factor"]: between[side]})
        for outer, side in sides
        for weight, levels in effect
    ]


def cell_lines(contrast: dict) -> list[str]:
    """List the cell lines that a contrast names, which need a fit in common; mostly none."""
    named = (levels[LINE] for _, levels in conditions(contrast) if LINE in levels)
    return list(dict.fromkeys(named))


def can_be_made(contrast: dict, present: Sequence[dict[str, str]]) -> bool:
    """Tell whether there is a sample of each condition of a contrast.

    Parameters
    ----------
    contrast : dict
        As the module describes it.
    present : sequence of dict
        The factors of each sample.

    Returns
    -------
    bool
    """
    return all(
        any(levels.items() <= sample.items() for sample in present)
        for _, levels in conditions(contrast)
    )


def incomparable(first: dict, second: dict) -> list[str]:
    """Say why two contrasts are not of two levels that are held against the same.

    Parameters
    ----------
    first, second : dict
        As the module describes them, or their sidecars.

    Returns
    -------
    list of str
        Reasons; none where the two can be compared with each other.
    """
    reasons = [
        f"{key} is {first.get(key)!r} in one and {second.get(key)!r} in the other;"
        " it has to be the same"
        for key in HELD
        if (first.get(key) or None) != (second.get(key) or None)
    ]
    if first["numerator"] == second["numerator"]:
        reasons.append(f"both are of {first['numerator']}")
    if first.get("between") or second.get("between"):
        reasons.append("a difference of differences is no effect of one drug")
    return reasons


def describe(contrast: dict) -> str:
    """Say what a positive fold change of a contrast means.

    Parameters
    ----------
    contrast : dict
        As the module describes it.

    Returns
    -------
    str
        Such as ``positive: higher in pomalidomide than in dmso``.
    """
    higher = f"higher in {contrast['numerator']} than in {contrast['denominator']}"
    between = contrast.get("between")
    if between:
        higher = (
            f"the log2 fold change of {contrast['numerator']} against {contrast['denominator']} is"
            f" higher in {between['numerator']} than in {between['denominator']}"
        )
    held = (f"{factor} {level}" for factor, level in (contrast.get("under") or {}).items())
    return ", ".join([f"positive: {higher}", *(f"both with {level}" for level in held)])
