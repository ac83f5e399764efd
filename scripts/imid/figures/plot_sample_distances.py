"""Draw how far a cell line's samples are from one another."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.spatial.distance import pdist, squareform

from imid.figures.clustered_matrix import cluster, draw_matrix
from imid.figures.declaration import Declaration
from imid.figures.figure_style import joined_cell_lines

FIGURE = Declaration(
    of="fit",
    tables=["vst", "samples"],
    section="figures",
    caption="How far the samples are from one another",
    alt="A clustered matrix of the distances between samples",
)


def draw_sample_distances(vst: pd.DataFrame, samples: pd.DataFrame) -> Figure:
    """Draw the distances between samples.

    Parameters
    ----------
    vst : DataFrame
        Table of variance-stabilized counts; all genes are used.
    samples : DataFrame
        Samples table.

    Returns
    -------
    Figure
        Euclidean distances, samples clustered by them.
    """
    names = samples["sample"].tolist()
    condensed = pdist(vst[names].dropna().T)
    distances = pd.DataFrame(squareform(condensed), index=names, columns=names)
    # A sample's distance from itself says nothing, and would use up half of the colours.
    np.fill_diagonal(distances.values, np.nan)
    tree = cluster(condensed)
    axes = draw_matrix(
        f"{joined_cell_lines(samples)}: distances between samples",
        distances,
        tree,
        tree,
        samples["treatment"],
        "Euclidean distance of variance-stabilized counts",
        cmap="cividis",
    )
    return axes.figure
