"""Draw one drug's fold changes against another's, coloured by their tested difference."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from imid.evidence.comparison_words import classes_in_order
from imid.evidence.drug_comparison import DrugComparison
from imid.figures.declaration import Declaration
from imid.figures.figure_style import (
    FAINT,
    NEUTRAL,
    message_figure,
    new_figure,
    treatment_colours,
)
from imid.figures.gene_scatter import draw_genes, finish

FIGURE = Declaration(
    of="comparison",
    ending="",
    tables=["table", "summary", "targets"],
    section="figures",
    caption="{second} against {first}: fold change against fold change",
    alt=(
        "Each gene's log2 fold change in {second} against that in {first}, coloured by the tested"
        " difference of the two"
    ),
)

SAME = "#009E73"  # a colour-blind reader tells both from the drugs' colours
OPPOSITE = "#000000"
SLOPE = "#333333"


def class_colours(summary: DrugComparison) -> dict[str, tuple[str, str]]:
    """Give the words and the colour for each class of genes that is drawn."""
    first, second = summary.numerators
    drugs = treatment_colours([first, second])
    colours = [drugs[second], drugs[first], OPPOSITE, SAME, NEUTRAL, FAINT]
    names = classes_in_order(first, second)
    return {name: (name, colour) for name, colour in zip(names, colours, strict=False)}


def comparison_points(table: pd.DataFrame) -> pd.DataFrame:
    """Give the place of each tested gene: x, the first drug's change, and y, the second's."""
    points = table[["gene_id", "class"]].assign(
        x=table["first_log2_fold_change"], y=table["second_log2_fold_change"]
    )
    return points[table["status"] == "tested"]


def draw_lines(axes: Axes, summary: DrugComparison, reach: float) -> None:
    """Draw where both drugs do the same, and the slope with its interval."""
    axes.axhline(0, color="black", linewidth=0.5, zorder=1)
    axes.axvline(0, color="black", linewidth=0.5, zorder=1)
    dashed = {"linestyle": (0, (4, 3)), "linewidth": 1}
    axes.axline((0, 0), slope=1, color="black", zorder=3, label="same change", **dashed)
    if summary.slope is None:
        return
    words = f"slope {summary.slope:.2f} ({summary.slope_low:.2f} to {summary.slope_high:.2f})"
    axes.axline((0, 0), slope=summary.slope, color=SLOPE, linewidth=1.6, zorder=4, label=words)
    ends = np.array([-reach, reach])
    # Below the points, which the band would otherwise tint.
    axes.fill_between(
        ends,
        ends * summary.slope_low,
        ends * summary.slope_high,
        color=SLOPE,
        alpha=0.2,
        linewidth=0,
        zorder=1.1,
        gid="interval",
    )


def draw_drug_comparison(
    table: pd.DataFrame, summary: DrugComparison, targets: pd.DataFrame
) -> Figure:
    """Draw the fold changes of one drug against those of another.

    Parameters
    ----------
    table : DataFrame
        A drug comparison.
    summary : DrugComparison
        Its summary.
    targets : DataFrame
        The targets table; `gene_scatter.choose_targets` says which are named.

    Returns
    -------
    Figure
        Both axes have the same limits.
    """
    first, second = summary.numerators
    title = f"{summary.cell_line}: {second} against {first}"
    points = comparison_points(table)
    if points.empty:
        return message_figure(title, "No gene was tested in any of the contrasts.")
    figure = new_figure(title, 7.4)
    control = summary.denominator
    axes = figure.add_subplot(
        aspect="equal",
        xlabel=f"log2 fold change, {first} vs {control}",
        ylabel=f"log2 fold change, {second} vs {control}",
    )
    classes = class_colours(summary)
    draw_genes(axes, points, classes)
    reach = points[["x", "y"]].abs().to_numpy().max() * 1.08 or 1.0
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    draw_lines(axes, summary, reach)
    coloured = [name for name, (_, colour) in classes.items() if colour not in (NEUTRAL, FAINT)]
    finish(axes, points, targets, comparison_notes(table, points, summary), coloured)
    return figure


def comparison_notes(
    table: pd.DataFrame, points: pd.DataFrame, summary: DrugComparison
) -> list[str]:
    """Say what the colours and the slope are, and which genes are not drawn."""
    sentences = ["Coloured by the tested difference of the two drugs.", summary.caption]
    skipped = len(table) - len(points)
    if skipped:
        sentences.append(f"{skipped:,} of {len(table):,} genes were not tested and are not drawn.")
    if summary.excluded:
        left_out = (f"{left.sample} ({left.reason})" for left in summary.excluded)
        sentences.append(f"Samples left out: {', '.join(left_out)}.")
    return sentences
