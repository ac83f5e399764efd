import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from figure_tables import (
    check_command,
    contrast_table,
    drawn_matrix,
    expression_table,
    samples_table,
    significant_genes,
    texts,
)
from imid.figures.plot_heatmap import draw_heatmap, leading_genes, z_scores

SAMPLES = samples_table()
VST = expression_table(SAMPLES, genes=300)
CONTRASTS = [
    (contrast_table(seed=2), sidecar("lenalidomide")),
    (contrast_table(seed=3), sidecar("pomalidomide")),
]


def test_leading_genes_are_the_union_of_the_most_significant():
    expected = set()
    for table, _ in CONTRASTS:
        both = [significant_genes(table, direction) for direction in (1, -1)]
        genes = [
            gene for part in both for gene in zip(part["p_value"], part["gene_id"], strict=True)
        ]
        expected |= {gene for _, gene in sorted(genes)[:4]}

    assert set(leading_genes(CONTRASTS, each=4)) == expected


def test_equal_p_values_are_ranked_by_the_statistic():
    table = contrast_table()
    table.loc[[0, 1, 2], "p_value"] = 0.0
    table.loc[[0, 1, 2], "stat"] = [40.0, -70.0, 50.0]

    assert leading_genes([(table, sidecar())], each=2) == table.loc[[1, 2], "gene_id"].tolist()


def test_z_scores_are_centred_and_scaled_by_gene():
    scores = z_scores(VST[SAMPLES["sample"]])

    assert scores.mean(axis=1).abs().max() < 1e-9
    assert scores.std(axis=1).to_numpy() == pytest.approx(1)


def test_a_gene_that_does_not_vary_is_zero():
    values = VST[SAMPLES["sample"]].iloc[:2].copy()
    values.iloc[0] = 7.0

    assert (z_scores(values).iloc[0] == 0).all()


def test_rows_are_the_z_scores_of_the_genes_named_beside_them():
    figure = draw_heatmap(VST, SAMPLES, *zip(*CONTRASTS, strict=True), each=5)

    shown = drawn_matrix(figure)
    genes = VST[VST["gene_id"].isin(leading_genes(CONTRASTS, 5))].set_index("gene_name")
    expected = z_scores(genes[SAMPLES["sample"]])
    pd.testing.assert_frame_equal(
        shown.loc[expected.index, expected.columns], expected, check_names=False
    )
    assert len(shown) == len(expected)
    assert "MM1S: leading genes of 2 contrasts" in texts(figure)


def test_a_single_significant_gene_is_drawn():
    table = contrast_table().assign(fdr=0.9)
    table.loc[0, "fdr"] = 0.001

    figure = draw_heatmap(VST, SAMPLES, [table], [sidecar()])

    figure.draw_without_rendering()
    assert "GENE0" in texts(figure)


@pytest.mark.parametrize("fdr", [0.9, np.nan])
def test_without_a_significant_gene_the_figure_says_so(fdr):
    tables = [table.assign(fdr=fdr) for table, _ in CONTRASTS]
    figure = draw_heatmap(VST, SAMPLES, tables, [words for _, words in CONTRASTS])

    assert "No gene is significant in any of the contrasts." in texts(figure)


def test_the_command_writes_the_same_files_every_time(tmp_path):
    tables, sidecars = map(list, zip(*CONTRASTS, strict=True))
    inputs = {"vst": VST, "samples": SAMPLES, "contrasts": tables, "sidecars": sidecars}
    check_command("heatmap", inputs, tmp_path)
