r"""Whether cell lines answer differently: one model of all lines, tested by quasi-likelihood.

The lines' designs stand side by side, so that full and null model share nothing but what is
tested: that the contrast is the same in all lines. The dispersion that the deviances are taken at
is the geometric mean of the lines' trends; what a gene varies beyond that is estimated from the
replicates of all lines, squeezed as in `quasi_likelihood`, and

.. math:: F = \frac{D_0 - D_1}{(k - 1)\,\tilde s^2}

of k lines has k − 1 and :math:`d_0 + d` degrees of freedom. So the reference knows how little the
replicates tell. (Cochran's Q of the lines' estimates, which takes their standard errors as known,
had 7 to 9 % of false discoveries at a rate of 5 % with two lines, and 15 % with six.)

A gene is asked for the lines in which it has enough reads.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.linalg import block_diag, null_space
from scipy.special import fdtrc

from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.inference import quasi_likelihood as ql
from imid.inference.deviance import maximum_likelihood
from imid.question.contrasts import Contrast

ESTIMATED = ["degrees", "gained", "deviance", "freedom", "log_mean"]
COLUMNS = ["heterogeneity_f", "heterogeneity_p_value"]


def heterogeneity(fits: dict[str, FittedModel], contrast: Contrast) -> pd.DataFrame:
    """Test whether a contrast differs between cell lines.

    Parameters
    ----------
    fits : dict
        The model of each line, by its name.
    contrast : Contrast

    Returns
    -------
    DataFrame
        F and its p-value by gene, of the genes that have enough reads in two lines.
    """
    parts = [_Line(fit, contrast) for fit in fits.values()]
    table = pd.concat([pd.DataFrame(columns=ESTIMATED, dtype=float), *_by_lines(parts)])
    if table.empty:
        return pd.DataFrame(columns=COLUMNS, index=table.index, dtype=float)
    varied = (table[column].to_numpy() for column in ["deviance", "freedom", "log_mean"])
    squeezed = ql.squeeze(*varied)
    statistics = table["gained"] / table["degrees"] / squeezed.posterior
    p_values = fdtrc(table["degrees"], squeezed.freedom, statistics)
    return pd.DataFrame(dict(zip(COLUMNS, [statistics, p_values], strict=True)), index=table.index)


class _Line:
    """What one line brings: its counts, its design and contrast, and who has enough reads."""

    def __init__(self, fit: FittedModel, contrast: Contrast):
        weights = deseq.coefficients(fit, contrast).to_numpy(dtype=float)
        self.design, _, self.contrast = deseq.as_fitted(fit, weights)
        self.size_factors = fit.size_factors.to_numpy()
        counts = fit.counts.T.astype(float)
        enough = ql.enough_reads(counts, self.size_factors, self.design)
        self.counts = pd.DataFrame(counts[enough], index=fit.genes.index[enough])
        means = (counts[enough] / self.size_factors).mean(axis=1)
        trend = np.broadcast_to(fit.trend.curve(means), means.shape)
        self.logs = pd.DataFrame({"mean": np.log(means), "trend": np.log(trend)}, self.counts.index)


def _by_lines(lines: list[_Line]) -> Iterator[pd.DataFrame]:
    """Fit the genes that have enough reads in the same lines, for each set of two lines or more."""
    every = lines[0].counts.index.append([line.counts.index for line in lines[1:]]).unique()
    has = np.column_stack([every.isin(line.counts.index) for line in lines])
    for pattern in np.unique(has, axis=0):
        if pattern.sum() > 1:
            taken = [line for line, chosen in zip(lines, pattern, strict=True) if chosen]
            yield _fitted(taken, every[(has == pattern).all(axis=1)])


def _fitted(lines: list[_Line], genes: pd.Index) -> pd.DataFrame:
    """Fit some genes in some lines, with the contrast free in each and the same in all."""
    counts = np.hstack([line.counts.loc[genes] for line in lines])
    size_factors = np.concatenate([line.size_factors for line in lines])
    design = block_diag(*(line.design for line in lines))
    log_mean, log_trend = np.mean([line.logs.loc[genes].to_numpy() for line in lines], axis=0).T
    dispersions = np.exp(log_trend)
    _, mu, full = maximum_likelihood(counts, size_factors, design, dispersions)
    alike = design @ null_space(_line_differences(lines))
    null = maximum_likelihood(counts, size_factors, alike, dispersions).deviances
    freedom = ql.residual_freedom(mu, design)
    columns = [len(lines) - 1, np.maximum(null - full, 0), full, freedom, log_mean]
    return pd.DataFrame(dict(zip(ESTIMATED, columns, strict=True)), index=genes)


def _line_differences(lines: list[_Line]) -> np.ndarray:
    """Write the contrast of each further line less that of the first, by coefficients."""
    apart = block_diag(*(line.contrast[None] for line in lines))
    return apart[1:] - apart[0]
