"""Differential expression as this pipeline does it: one fit, and the contrasts taken from it."""

import warnings
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet
from pydeseq2.ds import DeseqStats
from scipy.interpolate import CubicSpline

from imid.inference import negative_binomial as nb
from imid.inference.independent_filtering import independently_filtered
from imid.inference.r_choices import RDeseqDataSet, contrast_all_zero
from imid.inference.shrinkage import prior_scale
from imid.inference.vectorized_inference import VectorizedInference
from imid.question.contrasts import two_levels
from imid.question.design import as_factors, compared_samples, contrast_vector, design_matrix
from imid.shared.problems import InputError
from imid.shared.tables import CONTRAST, DISPERSIONS

Contrast = Sequence[str] | dict | np.ndarray

# A median of ratios over fewer genes hangs on which of them happened to be seen.
ENOUGH_GENES = 100


def fit(
    counts: pd.DataFrame,
    metadata: pd.DataFrame,
    design: str,
    references: str | Collection[str],
    inference: str = "vectorized",
    slopes: Collection[str] = (),
    by: str | None = None,
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
    references : str or collection of str
        Levels that come first in each factor that has one of them, so that coefficients read
        as changes against it. Other factors begin with their first level by name.
    inference : str
        ``vectorized``, which gives R's results, or ``pydeseq2``, PyDESeq2's own.
    slopes : collection of str
        Variables that are numbers and have one slope each.
    by : str, optional
        A factor within each level of which the design holds by itself, with dispersions in
        common: cell lines that are compared with each other.

    Returns
    -------
    DeseqDataSet
        Size factors, dispersions and coefficients fitted, outliers replaced. Can be pickled.
        Its samples and genes are in the order of their names; tables made of it are in the
        order of `counts`. No result depends on that order, nor on the references.
    """
    factors = as_factors(metadata, references, slopes)
    _check_design(factors, design, by)
    # Rounding depends on the order of sums, and the ridge on which coefficients it holds small.
    # So all fits are of sorted counts, against the first levels by name.
    ordered = counts.sort_index().sort_index(axis=1)
    plain = as_factors(metadata, (), slopes).loc[ordered.columns]
    dataset = _fit(ordered, plain, design, inference, by)
    dataset.uns["model"] = {"factors": list(factors), "design": design, "by": by}
    dataset.uns["order"] = {"genes": list(counts.index), "samples": list(counts.columns)}
    _write_against(dataset, factors.loc[ordered.columns])
    return dataset


def _fit(
    counts: pd.DataFrame, factors: pd.DataFrame, design: str, inference: str, by: str | None
) -> DeseqDataSet:
    settings = {
        "counts": counts.T,
        "metadata": factors,
        "design": design_matrix(factors, design, by),
        "size_factors_fit_type": _size_factor_type(counts),
        "quiet": True,
    }
    if inference == "vectorized":
        dataset = RDeseqDataSet(**settings, inference=VectorizedInference())
    else:
        dataset = DeseqDataSet(**settings, n_cpus=1)
    dataset.deseq2()
    return dataset


def _size_factor_type(counts: pd.DataFrame) -> str:
    """Choose the median of ratios over genes that all samples have, or over all that one has."""
    empty = counts.columns[(counts == 0).all()]
    if len(empty):
        raise InputError(f"sample {sample} has no counts: leave it out" for sample in empty)
    everywhere = int((counts > 0).all(axis=1).sum())
    if everywhere >= ENOUGH_GENES:
        return "ratio"
    warnings.warn(
        f"{everywhere} gene{' has' if everywhere == 1 else 's have'} a count in every sample; the"
        f" median of ratios that makes samples comparable needs about {ENOUGH_GENES}, so that of"
        " positive counts is taken (poscounts), which is less exact",
        UserWarning,
        stacklevel=2,
    )
    return "poscounts"


def _write_against(dataset: DeseqDataSet, factors: pd.DataFrame) -> None:
    r"""Write a fit's coefficients against other reference levels, in place.

    The columns of the new design X span what those of the one fitted do, so :math:`X = X_0 B`,
    and the coefficients are :math:`\beta = B^{-1} \beta_0`. B is kept, to get back.
    """
    model = dataset.uns["model"]
    written = design_matrix(factors, model["design"], model["by"])
    basis = np.linalg.lstsq(dataset.obsm["design_matrix"].to_numpy(), written, rcond=None)[0]
    # Whole numbers, but for rounding.
    basis = basis.round(12)
    coefficients = np.linalg.solve(basis, dataset.varm["LFC"].to_numpy().T).T
    for name in factors:
        dataset.obs[name] = factors[name]
    dataset.obsm["design_matrix"] = written
    dataset.varm["LFC"] = pd.DataFrame(
        coefficients, index=dataset.var_names, columns=written.columns
    )
    dataset.uns["basis"] = basis


def _as_fitted(
    dataset: DeseqDataSet, contrast: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give design, coefficients and a contrast of them as they were before `_write_against`."""
    basis = dataset.uns["basis"]
    inverse = np.linalg.inv(basis).round(12)
    return (
        dataset.obsm["design_matrix"].to_numpy() @ inverse,
        dataset.varm["LFC"].to_numpy() @ basis.T,
        inverse.T @ contrast,
    )


def _as_given(dataset: DeseqDataSet, table: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
    """Put a table's genes in the order of the counts that were fitted."""
    return table.loc[dataset.uns["order"]["genes"]]


def _check_design(factors: pd.DataFrame, design: str, by: str | None) -> None:
    columns = design_matrix(factors, design, by)
    samples, coefficients = columns.shape
    if np.linalg.matrix_rank(columns) < coefficients:
        raise InputError(
            [
                f"design {design!r}: its effects cannot be told apart in these samples; "
                "leave out a factor that is the same as another, or combinations without samples"
            ]
        )
    if samples == coefficients:
        raise InputError(
            [
                f"design {design!r}: {samples} samples for {coefficients} coefficients leave "
                "none to measure variation by; at least one group needs replicates"
            ]
        )


def contrast(dataset: DeseqDataSet, contrast: Contrast, alpha: float) -> pd.DataFrame:
    """Test a contrast of the fitted coefficients for being other than zero.

    Parameters
    ----------
    dataset : DeseqDataSet
        As given by `fit`.
    contrast : sequence of three str, dict or ndarray
        Factor, numerator and denominator; a contrast as `contrasts` describes it; or a number
        for each column of the design matrix.
    alpha : float
        The false discovery rate that independent filtering is tuned for.

    Returns
    -------
    DataFrame
        The columns of a contrast table but the gene's names, by gene: fold changes and their
        standard errors in log2 units, the Wald statistic, its p-value, the false discovery
        rate of Benjamini and Hochberg, and a status. The maximum-likelihood estimates stand as
        they are, never shrunken.
    """
    if not isinstance(dataset, RDeseqDataSet):
        return _stock_contrast(dataset, contrast, alpha)
    estimates = _estimates(dataset, contrast)
    return _tested(dataset, estimates, alpha)


def thresholded(
    dataset: DeseqDataSet,
    contrast: Contrast,
    alpha: float,
    lfc_null: float,
    alternative: str = "greaterAbs",
) -> pd.DataFrame:
    """Test whether the fold change of a contrast is larger than a threshold.

    The test is of the contrast's own estimate and standard error, so it is the same whatever
    the reference levels. (PyDESeq2's applies the threshold to each coefficient instead.)

    Parameters
    ----------
    dataset, contrast, alpha
        As for `contrast`.
    lfc_null : float
        The threshold, in log2 units, at least 0.
    alternative : str
        ``greaterAbs``, ``greater`` (above `lfc_null`), ``less`` (below −`lfc_null`) or
        ``lessAbs``.

    Returns
    -------
    DataFrame
        As `contrast` gives it, with the threshold's statistic, p-value and rate.
    """
    if lfc_null < 0:
        raise ValueError(f"lfc_null is {lfc_null}; a threshold is at least 0")
    estimates = _estimates(dataset, contrast)
    return _tested(dataset, estimates, alpha, lfc_null, alternative)


def _estimates(dataset: DeseqDataSet, contrast: Contrast) -> pd.DataFrame:
    """Give a contrast's log2 fold change and its standard error, by gene."""
    vector, samples = _contrast_vector(dataset, contrast)
    empty = contrast_all_zero(dataset.X, dataset.obsm["design_matrix"].to_numpy(), vector, samples)
    design, coefficients, vector = _as_fitted(dataset, vector)
    with np.errstate(over="ignore"):
        mu = np.exp(design @ coefficients.T) * dataset.obs["size_factors"].to_numpy()[:, None]
    _, _, errors = VectorizedInference().wald_test(
        design, dataset.var["dispersions"].to_numpy(), coefficients, mu, None, vector, 0.0
    )
    change = coefficients @ vector
    change[empty & ~np.isnan(change)] = 0.0
    return pd.DataFrame(
        {"log2_fold_change": change / nb.LN2, "lfc_se": errors / nb.LN2}, index=dataset.var_names
    )


def _contrast_vector(
    dataset: DeseqDataSet, contrast: Contrast
) -> tuple[np.ndarray, np.ndarray | None]:
    """Give a contrast as a vector, and which samples it compares where levels say so."""
    if isinstance(contrast, np.ndarray):
        return contrast, None
    contrast = contrast if isinstance(contrast, dict) else two_levels(*contrast)
    samples = compared_samples(dataset.obs, contrast)
    return coefficients(dataset, contrast).to_numpy(), samples


def coefficients(dataset: DeseqDataSet, contrast: dict) -> pd.Series:
    """Write a contrast as weights of a fit's coefficients.

    Parameters
    ----------
    dataset : DeseqDataSet
        As given by `fit`.
    contrast : dict
        As `contrasts` describes it.

    Returns
    -------
    Series
        A number for each column of the design matrix.
    """
    # The formula is read again: PyDESeq2 cannot, once the fit was read back from a file.
    model = dataset.uns["model"]
    factors = dataset.obs[model["factors"]]
    return contrast_vector(factors, model["design"], contrast, model["by"])


def _tested(
    dataset: DeseqDataSet,
    estimates: pd.DataFrame,
    alpha: float,
    lfc_null: float = 0.0,
    alternative: str = "greaterAbs",
) -> pd.DataFrame:
    change, error = estimates["log2_fold_change"].to_numpy(), estimates["lfc_se"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic, p_value = nb.wald_test(change, error, lfc_null, alternative)
    p_value[dataset.cooks_outlier().to_numpy(dtype=bool)] = np.nan
    table = estimates.assign(
        base_mean=dataset.var["_normed_means"], stat=statistic, p_value=p_value
    )
    emptied = getattr(dataset, "new_all_zeroes_genes", [])
    table.loc[emptied, ["log2_fold_change", "lfc_se", "stat", "p_value"]] = [0.0, 0.0, 0.0, 1.0]
    table["fdr"] = independently_filtered(
        table["p_value"].to_numpy(), table["base_mean"].to_numpy(), alpha
    )
    return _with_status(dataset, table)


def _stock_contrast(dataset: DeseqDataSet, contrast: Contrast, alpha: float) -> pd.DataFrame:
    """Test a contrast as PyDESeq2 does."""
    vector, _ = _contrast_vector(dataset, contrast)
    statistics = DeseqStats(dataset, contrast=vector, alpha=alpha, n_cpus=1, quiet=True)
    with warnings.catch_warnings():
        # Genes without any count divide zero by zero; their status says so.
        warnings.simplefilter("ignore", RuntimeWarning)
        statistics.summary()
    names = {
        "baseMean": "base_mean",
        "log2FoldChange": "log2_fold_change",
        "lfcSE": "lfc_se",
        "pvalue": "p_value",
        "padj": "fdr",
    }
    return _with_status(dataset, statistics.results_df.rename(columns=names))


def _with_status(dataset: DeseqDataSet, table: pd.DataFrame) -> pd.DataFrame:
    unknown = table["p_value"].isna()
    reasons = {
        "all_zero": (dataset.X == 0).all(axis=0),
        "outlier": unknown & dataset.cooks_outlier().to_numpy(dtype=bool),
        "not_estimated": unknown,
        "low_count": table["fdr"].isna(),
    }
    table["status"] = np.select(list(reasons.values()), list(reasons), default="tested")
    return _as_given(dataset, table[[column for column in CONTRAST if column in table]])


def shrink(dataset: DeseqDataSet, contrast: Contrast) -> pd.Series:
    """Shrink the fold changes of a contrast (apeGLM).

    The design is written anew such that the contrast is one of its coefficients; dispersions
    do not depend on how it is written and are taken as they are.

    Parameters
    ----------
    dataset, contrast
        As for `contrast`.

    Returns
    -------
    Series
        ``shrunken_log2_fold_change`` by gene; missing for genes without any count.
    """
    vector, _ = _contrast_vector(dataset, contrast)
    design, _, vector = _as_fitted(dataset, vector)
    design, index = _with_contrast_as_coefficient(design, vector)
    estimates = _estimates(dataset, contrast) * nb.LN2
    known = dataset.var["dispersions"].notna().to_numpy()
    modes, _, _ = VectorizedInference().lfc_shrink_nbinom_glm(
        design_matrix=design,
        counts=dataset.X[:, known],
        size=1 / dataset.var["dispersions"].to_numpy()[known],
        offset=np.log(dataset.obs["size_factors"].to_numpy()),
        prior_no_shrink_scale=15.0,
        prior_scale=prior_scale(
            estimates["log2_fold_change"].to_numpy(), estimates["lfc_se"].to_numpy()
        ),
        optimizer="",
        shrink_index=index,
    )
    shrunken = pd.Series(np.nan, index=dataset.var_names, name="shrunken_log2_fold_change")
    shrunken[known] = modes[:, index] / nb.LN2
    return _as_given(dataset, shrunken)


def _with_contrast_as_coefficient(
    design: np.ndarray, contrast: np.ndarray
) -> tuple[np.ndarray, int]:
    r"""Write a design such that one coefficient is the contrast :math:`c^T \beta`.

    It takes the place of the coefficient :math:`j` that weighs most in it, the last one of equal
    weight; the others stay as they are, so column :math:`x_j` becomes :math:`x_j / c_j` and each
    other :math:`x_k - x_j c_k / c_j`.
    """
    weight = np.abs(contrast)
    index = int(np.flatnonzero(weight == weight.max())[-1])
    column = design[:, index] / contrast[index]
    written = design - np.outer(column, contrast)
    written[:, index] = column
    return written, index


def normalized(dataset: DeseqDataSet) -> pd.DataFrame:
    """Give the counts divided by the samples' size factors, genes × samples."""
    return _by_gene(dataset, dataset.layers["normed_counts"])


def _by_gene(dataset: DeseqDataSet, values: np.ndarray) -> pd.DataFrame:
    """Turn values of samples × genes into a table of genes × samples."""
    table = pd.DataFrame(values.T, index=dataset.var_names, columns=dataset.obs_names)
    return _as_given(dataset, table)[dataset.uns["order"]["samples"]]


def variance_stabilized(dataset: DeseqDataSet) -> pd.DataFrame:
    r"""Transform counts so that their variance hardly depends on their mean.

    The dispersion trend is the one of the fit (R's ``varianceStabilizingTransformation`` with
    ``blind=FALSE``), so that nothing is fitted a second time. The transformation is the
    integral of :math:`1/\sqrt{\mu + \alpha_{tr}(\mu)\mu^2}`, which has a closed form for a
    parametric and for a constant trend (Anders and Huber, Genome Biology 11:R106 (2010)).

    Returns
    -------
    DataFrame
        Values on a log2-like scale, genes × samples.
    """
    values = dataset.layers["normed_counts"]
    kind = dataset.uns["disp_function_type"]
    if kind == "parametric":
        a0, a1 = dataset.uns["trend_coeffs"]
        root = np.sqrt(a0 * values * (1 + a1 + a0 * values))
        stable = np.log2((1 + a1 + 2 * a0 * values + 2 * root) / (4 * a0))
    elif kind == "mean":
        a0 = float(dataset.disp_function(np.ones(1))[0])
        stable = (2 * np.arcsinh(np.sqrt(a0 * values)) - np.log(a0) - np.log(4)) / nb.LN2
    else:
        stable = _integrated(dataset, values)
    return _by_gene(dataset, stable)


def _integrated(dataset: DeseqDataSet, values: np.ndarray) -> np.ndarray:
    """Integrate numerically, and scale so that large values are as on the log2 scale."""
    grid = np.sinh(np.linspace(0, np.arcsinh(values.max()), 1000))[1:]
    poisson = np.mean(1 / dataset.obs["size_factors"].to_numpy()) * grid
    density = 1 / np.sqrt(dataset.disp_function(grid) * grid**2 + poisson)
    areas = np.diff(grid) * (density[1:] + density[:-1]) / 2
    integral = CubicSpline(np.arcsinh((grid[1:] + grid[:-1]) / 2), np.cumsum(areas))
    low, high = np.quantile(values.mean(axis=0), [0.95, 0.999])
    ends = integral(np.arcsinh([low, high]))
    scale = np.log2(high / low) / (ends[1] - ends[0])
    return np.log2(low) + scale * (integral(np.arcsinh(values)) - ends[0])


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
    return _as_given(dataset, stages[[column for column in DISPERSIONS if column in stages]])
