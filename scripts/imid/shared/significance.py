"""Which genes are significant: the one rule for tables, figures and targets.

Each contrast table has the p-values and rates of two tests. The config says which decides.
"""

import numpy as np
import pandas as pd

# Half the width of a 95 % interval, in standard errors.
NORMAL_95 = 1.959963984540054

WALD, QUASI_LIKELIHOOD = "wald", "quasi_likelihood"
TESTS = {WALD: "DESeq2's Wald test", QUASI_LIKELIHOOD: "the quasi-likelihood F-test"}


def by_deciding_test(table: pd.DataFrame, test: str) -> pd.DataFrame:
    """Give a contrast table as the test that decides has it.

    Parameters
    ----------
    table : DataFrame
        A contrast table, or some columns and rows of it.
    test : str
        One of `TESTS`.

    Returns
    -------
    DataFrame
        The same genes and columns. Of the quasi-likelihood test p_value, fdr and, where they are
        there, their like for the threshold are its own, and so is stat, the root of F with the sign
        of the change, as the normal deviate of its p-value, for the degrees of freedom are not the
        same in all genes; status is low_count where it has none.
    """
    if test == WALD:
        return table
    names = ["p_value", "fdr", "threshold_p_value", "threshold_fdr"]
    own = {name: table[f"ql_{name}"] for name in names if name in table}
    if "stat" in table:
        own["stat"] = np.sign(table["log2_fold_change"]) * _normal_deviates(own["p_value"])
    untested = table["status"].where(table["status"] == "all_zero", "low_count")
    return table.assign(**own, status=untested.where(own["p_value"].isna(), "tested"))


def _normal_deviates(p_values: pd.Series) -> pd.Series:
    """Give the normal deviates, from 0 on, of two-sided p-values."""
    # Where the Wald test decides, which is mostly so, a step need not wait for its import.
    from scipy.special import ndtri

    return -ndtri(np.maximum(p_values / 2, np.finfo(float).tiny))


def significant(table: pd.DataFrame, fdr: float, log2_fold_change: float) -> pd.Series:
    """Decide which genes of a contrast are significant.

    Parameters
    ----------
    table : DataFrame
        A contrast table, as `by_deciding_test` gives it.
    fdr : float
        Genes below this false discovery rate pass.
    log2_fold_change : float
        Genes whose |log2 fold change| is above this pass.

    Returns
    -------
    Series of bool
        False where there is no false discovery rate.
    """
    return (table["fdr"] < fdr) & (table["log2_fold_change"].abs() > log2_fold_change)


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Give false discovery rates (Benjamini and Hochberg, J R Stat Soc B 57:289 (1995)).

    Parameters
    ----------
    p_values : ndarray
        Missing where there was no test.

    Returns
    -------
    ndarray
        Missing where the p-value is; those do not count as tests.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known])[::-1]]
    ranks = np.arange(len(known), 0, -1)
    adjusted[order] = np.minimum(1, np.minimum.accumulate(len(known) / ranks * p_values[order]))
    return adjusted


def p_value_in_force(others: np.ndarray, fdr: float) -> float:
    """Find below which p-value one more gene would be significant beside others.

    Benjamini and Hochberg's rule (J R Stat Soc B 57:289 (1995)) calls the j smallest of m
    p-values if the j-th is at most ``fdr j / m``. So the gene is called with a p-value of at most
    that of the largest j for which j - 1 of the others are as small.

    Parameters
    ----------
    others : ndarray
        The p-values of all other genes that are tested.
    fdr : float
        The false discovery rate.

    Returns
    -------
    float
        ``fdr j / m``, about ``fdr (k + 1) / m`` where k others are called.
    """
    number = len(others) + 1
    steps = fdr * np.arange(1, number + 1) / number
    as_small = np.searchsorted(np.sort(others), steps, side="right")
    return float(steps[np.flatnonzero(as_small >= np.arange(number))[-1]])


def p_values_in_force(table: pd.DataFrame, fdr: float, genes: list[str]) -> np.ndarray:
    """Find below which p-value each of some genes would be significant beside all others.

    Parameters
    ----------
    table : DataFrame
        A contrast table.
    fdr : float
        The false discovery rate.
    genes : list of str
        Their gene_id; all are tested.

    Returns
    -------
    ndarray, genes
    """
    tested = table[table["fdr"].notna()].set_index("gene_id")["p_value"]
    return np.array([p_value_in_force(tested.drop(gene).to_numpy(), fdr) for gene in genes])
