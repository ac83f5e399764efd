import numpy as np
import pandas as pd
import pytest

from figure_tables import (
    check_command,
    colour_of,
    drawn,
    expression_table,
    samples_table,
    texts,
)
from imid.figures.figure_style import treatment_colours
from imid.figures.plot_pca import draw_pca, principal_components

SAMPLES = samples_table()
VST = expression_table(SAMPLES)
VALUES = VST.set_index("gene_id")[SAMPLES["sample"]]


def test_shares_are_the_eigenvalues_of_the_covariance():
    _, share = principal_components(VALUES)

    eigenvalues = np.linalg.eigvalsh(np.cov(VALUES))[::-1]
    assert share == pytest.approx(eigenvalues[:2] / eigenvalues.sum())


def test_scores_keep_the_distances_of_samples_that_differ_in_two_directions():
    rng = np.random.default_rng(0)
    values = pd.DataFrame(rng.normal(size=(50, 2)) @ rng.normal(size=(2, 6)))

    scores, share = principal_components(values)

    assert share.sum() == pytest.approx(1)
    for one in range(6):
        expected = np.linalg.norm(values.sub(values[one], axis=0), axis=0)
        assert np.linalg.norm(scores - scores.loc[one], axis=1) == pytest.approx(expected)


def test_only_the_most_variable_genes_count():
    quiet = VALUES.iloc[:9].mean(axis=1).to_numpy()[:, None] + np.full((9, 9), 0.001)
    more = pd.concat([VALUES.iloc[:9], pd.DataFrame(quiet, columns=VALUES.columns)])

    scores, share = principal_components(more, genes=9)

    expected_scores, expected_share = principal_components(VALUES.iloc[:9])
    assert scores.to_numpy() == pytest.approx(expected_scores.to_numpy())
    assert share == pytest.approx(expected_share)


@pytest.mark.parametrize("values", [VALUES.iloc[:, :1], VALUES.iloc[:, :2], VALUES * 0 + 5.0])
def test_few_or_equal_samples_have_finite_scores(values):
    scores, share = principal_components(values)

    assert np.isfinite(scores.to_numpy()).all()
    assert np.isfinite(share).all()


def test_every_sample_is_drawn_at_its_scores_in_the_colour_of_its_treatment():
    figure = draw_pca(VST, SAMPLES)

    scores, share = principal_components(VALUES)
    colours = treatment_colours(SAMPLES["treatment"])
    for sample, treatment in zip(SAMPLES["sample"], SAMPLES["treatment"], strict=True):
        assert drawn(figure, sample)[0] == pytest.approx(scores.loc[sample].to_numpy())
        assert colour_of(figure, sample) == colours[treatment]
    assert figure.axes[0].get_xlabel() == f"PC1 ({share[0]:.0%} of variance)"
    assert "MM1S: samples, by the 60 most variable genes" in texts(figure)


@pytest.mark.parametrize(
    ("samples", "shape", "levels"),
    [
        (samples_table(), "replicate", ["1", "2", "3"]),
        (samples_table(cell_lines=("MM1S", "MM1S_res")), "cell line", ["MM1S", "MM1S_res"]),
    ],
)
def test_markers_tell_replicates_or_cell_lines(samples, shape, levels):
    figure = draw_pca(expression_table(samples), samples)

    treatment, marker = figure.legends
    assert [text.get_text() for text in treatment.get_texts()] == samples[
        "treatment"
    ].unique().tolist()
    assert marker.get_title().get_text() == shape
    assert [text.get_text() for text in marker.get_texts()] == levels


def test_more_replicates_than_markers_are_drawn():
    samples = samples_table(treatments=["dmso"], replicates=15)

    figure = draw_pca(expression_table(samples), samples)

    assert all(len(drawn(figure, sample)) == 1 for sample in samples["sample"])


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command("pca", {"vst": VST, "samples": SAMPLES}, tmp_path)
