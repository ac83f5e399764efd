"""Whether replicates are more like each other than like the samples of other groups."""

import numpy as np
import pandas as pd

GROUPING = ["cell_line", "treatment", "dose_um", "hours"]
# As many as a principal component analysis usually looks at.
MOST_VARIABLE = 500
# An odd sample's nearest replicate is this many times as far as the nearest sample of another
# group; or at least half as far, and this many times as far as is usual.
THAN_OTHERS = 1.5
HALF = 0.5
THAN_USUAL = 3.0

QUESTION = "Do the replicates agree?"
RULE = (
    f"By 1 - correlation over the {MOST_VARIABLE} most variable genes (transformed counts, less"
    " the mean of the batch). no: a sample's nearest replicate is more than"
    f" {THAN_OTHERS:g} times as far as its nearest sample of another group, or more than half as"
    f" far and more than {THAN_USUAL:g} times as far as is usual (the median of the samples);"
    " the oddest sample is set aside before the next is sought. yes: every sample is nearest to a"
    " replicate. unclear: groups mingle, as they do where a treatment does little. Heuristic."
)


def replicate_agreement(
    vst: pd.DataFrame, samples: pd.DataFrame
) -> tuple[str, None, str, str, str]:
    """Compare each sample with its replicates and with all others.

    Parameters
    ----------
    vst : DataFrame
        Transformed counts, genes × samples.
    samples : DataFrame
        The samples table.

    Returns
    -------
    tuple
        Question, contrast (none), answer, evidence and rule.
    """
    values = _without_batch(vst, samples)
    factors = samples[samples.columns.intersection(GROUPING)].fillna("NA").astype(str)
    group = pd.Series(factors.agg(" ".join, axis=1).to_numpy(), index=samples["sample"])
    same = group.to_numpy()[:, None] == group.to_numpy()
    answer, evidence = _answer(_distances(values), same, samples["sample"].to_numpy())
    return QUESTION, None, answer, evidence, RULE


def _without_batch(vst: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    if "batch" not in samples or samples["batch"].nunique() < 2:
        return vst
    batch = pd.Series(samples["batch"].fillna("NA").to_numpy(), index=samples["sample"])
    return vst - vst.T.groupby(batch).transform("mean").T


def _distances(values: pd.DataFrame) -> np.ndarray:
    chosen = values.loc[values.var(axis=1).sort_values(ascending=False).index[:MOST_VARIABLE]]
    return 1 - np.corrcoef(chosen.T)


def _answer(distance: np.ndarray, same: np.ndarray, names: np.ndarray) -> tuple[str, str]:
    own, other = _nearest(distance, same)
    if not np.isfinite(own).any():
        return "not measurable", "no group has replicates"
    odd = _odd_samples(distance, same)
    kept = np.setdiff1d(np.arange(len(names)), [sample for sample, _ in odd])
    own, other = _nearest(distance[np.ix_(kept, kept)], same[np.ix_(kept, kept)])
    replicated = np.isfinite(own)
    usual = np.median(own[replicated]) if replicated.any() else np.nan
    told = f"1 - correlation with the nearest replicate is {usual:.3f} in the median"
    if odd:
        listed = ", ".join(f"{names[sample]} ({words})" for sample, words in odd)
        return "no", f"odd: {listed}; {told} of the others"
    mingled = np.flatnonzero(replicated & (own >= other))
    if len(mingled):
        listed = ", ".join(f"{names[i]} ({_apart(own[i], other[i])})" for i in mingled)
        return "unclear", f"nearer to another group: {listed}; {told}"
    farthest = np.argmax(np.where(replicated, own, -1))
    return "yes", f"{told}, at most {own[farthest]:.3f} ({names[farthest]})"


def _odd_samples(distance: np.ndarray, same: np.ndarray) -> list[tuple[int, str]]:
    """Set aside the oddest sample until none is odd: a swapped one makes others look odd."""
    odd, kept = [], np.arange(len(distance))
    while True:
        own, other = _nearest(distance[np.ix_(kept, kept)], same[np.ix_(kept, kept)])
        replicated = np.isfinite(own)
        if not replicated.any():
            return odd
        usual = np.median(own[replicated])
        # Above 1 for an odd sample.
        apart = np.minimum(own / (THAN_USUAL * usual), own / (HALF * other))
        oddness = np.where(replicated, np.maximum(apart, own / (THAN_OTHERS * other)), 0)
        worst = int(np.argmax(oddness))
        if not oddness[worst] > 1:
            return odd
        odd.append((int(kept[worst]), _apart(own[worst], other[worst])))
        kept = np.delete(kept, worst)


def _nearest(distance: np.ndarray, same: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each sample's distance to its nearest replicate, and to another group; or infinity."""
    itself = np.eye(len(distance), dtype=bool)
    own = np.where(same & ~itself, distance, np.inf).min(axis=1)
    return own, np.where(same, np.inf, distance).min(axis=1)


def _apart(own: float, other: float) -> str:
    return f"{own:.3f} from its nearest replicate, {other:.3f} from another group"
