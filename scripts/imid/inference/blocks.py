"""Working on genes in blocks that stay in the processor's cache."""

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

BLOCK_ELEMENTS = 50_000


def in_blocks(
    function: Callable[..., tuple], *arrays: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Apply a function of genes to blocks of genes, and put its results together.

    Parameters
    ----------
    function : callable
        Takes a part of each array, gives a tuple of arrays; genes first in all.
    *arrays : ndarray, genes × anything
    design : ndarray, samples × coefficients
        Decides how many genes make a block.

    Returns
    -------
    tuple of ndarray
    """
    samples, coefficients = design.shape
    length = max(1, BLOCK_ELEMENTS // max(samples, coefficients**2))
    # At least one block, even of no genes, so that there are results to put together.
    starts = range(0, max(len(arrays[0]), 1), length)
    # Matrices are small: threads of the linear algebra library would only wait for each other.
    with threadpool_limits(limits=1):
        results = [
            function(*(np.ascontiguousarray(array[i : i + length]) for array in arrays))
            for i in starts
        ]
    return tuple(np.concatenate(parts) for parts in zip(*results, strict=True))
