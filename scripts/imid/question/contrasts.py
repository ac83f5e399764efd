"""Contrasts: which conditions they weigh against each other, and how to say so."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

LINE = "cell_line"


@dataclass(frozen=True)
class TwoLevels:
    """Two levels of a factor, of which the second is taken off the first."""

    factor: str
    numerator: str
    denominator: str


@dataclass(frozen=True)
class Contrast(TwoLevels):
    """A comparison of two levels of a factor.

    ``treatment: lenalidomide against dmso, between cell_line: MM1S_res and MM1S`` asks whether
    the drug does something else in the resistant line.

    Attributes
    ----------
    factor, numerator, denominator : str
        The levels that are compared.
    under : dict
        Other factors' levels that hold on both sides.
    between : TwoLevels, optional
        A second comparison: the contrast is the difference of the first between its levels.
    name : str
        What its files are called.
    """

    under: dict[str, str] = field(default_factory=dict)
    between: TwoLevels | None = None
    # Not as a plain default: msgspec takes what a class has for what was read.
    name: str = field(default_factory=str)

    @property
    def conditions(self) -> list[tuple[int, dict[str, str]]]:
        """For each condition that is weighed its weight, 1 or -1, and its levels by factor."""
        sides = [(1, self.numerator), (-1, self.denominator)]
        effect = [(weight, {**self.under, self.factor: level}) for weight, level in sides]
        if self.between is None:
            return effect
        return [
            (outer * weight, {**levels, self.between.factor: level})
            for outer, level in [(1, self.between.numerator), (-1, self.between.denominator)]
            for weight, levels in effect
        ]

    @property
    def cell_lines(self) -> list[str]:
        """The cell lines that it names, which need a fit in common; mostly none."""
        named = (levels[LINE] for _, levels in self.conditions if LINE in levels)
        return list(dict.fromkeys(named))

    @property
    def factors(self) -> list[str]:
        """The factors that it names: that of its levels, those held, that it is taken between."""
        between = [] if self.between is None else [self.between.factor]
        return [self.factor, *self.under, *between]

    @property
    def direction(self) -> str:
        """What a positive fold change means: ``positive: higher in lenalidomide than in dmso``."""
        higher = f"higher in {self.numerator} than in {self.denominator}"
        if self.between:
            higher = (
                f"the log2 fold change of {self.numerator} against {self.denominator} is"
                f" higher in {self.between.numerator} than in {self.between.denominator}"
            )
        held = (f"{factor} {level}" for factor, level in self.under.items())
        return ", ".join([f"positive: {higher}", *(f"both with {level}" for level in held)])

    def shown(self, attribute: str) -> str:
        """Write an attribute as it stands in a file, for messages."""
        value = getattr(self, attribute)
        return repr(vars(value) if isinstance(value, TwoLevels) else value)

    def can_be_made(self, present: Sequence[dict[str, str]]) -> bool:
        """Tell whether there is a sample of each condition.

        Parameters
        ----------
        present : sequence of dict
            The factors of each sample.

        Returns
        -------
        bool
        """
        return not self.absent(present)

    def absent(self, present: Sequence[dict[str, str]]) -> list[dict[str, str]]:
        """List the conditions that no sample is in: their levels by factor.

        Parameters
        ----------
        present : sequence of dict
            The factors of each sample.

        Returns
        -------
        list of dict
        """
        return [
            levels
            for _, levels in self.conditions
            if not any(levels.items() <= sample.items() for sample in present)
        ]


# All that a contrast says besides its name, in the order of its sidecar.
KEYS = [attribute.name for attribute in fields(Contrast) if attribute.name != "name"]
# What two contrasts have in common that are compared with each other.
HELD = [key for key in KEYS if key != "numerator"]


def incomparable(first: Contrast, second: Contrast) -> list[str]:
    """Say why two contrasts are not of two levels that are held against the same.

    Parameters
    ----------
    first, second : Contrast

    Returns
    -------
    list of str
        Reasons; none where the two can be compared with each other.
    """
    reasons = [
        f"{key} is {first.shown(key)} in one and {second.shown(key)} in the other;"
        " it has to be the same"
        for key in HELD
        if getattr(first, key) != getattr(second, key)
    ]
    if first.numerator == second.numerator:
        reasons.append(f"both are of {first.numerator}")
    if first.between or second.between:
        reasons.append("a difference of differences is no effect of one drug")
    return reasons
