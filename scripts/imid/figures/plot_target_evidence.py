"""Draw what each target's mRNA did in each contrast, with intervals and verdicts."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from imid.figures.contrast_panels import contrast_panels
from imid.figures.declaration import Declaration
from imid.figures.figure_style import CUT, DOWN, SMALL, UP, footnote, message_figure
from imid.question.contrast_results import ContrastResult
from imid.shared.gene_labels import gene_labels

FIGURE = Declaration(
    of="fit",
    tables=["targets", "sidecars"],
    section="answer",
    caption="What each target's mRNA did, with its interval and its verdict",
    alt=(
        "The log2 fold change of each target in each contrast with its interval; the shape of a"
        " point is the verdict, a band is what would have been missed"
    ),
)

ROW = 0.165  # inches, of a target
HEADER = 0.9  # of a target's row, of a group's name
AXIS = 0.4  # inches
AROUND = 1.5  # inches: title, legend, footnote
TITLE_LINE = 0.3, 0.17  # inches: the first, a further one
LEGEND = 0.5  # of two rows
IN_A_ROW = 4

INK = "#404040"
WORDS = {"color": "#555555", "fontsize": SMALL, "va": "center"}
BAND = "#E6E6E6"
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 1}
# Shapes tell the verdict; colour tells what is significant, as in all figures.
MARKERS = {
    "supports": {"marker": "o", "s": 22, "filled": True},
    "direction_only": {"marker": "P", "s": 26, "filled": True},
    "opposes": {"marker": "X", "s": 36, "filled": True},
    "inconclusive": {"marker": "o", "s": 20, "filled": False},
    "not_comparable": {"marker": "s", "s": 14, "filled": False},
    "no_expectation": {"marker": "d", "s": 12, "filled": False},
}
NAMES = {"no_expectation": "no direction expected"}
ARROWS = {"up": (">", UP), "down": ("<", DOWN), "unchanged": ("_", INK)}
NOTE = (
    "Points: log2 fold change of the mRNA with its 95 % interval; purple and green where it is"
    " significant. Band: changes that would have been found with a power of less than 80 %, on the"
    " side of the expectation or, without one, on both. Mark at the left: what is expected (> up,"
    " < down, _ unchanged). Bar across: a published change, where it was measured against the same"
    " kind of control. Dashed: the fold change that significance asks for."
)


def places(targets: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Find where each target stands, and each group's name above its targets.

    Parameters
    ----------
    targets : DataFrame
        The targets table; the order of genes and of groups is its own.

    Returns
    -------
    tuple of Series
        Heights from 0 downwards, a target's row being 1: by gene_id, and by group.
    """
    panel = targets.drop_duplicates("gene_id")
    heights, headers, height = {}, {}, 0.0
    for group, members in panel.groupby(panel["group"].fillna(""), sort=False):
        headers[group] = height
        for row, gene in enumerate(members["gene_id"]):
            heights[gene] = height + HEADER + row
        height += HEADER + len(members) + 0.2
    return pd.Series(heights), pd.Series(headers)


def reach(targets: pd.DataFrame) -> float:
    """Choose how far the axes go: to the farthest estimate, and half of a usual interval."""
    tested = targets[targets["status"] == "tested"]
    farthest = tested["log2_fold_change"].abs().max()
    usual = (tested["ci_high"] - tested["log2_fold_change"]).median()
    return max(1.5, np.nansum([farthest, usual])) * 1.1


def draw_contrast(
    axes: Axes, rows: pd.DataFrame, heights: pd.Series, sidecar: ContrastResult
) -> None:
    """Draw the targets in one contrast.

    Parameters
    ----------
    axes : Axes
        Where to draw; its x axis is already set.
    rows : DataFrame
        The targets table's rows of the contrast.
    heights : Series
        Where each target stands, by gene_id.
    sidecar : ContrastResult
        The contrast, as its sidecar tells it.
    """
    rows = rows.assign(y=heights[rows["gene_id"]].to_numpy())
    tested = rows[rows["status"] == "tested"]
    significant = tested["significant"] == "yes"
    up = tested["log2_fold_change"] > 0
    colours = np.select([significant & up, significant], [UP, DOWN], INK)

    draw_bands(axes, tested)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=2)
    for cut in [-sidecar.log2_fold_change, sidecar.log2_fold_change]:
        axes.axvline(cut, **CUT)
    lines = {"linewidth": 1.2, "zorder": 4, "gid": "interval"}
    axes.hlines(tested["y"], tested["ci_low"], tested["ci_high"], colours, **lines)
    for verdict, style in MARKERS.items():
        chosen = (tested["verdict"] == verdict).to_numpy()
        points, ink = tested[chosen], colours[chosen]
        axes.scatter(
            *(points["log2_fold_change"], points["y"]),
            **{"marker": style["marker"], "s": style["s"], "linewidths": 1, "zorder": 5},
            **{"edgecolors": ink, "facecolors": ink if style["filled"] else "white"},
            gid=verdict,
        )
    for row in rows[rows["status"] != "tested"].itertuples():
        axes.text(0, row.y, row.reason, ha="center", bbox=BEHIND, zorder=3, **WORDS)
    draw_published(axes, tested)
    draw_arrows(axes, rows)


