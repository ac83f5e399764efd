"""Draw a contrast's fold changes against the genes' mean counts (an MA plot)."""

import pandas as pd
from matplotlib.figure import Figure

from imid.figures.declaration import Declaration
from imid.figures.figure_style import (
    CUT,
    message_figure,
    new_figure,
    powers_of_ten,
    wrapped,
)
from imid.figures.gene_scatter import (
    contrast_label,
    directions,
    draw_genes,
    finish,
    significance_classes,
)
from imid.question.contrast_results import ContrastResult

FIGURE = Declaration(
    of="contrast",
    tables=["contrast", "sidecar", "targets"],
    section="figures",
    caption="{contrast}: fold change against mean count (MA plot)",
    alt=(
        "The log2 fold change of each gene against its mean count in {contrast}, significant genes"
        " coloured by their direction, targets named"
    ),
)


def ma_points(table: pd.DataFrame, sidecar: ContrastResult) -> pd.DataFrame:
    """Give the place and the class of each gene that has reads.

    Parameters
    ----------
    table : DataFrame
        A contrast table.
    sidecar : ContrastResult
        The contrast's sidecar.

    Returns
    -------
    DataFrame
        gene_id; x, the mean of normalized counts; y, the log2 fold change; class.
    """
    points = table[["gene_id"]].assign(
        x=table["base_mean"],
        y=table["log2_fold_change"],
        **{"class": significance_classes(table, sidecar)},
    )
    return points[(points["x"] > 0) & points["y"].notna()]


def draw_ma(contrast: pd.DataFrame, sidecar: ContrastResult, targets: pd.DataFrame) -> Figure:
    """Draw a contrast's MA plot.

    Parameters
    ----------
    contrast : DataFrame
        A contrast table.
    sidecar : ContrastResult
        The contrast's sidecar.
    targets : DataFrame
        The targets table; `gene_scatter.choose_targets` says which are named.

    Returns
    -------
    Figure
        Genes without reads are counted below it.
    """
    title = f"{sidecar.cell_line}: {contrast_label(sidecar)}"
    points = ma_points(contrast, sidecar)
    if points.empty:
        return message_figure(title, "No gene has a fold change.")
    figure = new_figure(title, 4.8)
    direction = wrapped(f"log2 fold change ({sidecar.direction})", 3.2)
    axes = figure.add_subplot(xscale="log", xlabel="mean of normalized counts", ylabel=direction)
    powers_of_ten(axes.xaxis)
    draw_genes(axes, points, directions(sidecar))
    axes.axhline(0, color="black", linewidth=0.8, zorder=3)
    cut = sidecar.log2_fold_change
    axes.axhline(cut, **CUT, label=f"|log2 fold change| {cut:g}")
    axes.axhline(-cut, **CUT)
    missing = len(contrast) - len(points)
    note = f"{missing:,} of {len(contrast):,} genes have no fold change and are not drawn."
    finish(axes, points, targets, [note] if missing else [])
    return figure
