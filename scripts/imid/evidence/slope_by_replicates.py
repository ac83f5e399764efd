r"""The interval of two drugs' slope by leaving out one replicate at a time.

Genes answer together, to the drugs and to the chance of a day: an interval that counts each as a
witness of its own is far too narrow. Replicates are independent. So the slope, as an angle, is
estimated anew without each sample of the control and the two drugs, dispersions and size factors
as they are, and with :math:`n_g` samples and angles :math:`\theta_{gj}` in group g its variance is

.. math:: \sum_g \frac{n_g - 1}{n_g} \sum_j (\theta_{gj} - \bar\theta_g)^2 ,

the jackknife's, by groups (Efron and Stein, Ann Stat 9:586 (1981)). The quantile is Student's, with
the samples less the coefficients as degrees of freedom.
"""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.evidence.errors_in_variables import Estimates, Slope, fit_slope, with_interval
from imid.inference import negative_binomial as nb
from imid.question.contrast_results import ContrastResult
from imid.question.design import samples_by_condition

# As in the Wald test of the fit.
LOWEST_FITTED_MEAN = 0.5


def by_replicates(
    slope: Slope,
    fit: FittedModel,
    first: ContrastResult,
    second: ContrastResult,
    gene_ids: pd.Index,
) -> Slope:
    """Give a slope the interval that its replicates say.

    Parameters
    ----------
    slope : Slope
        Of the second drug's effects against the first's.
    fit : FittedModel
    first, second : ContrastResult
        The two drugs' contrasts.
    gene_ids : Index
        The genes that the slope was estimated from.

    Returns
    -------
    Slope
        As it was where a group has no replicates, or no slope without one of them.
    """
    if slope.slope is None:
        return slope
    groups = _groups(fit, first, second)
    if min(map(len, groups)) < 2:
        return slope
    weights = [deseq.coefficients(fit, each).to_numpy(dtype=float) for each in (first, second)]
    design, _, x = deseq.as_fitted(fit, weights[0])
    _, _, y = deseq.as_fitted(fit, weights[1])
    places = fit.genes.index.get_indexer(gene_ids)
    counts = fit.counts.T[places].astype(float)
    size_factors = fit.size_factors.to_numpy()
    dispersions = fit.genes["final"].to_numpy()[places]
    variance, freedom = 0.0, len(design) - design.shape[1]
    for group in groups:
        angles = []
        for sample in group:
            kept = np.arange(len(design)) != sample
            parts = counts[:, kept], size_factors[kept], design[kept], dispersions
            if np.linalg.matrix_rank(parts[2]) < design.shape[1]:
                return slope
            without = fit_slope(_two_estimates(*parts, x, y), first.fdr)
            if without.slope is None:
                return slope
            angles.append(np.arctan(without.slope))
        variance += (len(group) - 1) * np.var(angles)
    return with_interval(
        slope, float(stdtrit(freedom, 0.975) * np.sqrt(variance)), sum(map(len, groups))
    )


def _groups(fit: FittedModel, first: ContrastResult, second: ContrastResult) -> list[np.ndarray]:
    """Give the places of the samples of the control and of each drug."""
    both = np.vstack([samples_by_condition(fit.factors, each) for each in (first, second)])
    return [np.flatnonzero(samples) for samples in np.unique(both, axis=0)]


def _two_estimates(
    counts: np.ndarray,
    size_factors: np.ndarray,
    design: np.ndarray,
    dispersions: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
) -> Estimates:
    """Estimate two contrasts, and the covariance of their errors, in log2 units."""
    coefficients = nb.fit_coefficients(counts, size_factors, design, dispersions).coefficients
    mu = np.exp(np.minimum(coefficients @ design.T, 500)) * size_factors
    mu = np.maximum(mu, LOWEST_FITTED_MEAN)
    x_variance, y_variance, difference = (
        (nb.contrast_standard_errors(mu, dispersions, design, weights) / nb.LN2) ** 2
        for weights in (x, y, y - x)
    )
    return Estimates(
        x=coefficients @ x / nb.LN2,
        y=coefficients @ y / nb.LN2,
        x_variance=x_variance,
        covariance=(x_variance + y_variance - difference) / 2,
        y_variance=y_variance,
    )
