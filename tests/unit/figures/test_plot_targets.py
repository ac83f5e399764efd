import numpy as np
import pytest

from figure_tables import check_command, expression_table, samples_table, targets_table, texts
from imid.figures.figure_style import treatment_colours
from imid.figures.plot_targets import count_limits, draw_targets, sample_places

SAMPLES = samples_table()
GENES = expression_table(SAMPLES)
NORMALIZED = GENES.assign(**{name: 2 ** GENES[name] for name in SAMPLES["sample"]})
TARGETS = targets_table(
    [
        ("ENSG00000000003", "IRF4", "core"),
        ("ENSG00000000001", "a$b$<i>_1", "core"),
        ("absent", "ARID2", "core"),
        ("ENSG00000000000", "A-VERY-LONG-GENE-NAME.1-AS1", "immune_ligand"),
        ("ENSG00000000020", "PVR", "immune_ligand"),
        ("ENSG00000000021", "ISG15", "interferon"),
    ]
)


@pytest.fixture(scope="module")
def figure():
    return draw_targets(NORMALIZED, SAMPLES, TARGETS)


def panel_of(figure, gene):
    return next(axes for axes in figure.axes if any(t.get_text() == gene for t in axes.texts))


def points_of(axes):
    """Height and colour of each point, by treatment."""
    return {points.get_gid(): points for points in axes.collections if points.get_gid()}


@pytest.mark.parametrize(
    ("gene", "number"), [("IRF4", 3), ("a$b$<i>_1", 1), ("PVR", 20), ("ISG15", 21)]
)
def test_points_are_the_counts_of_the_table_by_treatment(figure, gene, number):
    points = points_of(panel_of(figure, gene))

    for treatment, members in SAMPLES.groupby("treatment"):
        expected = NORMALIZED.loc[number, members["sample"]].to_numpy(float) + 0.5
        heights = points[treatment].get_offsets()[:, 1]
        assert sorted(heights) == pytest.approx(sorted(expected))


def test_a_treatment_has_its_colour_in_every_panel(figure):
    expected = treatment_colours(SAMPLES["treatment"])

    for gene in ["IRF4", "PVR", "ISG15"]:
        for treatment, points in points_of(panel_of(figure, gene)).items():
            red, green, blue = (round(255 * part) for part in points.get_facecolor()[0][:3])
            assert f"#{red:02X}{green:02X}{blue:02X}" == expected[treatment]


def test_each_target_has_one_panel_in_the_order_of_the_file(figure):
    names = TARGETS["gene_name"].unique().tolist()

    assert [text for text in texts(figure) if text in names] == names


def test_panels_are_headed_by_their_groups(figure):
    groups = ["core", "immune ligand", "interferon"]

    assert [text for text in texts(figure) if text in groups] == groups


def test_names_stay_within_the_figure(figure):
    figure.draw_without_rendering()

    for axes in figure.axes:
        for text in axes.texts:
            extent = text.get_window_extent()
            assert extent.x0 >= 0
            assert extent.x1 <= figure.bbox.x1


def test_a_target_that_was_not_counted_has_a_panel_with_the_reason(figure):
    panel = panel_of(figure, "ARID2")

    assert not points_of(panel)
    written = [text.get_text().replace("\n", " ") for text in panel.texts]
    assert "not in the annotation" in written


def test_a_fold_change_has_the_same_height_in_every_panel_and_all_points_are_inside():
    counts = NORMALIZED.set_index("gene_id")[SAMPLES["sample"]] + 0.5

    limits = count_limits(counts)

    assert np.ptp(np.log10(limits["upper"] / limits["lower"])) == pytest.approx(0)
    assert (counts.min(axis=1) > limits["lower"]).all()
    assert (counts.max(axis=1) < limits["upper"]).all()


def test_zeros_are_drawn():
    figure = draw_targets(NORMALIZED.assign(MM1S_dmso_1=0.0), SAMPLES, TARGETS.iloc[:1])

    axes = panel_of(figure, "IRF4")
    assert 0.5 in points_of(axes)["dmso"].get_offsets()[:, 1]
    assert axes.get_ylim()[0] < 0.5


def test_bars_are_the_means(figure):
    bars = [c for c in panel_of(figure, "IRF4").collections if not c.get_gid()]

    heights = sorted(bar.get_segments()[0][0, 1] for bar in bars)
    counts = NORMALIZED.loc[3, SAMPLES["sample"]].astype(float) + 0.5
    expected = counts.groupby(SAMPLES["treatment"].to_numpy()).mean()
    assert heights == pytest.approx(sorted(expected))


def test_treatments_and_cell_lines_do_not_mix():
    samples = samples_table(cell_lines=("MM1S", "MM1S_res"), replicates=4)

    places = sample_places(samples)

    groups = places.groupby([samples["cell_line"].to_numpy(), samples["treatment"].to_numpy()])
    spans = groups.agg(["min", "max"]).sort_values("min")
    assert places.is_unique
    assert (spans["min"].iloc[1:].to_numpy() > spans["max"].iloc[:-1].to_numpy() + 0.5).all()
    assert [line for line, _ in spans.index] == ["MM1S"] * 3 + ["MM1S_res"] * 3


@pytest.mark.parametrize(
    "samples", [samples_table(replicates=1), samples_table(["dmso", "iberdomide"])]
)
def test_one_sample_of_a_treatment_or_other_treatments_are_drawn(samples):
    figure = draw_targets(expression_table(samples), samples, TARGETS)

    assert list(points_of(panel_of(figure, "IRF4"))) == samples["treatment"].unique().tolist()


def test_the_command_writes_the_same_files_every_time(tmp_path):
    tables = {"normalized": NORMALIZED, "samples": SAMPLES, "targets": TARGETS}

    check_command("targets", tables, tmp_path)
