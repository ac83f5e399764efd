"""Spike-ins: RNA of which each sample was given the same amount, and what it says of depth.

The median of ratios over spike-ins alone takes no change of the genes for depth. It hangs on few
numbers. Simulated, 92 spike-ins over 22 doublings as in ERCC's mixes, pipetted within 10 %, six
samples: with 100 fragments in them 12 are seen in every sample, and a size factor is off by 0.19
log2 (standard deviation); with 300 it is 18 and 0.11, with 1,000 25 and 0.08, with 10,000 39 and
0.04.
"""

import numpy as np
import pandas as pd

from imid.differential.check_depth import FEWEST_GENES, LEAST_SHARE_OF_GENES

FEWEST_SPIKE_INS = FEWEST_GENES
FEWEST_IN_SPIKE_INS = 300


def too_few_spike_ins(counts: pd.DataFrame) -> list[str]:
    """Find samples that spike-ins cannot make comparable.

    Parameters
    ----------
    counts : DataFrame
        Of the spike-ins alone, spike-ins × samples.

    Returns
    -------
    list of str
        The problems.
    """
    total, seen = counts.sum(), counts > 0
    share = seen[seen.mean(axis=1) >= 0.5].mean()
    failed = total.index[(total < FEWEST_IN_SPIKE_INS) | (share < LEAST_SHARE_OF_GENES)]
    if len(failed):
        told = ", ".join(f"{sample} ({total[sample]:,})" for sample in failed)
        return [
            f"too few fragments in spike-ins to make samples comparable by: {told}; at least"
            f" {FEWEST_IN_SPIKE_INS} are needed, and half of the spike-ins that other samples have."
            " Leave these samples out ('exclude' in the config), or do without"
            " qc.spike_ins.normalize"
        ]
    everywhere = int(seen.all(axis=1).sum())
    if everywhere < FEWEST_SPIKE_INS:
        return [
            f"{everywhere} of {len(counts)} spike-ins {'has' if everywhere == 1 else 'have'} a"
            f" count in every sample; at least {FEWEST_SPIKE_INS} are needed for"
            " qc.spike_ins.normalize"
        ]
    return []


def spike_in_factors(counts: np.ndarray) -> np.ndarray:
    """Take size factors as the median of ratios over those spike-ins that all samples have.

    Parameters
    ----------
    counts : ndarray, samples × spike-ins

    Returns
    -------
    ndarray, samples
    """
    logarithms = np.log(counts[:, (counts > 0).all(axis=0)])
    return np.exp(np.median(logarithms - logarithms.mean(axis=0), axis=1))
