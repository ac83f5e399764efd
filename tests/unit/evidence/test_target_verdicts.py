"""The verdict on a target, by the rule of the module, case by case."""

import math

import pytest

from imid.evidence.target_verdicts import VERDICTS, Evidence, verdict

MISFIT = ["expected at 72 h, this is 24 h"]


def judged(**known):
    """The verdict on a target that is expected to rise, and why."""
    change = known.get("log2_fold_change", 0.0)
    usual = {
        "acts_on": "rna",
        "expected": "up",
        "note": "A note.",
        "unexpected_because": "the panel says nothing of X",
        "misfits": [],
        "reason": None,
        "log2_fold_change": change,
        "interval": (change - 0.3, change + 0.3),
        "fdr": 0.6,
        "significant": False,
        "detectable": 0.85,
    }
    return verdict(Evidence(**usual | known), 0.05, 1.0)


UP = {"log2_fold_change": 0.4, "fdr": 0.003}
DOWN = {"log2_fold_change": -0.4, "fdr": 0.003}
FAR = {"log2_fold_change": 1.8, "fdr": 1e-9, "significant": True}
FLAT = {"expected": "unchanged"}


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
            {"acts_on": "protein", "expected": "unchanged", **FAR},
            "no_expectation",
            "the drugs act on the protein. A note.",
        ),
        (
            {"expected": "unknown", **FAR},
            "no_expectation",
            "the panel says nothing of X. A note.",
        ),
        ({"expected": "unknown", "note": ""}, "no_expectation", "the panel says nothing of X"),
        (UP, "supports", "up as expected, FDR 0.003"),
        (
            UP | {"misfits": MISFIT},
            "supports",
            "up as expected, FDR 0.003; expected at 72 h, this is 24 h",
        ),
        (DOWN | {"expected": "down"}, "supports", "down as expected, FDR 0.003"),
        (DOWN, "opposes", "down, FDR 0.003, where up was expected"),
        (
            DOWN | {"misfits": MISFIT},
            "inconclusive",
            "down, FDR 0.003, not up as elsewhere; expected at 72 h, this is 24 h",
        ),
        (
            {"fdr": 0.05},
            "inconclusive",
            "not significant, FDR 0.05; a rise of 0.85 would have been found with a power of 80 %",
        ),
        (
            {"misfits": MISFIT},
            "inconclusive",
            "expected at 72 h, this is 24 h; not significant, FDR 0.6; a rise of 0.85 would have"
            " been found with a power of 80 %",
        ),
        (
            {"detectable": math.nan},
            "inconclusive",
            "not significant, FDR 0.6; too few reads to say how large a rise would have been found",
        ),
        (
            FLAT | {"log2_fold_change": -0.02},
            "supports",
            "unchanged as expected: 95 % interval -0.32 to +0.28, within 1 either way",
        ),
        (
            FLAT | {"log2_fold_change": 0.6, "fdr": 0.001},
            "supports",
            "unchanged as expected: 95 % interval +0.30 to +0.90, within 1 either way",
        ),
        (
            FLAT | {"log2_fold_change": 0.8, "fdr": 0.001},
            "inconclusive",
            "neither significant nor surely unchanged: 95 % interval +0.50 to +1.10",
        ),
        (
            FLAT | {"interval": (-1.2, 0.9), "misfits": MISFIT},
            "inconclusive",
            "expected at 72 h, this is 24 h; neither significant nor surely unchanged: 95 %"
            " interval -1.20 to +0.90",
        ),
        (FLAT | FAR, "opposes", "up, FDR 1e-09, where no change was expected"),
        (
            FLAT | FAR | {"misfits": MISFIT},
            "inconclusive",
            "up, FDR 1e-09, not unchanged as elsewhere; expected at 72 h, this is 24 h",
        ),
    ],
)
def test_the_verdict_and_its_reason(known, verdict, why):
    assert judged(**known) == (verdict, why)
    assert verdict in VERDICTS
