"""What a contrast says of the expectation for a target: the verdict, and why.

The rule, in this order:

- not tested: **not_measurable**, with the reason;
- the drugs act on the gene's protein, or nothing is expected of its mRNA: **no_expectation**. Flat
  mRNA of a protein that is degraded is no failed experiment;
- expected up or down, and the false discovery rate is below the one in the config: **supports**
  where the sign is as expected, **opposes** where it is not and the experiment is of the setting
  in which the expectation was seen, **inconclusive** where it is not of that setting;
- expected up or down, and not significant: **inconclusive**, with the smallest change that would
  have been found;
- expected unchanged: **supports** where the 95 % interval lies within the config's fold-change
  threshold either way, **opposes** where the gene is significant (false discovery rate and fold
  change) in the setting of the expectation, else **inconclusive**.

The sign is judged whatever the size of the change: MICA and PVR answer by less than half a log2
unit.
"""

import math
from typing import NamedTuple

VERDICTS = ["supports", "opposes", "inconclusive", "no_expectation", "not_measurable"]


class Evidence(NamedTuple):
    """What is known of a target in a contrast: an expectation, and what was measured."""

    acts_on: str
    expected: str
    note: str
    unexpected_because: str
    misfits: list[str]
    reason: str | None
    log2_fold_change: float
    interval: tuple[float, float]
    fdr: float
    significant: bool
    detectable: float


def verdict(evidence: Evidence, fdr: float, log2_fold_change: float) -> tuple[str, str]:
    """Judge a target in a contrast.

    Parameters
    ----------
    evidence : Evidence
        acts_on and expected as in the panel; note, its remarks; unexpected_because, why nothing
        is expected, for expected unknown; misfits, how the experiment's setting differs; reason,
        why the target was not tested, else None; the estimate with its 95 % interval and rate;
        significant, by the project's one rule; detectable, the smallest |log2 fold change| that
        would have been found, or missing.
    fdr, log2_fold_change : float
        The thresholds of the config.

    Returns
    -------
    tuple of str and str
        The verdict, one of `VERDICTS`, and why, in words.
    """
    if evidence.reason is not None:
        return "not_measurable", evidence.reason
    if evidence.acts_on == "protein":
        return "no_expectation", _sentences("the drugs act on the protein", evidence.note)
    if evidence.expected == "unknown":
        return "no_expectation", _sentences(evidence.unexpected_because, evidence.note)
    if evidence.expected == "unchanged":
        return _unchanged(evidence, log2_fold_change)
    return _moved(evidence, fdr)


def _moved(evidence: Evidence, fdr: float) -> tuple[str, str]:
    elsewhere = "; ".join(evidence.misfits)
    rate = f"FDR {evidence.fdr:.2g}"
    if not evidence.fdr < fdr:
        found = _would_have_been_found(evidence)
        return "inconclusive", "; ".join(
            filter(None, [elsewhere, f"not significant, {rate}", found])
        )
    seen = "up" if evidence.log2_fold_change > 0 else "down"
    if seen == evidence.expected:
        return "supports", "; ".join(filter(None, [f"{seen} as expected, {rate}", elsewhere]))
    if evidence.misfits:
        return "inconclusive", f"{seen}, {rate}, not {evidence.expected} as elsewhere; {elsewhere}"
    return "opposes", f"{seen}, {rate}, where {evidence.expected} was expected"


def _would_have_been_found(evidence: Evidence) -> str:
    change = {"up": "rise", "down": "fall"}[evidence.expected]
    if math.isnan(evidence.detectable):
        return f"too few reads to say how large a {change} would have been found"
    return f"a {change} of {evidence.detectable:.2f} would have been found with a power of 80 %"


def _unchanged(evidence: Evidence, log2_fold_change: float) -> tuple[str, str]:
    elsewhere = "; ".join(evidence.misfits)
    low, high = evidence.interval
    told = f"95 % interval {low:+.2f} to {high:+.2f}"
    if max(-low, high) <= log2_fold_change:
        words = f"unchanged as expected: {told}, within {log2_fold_change:g} either way"
        return "supports", "; ".join(filter(None, [words, elsewhere]))
    if evidence.significant:
        seen = "up" if evidence.log2_fold_change > 0 else "down"
        words = f"{seen}, FDR {evidence.fdr:.2g}"
        if evidence.misfits:
            return "inconclusive", f"{words}, not unchanged as elsewhere; {elsewhere}"
        return "opposes", f"{words}, where no change was expected"
    words = f"neither significant nor surely unchanged: {told}"
    return "inconclusive", "; ".join(filter(None, [elsewhere, words]))


def _sentences(first: str, note: str) -> str:
    return f"{first}. {note}" if note else first
