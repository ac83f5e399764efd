import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from contrast_results import sidecar
from figure_tables import check_command, texts
from imid.evidence.activities import NAMES
from imid.figures.figure_style import DOWN, UP
from imid.figures.plot_activities import INK, draw_activities
from imid.shared.tables import ACTIVITIES

SIDECARS = [sidecar("lenalidomide"), sidecar("pomalidomide")]


def activities(contrast, shift):
    rows = pd.DataFrame({"activity": list(NAMES), "contrast": contrast, "genes": 100})
    rows["log2_change"] = np.r_[-1.0, 0.6, np.linspace(-0.2, 0.2, 5), np.nan] + shift
    rows["found"] = range(20, 28)
    rows["ci_low"], rows["ci_high"] = rows["log2_change"] - 0.3, rows["log2_change"] + 0.4
    rows["observed"] = ["down", "up", *["not shown"] * 5, "not measurable"]
    # Of the one before the last nothing is known in one of the contrasts.
    rows.loc[(rows.index == 6) & (shift > 0), ["log2_change", "ci_low", "ci_high"]] = np.nan
    return rows.reindex(columns=ACTIVITIES)


TABLE = pd.concat(
    [activities("lenalidomide_vs_dmso", 0.0), activities("pomalidomide_vs_dmso", 0.1)]
)


def panel(figure, number, name):
    (found,) = [each for each in figure.axes[number].collections if each.get_gid() == name]
    return found


@pytest.fixture(scope="module")
def figure():
    return draw_activities(TABLE, SIDECARS)


@pytest.mark.parametrize("number", [0, 1])
def test_points_and_intervals_are_those_of_the_table(figure, number):
    measured = 7 - number
    rows = TABLE[TABLE["contrast"] == SIDECARS[number].name].iloc[:measured]
    points = panel(figure, number, "change")
    expected = np.column_stack([rows["log2_change"], range(measured)])
    np.testing.assert_allclose(points.get_offsets(), expected)
    ends = [segment[:, 0] for segment in panel(figure, number, "interval").get_segments()]
    np.testing.assert_allclose(ends, rows[["ci_low", "ci_high"]])
    colours = [to_hex(colour).upper() for colour in points.get_facecolors()]
    assert colours == [DOWN, UP, *[INK.upper()] * (measured - 2)]


def test_each_activity_is_named_with_its_genes(figure):
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    named = [
        f"{name} {found}/100" for name, found in zip(NAMES.values(), range(20, 28), strict=True)
    ]
    assert labels == named[:7]
    assert texts(figure).count("not measurable") == 1


def test_what_was_measured_in_no_contrast_has_no_row_and_is_named_below(figure):
    *_, name = NAMES.values()
    (note,) = [" ".join(text.split()) for text in texts(figure) if "Purple and green" in text]
    assert note.endswith(f"Too few genes expressed to measure: {name} 27/100.")
    measured = draw_activities(TABLE[TABLE["activity"] != list(NAMES)[-1]], SIDECARS)
    assert "Too few" not in " ".join(texts(measured))


def test_without_a_measured_activity_the_figure_says_so():
    empty = TABLE.assign(log2_change=np.nan)
    assert any(
        "No activity could be measured" in text for text in texts(draw_activities(empty, SIDECARS))
    )


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command("activities", {"activities": TABLE, "sidecars": SIDECARS}, tmp_path)
