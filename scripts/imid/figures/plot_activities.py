"""Draw how much each activity changed in each contrast, with its interval."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imid.evidence.activities import NAMES
from imid.figures.contrast_panels import contrast_panels
from imid.figures.declaration import Declaration
from imid.figures.figure_style import DOWN, SMALL, UP, footnote, message_figure
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

ROW = 0.24  # inches, of an activity
AXIS = 0.4  # inches
AROUND = 1.0  # inches: title, footnote
INK = "#404040"
COLOURS = {"up": UP, "down": DOWN}
WORDS = {
    **{"ha": "center", "va": "center", "fontsize": SMALL, "zorder": 3},
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1},
}
NOTE = (
    "Purple and green: up and down with Holm's p < 0.05 whichever one gene is left out. An interval"
    " is of one activity by itself. Beside a name: genes expressed of those in the set."
)


def draw_activities_of_contrast(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the activities in one contrast.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    rows : DataFrame
        The activities table's rows of the contrast, in the order of the drawing.
    """
    rows = rows.assign(y=np.arange(len(rows)))
    measured = rows[rows["log2_change"].notna()]
    colours = [COLOURS.get(observed, INK) for observed in measured["observed"]]
    axes.axvline(0, color=INK, linewidth=0.8, zorder=2)
    lines = {"linewidth": 1.2, "zorder": 4, "gid": "interval"}
    axes.hlines(measured["y"], measured["ci_low"], measured["ci_high"], colours, **lines)
    axes.scatter(measured["log2_change"], measured["y"], 20, colours, zorder=5, gid="change")
    for row in rows[rows["log2_change"].isna()].itertuples():
        axes.text(0, row.y, "not measurable", **WORDS)


def name_activities(activities: pd.DataFrame) -> pd.Series:
    """Name each row's activity, with how many of its set's genes are expressed.

    Parameters
    ----------
    activities : DataFrame
        Rows of the activities table.

    Returns
    -------
    Series of str
        ``interferon response 10/10``.
    """
    names = activities["activity"].map(lambda name: NAMES.get(name, name))
    return names + activities["found"].map(" {:.0f}/".format) + activities["genes"].astype(str)


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
        A panel for each contrast, a row for each activity that was measured in one of them; the
        others are named below, or in words that there is none.
    """
    measured = activities.loc[activities["log2_change"].notna(), "activity"].unique()
    if not len(measured):
        title = f"{sidecars[0].cell_line}: activities"
        return message_figure(title, "No activity could be measured: see activities.tsv.")
    drawn = activities["activity"].isin(measured)
    shown, others = activities[drawn], activities[~drawn].drop_duplicates("activity")
    figure, grid = contrast_panels(
        *("activities", sidecars, ROW * len(measured) + AXIS, AROUND),
        reach=shown[["ci_low", "ci_high"]].abs().max(axis=None) * 1.05,
        heights=(len(measured) - 0.4, -0.6),
        label="log2 change",
    )
    for axes, sidecar in zip(grid.flat, sidecars, strict=False):
        draw_activities_of_contrast(axes, shown[shown["contrast"] == sidecar.name])
    names = name_activities(shown.drop_duplicates("activity"))
    grid[0, 0].set_yticks(np.arange(len(names)), names, fontsize=SMALL)
    too_few = f" Too few genes expressed to measure: {', '.join(name_activities(others))}."
    footnote(figure, NOTE + (too_few if len(others) else ""))
    return figure
