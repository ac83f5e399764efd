"""What a contrast says of the expectation for a target: the verdict, and why.

Whether a gene moved in a direction is answered by one function, `moved`, for the targets table as
for the verdict on the experiment. The verdict on a target follows from it, in this order:

- not tested: **not_measurable**, with the reason;
- the drugs act on the gene's protein, or nothing is published of its mRNA: **no_expectation**,
  which is not to say that no change is expected. Flat mRNA of a protein that is degraded is no
  failed experiment;
- the expectation was seen against another kind of control: **not_comparable**;
- a log2 fold change was published with its error: the two estimates are compared, by
  `agreement`. **supports** where the change is as published or stronger, **direction_only** where
  it has the same direction and is weaker, **opposes** where it is against it, **inconclusive**
  where the experiment cannot tell;
- expected up or down: **supports** where it moved so, **direction_only** where it did so slightly,
  **opposes** where it did not, **inconclusive** where that is not clear, with the smallest change
  that would have been found;
- expected unchanged: **supports** where a change is excluded either way, **opposes** where the gene
  moved, and not slightly; else **inconclusive**.

An experiment that is not of the setting in which the expectation was seen does not oppose it:
there, opposes is inconclusive.
"""

import math
from typing import NamedTuple

from imid.evidence.agreement import (
    AGAINST,
    AS_PUBLISHED,
    SMALL_CHANGE,
    STRONGER,
    UNDECIDED,
    WEAKER,
    Estimate,
    agreement,
    in_numbers,
)

VERDICTS = [
    "supports",
    "direction_only",
    "opposes",
    "inconclusive",
    "no_expectation",
    "not_comparable",
    "not_measurable",
]
SIGNS = {"up": 1, "down": -1}
ANSWERED = {
    "yes": "supports",
    "slightly": "direction_only",
    "no": "opposes",
    "unclear": "inconclusive",
}
AGREED = {
    AS_PUBLISHED: "supports",
    STRONGER: "supports",
    WEAKER: "direction_only",
    AGAINST: "opposes",
    UNDECIDED: "inconclusive",
}


class Measured(NamedTuple):
    """What a contrast says of one gene: the estimate, its 95 % interval, and its rate."""

    log2_fold_change: float
    interval: tuple[float, float]
    fdr: float

    def in_numbers(self) -> str:
        """Tell the estimate: ``-1.92 (-2.20 to -1.64), FDR 1e-09``."""
        low, high = self.interval
        return f"{self.log2_fold_change:+.2f} ({low:+.2f} to {high:+.2f}), FDR {self.fdr:.2g}"


class Evidence(NamedTuple):
    """What is known of a target in a contrast: an expectation, and what was measured.

    acts_on and expected as in the panel; note, its remarks; unexpected_because, why nothing is
    expected, for expected unknown; misfits, how the experiment's setting differs, and
    other_control, the kind of the expectation's control where that does; expected_in and here, the
    two settings in words; aside, what was published in this setting but cannot be compared; reason,
    why the target was not tested, else None; estimate, with the fit's degrees of freedom, and
    published, that of the panel, if it has one with its error; detectable, the smallest
    |log2 fold change| that would have been found, or missing.
    """

    acts_on: str
    expected: str
    note: str
    unexpected_because: str
    misfits: list[str]
    other_control: str | None
    expected_in: str | None
    here: str
    aside: str
    reason: str | None
    measured: Measured
    estimate: Estimate
    published: Estimate | None
    detectable: float


def moved(measured: Measured, direction: str, fdr: float) -> str:
    """Answer whether a gene's mRNA moved in a direction.

    Parameters
    ----------
    measured : Measured
        Of a gene that was tested.
    direction : {"up", "down"}
    fdr : float
        The false discovery rate of the config.

    Returns
    -------
    {"yes", "slightly", "no", "unclear"}
        With a rate below the config's: yes, slightly for less than `SMALL_CHANGE`, or no for the
        other direction. Else no where the 95 % interval excludes `SMALL_CHANGE` that way.
    """
    toward = SIGNS[direction] * measured.log2_fold_change
    if measured.fdr < fdr:
        return "no" if toward < 0 else "yes" if toward >= SMALL_CHANGE else "slightly"
    farthest = measured.interval[1] if direction == "up" else -measured.interval[0]
    return "no" if farthest < SMALL_CHANGE else "unclear"


