"""Gene sets by a score for each sample, tested over the replicates.

Genes of a set go together from sample to sample also where nothing changes, so that their own
tests cannot be added up: what counts is the number of replicates, not of genes. A sample's score
is one number, the mean of the set's transformed counts, weighted and signed; a contrast of scores
is the weighted mean of the genes' log2 fold changes, and the replicates tell its error. Transformed
counts vary alike at all levels, so that genes need no scaling, and an estimate keeps its unit.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.inference.moderated_t import (
    LinearModel,
    Prior,
    fit_common_prior,
    fit_linear_model,
    moderated_t,
)
from imid.question.contrast_results import ContrastResult
from imid.shared.tables import read_table


class Replicates(NamedTuple):
    """What sets are scored in: samples, and their design.

    Attributes
    ----------
    values : DataFrame, genes × samples
        Transformed counts, by gene_id.
    design : DataFrame, samples × coefficients
    """

    values: pd.DataFrame
    design: pd.DataFrame

    def contrast(self, result: ContrastResult) -> np.ndarray:
        """Give a contrast as weights of the design's columns."""
        return np.array([result.coefficients.get(name, 0.0) for name in self.design.columns])


def read_replicates(vst: pd.DataFrame, design: Path) -> Replicates:
    """Put transformed counts to a fit's design.

    Parameters
    ----------
    vst : DataFrame
        The table of transformed counts.
    design : Path
        The table of the design matrix.

    Returns
    -------
    Replicates
    """
    matrix = read_table(design, index="sample")
    return Replicates(vst.set_index("gene_id")[matrix.index], matrix)


class Scored(NamedTuple):
    """Scores of sets in each sample, and a design fitted to them.

    Attributes
    ----------
    scores : DataFrame, samples × sets
    model : LinearModel
    prior : Prior
        Of all these sets.
    """

    scores: pd.DataFrame
    model: LinearModel
    prior: Prior


def sample_scores(values: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """Score each sample by a set of genes.

    Parameters
    ----------
    values : DataFrame, genes × samples
        Transformed counts.
    weights : Series
        Of the set's genes, by id; negative where a gene falls as the set rises.

    Returns
    -------
    Series, samples
        The weighted mean, in units of the values.
    """
    return weights @ values.loc[weights.index] / weights.abs().sum()


def score_samples(replicates: Replicates, sets: Mapping[str, pd.Series]) -> Scored:
    """Score samples by several sets of one kind, and fit the design to the scores.

    Parameters
    ----------
    replicates : Replicates
    sets : mapping of str to Series
        The weights of each set's genes, by id.

    Returns
    -------
    Scored

    Raises
    ------
    ValueError
        The design leaves no degree of freedom.
    """
    values, design = replicates
    scores = pd.DataFrame({name: sample_scores(values, each) for name, each in sets.items()})
    scores = scores.reindex(index=design.index, columns=list(sets))
    model = fit_linear_model(scores.to_numpy(float), design.to_numpy(float))
    return Scored(scores, model, fit_common_prior(model.variances, model.freedom))


def set_changes(scored: Scored, contrast: np.ndarray) -> pd.DataFrame:
    """Test for each set whether its score changed.

    Parameters
    ----------
    scored : Scored
    contrast : ndarray, coefficients

    Returns
    -------
    DataFrame
        log2_change, log2_change_se, freedom and p_value, by set.
    """
    tested = moderated_t(scored.model, contrast, scored.prior)
    return pd.DataFrame(
        {
            "log2_change": tested.estimate,
            "log2_change_se": tested.error,
            "freedom": tested.freedom,
            "p_value": tested.p_value,
        },
        index=pd.Index(scored.scores.columns, name="gene_set"),
    )


def p_values_without_one_gene(
    replicates: Replicates, weights: pd.Series, contrast: np.ndarray, prior: Prior
) -> pd.Series:
    """Test a set with each of its genes left out in turn.

    Parameters
    ----------
    replicates : Replicates
    weights : Series
        Of the set's genes, by id; at least two.
    contrast : ndarray, coefficients
    prior : Prior
        Of the whole sets.

    Returns
    -------
    Series
        By the gene left out the two-sided p-value; 1 where the rest of the set changed the other
        way than the whole.
    """
    members = replicates.values.loc[weights.index].to_numpy(float).T
    weight = weights.to_numpy(float)
    whole = members @ weight
    rest = (whole[:, None] - members * weight) / (np.abs(weight).sum() - np.abs(weight))
    scores = np.column_stack([whole, rest])
    model = fit_linear_model(scores, replicates.design.to_numpy(float))
    tested = moderated_t(model, contrast, prior)
    same_side = np.sign(tested.estimate[1:]) == np.sign(tested.estimate[0])
    return pd.Series(np.where(same_side, tested.p_value[1:], 1.0), index=weights.index)


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Adjust p-values so that one falls below a level by chance no more often than the level says.

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    ndarray
        Holm's (Scand J Stat 6:65 (1979)).
    """
    values = np.asarray(p_values, float)
    order = np.argsort(values, kind="stable")
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(steps, 1)
    return adjusted