def draw_bands(axes: Axes, tested: pd.DataFrame) -> None:
    """Draw the changes that would have been missed, on the side of the expectation or on both."""
    known = tested[tested["detectable_log2_fold_change"].notna()]
    size = known["detectable_log2_fold_change"]
    low = size.where(known["expected"] != "up", 0)
    high = size.where(known["expected"] != "down", 0)
    axes.barh(known["y"], low + high, left=-low, height=0.8, color=BAND, zorder=1, gid="band")


def draw_published(axes: Axes, tested: pd.DataFrame) -> None:
    """Draw the changes that were published and could be compared, as bars across the intervals."""
    known = tested["published_log2_fold_change"].notna()
    judged = ~tested["verdict"].isin(["not_comparable", "no_expectation"])
    shown = tested[known & judged]
    axes.vlines(
        *(shown["published_log2_fold_change"], shown["y"] - 0.35, shown["y"] + 0.35, INK),
        **{"linewidth": 1, "zorder": 4.5, "gid": "published"},
    )


def draw_arrows(axes: Axes, rows: pd.DataFrame) -> None:
    """Mark at the left edge what is expected of this experiment."""
    known = rows[(rows["acts_on"] != "protein") & (rows["verdict"] != "not_comparable")]
    for expected, (marker, colour) in ARROWS.items():
        y = known.loc[known["expected"] == expected, "y"]
        axes.scatter(
            *(np.full(len(y), 0.03), y),
            **{"marker": marker, "s": 20, "color": colour, "linewidths": 1},
            **{"transform": axes.get_yaxis_transform(), "clip_on": False, "zorder": 6},
            gid=f"expected {expected}",
        )


def draw_target_evidence(targets: pd.DataFrame, sidecars: list[ContrastResult]) -> Figure:
    """Draw all targets in all contrasts.

    Parameters
    ----------
    targets : DataFrame
        The targets table.
    sidecars : list of ContrastResult
        The contrasts, in the order of the panels.

    Returns
    -------
    Figure
        A panel for each contrast, a row for each target; or in words that there is none.
    """
    what = "what the targets' mRNA did"
    if targets.empty or not (targets["status"] == "tested").any():
        title = f"{sidecars[0].cell_line}: {what}"
        return message_figure(title, "None of the targets could be tested in any contrast.")
    heights, headers = places(targets)
    bottom = heights.max() + 0.7
    figure, grid = contrast_panels(
        *(what, sidecars, ROW * (bottom + 0.7) + AXIS, AROUND),
        reach=reach(targets),
        heights=(bottom, -0.6),
        label="log2 fold change",
    )
    for axes, sidecar in zip(grid.flat, sidecars, strict=False):
        draw_contrast(axes, targets[targets["contrast"] == sidecar.name], heights, sidecar)
    label_rows(grid, targets, heights, headers)
    add_legend(figure)
    footnote(figure, NOTE)
    return figure


def label_rows(
    grid: np.ndarray, targets: pd.DataFrame, heights: pd.Series, headers: pd.Series
) -> None:
    """Name the targets beside the first panels, and the groups within them."""
    panel = targets.drop_duplicates("gene_id")
    for axes in grid[:, 0]:
        axes.set_yticks(heights[panel["gene_id"]], gene_labels(panel))
        for label in axes.get_yticklabels():
            label.set(fontstyle="italic", fontsize=SMALL)
        transform = axes.get_yaxis_transform()
        for group, height in headers.items():
            axes.text(
                -0.03, height, group.replace("_", " "), transform=transform, ha="right", **WORDS
            )


def add_legend(figure: Figure) -> None:
    """Tell what the shapes and the band mean."""
    handles = [
        Line2D(
            *([], []),
            **{"linestyle": "", "marker": style["marker"], "markersize": style["s"] ** 0.5},
            **{"color": INK, "markerfacecolor": INK if style["filled"] else "white"},
            label=NAMES.get(verdict, verdict.replace("_", " ")),
        )
        for verdict, style in MARKERS.items()
    ]
    handles.append(Patch(color=BAND, label="would be missed"))
    bar = {"linestyle": "", "marker": "|", "markersize": 8, "color": INK}
    handles.append(Line2D([], [], **bar, label="published"))
    # Between the title and the panels, a strip that the layout leaves free.
    height = figure.get_figheight()
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - LEGEND / height))
    first, further = TITLE_LINE
    title = first + further * figure.get_suptitle().count("\n")
    place = {"loc": "upper left", "bbox_to_anchor": (0, 1 - title / height)}
    figure.legend(handles=handles, ncols=IN_A_ROW, **place).set_in_layout(False)
