"""A count matrix as an experiment gives it, for tests that make something else of it."""

import numpy as np
import pandas as pd

SAMPLES = ["dmso_1", "dmso_2", "dmso_3", "len_1", "len_2", "len_3"]
# What sequencing makes of equal amounts.
DEPTHS = np.array([1.0, 0.7, 1.4, 1.1, 0.9, 1.3])


def counts(genes: int = 300, mean: float = 200.0, seed: int = 1) -> pd.DataFrame:
    """Negative-binomial counts over several orders of magnitude, by gene_id."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(np.log(mean), 1.5, genes)[:, None] * DEPTHS
    values = rng.poisson(level * rng.gamma(20, 1 / 20, level.shape))
    ids = pd.Index([f"ENSG{n:011d}" for n in range(genes)], name="gene_id")
    return pd.DataFrame(values, ids, SAMPLES)


def text(matrix: pd.DataFrame, **options) -> str:
    """Write it as tab-separated text."""
    return matrix.to_csv(sep="\t", **options)
