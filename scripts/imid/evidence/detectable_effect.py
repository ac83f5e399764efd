r"""The smallest fold change that an experiment would have found in a gene.

A gene is found where the Wald statistic of a contrast exceeds the critical value z of the
p-value in force. The effect d is hypothetical: the samples of the contrast's numerator have such
means that the log fold change is d, all others keep their fitted means. So a drug is taken to act
on cells whose expression without it is known; in a difference of differences the samples with
both numerators move, which the interaction is about.

The standard error SE depends on the means, and so on the effect. An estimate :math:`\hat d` is
significant where :math:`|\hat d| > z\,SE(\hat d)`, that is beyond a critical effect t with
:math:`t = z\,SE(t)`; the estimate varies around d with SE(d). The power is therefore
:math:`\Phi((|d| - |t|)/SE(d))`. With two groups of three or six samples, means from 3 to 1000,
dispersions of 0.02 and 0.3 and p-values of 0.01 and 0.0001 the effect with a power of 80 % lies
within 10 % of simulation where every group expects at least six reads in its samples together.
Below that the counts are too coarse for it, and there is no answer.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.inference import negative_binomial as nb
from imid.question.contrasts import Contrast

POWER = 0.8
FEWEST_READS = 6.0
# As in the Wald test of the fit.
LOWEST_MEAN = 0.5
# Effects, log2, between which power is interpolated.
EFFECTS = np.linspace(0, 12, 601)


def p_value_in_force(table: pd.DataFrame, fdr: float) -> float:
    """Find below which p-value a gene of a contrast is called.

    Parameters
    ----------
    table : DataFrame
        The contrast table.
    fdr : float
        The false discovery rate.

    Returns
    -------
    float
        The largest p-value that is called. Where none is, that with which a single gene would
        be: `fdr` divided by the number of genes tested (Benjamini and Hochberg's first step).
    """
    called = table.loc[table["fdr"] < fdr, "p_value"]
    if len(called):
        return float(called.max())
    return fdr / max(int(table["fdr"].notna().sum()), 1)


def detectable_effects(
    fit: FittedModel, contrast: Contrast, gene_ids: list[str], p_value: float
) -> pd.DataFrame:
    """Find the smallest effects that a contrast of a fit would have found in some genes.

    Parameters
    ----------
    fit : FittedModel
    contrast : Contrast
    gene_ids : list of str
        The genes, all of them in the fit.
    p_value : float
        The p-value in force, as given by `p_value_in_force`.

    Returns
    -------
    DataFrame
        ``up`` and ``down`` by gene, the |log2 fold change| that has a power of 80 %; missing
        where the counts are too low to tell, or the gene has no dispersion.
    """
    design = fit.design_matrix.to_numpy(dtype=float)
    weights = deseq.coefficients(fit, contrast).to_numpy()
    compared = np.array([_of_condition(fit.factors, levels) for _, levels in contrast.conditions])
    shift = _shift(design, weights, compared[0])
    genes = fit.genes.index.get_indexer(gene_ids)
    coefficients = fit.coefficients.to_numpy()[genes]
    # The numerator's samples are moved to where there is no effect.
    coefficients = coefficients - np.outer(coefficients @ weights, shift)
    log_means = coefficients @ design.T + np.log(fit.size_factors.to_numpy())
    dispersions = fit.genes["final"].to_numpy()[genes]
    found = {
        direction: [
            smallest_effect(*gene, design, weights, shift, compared, sign, p_value)
            for gene in zip(log_means, dispersions, strict=True)
        ]
        for direction, sign in [("up", 1), ("down", -1)]
    }
    return pd.DataFrame(found, index=pd.Index(gene_ids, name="gene_id"), dtype=float)


def _of_condition(samples: pd.DataFrame, levels: dict[str, str]) -> np.ndarray:
    belongs = [samples[factor].astype(str) == str(level) for factor, level in levels.items()]
    return np.logical_and.reduce([column.to_numpy() for column in belongs])


def _shift(design: np.ndarray, contrast: np.ndarray, numerator: np.ndarray) -> np.ndarray:
    """Find the change of coefficients that raises the contrast by 1 in its numerator's samples.

    Of all changes that raise the contrast by 1 it is the one whose effect on the samples comes
    closest, by least squares, to 1 in the numerator and 0 elsewhere; mostly it is just that.
    """
    inverse = np.linalg.inv(design.T @ design)
    change = inverse @ design.T @ numerator.astype(float)
    along = inverse @ contrast
    return change + along * (1 - contrast @ change) / (contrast @ along)


def smallest_effect(
    log_means: np.ndarray,
    dispersion: float,
    design: np.ndarray,
    contrast: np.ndarray,
    shift: np.ndarray,
    compared: np.ndarray,
    sign: int,
    p_value: float,
) -> float:
    """Find the smallest effect on one gene that has the power, in one direction.

    Parameters
    ----------
    log_means : ndarray, samples
        Natural logarithm of the expected counts where there is no effect.
    dispersion : float
    design : ndarray, samples × coefficients
    contrast : ndarray, coefficients
    shift : ndarray, coefficients
        Their change that raises the contrast by 1.
    compared : ndarray of bool, conditions × samples
        The samples of each condition that the contrast compares.
    sign : {1, -1}
        Up or down.
    p_value : float
        The p-value in force.

    Returns
    -------
    float
        Its |log2 fold change|; missing where a condition would have fewer than `FEWEST_READS`
        in its samples together, or no effect up to 12 is large enough.
    """
    if not np.isfinite(dispersion):
        return np.nan
    moved = np.outer(sign * EFFECTS * nb.LN2, design @ shift)
    means = np.exp(np.minimum(log_means + moved, 50))
    errors = nb.contrast_standard_errors(
        np.maximum(means, LOWEST_MEAN), np.full(len(EFFECTS), dispersion), design, contrast
    )
    errors /= nb.LN2
    critical = _first_crossing(EFFECTS / errors, -ndtri(p_value / 2))
    effect = _first_crossing(ndtr((EFFECTS - critical) / errors), POWER)
    if np.isnan(effect):
        return np.nan
    reads = np.exp(log_means + sign * effect * nb.LN2 * (design @ shift))
    fewest = min(reads[samples].sum() for samples in compared)
    return effect if fewest >= FEWEST_READS else np.nan


def _first_crossing(values: np.ndarray, level: float) -> float:
    """Interpolate the first effect at which values, one for each of `EFFECTS`, reach a level."""
    reached = values >= level
    if not reached.any():
        return np.nan
    after = max(int(np.argmax(reached)), 1)
    share = (level - values[after - 1]) / (values[after] - values[after - 1])
    return float(EFFECTS[after - 1] + share * (EFFECTS[after] - EFFECTS[after - 1]))
