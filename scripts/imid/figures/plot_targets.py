"""Draw the normalized counts of each target by treatment."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from imid.figures.declaration import Declaration
from imid.figures.figure_style import (
    SMALL,
    TEXT,
    joined_cell_lines,
    new_panels,
    treatment_colours,
)
from imid.shared.gene_labels import gene_labels

FIGURE = Declaration(
    of="fit",
    tables=["normalized", "samples", "targets"],
    section="answer",
    caption="Normalized counts of each target by treatment",
    alt="A panel for each target: its normalized counts in each sample, by treatment",
)

COLUMNS = 5
ROW = 1.45  # inches
PSEUDOCOUNT = 0.5  # so that zeros have a place on a logarithmic axis; as in R's plotCounts

NAME = {"ha": "center", "fontstyle": "italic", "fontweight": "bold"}
GROUP = {"fontsize": SMALL, "color": "#555555"}
MISSING = {"ha": "center", "va": "center", **GROUP}


def sample_places(samples: pd.DataFrame) -> pd.Series:
    """Find where each sample stands on the x axis.

    Parameters
    ----------
    samples : DataFrame
        Samples table.

    Returns
    -------
    Series
        By sample: treatments are 1 apart, the samples of one side by side within 0.4, and cell
        lines, where there are several, after one another with a gap.
    """
    order = list(treatment_colours(samples["treatment"]))
    lines = samples["cell_line"].unique().tolist()
    group = samples["cell_line"].map(lines.index) * (len(order) + 0.8)
    group += samples["treatment"].map(order.index)
    members = samples.groupby(["cell_line", "treatment"])["sample"]
    aside = (members.cumcount() + 0.5) / members.transform("size") - 0.5
    return pd.Series((group + 0.4 * aside).to_numpy(), index=samples["sample"])


def count_limits(counts: pd.DataFrame) -> pd.DataFrame:
    """Choose each gene's axis such that a fold change has the same height in all of them.

    Parameters
    ----------
    counts : DataFrame
        Normalized counts with the pseudocount, genes × samples.

    Returns
    -------
    DataFrame
        lower and upper by gene: around the middle of its counts, as many decades as the gene
        that varies most needs, at least one.
    """
    logarithm = np.log10(counts)
    low, high = logarithm.min(axis=1), logarithm.max(axis=1)
    reach = max((high - low).max() * 1.15, 1.0) / 2
    middle = (low + high) / 2
    return pd.DataFrame({"lower": 10 ** (middle - reach), "upper": 10 ** (middle + reach)})


def draw_gene(axes: Axes, counts: pd.Series, samples: pd.DataFrame) -> None:
    """Draw one gene's counts as points, each group's mean as a bar.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    counts : Series
        Normalized counts with the pseudocount, by sample.
    samples : DataFrame
        Samples table.
    """
    colours = treatment_colours(samples["treatment"])
    places = sample_places(samples)
    for (_, treatment), members in samples.groupby(["cell_line", "treatment"], sort=False):
        x, y = places[members["sample"]], counts[members["sample"]]
        axes.hlines(y.mean(), x.mean() - 0.35, x.mean() + 0.35, color="black", linewidth=1)
        axes.scatter(x, y, s=16, color=colours[treatment], linewidths=0, zorder=3, gid=treatment)
    axes.set(yscale="log", xlim=(places.min() - 0.6, places.max() + 0.6), xticks=[])
    lines = places.groupby(samples["cell_line"].to_numpy(), sort=False).mean()
    if len(lines) > 1:
        axes.set_xticks(lines, lines.index, fontsize=SMALL, rotation=30, ha="right")
        axes.tick_params(axis="x", length=0)


def scale_counts(axes: Axes, lower: float, upper: float) -> None:
    """Set the limits of a panel and label its ticks with plain numbers."""
    steps = (1, 2, 5) if upper / lower < 100 else (1,)
    axes.set_ylim(lower, upper)
    axes.yaxis.set_major_locator(LogLocator(subs=steps))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axes.tick_params(axis="y", labelsize=SMALL)


def name_panels(grid: np.ndarray, panel: pd.DataFrame) -> None:
    """Write each panel's gene above it, and its group above the first of the group in a row.

    Parameters
    ----------
    grid : ndarray of Axes, shape (rows, columns)
        The panels.
    panel : DataFrame
        The targets, one row each.
    """
    above = {"xycoords": "axes fraction", "textcoords": "offset points"}
    groups = panel["group"].fillna("")
    previous = groups.shift().where(np.arange(len(panel)) % grid.shape[1] > 0)
    for axes, gene, group, last in zip(
        grid.flat, gene_labels(panel), groups, previous, strict=False
    ):
        size = min(TEXT, 130 / len(gene))  # of a long name, such that it stays within the panel
        axes.annotate(gene, (0.5, 1), (0, 4), **above, **NAME, fontsize=size)
        if group != last:
            axes.annotate(fill(group.replace("_", " "), 24), (0, 1), (-20, 17), **above, **GROUP)


def draw_targets(normalized: pd.DataFrame, samples: pd.DataFrame, targets: pd.DataFrame) -> Figure:
    """Draw every target's counts by treatment.

    Parameters
    ----------
    normalized : DataFrame
        Table of normalized counts.
    samples : DataFrame
        Samples table.
    targets : DataFrame
        The targets table; each gene is drawn once, in its order.

    Returns
    -------
    Figure
        A panel for each target, empty but for the reason if it was not counted.
    """
    panel = targets.drop_duplicates("gene_id")
    counts = normalized.set_index("gene_id")[samples["sample"]] + PSEUDOCOUNT
    counts = counts[counts.index.isin(panel["gene_id"])]
    limits = count_limits(counts)

    title = f"{joined_cell_lines(samples)}: counts of the targets"
    figure, grid = new_panels(title, len(panel), COLUMNS, ROW, 0.8)
    figure.get_layout_engine().set(h_pad=0.06)
    for axes, target in zip(grid.flat, panel.itertuples(), strict=False):
        if target.gene_id in counts.index:
            draw_gene(axes, counts.loc[target.gene_id], samples)
            scale_counts(axes, *limits.loc[target.gene_id])
        else:
            axes.set(xticks=[], yticks=[])
            axes.text(0.5, 0.5, fill(str(target.reason), 16), **MISSING, transform=axes.transAxes)
    name_panels(grid, panel)
    figure.supylabel(f"normalized counts + {PSEUDOCOUNT}", fontsize=TEXT)
    colours = treatment_colours(samples["treatment"])
    keys = [Line2D([], [], color=c, marker="o", linestyle="", label=t) for t, c in colours.items()]
    keys.append(Line2D([], [], color="black", linewidth=1, label="mean"))
    figure.legend(handles=keys, loc="outside lower left", ncols=6)
    return figure
