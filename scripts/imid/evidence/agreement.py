r"""Whether a change is as large as a published one.

Two estimates of one change, each with its standard error, are compared by

.. math:: T = (b_{here} - b_{there}) / \sqrt{s_{here}^2 + s_{there}^2},

against Student's t with the degrees of freedom of Welch and Satterthwaite,

.. math:: \nu = (s_{here}^2 + s_{there}^2)^2 / (s_{here}^4/\nu_{here} + s_{there}^4/\nu_{there}).

A published p-value p gives its error: it is that of :math:`b_{there}/s_{there}`, so
:math:`s_{there} = |b_{there}| / t_{1 - p/2, \nu_{there}}`. With n replicates in each of two groups
:math:`\nu_{there} = 2(n - 1)`; without n the normal distribution stands for t, as it does in a
Wald test. This experiment's degrees of freedom are those its design leaves to the residuals: a
Wald test that takes the error for known calls too many differences at three replicates.
"""

import math
from typing import NamedTuple

from scipy.special import stdtrit

CONFIDENCE = 0.95
# Log2 units: a change, or a difference of two, that is too small to matter here.
SMALL_CHANGE = 0.5

AS_PUBLISHED = "as published"
STRONGER = "same direction, stronger"
WEAKER = "same direction, weaker"
AGAINST = "against"
UNDECIDED = "neither as published nor surely another"


class Estimate(NamedTuple):
    """A log2 fold change, its standard error, and the degrees of freedom of that."""

    log2_fold_change: float
    error: float
    degrees: float

    def reach(self) -> float:
        """Half the width of the 95 % interval."""
        return float(stdtrit(self.degrees, (1 + CONFIDENCE) / 2)) * self.error

    def sign(self) -> int:
        """Give the direction, or 0 where the 95 % interval has both."""
        surely = abs(self.log2_fold_change) > self.reach()
        return int(math.copysign(1, self.log2_fold_change)) if surely else 0


def degrees_of_two_groups(replicates: int | None) -> float:
    """Give the degrees of freedom of a comparison; infinity where replicates are not known."""
    return math.inf if replicates is None else 2.0 * (replicates - 1)


def error_from_p_value(log2_fold_change: float, p_value: float, degrees: float) -> float:
    """Give the standard error that a two-sided p-value implies.

    Parameters
    ----------
    log2_fold_change : float
        Not 0, of which any error has a p-value of 1.
    p_value : float
        Above 0 and below 1.
    degrees : float
        Of Student's t; infinity for the normal distribution.
    """
    return abs(log2_fold_change) / -float(stdtrit(degrees, p_value / 2))


def difference(here: Estimate, there: Estimate) -> Estimate:
    """Subtract a published change from that of this experiment."""
    squares = here.error**2 + there.error**2
    spread = here.error**4 / here.degrees + there.error**4 / there.degrees
    degrees = squares**2 / spread if spread else math.inf
    change = here.log2_fold_change - there.log2_fold_change
    return Estimate(change, math.sqrt(squares), degrees)


def agreement(here: Estimate, there: Estimate) -> str:
    """Say how a change compares with a published one.

    Parameters
    ----------
    here, there : Estimate
        This experiment's and the published one.

    Returns
    -------
    str
        Where the two differ: `STRONGER` or `WEAKER` where both have the same sure direction, else
        `AGAINST`. Where they do not: `AS_PUBLISHED` where both have the same sure direction, or
        the 95 % interval of their difference lies within `SMALL_CHANGE`; else `UNDECIDED`, for an
        estimate that is vague enough agrees with anything.
    """
    apart = difference(here, there)
    together = here.sign() == there.sign() != 0
    if apart.sign():
        if not together:
            return AGAINST
        stronger = abs(here.log2_fold_change) > abs(there.log2_fold_change)
        return STRONGER if stronger else WEAKER
    within = abs(apart.log2_fold_change) + apart.reach() <= SMALL_CHANGE
    return AS_PUBLISHED if together or within else UNDECIDED


def in_numbers(here: Estimate, there: Estimate) -> str:
    """Tell the two changes: ``+0.57 here, +0.47 there``."""
    return f"{here.log2_fold_change:+.2f} here, {there.log2_fold_change:+.2f} there"
