"""PyDESeq2's own test of a contrast, for those who ask for it."""

import warnings

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet
from pydeseq2.ds import DeseqStats

from imid.differential.fitted_model import FittedModel

NAMES = {
    "baseMean": "base_mean",
    "log2FoldChange": "log2_fold_change",
    "lfcSE": "lfc_se",
    "pvalue": "p_value",
    "padj": "fdr",
}


def stock_test(fit: FittedModel, contrast: np.ndarray, alpha: float) -> pd.DataFrame:
    """Test a contrast as PyDESeq2 does.

    Parameters
    ----------
    fit : FittedModel
    contrast : ndarray, coefficients
    alpha : float
        The false discovery rate that independent filtering is tuned for.

    Returns
    -------
    DataFrame
        By gene, in columns of a contrast table.
    """
    statistics = DeseqStats(_as_dataset(fit), contrast=contrast, alpha=alpha, n_cpus=1, quiet=True)
    with warnings.catch_warnings():
        # Genes without any count divide zero by zero; their status says so.
        warnings.simplefilter("ignore", RuntimeWarning)
        statistics.summary()
    return statistics.results_df.rename(columns=NAMES)


def _as_dataset(fit: FittedModel) -> DeseqDataSet:
    """Give a fit the form in which PyDESeq2 tests it."""
    samples, genes = fit.factors.index, fit.genes.index
    dataset = DeseqDataSet(
        counts=pd.DataFrame(fit.counts, index=samples, columns=genes),
        metadata=fit.factors,
        design=fit.design_matrix,
        n_cpus=1,
        quiet=True,
    )
    dataset.obs["size_factors"] = fit.size_factors
    dataset.varm["LFC"] = fit.coefficients
    dataset.var["_normed_means"] = fit.genes["base_mean"]
    dataset.var["dispersions"] = fit.genes["final"]
    dataset.var["replaced"] = fit.genes["replaced"]
    dataset.var["_pvalue_cooks_outlier"] = fit.genes["outlier"]
    dataset.new_all_zeroes_genes = genes[fit.genes["emptied"]]
    return dataset
