from itertools import combinations

import numpy as np
import pytest

from imid.figures.figure_style import new_figure
from imid.figures.label_placement import GAPS, label_points, place_labels

BOUNDS = np.array([0.0, 0.0, 450.0, 300.0])
NOTHING = np.empty((0, 2))


def boxes_of(points, sizes, offsets):
    centres = points + offsets
    return np.hstack([centres - sizes / 2, centres + sizes / 2])


def overlaps(boxes):
    """How many pairs of boxes overlap, compared one by one."""
    return sum(
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        for number, one in enumerate(boxes)
        for other in boxes[:number]
    )


@pytest.mark.parametrize("spread", [5, 30, 120])
def test_labels_never_overlap_and_stay_within_bounds(spread):
    rng = np.random.default_rng(spread)
    points = np.clip(rng.normal([225, 150], spread, (18, 2)), 5, 295)
    sizes = np.column_stack([rng.uniform(20, 60, 18), np.full(18, 11.0)])

    offsets = place_labels(points, sizes, BOUNDS, points)

    boxes = boxes_of(points, sizes, offsets)
    assert np.isfinite(offsets).all()
    assert overlaps(boxes) == 0
    assert (boxes[:, :2] >= BOUNDS[:2]).all()
    assert (boxes[:, 2:] <= BOUNDS[2:]).all()


def test_a_lone_label_stands_beside_its_point():
    point, size = np.array([[200.0, 150.0]]), np.array([[30.0, 10.0]])

    offset = place_labels(point, size, BOUNDS, point)

    assert np.hypot(*np.maximum(np.abs(offset[0]) - size[0] / 2, 0)) == pytest.approx(GAPS[0])


def test_a_label_keeps_off_a_dense_cloud():
    point, size = np.array([[200.0, 150.0]]), np.array([[30.0, 10.0]])
    grid = np.stack(np.meshgrid(np.arange(200, 300, 2), np.arange(50, 250, 2)), axis=-1)

    offset = place_labels(point, size, BOUNDS, grid.reshape(-1, 2))

    assert offset[0, 0] + size[0, 0] / 2 < 0


@pytest.mark.parametrize("seed", range(4))
def test_leaders_of_a_crowd_do_not_cross(seed):
    points = np.random.default_rng(seed).normal([225, 150], 12, (8, 2))

    offsets = place_labels(points, np.tile([40.0, 10.0], (8, 1)), BOUNDS, points)

    steps = np.linspace(0, 1, 300)[:, None]
    leaders = points[:, None] + steps * offsets[:, None]
    for one, other in combinations(leaders, 2):
        assert np.hypot(*(one[:, None] - other).transpose(2, 0, 1)).min() > 0.3


def test_a_label_without_room_is_left_out():
    points, sizes = np.array([[5.0, 5.0], [6.0, 5.0]]), np.array([[8.0, 4.0], [80.0, 4.0]])

    offsets = place_labels(points, sizes, np.array([0.0, 0.0, 30.0, 30.0]), NOTHING)

    assert np.isfinite(offsets[0]).all()
    assert np.isnan(offsets[1]).all()


def test_labels_that_fill_the_room_are_drawn_and_the_others_left_out():
    points = np.random.default_rng(0).uniform(20, 40, (12, 2))
    sizes = np.tile([25.0, 10.0], (12, 1))

    offsets = place_labels(points, sizes, np.array([0.0, 0.0, 60.0, 60.0]), NOTHING)

    drawn = np.isfinite(offsets).all(axis=1)
    assert 2 <= drawn.sum() < 12
    assert overlaps(boxes_of(points[drawn], sizes[drawn], offsets[drawn])) == 0


def test_no_labels_are_no_trouble():
    assert place_labels(NOTHING, NOTHING, BOUNDS, NOTHING).shape == (0, 2)


def test_drawn_labels_are_apart_in_the_saved_figure():
    axes = new_figure("MM1S", 4).add_subplot()
    rng = np.random.default_rng(4)
    cloud = rng.normal(0, 1, (2000, 2))
    axes.scatter(*cloud.T)
    names = [f"GENE{number}" for number in range(14)]

    annotations = label_points(axes, cloud[:14] / 5, names, cloud)
    axes.figure.canvas.draw()

    extents = [annotation.get_bbox_patch().get_window_extent() for annotation in annotations]
    assert [annotation.get_text() for annotation in annotations] == names
    assert overlaps([extent.extents for extent in extents]) == 0
    assert all(axes.bbox.x0 <= extent.x0 and extent.x1 <= axes.bbox.x1 for extent in extents)
    assert all(axes.bbox.y0 <= extent.y0 and extent.y1 <= axes.bbox.y1 for extent in extents)
