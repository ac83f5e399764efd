"""What is read off a fitted model: contrasts tested, shrunken estimates, transformed counts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from imid.differential.fitted_model import FittedModel
from imid.inference import negative_binomial as nb
from imid.inference.contrasts import contrast_all_zero, shrunken, standard_errors
from imid.inference.independent_filtering import independently_filtered
from imid.inference.shrinkage import prior_scale
from imid.question.contrasts import Contrast
from imid.question.design import compared_samples, contrast_vector
from imid.shared.tables import CONTRAST, DISPERSIONS

# What names one: factor, numerator and denominator, or more; or its weights by coefficient.
Asked = Sequence[str] | Contrast | np.ndarray


def as_fitted(fit: FittedModel, contrast: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give design, coefficients and a contrast of them as they were fitted.

    Parameters
    ----------
    fit : FittedModel
    contrast : ndarray, coefficients

    Returns
    -------
    tuple of ndarray
        With the first levels by name as references, and slopes free of their units.
    """
    basis = fit.basis
    inverse = np.linalg.inv(basis)
    if (basis == basis.round()).all():
        inverse = inverse.round(12)
    return (
        fit.design_matrix.to_numpy() @ inverse,
        fit.coefficients.to_numpy() @ basis.T,
        inverse.T @ contrast,
    )


