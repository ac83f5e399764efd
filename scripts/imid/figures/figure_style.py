"""How every figure of the pipeline looks, and how it is saved."""

from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path
from textwrap import fill

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from imid.shared.files import written

# Inches. A report shows a figure about 700 pixels wide, so 9 points become 12 or 13 pixels.
WIDTH = 7.0
SMALL = 7.5
TEXT = 9.0
TITLE = 10.5

# Okabe and Ito's palette, which the colour-blind can tell apart (Wong, Nat Methods 2011).
TREATMENTS = {"dmso": "#7F7F7F", "lenalidomide": "#0072B2", "pomalidomide": "#D55E00"}
OTHER_TREATMENTS = ["#E69F00", "#56B4E9", "#F0E442", "#000000", "#009E73", "#CC79A7"]
OTHER_TREATMENTS += [to_hex(colour) for colour in matplotlib.colormaps["tab20b"].colors]

# Purple and green mean up and down and nothing else; the colour map of z-scores ends in them.
UP = "#762A83"
DOWN = "#1B7837"
NEUTRAL = "#B0B0B0"
FAINT = "#DDDDDD"
UP_DOWN_MAP = "PRGn_r"

BESIDE_AXIS = 0.88  # share of the width, right of an axis and its labels

# A line at a threshold.
CUT = {"color": "#555555", "linewidth": 0.8, "linestyle": (0, (4, 3)), "zorder": 3}

RESOLUTION = 200  # dots per inch, of a PNG and of the rasterised points in an SVG

matplotlib.rcParams.update(
    {
        "font.family": "sans-serif",
        "font.size": TEXT,
        "text.parse_math": False,  # a gene's name may hold dollar signs
        "text.hinting": "none",  # a text is as wide in an SVG as it was when laid out
        "axes.titlesize": TEXT,
        "axes.labelsize": TEXT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.fontsize": 8,
        "legend.frameon": False,
        "legend.borderaxespad": 0.3,
        "legend.columnspacing": 1.5,
        "legend.handletextpad": 0.3,
        "svg.fonttype": "none",  # text stays text: it can be searched, and edited for a paper
        "svg.hashsalt": "imid-rnaseq",
    }
)


def treatment_colours(treatments: Iterable[str]) -> dict[str, str]:
    """Give every treatment its colour, the same in every figure of an experiment.

    Parameters
    ----------
    treatments : iterable of str
        The treatments of all samples; they may repeat.

    Returns
    -------
    dict
        Colour by treatment, in the order in which figures show them: DMSO, lenalidomide and
        pomalidomide first, then the others by name.
    """
    present = set(treatments)
    colours = {name: colour for name, colour in TREATMENTS.items() if name in present}
    return colours | dict(zip(sorted(present - set(TREATMENTS)), cycle(OTHER_TREATMENTS)))


def wrapped(text: str, inches: float, size: float = TEXT) -> str:
    """Break a text into lines that are no longer than there is room for.

    Parameters
    ----------
    text : str
        Words; a word that is too long for a line is broken.
    inches : float
        The room.
    size : float
        Of the letters, in points. They are taken to be 0.6 as wide as they are high, a little more
        than they are in the usual fonts: a browser may choose another than was laid out.

    Returns
    -------
    str
    """
    return fill(text, max(int(inches * 72 / (0.6 * size)), 1))


def new_figure(title: str, height: float) -> Figure:
    """Make an empty figure of the report's width.

    Parameters
    ----------
    title : str
        Says what is shown and of which cell line.
    height : float
        Inches.

    Returns
    -------
    Figure
        Laid out by constraints, so that nothing is cut off; drawn without a display.
    """
    figure = Figure(figsize=(WIDTH, height), dpi=RESOLUTION, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        wrapped(title, 0.9 * WIDTH, 1.1 * TITLE),  # bold letters are wider
        **{"x": 0.01, "horizontalalignment": "left", "fontsize": TITLE, "fontweight": "bold"},
    )
    return figure


