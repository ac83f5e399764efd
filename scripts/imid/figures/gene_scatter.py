"""What the scatter plots of genes share: coloured classes, a legend with counts, named targets."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from imid.figures.figure_style import DOWN, FAINT, NEUTRAL, UP, footnote, legend_above
from imid.figures.label_placement import label_points
from imid.question.contrast_results import ContrastResult
from imid.question.contrasts import Contrast
from imid.shared.gene_labels import gene_labels
from imid.shared.significance import significant


def contrast_label(contrast: Contrast) -> str:
    """Name a contrast: ``pomalidomide vs dmso``, ``MM1S_res vs MM1S in dmso``."""
    name = f"{contrast.numerator} vs {contrast.denominator}"
    held = " and ".join(contrast.under.values())
    between = contrast.between
    if between:
        name += f", {between.numerator} vs {between.denominator}"
    return f"{name} in {held}" if held else name


def significance_classes(table: pd.DataFrame, result: ContrastResult) -> np.ndarray:
    """Sort the genes of a contrast by what its table says of them.

    Parameters
    ----------
    table : DataFrame
        A contrast table.
    result : ContrastResult
        What came of the contrast; its thresholds decide.

    Returns
    -------
    ndarray of str
        For each gene up or down where it is significant, unchanged where it is not, untested
        where it has no false discovery rate.
    """
    chosen = significant(table, result.fdr, result.log2_fold_change)
    direction = np.where(table["log2_fold_change"] > 0, "up", "down")
    return np.select([chosen, table["fdr"].isna()], [direction, "untested"], default="unchanged")


def directions(contrast: Contrast) -> dict[str, tuple[str, str]]:
    """Give the words and the colour for each class of `significance_classes`."""
    between = contrast.between
    what = f"change in {between.numerator}" if between else f"in {contrast.numerator}"
    return {
        "up": (f"higher {what}", UP),
        "down": (f"lower {what}", DOWN),
        "unchanged": ("not significant", NEUTRAL),
        "untested": ("not tested", FAINT),
    }


def draw_genes(axes: Axes, points: pd.DataFrame, classes: dict[str, tuple[str, str]]) -> None:
    """Draw each gene in the colour of its class; the legend says how many there are.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    points : DataFrame
        x, y and class of each gene.
    classes : dict
        Words and colour by class, as in the legend; later ones lie below earlier ones.
    """
    for depth, (name, (words, colour)) in enumerate(classes.items()):
        members = points[points["class"] == name]
        axes.scatter(
            members["x"],
            members["y"],
            s=np.clip(20_000 / max(len(points), 1), 3, 14),
            color=colour,
            linewidths=0,
            rasterized=True,
            zorder=2 - depth / 10,
            label=f"{words} ({len(members):,})",
            gid=name,
        )


def choose_targets(
    points: pd.DataFrame, targets: pd.DataFrame, coloured: Collection[str] = ("up", "down")
) -> pd.DataFrame:
    """Choose the targets that are named: the panel's first group, and all that are coloured.

    Parameters
    ----------
    points : DataFrame
        gene_id, x, y and class of each gene that is drawn.
    targets : DataFrame
        The targets table; several rows of one gene count as one.
    coloured : collection of str
        The classes whose targets are named.

    Returns
    -------
    DataFrame
        The points to be named, in the panel's order, with a `label`.
    """
    panel = targets.drop_duplicates("gene_id")
    panel = panel.assign(label=gene_labels(panel), first=panel["group"] == panel["group"].iloc[0])
    found = panel[["gene_id", "label", "first"]].merge(points, on="gene_id")
    return found[found["first"] | found["class"].isin(coloured)]


def finish(
    axes: Axes,
    points: pd.DataFrame,
    targets: pd.DataFrame,
    notes: list[str],
    coloured: Collection[str] = ("up", "down"),
) -> None:
    """Add the legend, the notes and the targets' rings and names; to be called last.

    Parameters
    ----------
    axes : Axes
        Where `draw_genes` has drawn.
    points : DataFrame
        gene_id, x, y and class of each gene that is drawn.
    targets : DataFrame
        The targets table.
    notes : list of str
        Sentences about what is not drawn.
    coloured : collection of str
        The classes whose targets are named.
    """
    named = choose_targets(points, targets, coloured)
    ring = {"s": 26, "facecolors": "none", "edgecolors": "black", "linewidths": 0.9}
    axes.scatter(named["x"], named["y"], **ring, zorder=5, label="target", gid="targets")
    legend_above(axes)

    panel = targets.drop_duplicates("gene_id")
    absent = panel[~panel["gene_id"].isin(points["gene_id"])]
    first = panel["group"].iloc[0].replace("_", " ")
    notes = [*notes, f"Named: the {first} targets, and the other targets that are coloured."]
    if len(absent):
        notes.append(f"Targets that cannot be drawn: {', '.join(gene_labels(absent))}.")
    footnote(axes.figure, " ".join(notes))
    label_points(
        axes, named[["x", "y"]].to_numpy(), named["label"].tolist(), points[["x", "y"]].to_numpy()
    )
