"""Whether two samples are of one library: how many of their fragments have the same ends.

Files that are copies of each other, renamed, shuffled or compressed anew, are refused by their
checksums and counts. This tells what is left: one library sequenced twice, or divided. Fragments
of two libraries have the same ends by chance alone, which in exons as deep as they are looked at
here are few in a hundred; those of one library at the rate at which it is sequenced again.
"""

import numpy as np

# Fewer would tell a share of a twentieth no better than by half.
LEAST_ENDS = 200


def shared_fragments(one: np.ndarray, other: np.ndarray) -> float | None:
    """Measure which share of the smaller sample's fragments the other one has, too.

    Parameters
    ----------
    one, other : ndarray of uint64
        Checksums of fragments' ends, each once.

    Returns
    -------
    float or None
        None where there are too few to tell, as of single reads.
    """
    fewer = min(len(one), len(other))
    if fewer < LEAST_ENDS:
        return None
    return len(np.intersect1d(one, other, assume_unique=True)) / fewer
