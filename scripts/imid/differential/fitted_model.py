"""A fitted model, as the steps after the fit need it: numbers and names, without PyDESeq2."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from imid.inference.trend_curve import Trend

BY_SPIKE_INS = "spike_ins"


@dataclass(frozen=True, eq=False)
class FittedModel:
    """What was fitted, and what came of it; samples and genes in the order of their names.

    Parameters
    ----------
    design : str
        The formula.
    by : str or None
        The factor within each level of which it holds by itself.
    inference : str
        ``vectorized`` or ``pydeseq2``.
    size_factor_type : str
        ``ratio``, ``poscounts``, or ``spike_ins``: the median of ratios over these alone.
    trend : Trend
        Of dispersions over means.
    prior_variance : float
        Of true log dispersions around the trend.
    factors : DataFrame, samples × variables
        Categories, the reference first, and slopes.
    size_factors : Series, samples
    counts : ndarray, samples × genes
        As given; where an outlier was replaced, it stands here still.
    genes : DataFrame
        By gene: base_mean of normalized counts; the dispersion at each stage, gene_wise, fitted,
        map and final; and whether the gene is an outlier, had counts replaced, and was emptied
        by that.
    design_matrix : DataFrame, samples × coefficients
    coefficients : DataFrame, genes × coefficients
        Natural log.
    basis : ndarray, coefficients × coefficients
        The design matrix is the one fitted times this.
    gene_order, sample_order : list of str
        In which the counts were given, and tables are made.
    """

    design: str
    by: str | None
    inference: str
    size_factor_type: str
    trend: Trend
    prior_variance: float
    factors: pd.DataFrame
    size_factors: pd.Series
    counts: np.ndarray
    genes: pd.DataFrame
    design_matrix: pd.DataFrame
    coefficients: pd.DataFrame
    basis: np.ndarray
    gene_order: list[str]
    sample_order: list[str]

    @property
    def normalized(self) -> np.ndarray:
        """Counts over size factors, samples × genes."""
        return self.counts / self.size_factors.to_numpy()[:, None]

    def as_given(self, table: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
        """Put a table's genes in the order of the counts that were fitted."""
        return table.loc[self.gene_order]

    def by_gene(self, values: np.ndarray) -> pd.DataFrame:
        """Turn values of samples × genes into a table of genes × samples."""
        table = pd.DataFrame(values.T, index=self.genes.index, columns=self.factors.index)
        return self.as_given(table)[self.sample_order]
