"""What a design's formula says, read without the samples.

Most formulas are a plain sum of columns. Only others are given to formulaic, whose import takes
half a second: every run of Snakemake would pay for it.
"""

import re

SUM = re.compile(r"\s*~\s*[A-Za-z_]\w*(\s*\+\s*[A-Za-z_]\w*)*\s*")


def is_sum(design: str) -> bool:
    """Tell whether a formula is a plain sum of columns, such as ``~ batch + treatment``."""
    return SUM.fullmatch(design) is not None


def variables(design: str) -> list[str]:
    """Name the columns of the sheet that a formula speaks of."""
    # A name before a bracket is a function, such as C(batch).
    return list(dict.fromkeys(re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", design)))


def interactions(design: str) -> list[tuple[str, ...]]:
    """List the variables that a formula lets change each other's effects, as ``a:b`` does."""
    if is_sum(design):
        return []
    from formulaic import Formula

    terms = [variables(str(term)) for term in Formula(design)]
    return [tuple(term) for term in terms if len(term) > 1]


def formula_fault(design: str) -> str | None:
    """Say why a text is no formula; None if it is one."""
    if is_sum(design):
        return None
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    try:
        Formula(design)
    except (FormulaicError, SyntaxError) as error:
        # What follows is a picture of the place, for a terminal with colours.
        return str(error).splitlines()[0].rstrip(".")
    return None
