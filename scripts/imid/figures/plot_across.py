"""Draw the log2 fold changes of the targets in every cell line, for one contrast."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from imid.figures.declaration import Declaration
from imid.figures.figure_style import (
    FAINT,
    SMALL,
    UP_DOWN_MAP,
    WIDTH,
    footnote,
    message_figure,
    new_figure,
    wrapped,
)
from imid.figures.gene_scatter import contrast_label
from imid.question.contrast_results import ContrastResult
from imid.shared.gene_labels import gene_labels
from imid.shared.significance import significant
from imid.shared.tables import ACROSS_LINE

FIGURE = Declaration(
    of="across",
    ending="",
    tables=["targets", "sidecar"],
    section="across",
    caption="{contrast}: the targets in each cell line",
    alt=(
        "A table of targets by cell lines for {contrast}: the log2 fold change in each cell, from"
        " green (down) to purple (up), and at the end of each row whether the lines differ"
    ),
)

# Inches.
ROW = 0.18
CELL = 0.75  # a cell is at most this wide, and all together at most
CELLS = 4.6
MARGIN = 1.9  # title, names of the lines, colour bar and notes

# Log2 fold changes at which the colours end: those of the targets, but within these.
LIMITS = 1.0, 4.0

# What stands in a cell without a test, and what it means.
UNTESTED = {
    "low_count": ("low", "too few reads"),
    "all_zero": ("zero", "no read in any sample"),
    "outlier": ("outlier", "one sample is an outlier"),
    "not_estimated": ("none", "no estimate"),
    "not_annotated": ("absent", "not in the annotation"),
}


def lines_across(targets: pd.DataFrame) -> list[str]:
    """Name the lines of a table across cell lines, in its order."""
    suffix = ".status"
    return [column.removesuffix(suffix) for column in targets if column.endswith(suffix)]


def place_rows(targets: pd.DataFrame) -> pd.Series:
    """Find the row of the figure of each target; each group has a heading above its first.

    Parameters
    ----------
    targets : DataFrame
        The targets table across cell lines.

    Returns
    -------
    Series of int
        By the table's index.
    """
    groups = targets["group"].fillna("")
    return pd.Series(np.arange(len(targets)), targets.index) + (groups != groups.shift()).cumsum()


def draw_across(targets: pd.DataFrame, sidecar: ContrastResult) -> Figure:
    """Draw the targets over the cell lines.

    Parameters
    ----------
    targets : DataFrame
        The targets table across cell lines.
    sidecar : ContrastResult
        The contrast's sidecar of one of them: its words and its thresholds.

    Returns
    -------
    Figure
        A row for each target, a column for each line, the number in each cell; beside each row
        the false discovery rate of heterogeneity.
    """
    lines = lines_across(targets)
    title = f"{contrast_label(sidecar)} in {len(lines)} cell lines: targets"
    if targets.empty:
        return message_figure(title, "The panel has no target.")
    rows = place_rows(targets)
    height = rows.iloc[-1] + 1
    width = min(CELL, CELLS / len(lines))
    names = max(map(len, lines)) * 0.65 * SMALL / 72  # as long as the longest may be
    turned = names > width
    figure = new_figure(title, MARGIN + ROW * height + turned * names)
    axes = figure.add_subplot(anchor="NW")
    axes.set_box_aspect(ROW * height / (width * len(lines)))
    axes.set(xlim=(-0.5, len(lines) - 0.5), ylim=(height - 0.5, -0.5))
    axes.spines[:].set_visible(False)

    _draw_cells(axes, targets, rows, sidecar, 72 * width)
    _name_rows(axes, targets, rows)
    axes.set_xticks(range(len(lines)), lines, fontsize=SMALL, rotation=90 if turned else 0)
    axes.xaxis.tick_top()
    _mark_heterogeneity(axes, targets, rows, sidecar.fdr)
    footnote(figure, " ".join(_notes(targets, lines, sidecar)))
    return figure


def _draw_cells(
    axes: Axes, targets: pd.DataFrame, rows: pd.Series, sidecar: ContrastResult, points: float
) -> None:
    """Draw each line's column of cells, and the bar of their colours."""
    columns = [_line_table(targets, line) for line in lines_across(targets)]
    tested = pd.concat(table.loc[table["status"] == "tested"] for table in columns)
    largest = tested["log2_fold_change"].abs().max()
    limit = np.clip(np.ceil(2 * np.nan_to_num(largest)) / 2, *LIMITS)
    scale = ScalarMappable(Normalize(-limit, limit), UP_DOWN_MAP)
    text = {"ha": "center", "va": "center_baseline", "fontsize": min(SMALL, points / 4)}
    for column, table in enumerate(columns):
        chosen = significant(table, sidecar.fdr, sidecar.log2_fold_change)
        for index, row in rows.items():
            change, status = table.loc[index, ["log2_fold_change", "status"]]
            if status == "tested":
                _draw_number(axes, column, row, change, scale.to_rgba(change), text)
            else:
                _draw_box(axes, column, row, facecolor="white", edgecolor=FAINT, hatch="/////")
                axes.text(column, row, UNTESTED[status][0], color="#555555", **text)
            if chosen[index]:
                axes.texts[-1].set_fontweight("bold")
                style = {"facecolor": "none", "edgecolor": "black", "zorder": 2}
                _draw_box(axes, column, row, **style, gid="significant")
    place = {"location": "bottom", "shrink": 0.6, "aspect": 35, "anchor": (0, 1)}
    extend = "both" if largest > limit else "neither"
    bar = axes.figure.colorbar(scale, ax=axes, extend=extend, **place)
    words = wrapped(f"log2 fold change; {sidecar.direction}", 0.9 * WIDTH)
    # Longer than the bar, which stands at the left edge.
    bar.ax.set_xlabel(words, loc="left")


