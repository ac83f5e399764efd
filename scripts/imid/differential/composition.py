"""Whether samples were made comparable by genes that do not change.

The median of ratios takes that most genes do not change, or as many up as down. Where most do,
their common change is taken for depth and vanishes, and genes that stay seem to go the other way.
Counts alone cannot tell; spike-ins can. Two things speak of it: depth by library size differs from
depth by the median of ratios, or far more genes change in one direction than in the other.

Between real lymphoblastoid lines, three against three, the first differs by 0.06 log2 in the
median of 100 draws, by 0.18 in a twentieth of them, and by 0.37 at most.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.differential.fitted_model import FittedModel
from imid.question.contrasts import Contrast
from imid.question.design import samples_by_condition

LARGEST_SHIFT = 0.3  # log2
MANY_CHANGED = 0.3
LOPSIDED = 3


class Composition(NamedTuple):
    """How a contrast's samples were made comparable, and what most genes did.

    Attributes
    ----------
    shift : float
        Depth by the median of ratios over depth by library size, the contrast of its log2.
    up, down : float
        Shares of the tested genes that change at the false discovery rate.
    """

    shift: float
    up: float
    down: float


def composition(
    fit: FittedModel, contrast: Contrast, table: pd.DataFrame, fdr: float
) -> Composition:
    """Measure what the comparability of a contrast's samples rests on.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast
    table : DataFrame
        The contrast table, as the test that decides has it.
    fdr : float

    Returns
    -------
    Composition
    """
    ratios = np.log2(fit.size_factors.to_numpy() / fit.counts.sum(axis=1))
    members = samples_by_condition(fit.factors, contrast)
    weights = [weight for weight, _ in contrast.conditions]
    means = [ratios[samples].mean() for samples in members]
    changed = table["fdr"] < fdr
    tested = max(int(table["fdr"].notna().sum()), 1)
    rises = table["log2_fold_change"] > 0
    return Composition(
        shift=float(np.dot(weights, means)),
        up=float((changed & rises).sum() / tested),
        down=float((changed & ~rises).sum() / tested),
    )


def composition_warning(name: str, found: Composition) -> str | None:
    """Say that a contrast may hide, or be made of, a change that most genes share.

    Parameters
    ----------
    name : str
        The contrast's.
    found : Composition

    Returns
    -------
    str or None
        None where nothing speaks of it.
    """
    larger, smaller = max(found.up, found.down), min(found.up, found.down)
    lopsided = larger + smaller > MANY_CHANGED and larger > LOPSIDED * smaller
    if not lopsided and abs(found.shift) <= LARGEST_SHIFT:
        return None
    return (
        f"{name}: the median of ratios, which takes that most genes do not change, makes depths"
        f" differ {2**found.shift:.2f} times as much as library sizes do; of the tested genes"
        f" {found.up:.0%} rise and {found.down:.0%} fall. A change that most genes share cannot be"
        " seen in counts and would turn up as the opposite change of the others; spike-ins would"
        " tell"
    )
