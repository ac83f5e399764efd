"""The verdict on a target, by the rule of the module, case by case."""

import math

import pytest

from imid.evidence.agreement import Estimate
from imid.evidence.target_verdicts import VERDICTS, Evidence, Measured, moved, observed, verdict

MISFIT = ["expected at 72 h, this is 24 h"]
PLACES = "here MM1S, X 1 uM, 24 h; there X, 24 h"


def measured(change=0.0, fdr=0.6, reach=0.3):
    return Measured(change, (change - reach, change + reach), fdr)


def judged(change=0.0, fdr=0.6, reach=0.3, **known):
    """The verdict on a target that is expected to rise, and why."""
    usual = {
        "acts_on": "rna",
        "expected": "up",
        "note": "A note.",
        "unexpected_because": "the panel says nothing of X",
        "misfits": [],
        "other_control": None,
        "expected_in": "X, 24 h",
        "here": "MM1S, X 1 uM, 24 h",
        "aside": "",
        "reason": None,
        "measured": measured(change, fdr, reach),
        "estimate": Estimate(change, reach / 2, 6),
        "published": None,
        "detectable": 0.85,
    }
    return verdict(Evidence(**usual | known), 0.05)


# Whether a gene moved


@pytest.mark.parametrize(
    ("change", "fdr", "up", "down", "seen"),
    [
        (2.66, 1e-9, "yes", "no", "up"),
        (0.54, 0.01, "yes", "no", "up"),
        (0.18, 0.01, "slightly", "no", "slightly up"),
        (-0.18, 0.01, "no", "slightly", "slightly down"),
        (-1.7, 0.01, "no", "yes", "down"),
        (0.1, 0.6, "no", "no", "unchanged"),
        (0.3, 0.6, "unclear", "no", "unclear"),
        (-0.3, 0.05, "no", "unclear", "unclear"),
    ],
)
def test_one_answer_for_both_tables(change, fdr, up, down, seen):
    gene = measured(change, fdr)
    assert [moved(gene, direction, 0.05) for direction in ["up", "down"]] == [up, down]
    assert observed(gene, 0.05) == seen


def test_of_an_estimate_that_is_vague_nothing_is_said():
    gene = measured(0.0, 0.9, reach=2.0)
    assert moved(gene, "up", 0.05) == moved(gene, "down", 0.05) == "unclear"
    assert observed(gene, 0.05) == "unclear"


# The verdict

UP = {"change": 0.7, "fdr": 0.003}
SMALL = {"change": 0.18, "fdr": 0.003}
DOWN = {"change": -0.7, "fdr": 0.003}
FLAT = {"expected": "unchanged"}
THERE = {"published": Estimate(-1.74, 0.1, 4), "expected": "down"}


