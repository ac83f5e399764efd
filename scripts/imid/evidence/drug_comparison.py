"""What came of a comparison of two drugs, as its summary tells it beside its table."""

from dataclasses import dataclass
from pathlib import Path

from imid.question.samples import ExcludedSample
from imid.shared.json_files import read_json


@dataclass(frozen=True)
class DrugComparison:
    """Two drugs that were held against the same control, in a few numbers and words.

    Attributes
    ----------
    first, second : str
        The contrasts' names.
    numerators : tuple of str and str
        The two drugs, or what else is compared.
    cell_line : str
        The line of the fit; of a joint fit all of them, joined by "and".
    factor, denominator, under
        What the contrasts have in common.
    fdr, log2_fold_change : float
        The thresholds of significance.
    test : str
        Which test decides that, of `significance.TESTS`.
    classes : dict of str to int
        How many genes are of each class.
    slope, slope_low, slope_high, scatter : float or None
        The slope of the second drug's effects against the first's, its 95 % interval, and the
        standard deviation of effects off the line, in log2 units; None where there is no slope.
    genes : int
        How many genes the slope is over.
    rule, caption : str
        How genes are classed, and what the slope says, in sentences.
    excluded : list of ExcludedSample
        The samples that were left out.
    """

    first: str
    second: str
    numerators: tuple[str, str]
    cell_line: str
    factor: str
    denominator: str
    under: dict[str, str]
    fdr: float
    log2_fold_change: float
    test: str
    classes: dict[str, int]
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    scatter: float | None
    genes: int
    rule: str
    caption: str
    excluded: list[ExcludedSample]


def read_drug_comparison(summary: Path) -> DrugComparison:
    """Read the summary of a drug comparison; raise `InputError` where it is damaged."""
    return read_json(summary, DrugComparison)
