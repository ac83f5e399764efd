"""What a comparison of two drugs says in words: its classes, its rule, its caption."""

import pandas as pd

from imid.evidence.errors_in_variables import Slope
from imid.question.contrast_results import ContrastResult
from imid.shared.significance import TESTS


def classes_in_order(first: str, second: str) -> list[str]:
    """List the classes of genes, those that tell most of the two drugs first."""
    return [
        f"stronger in {second}",
        f"stronger in {first}",
        "opposite",
        "concordant",
        "unresolved",
        "no response",
        "not tested",
    ]


def rule(first: ContrastResult, second: ContrastResult) -> str:
    """Say how genes are classed and chosen for the slope.

    Parameters
    ----------
    first, second : ContrastResult
        The two drugs' contrasts.

    Returns
    -------
    str
        Sentences.
    """
    one, other, control = first.numerator, second.numerator, first.denominator
    fdr, threshold = f"{first.fdr:g}", f"{first.log2_fold_change:g}"
    return " ".join(
        [
            f"The effects of {one} and {other}, each against {control}, and their difference "
            f"({other} minus {one}) are tested in one model, by {TESTS[first.test]}. "
            f"Significant is a false discovery "
            f"rate below {fdr}, controlled over all tested genes for each of the three tests "
            "by itself, whatever the size of the effect.",
            "Stronger in a drug: the difference is significant, and so is that drug's effect, "
            "which is the larger of the two.",
            "Opposite: the difference and both effects are significant, the effects in opposite "
            "directions.",
            "Concordant: the difference is not significant, and the gene is shown to respond to "
            f"both drugs in one direction and by amounts less than {threshold} apart (log2 "
            "units); the false discovery rate of the three claims together is controlled over "
            "all tested genes by the largest of their p-values.",
            "Unresolved: an effect or the difference is significant, but none of the above is "
            "shown.",
            "No response: neither effect nor the difference is significant, which does not show "
            "that there is none.",
            "The slope is that of a line through the origin, with errors in both effects and "
            f"the covariance that {control} gives them. It is over the genes whose place along "
            f"the line differs from 0 at a false discovery rate of {fdr}; a gene's distance "
            "from the line has no part in the choice.",
        ]
    )


def caption(
    slope: Slope, first: ContrastResult, second: ContrastResult, samples: pd.DataFrame
) -> str:
    """Say what the slope is, and what it mixes.

    Parameters
    ----------
    slope : Slope
        The second drug's effects against the first's.
    first, second : ContrastResult
        The two drugs' contrasts.
    samples : DataFrame
        The fit's samples table. Only if it has doses and hours for all samples of both
        drugs does the caption speak of potency.

    Returns
    -------
    str
        Sentences.
    """
    if slope.slope is None:
        return f"There is no slope: {slope.reason}."
    given = [given_as(result, samples) for result in (first, second)]
    if all(given):
        mixed = (
            f"It was measured under {given[0]} and {given[1]}, and mixes the drugs' potency with "
            "these doses and hours and with how far each drug degrades its targets."
        )
    else:
        mixed = (
            "It mixes dose, hours and how far each drug degrades its targets; the sample sheet "
            "does not tell the doses and hours of both."
        )
    return " ".join(
        [
            f"Under {second.numerator} the {slope.genes:,} responding genes change "
            f"{slope.slope:.2f} times as far as under {first.numerator} (95 % interval "
            f"{slope.low:.2f} to {slope.high:.2f}), both against {first.denominator}.",
            "The interval is by leaving out one replicate at a time "
            f"({slope.left_out} samples), and takes these as independent, not the genes."
            if slope.left_out
            else "The interval takes genes as independent, for which there is no replicate to "
            "tell otherwise: it is too narrow where they go together.",
            mixed,
            "Effects of genes off the line count as scatter (standard deviation "
            f"{slope.scatter:.2f} log2 units).",
        ]
    )


def given_as(result: ContrastResult, samples: pd.DataFrame) -> str | None:
    """Say at which dose and for how many hours a drug was given.

    Parameters
    ----------
    result : ContrastResult
        The drug's contrast.
    samples : DataFrame
        The fit's samples table.

    Returns
    -------
    str or None
        ``1 µM lenalidomide for 24 h``; None if the dose or the hours of a sample are missing.
    """
    levels = {**result.under, result.factor: result.numerator}
    if not {*levels, "dose_um", "hours"} <= set(samples.columns):
        return None
    treated = samples[(samples[list(levels)] == pd.Series(levels)).all(axis=1)]
    settings = treated[["dose_um", "hours"]]
    if treated.empty or settings.isna().any(axis=None) or (settings == "").any(axis=None):
        return None
    dose, hours = (" and ".join(sorted(settings[name].unique(), key=float)) for name in settings)
    return f"{dose} µM {result.numerator} for {hours} h"