@pytest.mark.parametrize(
    ("known", "verdict", "why"),
    [
        ({"reason": "no read in any sample"}, "not_measurable", "no read in any sample"),
        (
            {"reason": "no read in any sample", "acts_on": "protein"},
            "not_measurable",
            "no read in any sample",
        ),
        (
            {"acts_on": "protein", "expected": "unchanged", **UP},
            "no_expectation",
            "no direction expected (acts on protein); up here: +0.70 (+0.40 to +1.00), FDR 0.003;"
            " MM1S, X 1 uM, 24 h. A note.",
        ),
        (
            {"expected": "unknown", "note": "", "here": "", **UP},
            "no_expectation",
            "the panel says nothing of X; up here: +0.70 (+0.40 to +1.00), FDR 0.003",
        ),
        (UP, "supports", "up as expected: +0.70 (+0.40 to +1.00), FDR 0.003"),
        (
            UP | {"misfits": MISFIT},
            "supports",
            "up as expected: +0.70 (+0.40 to +1.00), FDR 0.003",
        ),
        (
            SMALL,
            "direction_only",
            "up as expected, but by less than 0.5: +0.18 (-0.12 to +0.48), FDR 0.003",
        ),
        (
            DOWN | {"expected": "down"},
            "supports",
            "down as expected: -0.70 (-1.00 to -0.40), FDR 0.003",
        ),
        (DOWN, "opposes", "down where up was expected: -0.70 (-1.00 to -0.40), FDR 0.003"),
        (
            DOWN | {"misfits": MISFIT},
            "inconclusive",
            "down where up was expected: -0.70 (-1.00 to -0.40), FDR 0.003",
        ),
        (
            {},
            "opposes",
            "not up by 0.5 or more, as was expected: +0.00 (-0.30 to +0.30), FDR 0.6",
        ),
        (
            {"change": 0.3},
            "inconclusive",
            "not clear: +0.30 (+0.00 to +0.60), FDR 0.6; a rise of 0.85 would have been found"
            " with a power of 80 %",
        ),
        (
            {"change": 0.3, "detectable": math.nan},
            "inconclusive",
            "not clear: +0.30 (+0.00 to +0.60), FDR 0.6; too few reads to say how large a rise"
            " would have been found",
        ),
        (
            FLAT,
            "supports",
            "unchanged as expected, within 0.5 either way: +0.00 (-0.30 to +0.30), FDR 0.6",
        ),
        (
            FLAT | UP,
            "opposes",
            "up where no change was expected: +0.70 (+0.40 to +1.00), FDR 0.003",
        ),
        (
            FLAT | SMALL,
            "supports",
            "unchanged as expected, within 0.5 either way: +0.18 (-0.12 to +0.48), FDR 0.003",
        ),
        (
            FLAT | {"change": 0.4, "fdr": 0.003},
            "inconclusive",
            "neither clearly moved nor surely unchanged: +0.40 (+0.10 to +0.70), FDR 0.003",
        ),
        (
            {"other_control": "0 h", **DOWN},
            "not_comparable",
            "not comparable: 0 h control (up there, -0.70 (-1.00 to -0.40), FDR 0.003 here)",
        ),
        (
            {"other_control": "0 h", "change": -1.7, **THERE},
            "not_comparable",
            "not comparable: 0 h control (-1.70 here, -1.74 there)",
        ),
        (
            {"change": -1.5, **THERE},
            "supports",
            "as published (-1.50 here, -1.74 there)",
        ),
        (
            {"change": -3.0, **THERE},
            "supports",
            "same direction, stronger (-3.00 here, -1.74 there)",
        ),
        (
            {"change": -0.6, **THERE},
            "direction_only",
            "same direction, weaker (-0.60 here, -1.74 there)",
        ),
        (UP | THERE, "opposes", "against (+0.70 here, -1.74 there)"),
        (UP | THERE | {"misfits": MISFIT}, "inconclusive", "against (+0.70 here, -1.74 there)"),
        (
            {"change": -0.5, "reach": 2.0, **THERE},
            "inconclusive",
            "neither as published nor surely another (-0.50 here, -1.74 there)",
        ),
    ],
)
def test_the_verdict_and_its_reason(known, verdict, why):
    told, reason = judged(**known)
    assert told == verdict
    assert told in VERDICTS
    if told in {"no_expectation", "not_measurable"}:
        assert reason == why
    else:
        assert reason == "; ".join([why, PLACES, *known.get("misfits", [])])


def test_what_else_was_published_is_told_last():
    _, reason = judged(aside="+0.47 at the start", misfits=MISFIT, **UP)
    assert reason.endswith("; expected at 72 h, this is 24 h; +0.47 at the start")


def test_every_verdict_is_reached():
    reached = {judged(**known)[0] for known in [{}, UP, SMALL, {"change": 0.3}]}
    reached |= {judged(**known)[0] for known in [{"reason": "x"}, {"expected": "unknown"}]}
    assert {*reached, judged(other_control="0 h")[0]} == set(VERDICTS)
