from matplotlib.text import Text

from contrast_results import sidecar
from imid.figures.contrast_panels import contrast_panels

LONG = {"numerator": "iberdomide_citrate", "denominator": "lenalidomide_hemihydrate"}


def panels(sidecars):
    figure, grid = contrast_panels(
        "what", sidecars, 1.0, 1.0, reach=2.0, heights=(3.0, -1.0), label="log2 change"
    )
    figure.draw_without_rendering()
    return figure, grid


def test_every_contrast_has_a_panel_of_one_scale_and_its_name():
    figure, grid = panels([sidecar("a"), sidecar("b"), sidecar("c"), sidecar("d")])
    named = [axes.get_title(loc="left") for axes in grid.flat if axes.axison]
    assert named == ["a vs dmso", "b vs dmso", "c vs dmso", "d vs dmso"]
    assert {(axes.get_xlim(), axes.get_ylim()) for axes in grid.flat} == {((-2, 2), (3, -1))}
    assert figure.get_suptitle() == "MM1S: what"


def test_a_long_name_neither_runs_over_the_edge_nor_into_the_next():
    _, grid = panels([sidecar(**LONG)] * 3)
    figure = grid[0, 0].figure
    name = grid[0, 0].get_title(loc="left")
    titles = [
        text.get_window_extent()
        for axes in grid.flat
        for text in axes.findobj(Text)
        if text.get_text() == name
    ]
    assert "\n" in name
    assert titles[0].x1 < titles[1].x0 < titles[1].x1 < titles[2].x0
    assert titles[2].x1 < figure.bbox.x1
