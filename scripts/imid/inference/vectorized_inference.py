"""PyDESeq2's inference for all genes at once.

A drop-in for ``pydeseq2.default_inference.DefaultInference``, which calls a scalar optimizer
gene by gene::

    dataset = DeseqDataSet(counts=counts, metadata=metadata, inference=VectorizedInference())

Genes go through the same iterations in step, in arrays, and leave them as they converge. The
work is done in blocks of genes, so that it stays in the processor's cache and memory does not
grow with their number. One process is used.

The steps are those of R's DESeq2, so that the results are R's: see `negative_binomial` for
coefficients, `dispersion_estimates` and `dispersion_trend` for dispersions, `shrinkage` for
shrunken fold changes. PyDESeq2's arrays are samples × genes; these modules' are genes ×
samples.
"""

import numpy as np
import pandas as pd
from pydeseq2.inference import Inference

from imid.inference import dispersion_estimates as estimates
from imid.inference import negative_binomial as nb
from imid.inference.blocks import in_blocks
from imid.inference.contrasts import LOWEST_MEAN, shrunken, standard_errors
from imid.inference.cox_reid import CoxReid
from imid.inference.dispersion_trend import fit_gamma_glm


class VectorizedInference(Inference):
    """All of PyDESeq2's inference, on arrays of genes.

    Parameters
    ----------
    min_mu : float
        No fitted mean is below this when dispersions are estimated and standard errors
        computed, as in R. (PyDESeq2 leaves it out there, which makes genes that are off in
        one group come out far less significant.)
    """

    def __init__(self, min_mu: float = LOWEST_MEAN) -> None:
        self.min_mu = min_mu

    def lin_reg_mu(  # noqa: D102
        self,
        counts: np.ndarray,
        size_factors: np.ndarray,
        design_matrix: np.ndarray,
        min_mu: float,
    ) -> np.ndarray:
        fitted = nb.least_squares_means((counts / size_factors[:, None]).T, design_matrix)
        return np.maximum(fitted * size_factors, min_mu).T

    def irls(  # noqa: D102
        self,
        counts: np.ndarray,
        size_factors: np.ndarray,
        design_matrix: np.ndarray,
        disp: np.ndarray,
        min_mu: float,
        beta_tol: float,
        min_beta: float = -30,
        max_beta: float = 30,
        optimizer: str = "L-BFGS-B",
        maxiter: int = 100,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        def fit(block_counts: np.ndarray, block_disp: np.ndarray) -> tuple:
            return nb.fit_glm(
                block_counts, size_factors, design_matrix, block_disp, min_mu, beta_tol, maxiter
            )

        beta, leverages, converged = in_blocks(fit, counts.T, disp, design=design_matrix)
        with np.errstate(over="ignore"):
            mu = np.exp(design_matrix @ beta.T) * size_factors[:, None]
        return beta, mu, leverages.T, converged

    def alpha_mle(
        self,
        counts: np.ndarray,
        design_matrix: np.ndarray,
        mu: np.ndarray,
        alpha_hat: np.ndarray,
        min_disp: float,
        max_disp: float,
        prior_disp_var: float | None = None,
        cr_reg: bool = True,
        prior_reg: bool = False,
        optimizer: str = "L-BFGS-B",
        start: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Estimate dispersions: see the parent, and ``start``.

        Parameters
        ----------
        counts, mu : ndarray, samples × genes
        design_matrix : ndarray, samples × coefficients
        alpha_hat : ndarray, genes
            Where to start, and with `prior_reg` the prior's centre.
        min_disp, max_disp : float
        prior_disp_var : float, optional
        cr_reg, prior_reg : bool
        optimizer : str
            Not used.
        start : ndarray, genes, optional
            Where to start if not at `alpha_hat`.

        Returns
        -------
        dispersions : ndarray, genes
        converged : ndarray of bool, genes
        """
        cox_reid = CoxReid.of(design_matrix) if cr_reg else None
        model = estimates.Model(cox_reid, prior_disp_var if prior_reg else None)
        estimate = estimates.map_dispersions if prior_reg else estimates.gene_wise_dispersions

        def fit(block_counts: np.ndarray, block_mu: np.ndarray, *rest: np.ndarray) -> tuple:
            centre, begin = rest
            samples_first = np.ascontiguousarray(block_counts.T, dtype=float)
            means = np.ascontiguousarray(np.maximum(block_mu, self.min_mu).T)
            genes = estimates.Genes(samples_first, means, np.log(centre))
            return estimate(genes, model, begin, min_disp, max_disp)

        begin = alpha_hat if start is None else start
        arrays = (counts.T, mu.T, alpha_hat, begin)
        dispersions, converged = in_blocks(fit, *arrays, design=design_matrix)
        return dispersions, converged

    def wald_test(
        self,
        design_matrix: np.ndarray,
        disp: np.ndarray,
        lfc: np.ndarray,
        mu: np.ndarray,
        ridge_factor: np.ndarray,
        contrast: np.ndarray,
        lfc_null: float,
        alt_hypothesis: str | None = None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Test a contrast: see the parent.

        The threshold `lfc_null` applies to the contrast, not to each coefficient; the ridge
        is the one of the fit.

        Parameters
        ----------
        design_matrix : ndarray, samples × coefficients
        disp : ndarray, genes
        lfc : ndarray, genes × coefficients
            Natural log.
        mu : ndarray, samples × genes
        ridge_factor : ndarray
            Not used.
        contrast : ndarray, coefficients
        lfc_null : float
            Natural log.
        alt_hypothesis : str, optional
            greaterAbs (the default), lessAbs, greater or less.

        Returns
        -------
        p_values, statistics, standard_errors : ndarray, genes
            Missing where the coefficients are.
        """
        errors = standard_errors(design_matrix, disp, lfc, mu, contrast, self.min_mu)
        known = ~np.isnan(errors)
        result = np.full((3, len(disp)), np.nan)
        statistics, p_values = nb.wald_test(
            lfc[known] @ contrast, errors[known], lfc_null, alt_hypothesis or "greaterAbs"
        )
        result[:, known] = p_values, statistics, errors[known]
        return result[0], result[1], result[2]

    def fit_rough_dispersions(  # noqa: D102
        self, normed_counts: np.ndarray, design_matrix: np.ndarray
    ) -> np.ndarray:
        design = np.asarray(design_matrix)
        normalized = np.asarray(normed_counts).T
        fitted = nb.least_squares_means(normalized, design)
        return estimates.rough_dispersions(normalized, fitted, design.shape[1])

    def fit_moments_dispersions(  # noqa: D102
        self, normed_counts: np.ndarray, size_factors: np.ndarray
    ) -> np.ndarray:
        return estimates.moments_dispersions(np.asarray(normed_counts).T, size_factors)

    def dispersion_trend_gamma_glm(  # noqa: D102
        self, covariates: pd.Series, targets: pd.Series
    ) -> tuple[np.ndarray, np.ndarray, bool]:
        inverse_means = covariates.to_numpy()
        coefficients, converged = fit_gamma_glm(inverse_means, targets.to_numpy())
        return coefficients, coefficients[0] + coefficients[1] * inverse_means, converged

    def lfc_shrink_nbinom_glm(  # noqa: D102
        self,
        design_matrix: np.ndarray,
        counts: np.ndarray,
        size: np.ndarray,
        offset: np.ndarray,
        prior_no_shrink_scale: float,
        prior_scale: float,
        optimizer: str,
        shrink_index: int,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return shrunken(
            counts, offset, design_matrix, size, shrink_index, prior_scale, prior_no_shrink_scale
        )
