"""The smallest fold change that an experiment would have found in a gene.

The effect is hypothetical: the samples of the contrast's numerator have such means that the log
fold change is the effect, all others keep their fitted means. So a drug is taken to act on cells
whose expression without it is known; in a difference of differences the samples with both
numerators move, which the interaction is about. The test is the one that decides what is
significant; `effect_power` says with which power it finds an effect.

Genes with a mean below 20 have no answer: the counts are too coarse for it. With three or six
replicates, means of 30 to 1000 and p-values of 0.001 and 0.0001 an effect that is told of one
simulated experiment without it, and planted in another, is found in 76 to 85 % of genes, rises
and falls alike.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri, polygamma

from imid.differential import deseq
from imid.differential.calibrated_test import quasi_fit
from imid.differential.fitted_model import FittedModel
from imid.inference.effect_power import (
    LARGEST_LOG_MEAN,
    QuasiGenes,
    Question,
    WaldGenes,
    quasi_limits,
    smallest_effects,
    some_of,
)
from imid.question.contrasts import Contrast
from imid.question.design import samples_by_condition
from imid.shared.significance import WALD

LOWEST_MEAN = 20.0


def detectable_effects(
    fit: FittedModel, contrast: Contrast, gene_ids: list[str], p_values: np.ndarray | float
) -> pd.DataFrame:
    """Find the smallest effects that a contrast of a fit would have found in some genes.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast
        Or its result, which says which test decides; else it is Wald's.
    gene_ids : list of str
        The genes, all of them in the fit.
    p_values : ndarray, genes, or float
        The p-value in force for each, as given by `significance.p_values_in_force`.

    Returns
    -------
    DataFrame
        ``up`` and ``down`` by gene, the |log2 fold change| that has a power of 80 %; missing
        where the mean without it is below `LOWEST_MEAN` in a condition compared, where no effect
        up to 12 has the power, or the gene is not tested.
    """
    weights = deseq.coefficients(fit, contrast).to_numpy(dtype=float)
    design, coefficients, weights = deseq.as_fitted(fit, weights)
    compared = samples_by_condition(fit.factors, contrast)
    shift = _shift(design, weights, compared[0])
    places = fit.genes.index.get_indexer(gene_ids)
    # The numerator's samples are moved to where there is no effect.
    coefficients = coefficients[places]
    coefficients = coefficients - np.outer(coefficients @ weights, shift)
    means = np.exp(np.minimum(coefficients @ design.T, LARGEST_LOG_MEAN))
    p_values = np.broadcast_to(np.asarray(p_values, dtype=float), len(places))
    if getattr(contrast, "test", WALD) == WALD:
        genes = _wald_genes(fit, places, means, p_values, compared)
        known = np.isfinite(genes.dispersions)
    else:
        genes = _quasi_genes(fit, places, means, p_values, compared)
        known = np.isfinite(genes.limits)
    known &= (
        np.array([means[:, samples].mean(axis=1) for samples in compared]) >= LOWEST_MEAN
    ).all(0)
    size_factors = fit.size_factors.to_numpy()
    found = pd.DataFrame(np.nan, pd.Index(gene_ids, name="gene_id"), ["up", "down"])
    for direction, sign in [("up", 1), ("down", -1)]:
        question = Question(size_factors, design, weights, sign * shift, fit.trend.curve)
        found.loc[known, direction] = smallest_effects(some_of(genes, known), question)
    return found


def _shift(design: np.ndarray, contrast: np.ndarray, numerator: np.ndarray) -> np.ndarray:
    """Find the change of coefficients that raises the contrast by 1 in its numerator's samples.

    Of all changes that raise the contrast by 1 it is the one whose effect on the samples comes
    closest, by least squares, to 1 in the numerator and 0 elsewhere; mostly it is just that.
    """
    inverse = np.linalg.inv(design.T @ design)
    change = inverse @ design.T @ numerator.astype(float)
    along = inverse @ contrast
    return change + along * (1 - contrast @ change) / (contrast @ along)


def _wald_genes(
    fit: FittedModel,
    places: np.ndarray,
    means: np.ndarray,
    p_values: np.ndarray,
    compared: np.ndarray,
) -> WaldGenes:
    """Look up what the Wald test of some genes depends on."""
    table = fit.genes.iloc[places]
    dispersions, average = table["final"].to_numpy(), means.mean(axis=1)
    samples, coefficients = fit.design_matrix.shape
    # That of log chi-squared, more where reads are so few that chance hides part of it.
    replicates = polygamma(1, (samples - coefficients) / 2) * (1 + 1 / (dispersions * average)) ** 2
    # Far above the trend, it was left where it was.
    outlying = (table["final"] != table["map"]).to_numpy()
    return WaldGenes(
        means=means,
        mean_variance=(1 / average + dispersions) / _unmoved(compared),
        base_means=table["base_mean"].to_numpy(),
        dispersions=dispersions,
        limits=-ndtri(p_values / 2),
        replicate_variance=replicates,
        prior_variance=np.where(outlying, np.inf, fit.prior_variance),
    )


def _unmoved(compared: np.ndarray) -> float:
    """Give how many samples a condition has that stays as it is, on average."""
    return float(compared[min(1, len(compared) - 1) :].sum(axis=1).mean())


def _quasi_genes(
    fit: FittedModel,
    places: np.ndarray,
    means: np.ndarray,
    p_values: np.ndarray,
    compared: np.ndarray,
) -> QuasiGenes:
    """Look up what the quasi-likelihood test of some genes depends on."""
    tested, model = quasi_fit(fit)
    columns = ["variance", "prior", "share", "freedom"]
    values = pd.DataFrame(np.nan, fit.genes.index[places], columns)
    if len(tested):
        prior, residual = model.prior, model.residual_freedom
        known = pd.DataFrame(
            {
                "variance": model.posterior,
                "prior": prior.variance,
                "share": 1 - residual / (residual + prior.freedom),
                "freedom": model.freedom,
            },
            tested,
        )
        values = known.reindex(values.index)
    variance, prior_variance, share, freedom = values.to_numpy().T
    average = means.mean(axis=1)
    counted = variance * (1 / average + fit.trend.curve(average))
    return QuasiGenes(
        means=means,
        mean_variance=counted / _unmoved(compared),
        base_means=fit.genes["base_mean"].to_numpy()[places],
        quasi_dispersions=variance,
        prior_variance=prior_variance,
        prior_share=share,
        freedom=freedom,
        limits=quasi_limits(p_values, freedom),
    )
