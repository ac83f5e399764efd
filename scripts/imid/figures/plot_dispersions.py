"""Draw the dispersions of a cell line's fit against the genes' mean counts."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from imid.figures.declaration import Declaration
from imid.figures.figure_style import (
    NEUTRAL,
    footnote,
    joined_cell_lines,
    legend_above,
    message_figure,
    new_figure,
    powers_of_ten,
)

FIGURE = Declaration(
    of="fit",
    tables=["dispersions", "samples"],
    section="figures",
    caption="Dispersion of each gene against its mean count, and the trend",
    alt="Dispersions against mean counts: gene-wise estimates, final estimates and their trend",
)

FINAL = "#56B4E9"
TREND_POINTS = 200
FARTHEST = 1000  # times below the median; what is less is as good as none


def lower_edge(dispersions: pd.Series) -> float:
    """Find the dispersion below which genes are drawn at the edge.

    Genes that vary no more than chance allows are all estimated at the same tiny value;
    drawn there, they would squeeze the others together.

    Parameters
    ----------
    dispersions : Series
        Gene-wise dispersions.

    Returns
    -------
    float
        The power of ten below the smallest dispersion that is more than ten times the
        smallest of all, and not a thousand times below their median.
    """
    least = max(10 * dispersions.min(), dispersions.median() / FARTHEST)
    estimated = dispersions[dispersions > least]
    smallest = estimated.min() if len(estimated) else dispersions.min()
    return 10.0 ** np.floor(np.log10(smallest))


def trend_line(genes: pd.DataFrame) -> pd.DataFrame:
    """Thin the fitted trend out to a line that is quick to draw.

    Parameters
    ----------
    genes : DataFrame
        base_mean and fitted.

    Returns
    -------
    DataFrame
        The medians of both over narrow slices of base_mean, in ascending order.
    """
    fitted = genes[["base_mean", "fitted"]].dropna()
    slices = pd.cut(np.log10(fitted["base_mean"]), TREND_POINTS, labels=False)
    return fitted.groupby(slices).median()


def draw_dispersions(dispersions: pd.DataFrame, samples: pd.DataFrame) -> Figure:
    """Draw each gene's dispersion before and after it is shrunken to the trend.

    Parameters
    ----------
    dispersions : DataFrame
        Table of dispersions.
    samples : DataFrame
        Samples table; for the cell line's name.

    Returns
    -------
    Figure
        Genes without reads have no dispersion and are not drawn.
    """
    title = f"{joined_cell_lines(samples)}: dispersion estimates"
    genes = dispersions.dropna(subset=["gene_wise", "final"])
    if genes.empty:
        return message_figure(title, "No gene has a dispersion.")
    edge = lower_edge(genes["gene_wise"])
    figure = new_figure(title, 4.6)
    axes = figure.add_subplot(
        xscale="log", yscale="log", xlabel="mean of normalized counts", ylabel="dispersion"
    )
    dots = {"linewidths": 0, "s": np.clip(20_000 / len(genes), 3, 14), "rasterized": True}
    for stage, colour in [("gene_wise", NEUTRAL), ("final", FINAL)]:
        dots |= {"color": colour, "label": stage.replace("_", "-"), "gid": stage}
        axes.scatter(genes["base_mean"], genes[stage].clip(lower=edge), **dots)
    trend = trend_line(genes)
    axes.plot(trend["base_mean"], trend["fitted"], color="black", linewidth=1.5, label="trend")
    powers_of_ten(axes.xaxis)
    powers_of_ten(axes.yaxis)
    legend_above(axes)
    below = (genes[["gene_wise", "final"]].min(axis=1) < edge).sum()
    if below:
        footnote(figure, f"{below:,} genes with a dispersion below {edge:g} are drawn at the edge.")
    return figure
