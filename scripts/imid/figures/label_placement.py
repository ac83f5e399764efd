"""Labelling points of a scatter plot so that no label lies on another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from imid.figures.figure_style import SMALL

LABEL = {"fontsize": SMALL, "fontstyle": "italic"}

# Lengths are in points, 1/72 inch: places hold whatever resolution a figure is saved at.
# Distances between a point and the nearest edge of its label, from close by to far away:
GAPS = np.array([4, 7, 10, 14, 20, 27, 36, 47, 61, 79, 100, 126])
DIRECTIONS = 24
LEADER_FROM = 5  # a label that is farther off is tied to its point by a line
MARKER = 6  # diameter of the marker of a labelled point

# Costs: the distance that a reader would rather put up with than the fault.
COVERED_POINT = 1.0
COVERED_MARKER = 200.0
CROSSED_LEADER = 100.0
OVERLAP = 1000.0

ATTEMPTS = 8
ROUNDS = 3


class Places(NamedTuple):
    """The places that one label may take: k of them, each with its own cost."""

    offsets: np.ndarray  # (k, 2): from the point to the label's centre
    boxes: np.ndarray  # (k, 4)
    leaders: np.ndarray  # (k, 4)
    cost: np.ndarray  # (k,): without regard to other labels


def place_labels(
    points: np.ndarray, sizes: np.ndarray, bounds: np.ndarray, obstacles: np.ndarray
) -> np.ndarray:
    """Choose a place for the label of each point.

    Every label takes the cheapest of some hundred places around its point, given where the
    others are: near, on few other points, with a leader that crosses nothing. That is done
    several times over, in a changing order, and the best result is taken; the orders are the
    same in every run.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        The points to be labelled.
    sizes : ndarray, shape (n, 2)
        Width and height of their labels.
    bounds : ndarray, shape (4,)
        Left, bottom, right and top of the area that labels may use.
    obstacles : ndarray, shape (m, 2)
        Points that are better not covered.

    Returns
    -------
    ndarray, shape (n, 2)
        The labels' centres relative to their points, no label on another or out of bounds;
        NaN where there is no room.
    """
    offers = {}
    for index, (point, size) in enumerate(zip(points, sizes, strict=True)):
        places = _places(point, size, np.delete(points, index, axis=0), bounds, obstacles)
        if len(places.cost):
            offers[index] = places
    generator = np.random.default_rng(0)
    attempts = [_attempt(offers, generator) for _ in range(ATTEMPTS)]
    chosen = min(attempts, key=lambda attempt: _total(offers, attempt))

    centres = np.full(points.shape, np.nan)
    taken = np.empty((0, 4))
    for index, row in sorted(chosen.items()):
        box = offers[index].boxes[[row]]
        if not _overlapping(box, taken).any():
            centres[index] = offers[index].offsets[row]
            taken = np.vstack([taken, box])
    return centres


def _places(
    point: np.ndarray,
    size: np.ndarray,
    others: np.ndarray,
    bounds: np.ndarray,
    obstacles: np.ndarray,
) -> Places:
    angles = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    offsets = directions * GAPS[:, None, None] + (1.5 * directions).clip(-1, 1) * size / 2
    offsets = offsets.reshape(-1, 2)
    boxes = _boxes(point + offsets, size)
    within = (boxes[:, :2] >= bounds[:2]) & (boxes[:, 2:] <= bounds[2:])
    inside = within.all(axis=1)

    offsets, boxes = offsets[inside], boxes[inside]
    leaders = np.hstack([np.broadcast_to(point, offsets.shape), point + offsets])
    markers = _boxes(others, MARKER)
    cost = (
        np.repeat(GAPS, DIRECTIONS)[inside]
        + COVERED_POINT * _overlapping(boxes, np.hstack([obstacles, obstacles])).sum(axis=1)
        + COVERED_MARKER * _overlapping(boxes, markers).sum(axis=1)
        + CROSSED_LEADER * _through(leaders, markers).sum(axis=1)
    )
    return Places(offsets, boxes, leaders, cost)


def _attempt(offers: dict[int, Places], generator: np.random.Generator) -> dict[int, int]:
    chosen: dict[int, int] = {}
    for _ in range(ROUNDS):
        for index in generator.permutation(list(offers)):
            conflicts = _conflicts(offers[index], offers, chosen, index)
            chosen[index] = (offers[index].cost + conflicts).argmin()
    return chosen


def _total(offers: dict[int, Places], chosen: dict[int, int]) -> float:
    total = 0.0
    for index, row in chosen.items():
        own = Places(*(field[[row]] for field in offers[index]))
        total += (own.cost + _conflicts(own, offers, chosen, index)).item()
    return total


def _conflicts(
    places: Places, offers: dict[int, Places], chosen: dict[int, int], index: int
) -> np.ndarray:
    others = [(offers[other], row) for other, row in chosen.items() if other != index]
    boxes = np.array([offer.boxes[row] for offer, row in others]).reshape(-1, 4)
    leaders = np.array([offer.leaders[row] for offer, row in others]).reshape(-1, 4)
    crossed = (
        _segments_cross(places.leaders, leaders).sum(axis=1)
        + _through(places.leaders, boxes).sum(axis=1)
        + _through(leaders, places.boxes).sum(axis=0)
    )
    return OVERLAP * _overlapping(places.boxes, boxes).sum(axis=1) + CROSSED_LEADER * crossed


# Boxes are rows of left, bottom, right, top; segments are rows of x, y, x, y. What compares k
# of them with n others is of shape (k, n).


def _boxes(centres: np.ndarray, sizes: np.ndarray | float) -> np.ndarray:
    return np.hstack([centres - sizes / 2, centres + sizes / 2])


def _overlapping(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    left, bottom, right, top = boxes.T[:, :, None]
    other_left, other_bottom, other_right, other_top = others.T
    return (left < other_right) & (other_left < right) & (bottom < other_top) & (other_bottom < top)


def _segments_cross(segments: np.ndarray, others: np.ndarray) -> np.ndarray:
    def side(lines: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        x0, y0, x1, y1 = lines
        return (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)

    one, other = segments.T[:, :, None], others.T[:, None, :]
    parted = side(one, *other[:2]) * side(one, *other[2:]) < 0
    return parted & (side(other, *one[:2]) * side(other, *one[2:]) < 0)


def _through(segments: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    # A segment that runs through a box crosses one of its diagonals.
    return _segments_cross(segments, boxes) | _segments_cross(segments, boxes[:, [0, 3, 2, 1]])


def label_points(
    axes: Axes, points: np.ndarray, labels: Sequence[str], cloud: np.ndarray
) -> list[Annotation]:
    """Write the names of points beside them.

    To be called last: places depend on the figure's layout, which is settled here.

    Parameters
    ----------
    axes : Axes
        Where the points are drawn, with its final limits.
    points : ndarray, shape (n, 2)
        The points to be labelled, in data coordinates.
    labels : sequence of str
        Their names; earlier ones get the better places.
    cloud : ndarray, shape (m, 2)
        All points that are drawn, in data coordinates: labels keep off the dense parts.

    Returns
    -------
    list of Annotation
        The labels that found room.
    """
    axes.figure.draw_without_rendering()
    axes.figure.set_layout_engine("none")
    scale = 72 / axes.figure.dpi
    sizes = np.array([_size(axes, label) for label in labels]).reshape(-1, 2) * scale + 2
    # One obstacle for every 2 points square tells dense from empty well enough.
    obstacles = np.unique(np.round(axes.transData.transform(cloud) * scale / 2), axis=0) * 2
    bounds = axes.bbox.padded(-2).extents * scale
    offsets = place_labels(axes.transData.transform(points) * scale, sizes, bounds, obstacles)
    return [
        _annotate(axes, label, point, offset, size)
        for label, point, offset, size in zip(labels, points, offsets, sizes, strict=True)
        if np.isfinite(offset).all()
    ]


def _size(axes: Axes, label: str) -> tuple[float, float]:
    text = axes.text(0, 0, label, **LABEL)
    extent = text.get_window_extent()
    text.remove()
    return extent.width, extent.height


def _annotate(
    axes: Axes, label: str, point: np.ndarray, offset: np.ndarray, size: np.ndarray
) -> Annotation:
    distance = np.hypot(*np.maximum(np.abs(offset) - size / 2, 0))
    leader = {"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2.5}
    return axes.annotate(
        label,
        point,
        xytext=offset,
        textcoords="offset points",
        horizontalalignment="center",
        verticalalignment="center",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.5},
        arrowprops=leader if distance > LEADER_FROM else None,
        zorder=6,
        **LABEL,
    )
