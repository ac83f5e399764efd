"""How many genes a sample would show had it been sequenced less, and so what more reads would add.

Nothing is drawn: where each fragment is kept with one probability, a gene's count is binomial, and
the expected number of genes is a sum of tails.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

# Shares of the depth that a curve has.
DEPTHS = [step / 10 for step in range(1, 11)]


def genes_expected(counts: NDArray[np.int_], depth: float, least: int = 1) -> float:
    """Give the expected number of genes that have enough fragments at a share of the depth.

    Parameters
    ----------
    counts : array of int, shape (genes,)
        Fragments of each gene at full depth.
    depth : float
        The probability with which a fragment is kept, from 0 to 1.
    least : int
        So many fragments are enough.

    Returns
    -------
    float
    """
    sizes, genes = np.unique(counts[counts >= least], return_counts=True)
    # The tail from `least` on; bdtrc begins after the number it is given.
    return float(genes @ bdtrc(least - 1, sizes, depth))


def new_genes(counts: NDArray[np.int_]) -> float:
    """Give the share of the genes seen that the last tenth of the fragments is expected to add."""
    seen = np.count_nonzero(counts)
    return 1 - genes_expected(counts, 0.9) / seen
