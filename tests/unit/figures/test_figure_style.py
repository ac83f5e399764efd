from itertools import combinations
from xml.etree import ElementTree

import pandas as pd
import pytest

from figure_tables import texts
from imid.figures.figure_style import (
    DOWN,
    UP,
    footnote,
    joined_cell_lines,
    legend_above,
    message_figure,
    new_figure,
    new_panels,
    powers_of_ten,
    save,
    treatment_colours,
    wrapped,
)

OTHERS = ["selinexor", "iberdomide", "bortezomib", "mezigdomide"]


def test_the_three_treatments_keep_their_colours_whatever_is_beside_them():
    expected = {"dmso": "#7F7F7F", "lenalidomide": "#0072B2", "pomalidomide": "#D55E00"}

    assert treatment_colours(["pomalidomide", "dmso", "lenalidomide", "dmso"]) == expected
    assert expected.items() <= treatment_colours([*OTHERS, *expected]).items()
    assert treatment_colours(["pomalidomide"]) == {"pomalidomide": "#D55E00"}


def test_other_treatments_are_coloured_by_name_and_not_by_their_order():
    colours = treatment_colours([*OTHERS, "dmso"])

    assert list(colours) == ["dmso", *sorted(OTHERS)]
    assert list(treatment_colours(["dmso", *reversed(OTHERS)]).items()) == list(colours.items())


def test_no_two_treatments_share_a_colour_and_none_means_up_or_down():
    colours = treatment_colours([*(f"drug{number}" for number in range(20)), "dmso"])

    assert all(one != other for one, other in combinations(colours.values(), 2))
    assert not {UP, DOWN} & {colour.upper() for colour in colours.values()}


def test_a_figure_is_saved_in_each_format_and_nothing_else_is_left(tmp_path):
    outputs = [tmp_path / "new" / "figure.svg", tmp_path / "new" / "figure.png"]

    save(message_figure("MM1S", "nothing"), outputs)

    assert outputs[0].read_text().startswith("<?xml")
    assert outputs[1].read_bytes().startswith(b"\x89PNG")
    assert sorted(outputs[0].parent.iterdir()) == sorted(outputs)


def test_an_svg_has_no_date_and_keeps_its_text_as_it_is_written(tmp_path):
    save(message_figure("a$b$c <i>", "price: $5$, x_1^2"), [tmp_path / "figure.svg"])

    elements = list(ElementTree.parse(tmp_path / "figure.svg").iter())
    written = [element.text for element in elements if element.tag.endswith("}text")]
    assert written == ["a$b$c <i>", "price: $5$, x_1^2"]
    assert not [element for element in elements if element.tag.endswith("}date")]


def test_a_long_title_stays_within_the_figure():
    figure = new_figure("MM1S and MM1S_RES: mezigdomide vs BORTEZOMIB, " * 3, 3)
    figure.draw_without_rendering()
    (title,) = [text for text in figure.texts if "mezigdomide" in text.get_text()]
    assert title.get_text().count("\n") >= 2
    assert title.get_window_extent().x1 < figure.bbox.x1


@pytest.mark.parametrize(("size", "longest"), [(9.0, 26), (18.0, 13)])
def test_a_text_is_broken_where_its_room_ends(size, longest):
    lines = wrapped("higher in pomalidomide than in dmso " * 5, 2, size).split("\n")
    assert 0.5 * longest < max(map(len, lines)) <= longest
    assert wrapped("a", 0) == "a"


@pytest.mark.parametrize(("drug", "columns"), [("drug", 3), ("iberdomide_with_dexamethasone_", 2)])
def test_a_legend_has_as_many_columns_as_there_is_room_for(drug, columns):
    figure = new_figure("MM1S", 3)
    axes = figure.add_subplot()
    for number in range(6):
        axes.plot([0, 1], label=f"higher in {drug}{number}")
    legend_above(axes)
    figure.draw_without_rendering()
    legend = axes.get_legend()
    assert legend.get_window_extent().x1 < figure.bbox.x1
    assert len({round(text.get_window_extent().x0) for text in legend.get_texts()}) == columns


def test_places_beyond_the_last_panel_are_empty():
    figure, grid = new_panels("MM1S", 4, 3, 1.5, 1.0, sharex=True)
    assert grid.shape == (2, 3)
    assert [axes.axison for axes in grid.flat] == [True] * 4 + [False] * 2
    assert figure.get_figheight() == 2 * 1.5 + 1.0


def test_a_failed_figure_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="nonsense"):
        save(message_figure("MM1S", "nothing"), [tmp_path / "figure.nonsense"])

    assert list(tmp_path.iterdir()) == []


def test_files_are_those_of_matplotlibs_own_way_in_any_order(tmp_path):
    """`savefig` draws the figure twice for each file; what it writes is the same."""
    ours, theirs = ([tmp_path / f"{who}.{n}" for n in ("svg", "png")] for who in ("a", "b"))
    save(message_figure("MM1S", "nothing"), ours)
    figure = message_figure("MM1S", "nothing")
    for path in reversed(theirs):
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi="figure", metadata=metadata)
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]


def test_decades_are_labelled_without_tex():
    axes = new_figure("MM1S", 3).add_subplot(xscale="log", xlim=(0.5e-2, 2e3))
    powers_of_ten(axes.xaxis)

    axes.figure.draw_without_rendering()

    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert set(labels) >= {"10⁻²", "10⁻¹", "1", "10", "10²", "10³"}


def test_a_long_footnote_stays_within_the_figure():
    figure = new_figure("MM1S", 3)
    figure.add_subplot()
    footnote(figure, "IKZF1, TNFRSF11B, HLA-DQB1, " * 20)

    figure.draw_without_rendering()

    (note,) = [text for text in figure.texts if "IKZF1" in text.get_text()]
    assert note.get_window_extent().x1 <= figure.bbox.x1


def test_a_message_says_title_and_reason():
    assert {"MM1S: a title", "the reason"} <= set(
        texts(message_figure("MM1S: a title", "the reason"))
    )


def test_cell_lines_are_named_in_the_order_of_the_table():
    assert joined_cell_lines(pd.DataFrame({"cell_line": ["B", "A", "B"]})) == "B and A"
