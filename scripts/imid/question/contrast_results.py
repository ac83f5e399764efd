"""What came of a contrast, as its sidecar tells it beside its table."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from imid.question.contrasts import KEYS, Contrast
from imid.question.samples import ExcludedSample
from imid.shared.json_files import read_json, write_json
from imid.shared.significance import WALD, by_deciding_test
from imid.shared.tables import read_table

# What the sidecar calls an attribute otherwise.
NAMES = {"contrast": "name"}
THRESHOLDS = ["fdr", "log2_fold_change"]
OUTCOME = [
    *("genes", "significant", "test", "discoveries", "which_to_trust", "composition"),
]


@dataclass(frozen=True)
class UpAndDown:
    """How many genes are significant in each direction."""

    up: int
    down: int


@dataclass(frozen=True, kw_only=True)
class ContrastResult(Contrast):
    """A contrast that was tested, and its table in a few numbers.

    Attributes
    ----------
    cell_line : str
        The line of its fit; of a joint fit all of them, joined by "and".
    fdr, log2_fold_change : float
        The thresholds of significance.
    coefficients : dict of str to float
        The weight of each coefficient of the model.
    excluded : list of ExcludedSample
        The samples of its lines that were left out.
    genes : dict of str to int
        How many genes have each status.
    significant : UpAndDown
        How many are significant.
    test : str
        Which test decides that, of `significance.TESTS`.
    discoveries : dict of str to int
        How many would be by each.
    which_to_trust : str
        In words, for so many replicates.
    composition : dict of str to float
        What the comparability of the samples rests on; see `differential.composition`.
    """

    name: str = field()  # which a contrast may go without
    cell_line: str
    fdr: float
    log2_fold_change: float
    coefficients: dict[str, float]
    excluded: list[ExcludedSample]
    genes: dict[str, int]
    significant: UpAndDown
    test: str = field(default=WALD)
    discoveries: dict[str, int] = field(default_factory=dict)
    which_to_trust: str = field(default_factory=str)
    composition: dict[str, float] = field(default_factory=dict)

    @property
    def thresholds(self) -> dict[str, float]:
        """The false discovery rate and the fold change, by name."""
        return {name: getattr(self, name) for name in THRESHOLDS}

    def to_json(self) -> dict:
        """Give what the sidecar holds, with the direction in words."""
        attributes = asdict(self)
        told = [*KEYS, *THRESHOLDS]
        return {
            "contrast": self.name,
            "cell_line": self.cell_line,
            **{name: attributes[name] for name in [*told, "coefficients", "excluded"]},
            "direction": self.direction,
            **{name: attributes[name] for name in OUTCOME},
        }


def write_result(result: ContrastResult, sidecar: Path) -> None:
    """Write a contrast's sidecar."""
    write_json(result.to_json(), sidecar)


def read_result(sidecar: Path) -> ContrastResult:
    """Read a contrast's sidecar; raise `InputError` where it is missing or damaged."""
    return read_json(sidecar, ContrastResult, NAMES)


def read_contrast(table: Path, sidecar: Path) -> tuple[pd.DataFrame, ContrastResult]:
    """Read a contrast table, as the test that decides has it, and its sidecar."""
    result = read_result(sidecar)
    return by_deciding_test(read_table(table), result.test), result