def new_panels(
    title: str, panels: int, columns: int, row: float, around: float, **sharing
) -> tuple[Figure, np.ndarray]:
    """Make a figure of panels side by side; places beyond the last of them stay empty.

    Parameters
    ----------
    title : str
        Of the figure.
    panels : int
        How many there are.
    columns : int
        How many stand in a row.
    row, around : float
        Inches: the height of a row, and of what is above and below all of them.
    sharing : keyword arguments
        Of `Figure.subplots`: which axes are one.

    Returns
    -------
    figure : Figure
    grid : ndarray of Axes, shape (rows, columns)
    """
    rows = -(-panels // columns)
    figure = new_figure(title, row * rows + around)
    grid = figure.subplots(rows, columns, squeeze=False, **sharing)
    for axes in grid.flat[panels:]:
        axes.axis("off")
    return figure, grid


def message_figure(title: str, message: str) -> Figure:
    """Make a figure that says in words why there is nothing to draw.

    Parameters
    ----------
    title : str
        As of the figure that would have been drawn.
    message : str
        The reason.

    Returns
    -------
    Figure
        The title and the reason, nothing else.
    """
    figure = new_figure(title, 1.2)
    words = wrapped(message, 0.98 * WIDTH)
    figure.text(0.01, 0.4, words, color="#555555", verticalalignment="center")
    return figure


def legend_above(axes: Axes, **options) -> None:
    """Put the legend between the title and the plot, where it hides nothing.

    Parameters
    ----------
    axes : Axes
        What the legend belongs to.
    options : keyword arguments
        Of `Axes.legend`; of its columns, 3 if not said, no more are made than there is room for.
    """
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
    most = options.pop("ncols", 3)
    for columns in range(most, 0, -1):
        legend = axes.legend(**{"ncols": columns, **place, **options})
        if legend.get_window_extent().width < BESIDE_AXIS * axes.figure.bbox.width:
            break
    for handle in legend.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set_sizes([18])  # as legible as a target's ring, however small the points


def footnote(figure: Figure, text: str) -> None:
    """Write what the reader must know of a figure's data below it, in small print.

    Parameters
    ----------
    figure : Figure
        As given by `new_figure`.
    text : str
        Sentences; wrapped to the figure's width.
    """
    words = wrapped(text, 0.98 * WIDTH, SMALL)
    figure.supxlabel(words, x=0.01, horizontalalignment="left", fontsize=SMALL, color="#555555")


def powers_of_ten(axis: Axis) -> None:
    """Label the decades of a logarithmic axis: 10⁻², 10⁻¹, 1, 10, 10².

    Matplotlib's own labels are in TeX notation, which is switched off for the genes' sake.

    Parameters
    ----------
    axis : Axis
        Its scale is logarithmic already.
    """
    superscript = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

    def label(value: float, _position: int) -> str:
        exponent = round(np.log10(value))
        return (
            str(10**exponent) if exponent in (0, 1) else "10" + str(exponent).translate(superscript)
        )

    axis.set_major_formatter(FuncFormatter(label))
    axis.set_minor_formatter(NullFormatter())


def joined_cell_lines(samples: pd.DataFrame) -> str:
    """Name the cell lines of a samples table: ``MM1S``, ``MM1S and MM1S_res``."""
    return " and ".join(samples["cell_line"].unique())


def _write_svg(figure: Figure, path: Path) -> None:
    resolution = figure.dpi
    FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None})
    # It leaves the points of its own as the figure's.
    figure.set_dpi(resolution)


def _write_png(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure).print_png(path)


# What `Figure.savefig` ends in. It first draws the whole figure once more for its layout, which
# is settled by then: of five times that a figure would be drawn, two.
WRITERS = {".svg": _write_svg, ".png": _write_png}


def save(figure: Figure, paths: Sequence[Path]) -> None:
    """Write a figure to files, each whole or not at all.

    The same figure gives the same bytes: an SVG carries no date and no random ids.

    Parameters
    ----------
    figure : Figure
        What to write. Its layout is settled first, so that all files agree.
    paths : sequence of Path
        Their suffixes choose the formats: .svg or .png.
    """
    # Without the drawing that `draw_without_rendering` adds to it; words alone need no layout.
    if figure.axes:
        figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    for path in paths:
        if path.suffix not in WRITERS:
            raise ValueError(f"{path}: a figure is {' or '.join(WRITERS)}, not {path.suffix}")
        with written(path) as temporary:
            WRITERS[path.suffix](figure, temporary)
