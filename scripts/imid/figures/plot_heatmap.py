"""Draw the most significant genes of all contrasts over a cell line's samples."""

import pandas as pd
from matplotlib.figure import Figure
from scipy.spatial.distance import pdist

from imid.figures.clustered_matrix import cluster, draw_matrix
from imid.figures.declaration import Declaration
from imid.figures.figure_style import UP_DOWN_MAP, joined_cell_lines, message_figure
from imid.question.contrast_results import ContrastResult
from imid.shared.gene_labels import gene_labels
from imid.shared.significance import significant

FIGURE = Declaration(
    of="fit",
    tables=["vst", "samples", "contrasts", "sidecars"],
    section="figures",
    caption="The most significant genes of all contrasts over the samples",
    alt=(
        "A heatmap of z-scores: the most significant genes in the rows, the samples in the columns,"
        " both clustered"
    ),
)

LIMIT = 2  # standard deviations at which the colours end


def leading_genes(contrasts: list[tuple[pd.DataFrame, ContrastResult]], each: int) -> list[str]:
    """Choose the genes that stand out most in any of the contrasts.

    Parameters
    ----------
    contrasts : list of (DataFrame, ContrastResult)
        Contrast tables with their sidecars, whose thresholds decide what is significant.
    each : int
        How many genes to take of each contrast: those with the smallest p-values and, where
        these are the same, the largest statistics.

    Returns
    -------
    list of str
        gene_id, each once, in the order in which they were found.
    """
    chosen: dict[str, None] = {}
    for table, sidecar in contrasts:
        genes = table[significant(table, sidecar.fdr, sidecar.log2_fold_change)]
        ranked = genes.assign(size=-genes["stat"].abs()).sort_values(["p_value", "size"])
        chosen |= dict.fromkeys(ranked["gene_id"].head(each))
    return list(chosen)


def z_scores(values: pd.DataFrame) -> pd.DataFrame:
    """Centre each row on its mean and divide by its standard deviation.

    Parameters
    ----------
    values : DataFrame
        Genes × samples.

    Returns
    -------
    DataFrame
        The same shape; zeros where a row does not vary.
    """
    deviation = values.std(axis=1)
    centred = values.sub(values.mean(axis=1), axis=0)
    return centred.div(deviation.where(deviation > 0, 1.0), axis=0)


def draw_heatmap(
    vst: pd.DataFrame,
    samples: pd.DataFrame,
    contrasts: list[pd.DataFrame],
    sidecars: list[ContrastResult],
    each: int = 20,
) -> Figure:
    """Draw the leading genes over the samples.

    Parameters
    ----------
    vst : DataFrame
        Table of variance-stabilized counts.
    samples : DataFrame
        Samples table.
    contrasts, sidecars : list of DataFrame, list of ContrastResult
        Contrast tables, and their sidecars in that order.
    each : int
        How many genes to take of each contrast.

    Returns
    -------
    Figure
        z-scores by gene, genes and samples clustered by them.
    """
    number = f"{len(contrasts)} contrast{'s' if len(contrasts) > 1 else ''}"
    title = f"{joined_cell_lines(samples)}: leading genes of {number}"
    chosen = leading_genes(list(zip(contrasts, sidecars, strict=True)), each)
    if not chosen:
        return message_figure(title, "No gene is significant in any of the contrasts.")
    rows = vst.set_index("gene_id").loc[chosen].reset_index()
    scores = z_scores(rows[samples["sample"]]).set_axis(gene_labels(rows), axis=0)

    axes = draw_matrix(
        title,
        scores,
        cluster(pdist(scores)),
        cluster(pdist(scores.T)),
        samples["treatment"],
        "z-score of variance-stabilized counts, by gene",
        cmap=UP_DOWN_MAP,
        vmin=-LIMIT,
        vmax=LIMIT,
    )
    for label in axes.get_yticklabels():
        label.set_fontstyle("italic")
    return axes.figure
