"""Draw how much each activity changed in each contrast, with its interval."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imid.evidence.activities import NAMES
from imid.figures.declaration import Declaration
from imid.figures.figure_style import (
    DOWN,
    SMALL,
    UP,
    footnote,
    message_figure,
    new_figure,
)
from imid.question.contrast_results import ContrastResult

FIGURE = Declaration(
    of="fit",
    tables=["activities", "sidecars"],
    section="activities",
    caption=(
        "Change of each activity, log2, with its 95 % interval: a weighted mean of its genes in"
        " each sample, tested over the replicates. Coloured: Holm's p < 0.05 among the activities"
        " of the contrast, whichever one gene is left out"
    ),
    alt="The change of each activity in each contrast, with its interval",
)

PANELS = 3  # in a row
ROW = 0.24  # inches, of an activity
AROUND = 1.4  # inches: title, axis, footnote
INK = "#404040"
COLOURS = {"up": UP, "down": DOWN}
NOTE = (
    "Purple and green: up and down with Holm's p < 0.05 whichever one gene is left out. An interval"
    " is of one activity by itself. The number at the right: genes expressed of those in the set."
)


def draw_activities_of_contrast(axes: Axes, rows: pd.DataFrame, result: ContrastResult) -> None:
    """Draw the activities in one contrast.

    Parameters
    ----------
    axes : Axes
        Where to draw; its x axis is already set.
    rows : DataFrame
        The activities table's rows of the contrast, in the order of the drawing.
    result : ContrastResult
        The contrast.
    """
    rows = rows.assign(y=np.arange(len(rows)))
    measured = rows[rows["log2_change"].notna()]
    colours = [COLOURS.get(observed, INK) for observed in measured["observed"]]
    axes.axvline(0, color=INK, linewidth=0.8, zorder=2)
    lines = {"linewidth": 1.2, "zorder": 4, "gid": "interval"}
    axes.hlines(measured["y"], measured["ci_low"], measured["ci_high"], colours, **lines)
    axes.scatter(measured["log2_change"], measured["y"], 20, colours, zorder=5, gid="change")
    for row in rows[rows["log2_change"].isna()].itertuples():
        axes.text(0, row.y, "not measurable", ha="center", va="center", fontsize=SMALL)
    for row in rows.itertuples():
        found = f" {row.found}/{row.genes}"
        axes.text(
            *(1, row.y, found), va="center", fontsize=SMALL, transform=axes.get_yaxis_transform()
        )
    axes.set_title(fill(result.name.replace("_", " "), 30), loc="left")


def draw_activities(activities: pd.DataFrame, sidecars: list[ContrastResult]) -> Figure:
    """Draw all activities in all contrasts.

    Parameters
    ----------
    activities : DataFrame
        The activities table.
    sidecars : list of ContrastResult
        The contrasts, in the order of the panels.

    Returns
    -------
    Figure
        A panel for each contrast, a row for each activity; or in words that there is none.
    """
    lines = " and ".join(dict.fromkeys(sidecar.cell_line for sidecar in sidecars))
    title = f"{lines}: activities"
    if not activities["log2_change"].notna().any():
        return message_figure(title, "No activity could be measured: see activities.tsv.")
    columns = min(PANELS, len(sidecars))
    rows = -(-len(sidecars) // columns)
    figure = new_figure(title, rows * (ROW * len(NAMES) + 0.5) + AROUND)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    limit = activities[["ci_low", "ci_high"]].abs().max(axis=None) * 1.05
    for axes, sidecar in zip(grid.flat, sidecars, strict=False):
        axes.set(xlim=(-limit, limit), ylim=(len(NAMES) - 0.4, -0.6), xlabel="log2 change")
        draw_activities_of_contrast(
            axes, activities[activities["contrast"] == sidecar.name], sidecar
        )
    for axes in grid.flat[len(sidecars) :]:
        axes.axis("off")
    names = [NAMES.get(name, name) for name in activities["activity"].unique()]
    grid[0, 0].set_yticks(np.arange(len(names)), names, fontsize=SMALL)
    for axes in grid.flat:
        axes.tick_params(axis="y", length=0)
    footnote(figure, NOTE)
    return figure
