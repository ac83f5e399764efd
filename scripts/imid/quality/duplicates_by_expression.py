"""Duplicates against expression: what tells copies of PCR from fragments that meet by chance.

Where a gene gives more fragments than it has places for them, some have equal ends; a gene of few
fragments has none, unless a molecule was copied. So dupRadar (Sayols, Scherzinger and Klein, BMC
Bioinformatics 2016, 17:428) fits each gene's share of duplicates by a logistic curve along the
logarithm of its fragments in a kilobase, and takes where that begins, at one fragment in a
kilobase, for the share that PCR made.
"""

from dataclasses import dataclass

import numpy as np

# Rounds of the fit; it settles in five or so.
ROUNDS, SETTLED = 50, 1e-8
# Powers of ten of fragments in a kilobase, by halves, for the curve.
BINS = np.arange(-1, 5.01, 0.5)
# Genes that have fragments, for a fit that means anything.
LEAST_GENES = 100


@dataclass(frozen=True)
class DuplicatesByExpression:
    """The curve of duplicates.

    Attributes
    ----------
    genes : int
        How many have fragments.
    at_low_expression : float or None
        Share of duplicates at one fragment in a kilobase, by the fit; None of too few genes.
    expression, share : list of float
        Fragments in a kilobase at the middle of each bin that has genes, and their mean share.
    """

    genes: int
    at_low_expression: float | None
    expression: list[float]
    share: list[float]


def along_expression(
    fragments: np.ndarray, distinct: np.ndarray, length: np.ndarray
) -> DuplicatesByExpression:
    """Fit the duplicates of genes along their expression.

    Parameters
    ----------
    fragments, distinct, length : ndarray of int64, shape (genes,)
        All fragments of each gene, those of different ends, and its exonic bases.

    Returns
    -------
    DuplicatesByExpression
    """
    there = np.flatnonzero(fragments)
    expression = np.log10(fragments[there] / (length[there] / 1000))
    share = 1 - distinct[there] / fragments[there]
    which = np.digitize(expression, BINS)
    bins = np.flatnonzero(np.bincount(which, minlength=len(BINS) + 1)[1:-1])
    return DuplicatesByExpression(
        len(there),
        _at_zero(expression, share) if len(there) >= LEAST_GENES else None,
        [round(float(10 ** (BINS[at] + 0.25)), 3) for at in bins],
        [float(share[which == at + 1].mean()) for at in bins],
    )


def _at_zero(x: np.ndarray, share: np.ndarray) -> float | None:
    """Fit a logistic curve by iterated weighted least squares, and give its height at zero."""
    design = np.stack([np.ones_like(x), x], axis=1)
    coefficients = np.zeros(2)
    for _ in range(ROUNDS):
        fitted = 1 / (1 + np.exp(-(design @ coefficients)))
        weight = np.maximum(fitted * (1 - fitted), 1e-12)
        information = design.T @ (weight[:, None] * design)
        try:
            change = np.linalg.solve(information, design.T @ (share - fitted))
        except np.linalg.LinAlgError:
            return None
        # Where all genes are alike the curve has no slope, and steps could grow without end.
        coefficients = coefficients + np.clip(change, -5, 5)
        if np.abs(change).max() < SETTLED:
            break
    return float(1 / (1 + np.exp(-coefficients[0])))
