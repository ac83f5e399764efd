"""The quasi-likelihood test of a contrast, beside the Wald test of the same fit.

It takes counts, size factors, design and dispersion trend from the fit, and nothing else: no
count is replaced and no gene set aside as an outlier, for how much single genes vary beyond the
trend is what the test allows for. See `quasi_likelihood`.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.inference import negative_binomial as nb
from imid.inference import quasi_likelihood as ql
from imid.question.contrasts import Contrast
from imid.shared.significance import benjamini_hochberg
from imid.shared.tables import QUASI_LIKELIHOOD


def calibrated(fit: FittedModel, contrast: Contrast, log2_fold_change: float) -> pd.DataFrame:
    """Test a contrast for any change, and for one above the threshold.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast
    log2_fold_change : float
        The threshold, at least 0.

    Returns
    -------
    DataFrame
        The columns of `tables.QUASI_LIKELIHOOD` by gene: p-values, and rates over the genes that
        have one; missing for genes with too few reads.
    """
    weights, threshold = _in_natural_log(fit, contrast, log2_fold_change)
    tests = {
        "ql": lambda model: ql.f_test(model, weights),
        "ql_threshold": lambda model: ql.threshold_test(model, weights, threshold),
    }
    found = _of_all_genes(fit, tests)
    for name in tests:
        found[f"{name}_fdr"] = benjamini_hochberg(found[f"{name}_p_value"].to_numpy())
    return found[QUASI_LIKELIHOOD]


def nearer(fit: FittedModel, contrast: Contrast, log2_fold_change: float) -> pd.Series:
    """Test whether a contrast is nearer to 0 than the threshold.

    Parameters
    ----------
    fit, contrast, log2_fold_change
        As for `calibrated`.

    Returns
    -------
    Series
        P-values by gene, missing for genes with too few reads.
    """
    weights, threshold = _in_natural_log(fit, contrast, log2_fold_change)
    test = {"near": lambda model: ql.equivalence_test(model, weights, threshold)}
    return _of_all_genes(fit, test)["near_p_value"]


def _in_natural_log(
    fit: FittedModel, contrast: Contrast, log2_fold_change: float
) -> tuple[np.ndarray, float]:
    weights = deseq.coefficients(fit, contrast).to_numpy(dtype=float)
    _, _, weights = deseq.as_fitted(fit, weights)
    return weights, log2_fold_change * nb.LN2


def _of_all_genes(
    fit: FittedModel, tests: dict[str, Callable[[ql.QuasiFit], np.ndarray]]
) -> pd.DataFrame:
    """Fit the genes that have enough reads; give each test's p-values, of all genes."""
    columns = [f"{name}_p_value" for name in tests]
    table = pd.DataFrame(np.nan, index=fit.genes.index, columns=columns)
    genes, model = quasi_fit(fit)
    if len(genes):
        for column, test in zip(columns, tests.values(), strict=True):
            table.loc[genes, column] = test(model)
    return fit.as_given(table)


def quasi_fit(fit: FittedModel) -> tuple[pd.Index, ql.QuasiFit | None]:
    """Fit the quasi-likelihood model to the genes of a fit that have enough reads.

    Parameters
    ----------
    fit : FittedModel

    Returns
    -------
    tuple of Index and QuasiFit
        The genes, and their model; None where there are none.
    """
    counts = fit.counts.T.astype(float)
    size_factors = fit.size_factors.to_numpy()
    design, _, _ = deseq.as_fitted(fit, np.zeros(fit.design_matrix.shape[1]))
    tested = ql.enough_reads(counts, size_factors, design)
    genes = fit.genes.index[tested]
    if not len(genes):
        return genes, None
    means = (counts[tested] / size_factors).mean(axis=1)
    trend = np.broadcast_to(fit.trend.curve(means), means.shape)
    return genes, ql.fit_quasi(counts[tested], size_factors, design, trend)
