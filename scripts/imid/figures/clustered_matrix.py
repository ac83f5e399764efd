"""Drawing a matrix over the samples, its rows and columns in the order of a clustering."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from scipy.cluster.hierarchy import dendrogram, linkage

from imid.figures.figure_style import SMALL, WIDTH, legend_above, new_figure, treatment_colours

# Inches.
TREE = 0.6
STRIP = 0.13
ROW = 0.14
MARGIN = 1.1  # title, legend and colour bar


def cluster(distances: np.ndarray) -> dict:
    """Cluster by average linkage, similar items side by side.

    Parameters
    ----------
    distances : ndarray, shape (n (n - 1) / 2,)
        Condensed distances, as of `scipy.spatial.distance.pdist`.

    Returns
    -------
    dict
        `leaves`, the items in their order, and the lines of the tree, as of
        `scipy.cluster.hierarchy.dendrogram`; no lines where there is only one item.
    """
    if len(distances) == 0:
        return {"leaves": [0], "icoord": [], "dcoord": []}
    return dendrogram(linkage(distances, "average", optimal_ordering=True), no_plot=True)


def draw_matrix(
    title: str,
    matrix: pd.DataFrame,
    rows: dict,
    columns: dict,
    treatments: pd.Series,
    scale: str,
    **image,
) -> Axes:
    """Draw a matrix with its trees and a strip that shows each sample's treatment.

    Parameters
    ----------
    title : str
        Of the figure.
    matrix : DataFrame
        Values, anything × samples; the index is written beside the rows.
    rows, columns : dict
        Clusterings, as given by `cluster`.
    treatments : Series of str
        Each sample's treatment, in the order of the matrix's columns.
    scale : str
        What the colours say, written beside their bar.
    image : keyword arguments
        Colour map and limits, for `Axes.imshow`.

    Returns
    -------
    Axes
        Of the matrix; the figure is as high as its rows need.
    """
    height = ROW * max(len(matrix), 8)
    narrow = min(SMALL, 0.6 * WIDTH * 72 / matrix.shape[1])
    names = 0.6 * narrow / 72 * matrix.columns.str.len().max()
    figure = new_figure(title, MARGIN + TREE + STRIP + height + names)
    figure.get_layout_engine().set(h_pad=0.02, w_pad=0.02, hspace=0, wspace=0)
    grid = figure.add_gridspec(3, 2, width_ratios=[1, 9], height_ratios=[TREE, STRIP, height])
    top = figure.add_subplot(grid[0, 1])
    _draw_tree(top, columns)
    colours = treatment_colours(treatments)
    keys = [Patch(color=colour, label=name) for name, colour in colours.items()]
    legend_above(top, handles=keys, ncols=5, handlelength=1)
    strip = figure.add_subplot(grid[1, 1])
    order = treatments.iloc[columns["leaves"]]
    strip.imshow([[to_rgb(colours[name]) for name in order]], aspect="auto")
    strip.axis("off")
    _draw_tree(figure.add_subplot(grid[2, 0]), rows, sideways=True)

    axes = figure.add_subplot(grid[2, 1])
    shown = matrix.iloc[rows["leaves"], columns["leaves"]]
    drawn = axes.imshow(shown, aspect="auto", interpolation="nearest", **image)
    axes.set_xticks(range(shown.shape[1]), shown.columns, rotation=90, fontsize=narrow)
    axes.set_yticks(range(shown.shape[0]), shown.index, fontsize=SMALL)
    axes.yaxis.tick_right()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(drawn, ax=figure.axes, location="bottom", shrink=0.4, aspect=30)
    bar.set_label(scale)
    return axes


def _draw_tree(axes: Axes, clustering: dict, sideways: bool = False) -> None:
    # scipy puts leaves at 5, 15, 25 ...; an image has its rows and columns at 0, 1, 2 ...
    places = (np.array(clustering["icoord"]) - 5) / 10
    heights = np.array(clustering["dcoord"])
    lines = np.dstack([heights, places] if sideways else [places, heights])
    axes.add_collection(LineCollection(lines, colors="black", linewidths=0.7))
    axes.axis("off")
    last = len(clustering["leaves"]) - 0.5
    # The first join may be far from zero; the long way up to it would hide all the others.
    joins = heights[:, 1] if len(heights) else np.array([1.0])
    reach = np.ptp(joins) or joins.max() or 1.0
    limits = joins.min() - 0.1 * reach, joins.max() + 0.02 * reach
    if sideways:
        axes.set(xlim=limits[::-1], ylim=(last, -0.5))
    else:
        axes.set(xlim=(-0.5, last), ylim=limits)
