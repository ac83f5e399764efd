"""Draw the running sums of the gene sets that lead in a contrast."""

from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imid.figures.declaration import Declaration
from imid.figures.figure_style import DOWN, SMALL, UP, footnote, message_figure, new_panels
from imid.figures.gene_scatter import contrast_label
from imid.question.contrast_results import ContrastResult
from imid.shared.significance import TESTS

FIGURE = Declaration(
    of="contrast",
    tables=["running", "sidecar"],
    section="figures",
    caption=(
        "{contrast}: running sums of the gene sets with the smallest p-values over the replicates."
        " The sum shows where a set's genes stand in the ranking; it is no test, for genes that"
        " vary together make it large whatever the treatment"
    ),
    alt="The running sum of each leading gene set over all genes ranked in {contrast}",
)

PANELS = 3  # in a row
ROW = 1.9  # inches
NAME = 34  # characters of a set's name
NOTE = (
    "Genes are ranked by the statistic of {test}, the highest in the numerator at the left;"
    " strokes: the set's genes. p: of the set's score in each sample, tested over the replicates."
)


def sum_corners(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give the corners of a set's running sum.

    Parameters
    ----------
    rows : DataFrame
        The set's rows, in the order of the ranking.

    Returns
    -------
    tuple of ndarray and ndarray
        Ranks, and the sum at them: before and at each gene of the set, from 0 at the start to 0
        at the end.
    """
    ranked = int(rows["ranked"].iloc[0])
    ranks, sums = rows["rank"].to_numpy(), rows["running_sum"].to_numpy()
    falls = np.diff(ranks, prepend=0) - 1
    before = np.r_[0.0, sums[:-1]] - falls / (ranked - len(rows))
    corners = np.column_stack([ranks - 1, ranks]).ravel(), np.column_stack([before, sums]).ravel()
    return np.r_[0, corners[0], ranked], np.r_[0.0, corners[1], 0.0]


def draw_running_sum(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw one set's running sum, and where its genes are."""
    ranks, sums = sum_corners(rows)
    colour = UP if abs(sums.max()) >= abs(sums.min()) else DOWN
    axes.axhline(0, color="#404040", linewidth=0.8)
    axes.plot(ranks, sums, color=colour, linewidth=1.2, gid="running sum")
    axes.vlines(
        *(rows["rank"], 0, 0.07), color=colour, linewidth=0.5, gid="genes",
        transform=axes.get_xaxis_transform(),
    )  # fmt: skip
    name, p_value = rows["gene_set"].iloc[0].replace("_", " "), rows["p_value"].iloc[0]
    axes.set_title(f"{shorten(name, NAME, placeholder='…')}\np = {p_value:.2g}", fontsize=SMALL)
    axes.tick_params(labelsize=SMALL)


def draw_running_sums(running: pd.DataFrame, sidecar: ContrastResult) -> Figure:
    """Draw the running sums of a contrast's leading sets.

    Parameters
    ----------
    running : DataFrame
        Table of running sums.
    sidecar : ContrastResult
        The contrast.

    Returns
    -------
    Figure
        A panel for each set; or in words that there is none.
    """
    title = f"{sidecar.cell_line}: {contrast_label(sidecar)}: leading gene sets"
    sets = [rows for _, rows in running.groupby(["collection", "gene_set"], sort=False)]
    if not sets:
        return message_figure(title, "No gene set could be tested.")
    columns = min(PANELS, len(sets))
    figure, grid = new_panels(title, len(sets), columns, ROW, 0.9, sharex=True)
    for axes, each in zip(grid.flat, sets, strict=False):
        draw_running_sum(axes, each)
    for axes in grid[:, 0]:
        axes.set_ylabel("running sum", fontsize=SMALL)
    footnote(figure, NOTE.format(test=TESTS[sidecar.test]))
    return figure
