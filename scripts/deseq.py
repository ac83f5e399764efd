"""PyDESeq2 as this pipeline uses it: one fit, and the contrasts taken from it."""

import warnings

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet
from pydeseq2.ds import DeseqStats

from tables import CONTRAST, DISPERSIONS


def fit(
    counts: pd.DataFrame, metadata: pd.DataFrame, design: str, reference: str, n_cpus: int = 1
) -> DeseqDataSet:
    """Fit the negative-binomial model of DESeq2 to a count matrix.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    metadata : DataFrame
        The samples' factors by name, indexed by the columns of `counts`, as strings.
    design : str
        A formula such as ``~ batch + treatment``. Its variables become factors, whatever
        their values look like: a batch called 1, 2, 3 is no slope.
    reference : str
        The level that comes first in each factor that has it, so that coefficients read as
        changes against it.
    n_cpus : int
        Processes to use; PyDESeq2 would otherwise take all of the machine's.

    Returns
    -------
    DeseqDataSet
        Size factors, dispersions and coefficients fitted, outliers replaced.
    """
    factors = metadata.apply(lambda column: _as_factor(column, reference))
    dataset = DeseqDataSet(
        counts=counts.T, metadata=factors, design=design, n_cpus=n_cpus, quiet=True
    )
    dataset.deseq2()
    # How each level of each factor is written in coefficients. PyDESeq2 derives it from the
    # formula, which it cannot do any more once the fit was read back from a file.
    dataset.uns["levels"] = {
        factor: {level: dataset.cond(**{factor: level}) for level in factors[factor].unique()}
        for factor in dataset.variables
    }
    return dataset


def _as_factor(column: pd.Series, reference: str) -> pd.Series:
    levels = sorted(column.dropna().unique(), key=lambda level: (level != reference, level))
    return pd.Series(pd.Categorical(column, categories=levels), index=column.index)


def normalized(dataset: DeseqDataSet) -> pd.DataFrame:
    """Give the counts divided by the samples' size factors, genes × samples."""
    return pd.DataFrame(
        dataset.layers["normed_counts"].T, index=dataset.var_names, columns=dataset.obs_names
    )


def variance_stabilized(dataset: DeseqDataSet) -> pd.DataFrame:
    """Transform counts so that their variance hardly depends on their mean.

    The dispersion trend is the one of the fit (R's ``varianceStabilizingTransformation`` with
    ``blind=FALSE``), so that nothing is fitted a second time.

    Returns
    -------
    DataFrame
        Values on a log2-like scale, genes × samples.
    """
    dataset.vst_fit_type = dataset.uns["disp_function_type"]
    if dataset.vst_fit_type == "parametric":
        dataset.uns["vst_trend_coeffs"] = dataset.uns["trend_coeffs"]
    else:
        dataset.var["vst_genewise_dispersions"] = dataset.var["genewise_dispersions"]
    return pd.DataFrame(
        dataset.vst_transform().T, index=dataset.var_names, columns=dataset.obs_names
    )


def dispersions(dataset: DeseqDataSet) -> pd.DataFrame:
    """Give each gene's dispersion at every stage of its estimation.

    Returns
    -------
    DataFrame
        base_mean (normalized counts), gene_wise, fitted, map, final, by gene; missing for
        genes without any count. `final` is `gene_wise` where a gene lies so far above the
        trend that it is not shrunken.
    """
    stages = pd.DataFrame(
        {
            "base_mean": dataset.var["_normed_means"],
            "gene_wise": dataset.var["genewise_dispersions"],
            "fitted": dataset.var["fitted_dispersions"],
            "map": dataset.var["MAP_dispersions"],
            "final": dataset.var["dispersions"],
        },
        index=dataset.var_names,
    )
    return stages[[column for column in DISPERSIONS if column in stages]]


def contrast(
    dataset: DeseqDataSet, factor: str, numerator: str, denominator: str, alpha: float
) -> pd.DataFrame:
    """Test one level of a factor against another.

    Parameters
    ----------
    dataset : DeseqDataSet
        As given by `fit`.
    factor, numerator, denominator : str
        The fold change is of `numerator` over `denominator`.
    alpha : float
        The false discovery rate that independent filtering is tuned for.

    Returns
    -------
    DataFrame
        The columns of a contrast table but the gene's names, by gene: fold changes and their
        standard errors in log2 units, the Wald statistic, its p-value, the false discovery
        rate of Benjamini and Hochberg, and a status.
    """
    levels = dataset.uns["levels"][factor]
    vector = np.asarray(levels[numerator] - levels[denominator])
    statistics = DeseqStats(dataset, contrast=vector, alpha=alpha, n_cpus=1, quiet=True)
    with warnings.catch_warnings():
        # Genes without any count divide zero by zero; their status says so.
        warnings.simplefilter("ignore", RuntimeWarning)
        statistics.summary()
    table = statistics.results_df.rename(
        columns={
            "baseMean": "base_mean",
            "log2FoldChange": "log2_fold_change",
            "lfcSE": "lfc_se",
            "pvalue": "p_value",
            "padj": "fdr",
        }
    )
    table["status"] = _status(table)
    return table[[column for column in CONTRAST if column in table]]


def _status(table: pd.DataFrame) -> np.ndarray:
    # PyDESeq2 has one NaN for three reasons; they can be told apart by which columns have it.
    return np.select(
        [table["log2_fold_change"].isna(), table["p_value"].isna(), table["fdr"].isna()],
        ["all_zero", "outlier", "low_count"],
        default="tested",
    )