def contrast(fit: FittedModel, contrast: Asked, alpha: float) -> pd.DataFrame:
    """Test a contrast of the fitted coefficients for being other than zero.

    Parameters
    ----------
    fit : FittedModel
    contrast : sequence of three str, Contrast or ndarray
        Factor, numerator and denominator; a contrast; or a number for each column of the design
        matrix.
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
    if fit.inference == "pydeseq2":
        # PyDESeq2 takes two seconds to import, and only this needs it.
        from imid.differential.stock_test import stock_test

        vector, _ = _contrast_vector(fit, contrast)
        return _with_test_status(fit, stock_test(fit, vector, alpha))
    return _tested(fit, _estimates(fit, contrast), alpha)


def thresholded(
    fit: FittedModel,
    contrast: Asked,
    alpha: float,
    lfc_null: float,
    alternative: str = "greaterAbs",
) -> pd.DataFrame:
    """Test whether the fold change of a contrast is larger than a threshold.

    The test is of the contrast's own estimate and standard error, so it is the same whatever
    the reference levels. (PyDESeq2's applies the threshold to each coefficient instead.)

    Parameters
    ----------
    fit, contrast, alpha
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
    estimates = _estimates(fit, contrast)
    return _tested(fit, estimates, alpha, lfc_null, alternative)


def _estimates(fit: FittedModel, contrast: Asked) -> pd.DataFrame:
    """Give a contrast's log2 fold change and its standard error, by gene."""
    vector, samples = _contrast_vector(fit, contrast)
    empty = contrast_all_zero(fit.counts, fit.design_matrix.to_numpy(), vector, samples)
    design, coefficients, vector = as_fitted(fit, vector)
    with np.errstate(over="ignore"):
        mu = np.exp(design @ coefficients.T) * fit.size_factors.to_numpy()[:, None]
    dispersions = fit.genes["final"].to_numpy()
    errors = standard_errors(design, dispersions, coefficients, mu, vector)
    change = coefficients @ vector
    change[empty & ~np.isnan(change)] = 0.0
    return pd.DataFrame(
        {"log2_fold_change": change / nb.LN2, "lfc_se": errors / nb.LN2}, index=fit.genes.index
    )


def _contrast_vector(fit: FittedModel, contrast: Asked) -> tuple[np.ndarray, np.ndarray | None]:
    """Give a contrast as a vector, and which samples it compares where levels say so."""
    if isinstance(contrast, np.ndarray):
        return contrast, None
    contrast = contrast if isinstance(contrast, Contrast) else Contrast(*contrast)
    samples = compared_samples(fit.factors, contrast)
    return coefficients(fit, contrast).to_numpy(), samples


def coefficients(fit: FittedModel, contrast: Contrast) -> pd.Series:
    """Write a contrast as weights of a fit's coefficients.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast

    Returns
    -------
    Series
        A number for each column of the design matrix.
    """
    return contrast_vector(fit.factors, fit.design, contrast, fit.by)


def _tested(
    fit: FittedModel,
    estimates: pd.DataFrame,
    alpha: float,
    lfc_null: float = 0.0,
    alternative: str = "greaterAbs",
) -> pd.DataFrame:
    change, error = estimates["log2_fold_change"].to_numpy(), estimates["lfc_se"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic, p_value = nb.wald_test(change, error, lfc_null, alternative)
    p_value[fit.genes["outlier"].to_numpy()] = np.nan
    table = estimates.assign(base_mean=fit.genes["base_mean"], stat=statistic, p_value=p_value)
    emptied = fit.genes["emptied"].to_numpy()
    table.loc[emptied, ["log2_fold_change", "lfc_se", "stat", "p_value"]] = [0.0, 0.0, 0.0, 1.0]
    table["fdr"] = independently_filtered(
        table["p_value"].to_numpy(), table["base_mean"].to_numpy(), alpha
    )
    return _with_test_status(fit, table)


def _with_test_status(fit: FittedModel, table: pd.DataFrame) -> pd.DataFrame:
    unknown = table["p_value"].isna()
    reasons = {
        "all_zero": (fit.counts == 0).all(axis=0),
        "outlier": unknown & fit.genes["outlier"].to_numpy(),
        "not_estimated": unknown,
        "low_count": table["fdr"].isna(),
    }
    table["status"] = np.select(list(reasons.values()), list(reasons), default="tested")
    return fit.as_given(table[[column for column in CONTRAST if column in table]])


def shrink(fit: FittedModel, contrast: Asked) -> pd.Series:
    """Shrink the fold changes of a contrast (apeGLM).

    The design is written anew such that the contrast is one of its coefficients; dispersions
    do not depend on how it is written and are taken as they are.

    Parameters
    ----------
    fit, contrast
        As for `contrast`.

    Returns
    -------
    Series
        ``shrunken_log2_fold_change`` by gene; missing for genes without any count.
    """
    vector, _ = _contrast_vector(fit, contrast)
    design, _, vector = as_fitted(fit, vector)
    design, index = _with_contrast_as_coefficient(design, vector)
    estimates = _estimates(fit, contrast) * nb.LN2
    known = fit.genes["final"].notna().to_numpy()
    modes, _, _ = shrunken(
        fit.counts[:, known],
        np.log(fit.size_factors.to_numpy()),
        design,
        1 / fit.genes["final"].to_numpy()[known],
        index,
        prior_scale(estimates["log2_fold_change"].to_numpy(), estimates["lfc_se"].to_numpy()),
    )
    column = pd.Series(np.nan, index=fit.genes.index, name="shrunken_log2_fold_change")
    column[known] = modes[:, index] / nb.LN2
    return fit.as_given(column)


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


def normalized(fit: FittedModel) -> pd.DataFrame:
    """Give the counts divided by the samples' size factors, genes × samples."""
    return fit.by_gene(fit.normalized)


def variance_stabilized(fit: FittedModel) -> pd.DataFrame:
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
    values = fit.normalized
    kind, numbers = fit.trend
    if kind == "parametric":
        a0, a1 = numbers["a0"], numbers["a1"]
        root = np.sqrt(a0 * values * (1 + a1 + a0 * values))
        stable = np.log2((1 + a1 + 2 * a0 * values + 2 * root) / (4 * a0))
    elif kind == "mean":
        a0 = numbers["value"]
        stable = (2 * np.arcsinh(np.sqrt(a0 * values)) - np.log(a0) - np.log(4)) / nb.LN2
    else:
        stable = _integrated(fit, values)
    return fit.by_gene(stable)


def _integrated(fit: FittedModel, values: np.ndarray) -> np.ndarray:
    """Integrate numerically, and scale so that large values are as on the log2 scale."""
    # Few trends need it, and every contrast would wait for its import.
    from scipy.interpolate import CubicSpline

    grid = np.sinh(np.linspace(0, np.arcsinh(values.max()), 1000))[1:]
    poisson = np.mean(1 / fit.size_factors.to_numpy()) * grid
    density = 1 / np.sqrt(fit.trend.curve(grid) * grid**2 + poisson)
    areas = np.diff(grid) * (density[1:] + density[:-1]) / 2
    integral = CubicSpline(np.arcsinh((grid[1:] + grid[:-1]) / 2), np.cumsum(areas))
    low, high = np.quantile(values.mean(axis=0), [0.95, 0.999])
    ends = integral(np.arcsinh([low, high]))
    scale = np.log2(high / low) / (ends[1] - ends[0])
    return np.log2(low) + scale * (integral(np.arcsinh(values)) - ends[0])


def dispersions(fit: FittedModel) -> pd.DataFrame:
    """Give each gene's dispersion at every stage of its estimation.

    Returns
    -------
    DataFrame
        base_mean (normalized counts), gene_wise, fitted, map, final, by gene; missing for
        genes without any count. `final` is `gene_wise` where a gene lies so far above the
        trend that it is not shrunken.
    """
    return fit.as_given(fit.genes[[column for column in DISPERSIONS if column in fit.genes]])
