"""Fitting the model: DESeq2's, by PyDESeq2 with the inference of this workflow."""

import warnings
from collections.abc import Collection

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet

from imid.differential.fitted_model import BY_SPIKE_INS, FittedModel
from imid.inference.r_choices import RDeseqDataSet
from imid.inference.trend_curve import Trend
from imid.inference.vectorized_inference import VectorizedInference
from imid.question.design import as_factors, design_matrix, without_units
from imid.question.formulas import read_formula
from imid.shared.problems import InputError

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
    spike_ins: Collection[str] = (),
) -> FittedModel:
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
    spike_ins : collection of str
        Genes over which alone size factors are taken; without any, over all. They are fitted and
        tested like the others, as in DESeq2.

    Returns
    -------
    FittedModel
        Size factors, dispersions and coefficients, with outliers replaced. Its samples and genes
        are in the order of their names; tables made of it are in the order of `counts`. No
        result depends on that order, nor on the references.
    """
    factors = as_factors(metadata, references, slopes)
    _check_design(factors, design, by)
    # Rounding depends on the order of sums, and the ridge on which coefficients it holds small.
    # So all fits are of sorted counts, against the first levels by name.
    ordered = counts.sort_index().sort_index(axis=1)
    plain = as_factors(metadata, (), slopes).loc[ordered.columns]
    controls = ordered.index.isin(list(spike_ins)) if len(spike_ins) else None
    dataset = _fit(ordered, plain, design, inference, by, controls)
    written = design_matrix(factors.loc[ordered.columns], design, by)
    basis, coefficients = _written_against(dataset, written)
    return FittedModel(
        design=design,
        by=by,
        inference=inference,
        size_factor_type=dataset.size_factors_fit_type if controls is None else BY_SPIKE_INS,
        trend=_trend(dataset),
        prior_variance=float(dataset.uns["prior_disp_var"]),
        factors=factors.loc[ordered.columns],
        size_factors=dataset.obs["size_factors"],
        counts=dataset.X,
        genes=_gene_table(dataset),
        design_matrix=written,
        coefficients=coefficients,
        basis=basis,
        gene_order=list(counts.index),
        sample_order=list(counts.columns),
    )


def _fit(
    counts: pd.DataFrame,
    factors: pd.DataFrame,
    design: str,
    inference: str,
    by: str | None,
    controls: np.ndarray | None,
) -> DeseqDataSet:
    settings = {
        "counts": counts.T,
        "metadata": factors,
        "design": without_units(design_matrix(factors, design, by)),
        "size_factors_fit_type": _size_factor_type(counts) if controls is None else "ratio",
        "control_genes": controls,
        "quiet": True,
    }
    if inference == "vectorized":
        dataset = RDeseqDataSet(**settings, inference=VectorizedInference())
        dataset.compares_two_groups = _compares_two_groups(factors, design, by)
    else:
        dataset = DeseqDataSet(**settings, n_cpus=1)
    dataset.deseq2()
    return dataset


def _compares_two_groups(factors: pd.DataFrame, design: str, by: str | None) -> bool:
    """Tell whether the formula is of one variable, a factor of two levels, and of nothing else."""
    columns = read_formula(design).columns
    if by or len(columns) != 1:
        return False
    column = factors[columns[0]]
    return isinstance(column.dtype, pd.CategoricalDtype) and column.nunique() == 2


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


def _written_against(
    dataset: DeseqDataSet, written: pd.DataFrame
) -> tuple[np.ndarray, pd.DataFrame]:
    r"""Write a fit's coefficients against other reference levels.

    The columns of the new design X span what those of the one fitted do, so :math:`X = X_0 B`,
    and the coefficients are :math:`\beta = B^{-1} \beta_0`. Gives B, to get back, and those.
    """
    basis = np.linalg.lstsq(dataset.obsm["design_matrix"].to_numpy(), written, rcond=None)[0]
    if written.isin([0, 1]).all(axis=None):
        # Whole numbers, but for rounding.
        basis = basis.round(12)
    coefficients = np.linalg.solve(basis, dataset.varm["LFC"].to_numpy().T).T
    return basis, pd.DataFrame(coefficients, index=dataset.var_names, columns=written.columns)


def _gene_table(dataset: DeseqDataSet) -> pd.DataFrame:
    """Gather what is known of each gene but its counts and coefficients."""
    emptied = getattr(dataset, "new_all_zeroes_genes", [])
    return pd.DataFrame(
        {
            "base_mean": dataset.var["_normed_means"],
            "gene_wise": dataset.var["genewise_dispersions"],
            "fitted": dataset.var["fitted_dispersions"],
            "map": dataset.var["MAP_dispersions"],
            "final": dataset.var["dispersions"],
            "outlier": dataset.cooks_outlier().to_numpy(dtype=bool),
            "replaced": dataset.var["replaced"].to_numpy(dtype=bool),
            "emptied": dataset.var_names.isin(emptied),
        },
        index=dataset.var_names,
    )


def _trend(dataset: DeseqDataSet) -> Trend:
    if isinstance(dataset, RDeseqDataSet):
        return dataset.trend
    if dataset.uns["disp_function_type"] == "mean":
        return Trend("mean", {"value": float(dataset.uns["mean_disp"])})
    a0, a1 = map(float, dataset.uns["trend_coeffs"])
    return Trend("parametric", {"a0": a0, "a1": a1})


def _check_design(factors: pd.DataFrame, design: str, by: str | None) -> None:
    columns = without_units(design_matrix(factors, design, by))
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
