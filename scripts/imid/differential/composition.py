"""Whether samples were made comparable by genes that do not change.

The median of ratios takes that most genes do not change, or as many up as down. Where most do,
their common change is taken for depth and vanishes, and genes that stay seem to go the other way.
Counts alone cannot tell; spike-ins can. Two things speak of it: depth by library size differs from
depth by the median of ratios, or far more genes change in one direction than in the other.
Spike-ins that were not used are held against both.

Between real lymphoblastoid lines, three against three, the first differs by 0.06 log2 in the
median of 100 draws, by 0.18 in a twentieth of them, and by 0.37 at most.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.differential.fitted_model import BY_SPIKE_INS, FittedModel
from imid.differential.spike_ins import spike_in_factors, too_few_spike_ins
from imid.question.contrasts import Contrast
from imid.question.design import samples_by_condition

LARGEST_SHIFT = 0.3  # log2
MANY_CHANGED = 0.3
LOPSIDED = 3
# By spike-ins, if it is also more than so many of its standard errors: 1.3-fold.
LARGEST_MISSED = float(np.log2(1.3))
ERRORS = 3


class Composition(NamedTuple):
    """How a contrast's samples were made comparable, and what most genes did.

    Attributes
    ----------
    shift : float
        Depth by the fit's size factors over depth by library size, the contrast of its log2.
    up, down : float
        Shares of the tested genes that change at the false discovery rate.
    missed, missed_error : float or None
        By how much log2 fold changes would be higher had spike-ins made samples comparable, and
        the standard error of it between replicates; None where no spike-ins say so.
    """

    shift: float
    up: float
    down: float
    missed: float | None = None
    missed_error: float | None = None

    @property
    def known(self) -> dict[str, float]:
        """What was measured, by name."""
        return {name: value for name, value in self._asdict().items() if value is not None}


def composition(
    fit: FittedModel,
    contrast: Contrast,
    table: pd.DataFrame,
    fdr: float,
    spike_ins: Collection[str] = (),
) -> Composition:
    """Measure what the comparability of a contrast's samples rests on.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast
    table : DataFrame
        The contrast table, as the test that decides has it.
    fdr : float
    spike_ins : collection of str
        Genes that the size factors are held against, where they were taken over all. Too few of
        them, or of their fragments, say nothing.

    Returns
    -------
    Composition
    """
    shift, _ = _between(fit, contrast, fit.size_factors.to_numpy() / fit.counts.sum(axis=1))
    changed = table["fdr"] < fdr
    tested = max(int(table["fdr"].notna().sum()), 1)
    rises = table["log2_fold_change"] > 0
    shares = [float((changed & which).sum() / tested) for which in (rises, ~rises)]
    controls = fit.counts[:, fit.genes.index.isin(list(spike_ins))]
    if too_few_spike_ins(pd.DataFrame(controls.T, columns=fit.factors.index)):
        return Composition(shift, *shares)
    ratios = fit.size_factors.to_numpy() / spike_in_factors(controls)
    return Composition(shift, *shares, *_between(fit, contrast, ratios))


def _between(fit: FittedModel, contrast: Contrast, ratios: np.ndarray) -> tuple[float, float]:
    """Give the contrast of the log2 of the samples' ratios, and its error between replicates."""
    weights = np.array([weight for weight, _ in contrast.conditions])
    groups = [np.log2(ratios[samples]) for samples in samples_by_condition(fit.factors, contrast)]
    freedom = sum(map(len, groups)) - len(groups)
    variance = sum(len(group) * group.var() for group in groups) / max(freedom, 1)
    error = np.sqrt(variance * sum(weights**2 / [len(group) for group in groups]))
    return float(weights @ [group.mean() for group in groups]), float(error)


def composition_warning(name: str, fit: FittedModel, found: Composition) -> str | None:
    """Say that a contrast may hide, or be made of, a change that most genes share.

    Parameters
    ----------
    name : str
        The contrast's.
    fit : FittedModel
        Size factors of spike-ins see such a change: then nothing is hidden.
    found : Composition

    Returns
    -------
    str or None
        None where nothing speaks of it.
    """
    if fit.size_factor_type == BY_SPIKE_INS:
        return None
    larger, smaller = max(found.up, found.down), min(found.up, found.down)
    lopsided = larger + smaller > MANY_CHANGED and larger > LOPSIDED * smaller
    if not lopsided and abs(found.shift) <= LARGEST_SHIFT and not _misses_much(found):
        return None
    return (
        f"{name}: the median of ratios, which takes that most genes do not change, makes depths"
        f" differ {2**found.shift:.2f} times as much as library sizes do; of the tested genes"
        f" {found.up:.0%} rise and {found.down:.0%} fall. A change that most genes share cannot be"
        " seen in counts and would turn up as the opposite change of the others;"
        f" {_said_by_spike_ins(found)}"
    )


def _misses_much(found: Composition) -> bool:
    """Tell whether spike-ins see a change of most genes, and replicates agree on it."""
    if found.missed is None:
        return False
    return abs(found.missed) > max(LARGEST_MISSED, ERRORS * found.missed_error)


def _said_by_spike_ins(found: Composition) -> str:
    if found.missed is None:
        return "spike-ins would tell"
    seen = (
        f"by spike-ins every log2 fold change lacks {found.missed:+.2f} ± {found.missed_error:.2f}"
    )
    if _misses_much(found):
        return f"{seen} ({2**found.missed:.2f} times); qc.spike_ins.normalize adds that"
    return f"{seen}, which is little or uncertain"
