"""PyDESeq2's data set with R's choices, where R and PyDESeq2 0.5 differ.

Each method here replaces one of PyDESeq2's steps; what is not here is PyDESeq2's own. Together
with `VectorizedInference` they give R's results. In the order in which the steps run:

- size factors from positive counts alone: genes of which no count is above 1 take part as well;
- the trend of dispersions: see `dispersion_trend`;
- the width of the prior at three or fewer residual degrees of freedom: see there;
- where the search for a shrunken dispersion starts: at the gene-wise estimate, unless that is
  far below the trend. A search stops a little short of the maximum, and on which side of it
  depends on the start;
- which counts make a gene an outlier, and what happens to it after its counts were replaced.
"""

import warnings

import numpy as np
import pandas as pd
from pydeseq2.dds import DeseqDataSet
from pydeseq2.utils import n_or_more_replicates
from scipy.stats import f

from imid.inference.dispersion_trend import fit_trend, prior_variance, residual_variance
from imid.inference.trend_curve import Trend

ENOUGH_FOR_COOKS = 3
OUTLIER_SD = 2.0
FAR_BELOW_TREND = 0.1


class RDeseqDataSet(DeseqDataSet):
    """A `DeseqDataSet` whose estimates are those of R's DESeq2.

    Parameters are the parent's; the inference should be a `VectorizedInference`.

    Attributes
    ----------
    compares_two_groups : bool
        Whether the design is of one factor with two levels, in which R is slower to take a gene
        for an outlier. A design matrix does not tell, and outliers are found during the fit: to be
        set before.
    """

    compares_two_groups = False

    def fit_size_factors(
        self, fit_type: str | None = None, control_genes: np.ndarray | None = None
    ) -> None:
        r"""Fit size factors: see the parent, and for ``poscounts`` R's.

        A gene's reference is :math:`\exp(\sum_{j: k_j > 0} \log(k_j) / n)` over the n samples, a
        sample's factor the median of its positive counts over the genes' references, and the
        factors' geometric mean is 1.

        Parameters
        ----------
        fit_type : {"ratio", "poscounts"}, optional
            If not that of the data set.
        control_genes : ndarray, optional
            For ``ratio`` only.
        """
        if (fit_type or self.size_factors_fit_type) != "poscounts":
            super().fit_size_factors(fit_type, control_genes)
            return
        logarithms = np.log(np.where(self.X > 0, self.X, 1))
        ratios = np.where(self.X > 0, logarithms - logarithms.mean(axis=0), np.nan)
        factors = np.nanmedian(ratios, axis=1)
        self.obs["size_factors"] = np.exp(factors - factors.mean())
        self.layers["normed_counts"] = self.X / self.obs["size_factors"].to_numpy()[:, None]
        self.var["_normed_means"] = self.layers["normed_counts"].mean(axis=0)

    def fit_dispersion_trend(self, vst: bool = False) -> None:
        """Fit R's trend: parametric, or local where that fails.

        Parameters
        ----------
        vst : bool
            Must be False: the variance-stabilising transformation uses the fit's own trend.
        """
        if vst:
            raise NotImplementedError("use the trend of the fit")
        known = self.var["non_zero"].to_numpy()
        means = self.var.loc[known, "_normed_means"].to_numpy()
        dispersions = self.var.loc[known, "genewise_dispersions"].to_numpy()
        trend = fit_trend(means, dispersions, self.min_disp)
        if trend.kind != "parametric":
            warnings.warn(
                f"The dispersion trend is not a0 + a1/mean; a {trend.kind} trend is used.",
                UserWarning,
                stacklevel=2,
            )
        self._set_trend(trend)

    def _set_trend(self, trend: Trend) -> None:
        self.trend = trend
        self.uns["disp_function_type"] = trend.kind
        if trend.kind == "parametric":
            self.uns["trend_coeffs"] = pd.Series(trend.numbers)
        known = self.var["non_zero"].to_numpy()
        fitted = np.full(self.n_vars, np.nan)
        fitted[known] = trend.curve(self.var.loc[known, "_normed_means"].to_numpy())
        self.var["fitted_dispersions"] = fitted

    def disp_function(self, x: np.ndarray) -> np.ndarray:
        """Give the trend's dispersion at means `x`."""
        return self.trend.curve(np.asarray(x))

    def fit_dispersion_prior(self) -> None:
        """Estimate how far genes lie from the trend, and how far they truly do."""
        gene_wise = self.var["genewise_dispersions"].to_numpy()
        measurable = gene_wise >= 100 * self.min_disp
        fitted = self.var["fitted_dispersions"].to_numpy()
        residuals = np.log(gene_wise[measurable]) - np.log(fitted[measurable])
        freedom = self.n_obs - self.obsm["design_matrix"].shape[1]
        if len(residuals):
            self.uns["_squared_logres"] = residual_variance(residuals)
            self.uns["prior_disp_var"] = prior_variance(residuals, freedom)
        else:
            self.uns["_squared_logres"] = self.uns["prior_disp_var"] = 0.25

    def fit_MAP_dispersions(self) -> None:  # noqa: N802 (PyDESeq2's name)
        """Estimate dispersions with the prior, and leave out genes far above the trend."""
        known = self.var["non_zero"].to_numpy()
        gene_wise = self.var.loc[known, "genewise_dispersions"].to_numpy()
        fitted = self.var.loc[known, "fitted_dispersions"].to_numpy()
        estimates, converged = self.inference.alpha_mle(
            counts=self.X[:, known],
            design_matrix=self.obsm["design_matrix"].to_numpy(),
            mu=self.layers["_mu_hat"][:, known],
            alpha_hat=fitted,
            min_disp=self.min_disp,
            max_disp=self.max_disp,
            prior_disp_var=self.uns["prior_disp_var"],
            prior_reg=True,
            start=np.where(gene_wise > FAR_BELOW_TREND * fitted, gene_wise, fitted),
        )
        border = np.log(fitted) + OUTLIER_SD * np.sqrt(self.uns["_squared_logres"])
        outlying = np.log(gene_wise) > border
        self._set_of_known("MAP_dispersions", estimates)
        self._set_of_known("dispersions", np.where(outlying, gene_wise, estimates))
        self.var["_outlier_genes"] = False
        self.var.loc[known, "_outlier_genes"] = outlying
        self.var["_MAP_converged"] = False
        self.var.loc[known, "_MAP_converged"] = converged

    def _set_of_known(self, column: str, values: np.ndarray) -> None:
        self.var[column] = np.nan
        self.var.loc[self.var["non_zero"].to_numpy(), column] = values

    def _refit_without_outliers(self) -> None:
        """Fit again the genes of which counts were replaced, with the trend as it is."""
        emptied = (self.counts_to_refit.X == 0).all(axis=0)
        replaced = np.flatnonzero(self.var["replaced"])
        self.new_all_zeroes_genes = self.var_names[replaced[emptied]]
        refitted = replaced[~emptied]
        self.var["refitted"] = np.isin(np.arange(self.n_vars), refitted)
        self.var.loc[self.new_all_zeroes_genes, "_normed_means"] = 0.0
        self.varm["LFC"].loc[self.new_all_zeroes_genes] = 0.0
        if not len(refitted):
            return
        part = self._fit_part(self.counts_to_refit.X[:, ~emptied], self.var_names[refitted])
        for column in part.var.columns.intersection(self.var.columns):
            self.var.iloc[refitted, self.var.columns.get_loc(column)] = part.var[column].array
        self.varm["LFC"].iloc[refitted] = part.varm["LFC"].to_numpy()
        self.layers["replace_cooks"] = self.layers["cooks"].copy()
        self.layers["replace_cooks"][self.obs["replaceable"].to_numpy()] = 0.0

    def _fit_part(self, counts: np.ndarray, genes: pd.Index) -> "RDeseqDataSet":
        """Fit some genes with the size factors, the trend and the prior of all."""
        part = RDeseqDataSet(
            counts=pd.DataFrame(counts, index=self.obs_names, columns=genes),
            metadata=self.obs,
            design=pd.DataFrame(self.obsm["design_matrix"]),
            min_mu=self.min_mu,
            min_disp=self.min_disp,
            max_disp=self.max_disp,
            beta_tol=self.beta_tol,
            inference=self.inference,
            quiet=True,
        )
        part.obs["size_factors"] = self.obs["size_factors"]
        part.layers["normed_counts"] = part.X / part.obs["size_factors"].to_numpy()[:, None]
        part.var["_normed_means"] = part.layers["normed_counts"].mean(axis=0)
        part.fit_genewise_dispersions()
        part._set_trend(self.trend)
        part.uns["_squared_logres"] = self.uns["_squared_logres"]
        part.uns["prior_disp_var"] = self.uns["prior_disp_var"]
        part.fit_MAP_dispersions()
        part.fit_LFC()
        return part

    def cooks_outlier(self) -> pd.Series:
        """Tell which genes have a count that the fit depends on too much.

        A sample counts where at least three share its row of the design, and if it was not
        open to replacement. In a comparison of two groups, and only there, a gene is spared
        if three counts are higher than the one with the largest distance.

        Returns
        -------
        Series of bool, genes
        """
        if "_pvalue_cooks_outlier" not in self.var:
            self.var["_pvalue_cooks_outlier"] = self._cooks_outliers()
        return self.var["_pvalue_cooks_outlier"]

    def _cooks_outliers(self) -> np.ndarray:
        design = self.obsm["design_matrix"]
        coefficients = design.shape[1]
        used = n_or_more_replicates(design, ENOUGH_FOR_COOKS).to_numpy()
        if "refitted" in self.var and self.var["refitted"].any():
            used = used & ~self.obs["replaceable"].to_numpy()
        cutoff = f.ppf(0.99, coefficients, self.n_obs - coefficients)
        outliers = (self.layers["cooks"][used] > cutoff).any(axis=0)
        if self.compares_two_groups:
            worst = np.nan_to_num(self.layers["cooks"]).argmax(axis=0)
            counts = self.X
            higher = counts > counts[worst, np.arange(self.n_vars)]
            outliers &= higher.sum(axis=0) < 3
        return outliers
