"""A fitted model as an AnnData object, which anndata and scanpy read without this workflow."""

import json
from pathlib import Path

import pandas as pd
from anndata import AnnData

from imid.differential import deseq
from imid.differential.fitted_model import FittedModel
from imid.question.contrast_results import ContrastResult
from imid.shared.files import written
from imid.shared.tables import GENE

ABOUT = (
    "X: counts. layers['normalized']: counts by size factor. obs: samples with size_factor."
    " var: gene_name, base_mean and dispersions. obsm['design_matrix'] and varm['LFC']: the design"
    " and its coefficients, which are natural logarithms. varm[contrast]: the contrast's table,"
    " log2. uns['contrasts'][contrast]: its direction, thresholds and numbers, as JSON."
)


def fitted_object(
    fit: FittedModel,
    genes: pd.DataFrame,
    samples: pd.DataFrame,
    contrasts: list[tuple[pd.DataFrame, ContrastResult]],
) -> AnnData:
    """Gather a fit and its contrasts in one object without what cannot be written to a file.

    Parameters
    ----------
    fit : FittedModel
    genes : DataFrame
        gene_id and gene_name of the fitted counts.
    samples : DataFrame
        Samples table.
    contrasts : list of (DataFrame, ContrastResult)
        Contrast tables with what came of them.

    Returns
    -------
    AnnData
        Samples × genes, in the order of `samples` and `genes`; its ``uns['about']`` says what is
        where.
    """
    genes, samples = genes.set_index("gene_id"), samples.set_index("sample")
    counts = pd.DataFrame(fit.counts, index=fit.factors.index, columns=fit.genes.index)
    tables = {
        result.name: table.drop(columns=GENE).set_index(pd.Index(table["gene_id"]))
        for table, result in contrasts
    }
    tables = {"LFC": fit.coefficients, **tables}
    return AnnData(
        counts.loc[samples.index, genes.index].to_numpy(),
        obs=samples,
        var=genes[["gene_name"]].join(deseq.dispersions(fit)),
        layers={"normalized": deseq.normalized(fit).loc[genes.index, samples.index].T.to_numpy()},
        obsm={"design_matrix": fit.design_matrix.loc[samples.index]},
        varm={name: table.loc[genes.index] for name, table in tables.items()},
        uns={
            "about": ABOUT,
            "design": fit.design,
            "dispersion_trend": fit.trend.kind,
            "contrasts": {
                result.name: json.dumps(result.to_json(), ensure_ascii=False)
                for _, result in contrasts
            },
        },
    )


def write_object(fitted: AnnData, path: Path) -> None:
    """Write an AnnData object, compressed; the same object gives the same bytes."""
    with written(path) as temporary:
        fitted.write_h5ad(temporary, compression="gzip")
