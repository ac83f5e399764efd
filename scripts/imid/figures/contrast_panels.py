"""What figures of all contrasts of a fit share: a panel for each, side by side, in one scale."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from imid.figures.figure_style import WIDTH, new_panels, wrapped
from imid.figures.gene_scatter import contrast_label
from imid.question.contrast_results import ContrastResult

PANELS = 3  # in a row
NAMES = 1.2  # inches, of the rows


def contrast_panels(
    what: str,
    sidecars: Sequence[ContrastResult],
    row: float,
    around: float,
    *,
    reach: float,
    heights: tuple[float, float],
    label: str,
) -> tuple[Figure, np.ndarray]:
    """Lay out a panel for each contrast of a fit.

    Parameters
    ----------
    what : str
        What is shown, for the title.
    sidecars : sequence of ContrastResult
        The contrasts, in the order of the panels.
    row, around : float
        Inches, as of `new_panels`; the contrasts' names are in neither.
    reach : float
        How far the common x axis goes to either side of 0.
    heights : tuple of float and float
        The lower and the upper end of the common y axis.
    label : str
        Of the x axis.

    Returns
    -------
    figure : Figure
    grid : ndarray of Axes, shape (rows, columns)
        A panel for each contrast, named, and empty places.
    """
    columns = min(PANELS, len(sidecars))
    names = [wrapped(contrast_label(one), (WIDTH - NAMES) / columns) for one in sidecars]
    lines = max(name.count("\n") for name in names) + 1
    title = f"{sidecars[0].cell_line}: {what}"
    share = {"sharex": True, "sharey": True}
    figure, grid = new_panels(title, len(sidecars), columns, row + 0.15 * lines, around, **share)
    for axes, name in zip(grid.flat, names, strict=False):
        axes.set(xlim=(-reach, reach), ylim=heights, xlabel=label)
        axes.set_title(name, loc="left")
    for axes in grid.flat:
        axes.tick_params(axis="y", length=0)
    return figure, grid
