r"""The Cox-Reid adjustment of many genes' dispersions: log determinants, and how they change.

Estimating p coefficients from the same counts makes dispersions come out too small; the term
:math:`-\tfrac12 \log\det(X^T W X)` makes up for it (Cox and Reid, J R Stat Soc B 49:1 (1987);
McCarthy, Chen and Smyth, Nucleic Acids Res 40:4288 (2012)).
"""

from typing import NamedTuple

import numpy as np

from imid.inference.negative_binomial import column_products


class CoxReid(NamedTuple):
    r"""A design as the Cox-Reid adjustment needs it.

    With G the samples' membership in the k groups that share a row of the design, and Z the k
    distinct rows, :math:`X^T W X = Z^T \mathrm{diag}(G^T w) Z`. Where Z is square, the
    determinant is the product of the groups' weights, but for a constant factor.

    membership: groups × samples; products: coefficients² × groups; log_factor: log of that
    factor, or None where Z is not square.
    """

    membership: np.ndarray
    products: np.ndarray
    log_factor: float | None

    @classmethod
    def of(cls, design: np.ndarray) -> "CoxReid":
        """Give the adjustment of a design."""
        rows, group = np.unique(design, axis=0, return_inverse=True)
        square = len(rows) == design.shape[1]
        log_factor = 2 * float(np.linalg.slogdet(rows)[1]) if square else None
        return cls(np.eye(len(rows))[group.ravel()].T, column_products(rows).T, log_factor)

    def log_determinant(self, weights: np.ndarray) -> np.ndarray:
        r"""Give :math:`\log\det(X^T W X)` for weights of samples × genes."""
        sums = self.membership @ weights
        if self.log_factor is not None:
            return np.log(sums).sum(axis=0) + self.log_factor
        (pivots,) = _pivots(self._gram(sums))
        return np.log(pivots).sum(axis=0)

    def log_determinant_change(self, weights: np.ndarray, change: np.ndarray) -> np.ndarray:
        """Give the derivative of `log_determinant` as the weights change."""
        sums, changes = self.membership @ weights, self.membership @ change
        if self.log_factor is not None:
            return (changes / sums).sum(axis=0)
        pivots, pivot_changes = _pivots(self._gram(sums), self._gram(changes))
        return (pivot_changes / pivots).sum(axis=0)

    def _gram(self, sums: np.ndarray) -> np.ndarray:
        size = int(np.sqrt(len(self.products)) + 0.5)
        return (self.products @ sums).reshape(size, size, -1)


def _pivots(matrices: np.ndarray, changes: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """Eliminate all genes' symmetric matrices at once; the determinant is the pivots' product.

    Parameters
    ----------
    matrices : ndarray, coefficients × coefficients × genes
        Positive definite. Overwritten.
    changes : ndarray, coefficients × coefficients × genes, optional
        Derivatives of the matrices. Overwritten.

    Returns
    -------
    tuple of ndarray, coefficients × genes
        The pivots; with `changes` also their derivatives.
    """
    for k in range(len(matrices)):
        pivot, rest = matrices[k, k], matrices[k, k + 1 :]
        ratio = rest / pivot
        if changes is not None:
            moved = ratio[:, None] * changes[k, k + 1 :]
            changes[k + 1 :, k + 1 :] -= moved + moved.swapaxes(0, 1)
            changes[k + 1 :, k + 1 :] += ratio[:, None] * ratio * changes[k, k]
        matrices[k + 1 :, k + 1 :] -= ratio[:, None] * rest
    diagonal = np.arange(len(matrices))
    pivots = matrices[diagonal, diagonal]
    return (pivots,) if changes is None else (pivots, changes[diagonal, diagonal])
