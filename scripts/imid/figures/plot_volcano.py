"""Draw a contrast's p-values against its fold changes (a volcano plot)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imid.figures.declaration import Declaration
from imid.figures.figure_style import CUT, WIDTH, message_figure, new_figure, wrapped
from imid.figures.gene_scatter import (
    contrast_label,
    directions,
    draw_genes,
    finish,
    significance_classes,
)
from imid.question.contrast_results import ContrastResult
from imid.shared.significance import p_value_in_force

FIGURE = Declaration(
    of="contrast",
    tables=["contrast", "sidecar", "targets"],
    section="figures",
    caption="{contrast}: p-value against fold change (volcano plot)",
    alt=(
        "The p-value of each gene against its log2 fold change in {contrast}, significant genes"
        " coloured by their direction, targets named"
    ),
)

LARGEST = 308  # -log10 of the smallest p-value that a double can hold in full precision


def p_value_threshold(table: pd.DataFrame, fdr: float) -> float:
    """Find the p-value that separates the genes below a false discovery rate from the others.

    Parameters
    ----------
    table : DataFrame
        A contrast table, its `fdr` by Benjamini and Hochberg over the tested genes.
    fdr : float
        The false discovery rate.

    Returns
    -------
    float
        With which the first gene that is not called, or the last of all, would have been.
    """
    tested = table[table["fdr"].notna()].sort_values("p_value")
    called = (tested["fdr"] < fdr).to_numpy()
    others = np.arange(len(tested)) != min(called.sum(), len(tested) - 1)
    return p_value_in_force(tested["p_value"].to_numpy()[others], fdr)


def volcano_points(table: pd.DataFrame, sidecar: ContrastResult) -> pd.DataFrame:
    """Give the place and the class of each gene that has a p-value.

    Parameters
    ----------
    table : DataFrame
        A contrast table.
    sidecar : ContrastResult
        The contrast's sidecar.

    Returns
    -------
    DataFrame
        gene_id; x, the log2 fold change; y, -log10 of the p-value; class; capped, true where
        the p-value is 0 and y therefore a little above the largest of the others.
    """
    points = table[["gene_id"]].assign(
        x=table["log2_fold_change"],
        p=table["p_value"],
        **{"class": significance_classes(table, sidecar)},
    )
    points = points.dropna(subset=["x", "p"])
    capped = points["p"] == 0
    y = -np.log10(points["p"].where(~capped))
    cap = y.max() * 1.05 if (~capped).any() else LARGEST
    return points.assign(y=y.fillna(cap), capped=capped)


def draw_thresholds(axes: Axes, table: pd.DataFrame, sidecar: ContrastResult) -> None:
    """Draw the cuts at which genes count as significant."""
    cut = sidecar.log2_fold_change
    words = f"FDR {sidecar.fdr:g}, |log2 fold change| {cut:g}"
    axes.axhline(-np.log10(p_value_threshold(table, sidecar.fdr)), **CUT, label=words)
    for place in {-cut, cut}:
        axes.axvline(place, **CUT)


def volcano_notes(table: pd.DataFrame, points: pd.DataFrame) -> list[str]:
    """Say what of a table is not drawn, or not where it belongs."""
    capped, missing = points["capped"].sum(), len(table) - len(points)
    sentences = {
        f"Triangles at the upper edge: p-value of 0 ({capped:,} of {len(table):,} genes).": capped,
        f"{missing:,} of {len(table):,} genes have no p-value and are not drawn.": missing,
    }
    return [sentence for sentence, number in sentences.items() if number]


def draw_volcano(contrast: pd.DataFrame, sidecar: ContrastResult, targets: pd.DataFrame) -> Figure:
    """Draw a contrast's volcano plot.

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
        Genes without a p-value are counted below it.
    """
    title = f"{sidecar.cell_line}: {contrast_label(sidecar)}"
    points = volcano_points(contrast, sidecar)
    if points.empty:
        return message_figure(title, "No gene has a p-value.")
    figure = new_figure(title, 5.2)
    direction = wrapped(f"log2 fold change ({sidecar.direction})", 0.9 * WIDTH)
    axes = figure.add_subplot(xlabel=direction, ylabel="-log10 p-value")
    classes = directions(sidecar)
    draw_genes(axes, points, classes)
    draw_thresholds(axes, contrast, sidecar)
    capped = points[points["capped"]]
    colours = capped["class"].map({name: colour for name, (_, colour) in classes.items()})
    axes.scatter(capped["x"], capped["y"], s=24, c=colours, marker="^", gid="capped")
    finish(axes, points, targets, volcano_notes(contrast, points))
    return figure