def _line_table(targets: pd.DataFrame, line: str) -> pd.DataFrame:
    return targets[[f"{line}.{column}" for column in ACROSS_LINE]].set_axis(ACROSS_LINE, axis=1)


def _draw_number(
    axes: Axes, column: int, row: int, change: float, colour: tuple, text: dict
) -> None:
    _draw_box(axes, column, row, facecolor=colour, edgecolor="white")
    # Weights of the eye's sensitivity to red, green and blue (ITU-R BT.601).
    brightness = np.dot(colour[:3], [0.299, 0.587, 0.114])
    ink = "white" if brightness < 0.5 else "black"
    axes.text(column, row, cell_text(change), color=ink, **text)


def _draw_box(axes: Axes, column: int, row: int, **style) -> None:
    corner = column - 0.5, row - 0.5
    axes.add_patch(Rectangle(corner, 1, 1, **{"linewidth": 0.9, "zorder": 1, **style}))


def cell_text(value: float) -> str:
    """Write a number with its sign, a true minus, and two decimals (one from 10 on)."""
    return f"{value:+.{1 if abs(value) >= 9.995 else 2}f}".replace("-", "−")


def _name_rows(axes: Axes, targets: pd.DataFrame, rows: pd.Series) -> None:
    axes.set_yticks(rows, gene_labels(targets), fontsize=SMALL, fontstyle="italic")
    axes.tick_params(length=0)
    groups = targets["group"].fillna("")
    heading = {"fontsize": SMALL, "color": "#555555", "va": "center_baseline"}
    for index, group in groups[groups != groups.shift()].items():
        axes.text(-0.5, rows[index] - 1, group.replace("_", " "), **heading)


def _mark_heterogeneity(axes: Axes, targets: pd.DataFrame, rows: pd.Series, fdr: float) -> None:
    """Write the false discovery rate of heterogeneity at each row's end, and ≠ if it is low."""
    rates = targets["heterogeneity_fdr"]
    words = ["–" if pd.isna(rate) else f"{'≠  ' if rate < fdr else ''}{rate:.2g}" for rate in rates]
    beside = axes.secondary_yaxis("right")
    beside.set_yticks([0, *rows], ["lines differ, FDR", *words], fontsize=SMALL)
    beside.tick_params(length=0)
    beside.spines[:].set_visible(False)
    for label, rate in zip(beside.get_yticklabels()[1:], rates, strict=True):
        label.set_fontweight("bold" if rate < fdr else "normal")


def _notes(targets: pd.DataFrame, lines: list[str], sidecar: ContrastResult) -> list[str]:
    present = pd.unique(targets[[f"{line}.status" for line in lines]].to_numpy().ravel())
    untested = [": ".join(words) for status, words in UNTESTED.items() if status in present]
    return [
        f"Framed and bold: significant in this line (FDR < {sidecar.fdr:g} and |log2 fold"
        f" change| > {sidecar.log2_fold_change:g}).",
        *([f"Hatched: not tested ({'; '.join(untested)})."] if untested else []),
        f"≠: the lines differ in this gene (quasi-likelihood F-test, FDR < {sidecar.fdr:g}"
        " among all genes with enough reads in at least two lines).",
    ]
