"""Draw a cell line's samples by their first two principal components."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from imid.figures.declaration import Declaration
from imid.figures.figure_style import joined_cell_lines, new_figure, treatment_colours

FIGURE = Declaration(
    of="fit",
    tables=["vst", "samples"],
    section="figures",
    caption="The samples by their first two principal components",
    alt="The samples by their first two principal components, coloured by treatment",
)

MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "*", "h"]


def principal_components(values: pd.DataFrame, genes: int = 500) -> tuple[pd.DataFrame, np.ndarray]:
    """Find the directions in which samples differ most.

    Parameters
    ----------
    values : DataFrame
        Variance-stabilized counts, genes × samples.
    genes : int
        How many of the most variable genes to use.

    Returns
    -------
    scores : DataFrame
        PC1 and PC2 by sample. A component's sign is arbitrary; it is chosen such that the
        sample farthest from the centre is on the positive side.
    share : ndarray, shape (2,)
        The share of the variance of these genes that lies along each, between 0 and 1.
    """
    variable = values.loc[values.var(axis=1).nlargest(genes).index]
    centred = variable.sub(variable.mean(axis=1), axis=0)
    left, singular, _ = np.linalg.svd(centred.T.to_numpy(), full_matrices=False)
    scores = np.zeros((values.shape[1], 2))
    found = (left * singular)[:, :2]
    farthest = np.abs(found).argmax(axis=0)
    sign = np.where(found[farthest, np.arange(found.shape[1])] < 0, -1, 1)
    scores[:, : found.shape[1]] = found * sign
    share = scores.var(axis=0) * len(scores) / max((singular**2).sum(), np.finfo(float).tiny)
    return pd.DataFrame(scores, index=values.columns, columns=["PC1", "PC2"]), share


def draw_pca(vst: pd.DataFrame, samples: pd.DataFrame, genes: int = 500) -> Figure:
    """Draw samples by their principal components.

    Parameters
    ----------
    vst : DataFrame
        Table of variance-stabilized counts.
    samples : DataFrame
        Samples table.
    genes : int
        How many of the most variable genes to use.

    Returns
    -------
    Figure
        A treatment has a colour; a cell line has a marker or, where there is only one line, a
        replicate has.
    """
    values = vst.set_index("gene_id")[samples["sample"]]
    scores, share = principal_components(values, genes)
    colours = treatment_colours(samples["treatment"])
    shape = "cell_line" if samples["cell_line"].nunique() > 1 else "replicate"
    levels = samples[shape].unique()
    enough = len(levels) <= len(MARKERS)
    markers = dict(zip(levels, MARKERS, strict=False)) if enough else dict.fromkeys(levels, "o")

    used = min(genes, len(values))
    figure = new_figure(
        f"{joined_cell_lines(samples)}: samples, by the {used} most variable genes", 4.6
    )
    axes = figure.add_subplot(
        xlabel=f"PC1 ({share[0]:.0%} of variance)", ylabel=f"PC2 ({share[1]:.0%} of variance)"
    )
    for sample in samples.itertuples():
        axes.scatter(
            *scores.loc[sample.sample],
            color=colours[sample.treatment],
            marker=markers[getattr(sample, shape)],
            s=48,
            edgecolors="white",
            linewidths=0.6,
            gid=sample.sample,
        )
    axes.margins(0.08)
    keys = {"markersize": 7, "linestyle": ""}
    figure.legend(
        handles=[Line2D([], [], color=c, marker="o", label=t, **keys) for t, c in colours.items()],
        title="treatment",
        loc="outside right upper",
    )
    figure.legend(
        handles=[Line2D([], [], color="k", marker=m, label=s, **keys) for s, m in markers.items()],
        title=shape.replace("_", " "),
        loc="outside right lower",
    )
    return figure