def observed(measured: Measured, fdr: float) -> str:
    """Say what a gene's mRNA did, as `moved` answers for both directions.

    Returns
    -------
    str
        up, down, slightly up, slightly down, unchanged or unclear.
    """
    answers = {direction: moved(measured, direction, fdr) for direction in SIGNS}
    for direction, answer in answers.items():
        if answer in {"yes", "slightly"}:
            return direction if answer == "yes" else f"slightly {direction}"
    return "unchanged" if set(answers.values()) == {"no"} else "unclear"


def verdict(evidence: Evidence, fdr: float) -> tuple[str, str]:
    """Judge a target in a contrast.

    Parameters
    ----------
    evidence : Evidence
    fdr : float
        The false discovery rate of the config.

    Returns
    -------
    tuple of str and str
        The verdict, one of `VERDICTS`, and why, in words, with the size of the change and both
        settings.
    """
    if evidence.reason is not None:
        return "not_measurable", evidence.reason
    if evidence.acts_on == "protein":
        words = "no direction expected (acts on protein)"
        return "no_expectation", _without_expectation(words, evidence, fdr)
    if evidence.expected == "unknown":
        return "no_expectation", _without_expectation(evidence.unexpected_because, evidence, fdr)
    if evidence.other_control:
        return "not_comparable", _placed(_not_comparable(evidence), evidence)
    if evidence.published:
        words = agreement(evidence.estimate, evidence.published)
        numbers = in_numbers(evidence.estimate, evidence.published)
        return _in_setting(AGREED[words], f"{words} ({numbers})", evidence)
    if evidence.expected == "unchanged":
        return _in_setting(*_unchanged(evidence.measured, fdr), evidence)
    return _in_setting(*_moved(evidence, fdr), evidence)


def _not_comparable(evidence: Evidence) -> str:
    words = f"not comparable: {evidence.other_control} control"
    if evidence.published:
        return f"{words} ({in_numbers(evidence.estimate, evidence.published)})"
    return f"{words} ({evidence.expected} there, {evidence.measured.in_numbers()} here)"


def _moved(evidence: Evidence, fdr: float) -> tuple[str, str]:
    measured, expected = evidence.measured, evidence.expected
    answer, numbers = moved(measured, expected, fdr), measured.in_numbers()
    if answer == "yes":
        words = f"{expected} as expected: {numbers}"
    elif answer == "slightly":
        words = f"{expected} as expected, but by less than {SMALL_CHANGE:g}: {numbers}"
    elif answer == "unclear":
        words = f"not clear: {numbers}; {_would_have_been_found(evidence)}"
    elif measured.fdr < fdr:
        other = "down" if expected == "up" else "up"
        words = f"{other} where {expected} was expected: {numbers}"
    else:
        words = f"not {expected} by {SMALL_CHANGE:g} or more, as was expected: {numbers}"
    return ANSWERED[answer], words


def _would_have_been_found(evidence: Evidence) -> str:
    change = {"up": "rise", "down": "fall"}[evidence.expected]
    if math.isnan(evidence.detectable):
        return f"too few reads to say how large a {change} would have been found"
    return f"a {change} of {evidence.detectable:.2f} would have been found with a power of 80 %"


def _unchanged(measured: Measured, fdr: float) -> tuple[str, str]:
    numbers = measured.in_numbers()
    if max(-measured.interval[0], measured.interval[1]) < SMALL_CHANGE:
        return "supports", f"unchanged as expected, within {SMALL_CHANGE:g} either way: {numbers}"
    seen = observed(measured, fdr)
    if seen in SIGNS:
        return "opposes", f"{seen} where no change was expected: {numbers}"
    return "inconclusive", f"neither clearly moved nor surely unchanged: {numbers}"


def _in_setting(verdict: str, words: str, evidence: Evidence) -> tuple[str, str]:
    """Do not call it opposition where the experiment is of another setting."""
    if verdict == "opposes" and evidence.misfits:
        verdict = "inconclusive"
    return verdict, _placed(words, evidence)


def _placed(words: str, evidence: Evidence) -> str:
    """Add both settings, how they differ, and what else was published."""
    places = f"here {evidence.here}; there {evidence.expected_in}"
    return "; ".join(filter(None, [words, places, *evidence.misfits, evidence.aside]))


def _without_expectation(because: str, evidence: Evidence, fdr: float) -> str:
    """Tell why nothing is expected, and what was seen."""
    seen = f"{observed(evidence.measured, fdr)} here: {evidence.measured.in_numbers()}"
    told = "; ".join(filter(None, [because, seen, evidence.here, evidence.aside]))
    return f"{told}. {evidence.note}" if evidence.note else told
