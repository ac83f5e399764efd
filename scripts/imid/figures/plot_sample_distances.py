"""Draw how far a cell line's samples are from one another."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.spatial.distance import pdist, squareform

from imid.figures.clustered_matrix import cluster, draw_matrix
from imid.figures.figure_style import cell_lines, save
from imid.shared.problems import reported
from imid.shared.tables import read_table


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
        f"{cell_lines(samples)}: distances between samples",
        distances,
        tree,
        tree,
        samples["treatment"],
        "Euclidean distance of variance-stabilized counts",
        cmap="cividis",
    )
    return axes.figure


def main(argv: list[str] | None = None) -> None:
    """Write the distances between a cell line's samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vst", type=Path, required=True, help="variance-stabilized counts")
    parser.add_argument("--samples", type=Path, required=True, help="samples table")
    parser.add_argument("--output", nargs="+", type=Path, required=True, help=".svg, .png")
    arguments = parser.parse_args(argv)

    vst, samples = read_table(arguments.vst), read_table(arguments.samples)
    save(draw_sample_distances(vst, samples), arguments.output)


if __name__ == "__main__":
    reported(main)
