import numpy as np
import pandas as pd
import pytest

from figure_tables import check_command, drawn, genes_table, samples_table, texts
from imid.figures.plot_dispersions import draw_dispersions, lower_edge, trend_line

SAMPLES = samples_table()


def dispersions_table(genes: int = 400) -> pd.DataFrame:
    """Dispersions about the trend 0.05 + 2 / mean; some at the least value, one gene silent."""
    rng = np.random.default_rng(0)
    mean = rng.lognormal(4, 2, genes)
    fitted = 0.05 + 2 / mean
    gene_wise = fitted * rng.lognormal(0, 0.7, genes)
    gene_wise[10:30] = 1e-8
    final = np.sqrt(fitted * np.maximum(gene_wise, fitted / 10))
    table = genes_table(genes).assign(
        base_mean=mean, gene_wise=gene_wise, fitted=fitted, map=final, final=final
    )
    table.loc[5, ["gene_wise", "fitted", "map", "final"]] = np.nan
    table.loc[5, "base_mean"] = 0.0
    return table


TABLE = dispersions_table()


@pytest.fixture(scope="module")
def figure():
    return draw_dispersions(TABLE, SAMPLES)


@pytest.mark.parametrize("stage", ["gene_wise", "final"])
def test_every_dispersion_is_drawn_and_the_smallest_at_the_edge(figure, stage):
    present = TABLE.dropna()
    edge = lower_edge(present["gene_wise"])
    points = drawn(figure, stage)

    assert points[:, 0] == pytest.approx(present["base_mean"].to_numpy())
    assert points[:, 1] == pytest.approx(present[stage].clip(lower=edge).to_numpy())
    low, high = figure.axes[0].get_ylim()
    assert low < points[:, 1].min()
    assert points[:, 1].max() < high
    assert f"20 genes with a dispersion below {edge:g}" in " ".join(texts(figure))


def test_the_edge_is_just_below_what_is_not_at_the_least_value():
    assert lower_edge(pd.Series([1e-8, 1e-8, 0.003, 2.0])) == pytest.approx(1e-3)
    assert lower_edge(pd.Series([0.02, 0.03])) == pytest.approx(1e-2)


def test_a_few_estimates_near_the_least_value_do_not_move_the_edge():
    estimates = np.linspace(0.02, 2, 200)
    assert lower_edge(pd.Series([1e-8, 3e-7, *estimates])) == pytest.approx(1e-2)


def test_the_trend_is_the_fitted_curve_over_all_means():
    line = trend_line(TABLE)

    assert line["base_mean"].is_monotonic_increasing
    assert line["fitted"].to_numpy() == pytest.approx((0.05 + 2 / line["base_mean"]), rel=0.05)
    means = TABLE.loc[TABLE["base_mean"] > 0, "base_mean"]
    assert line["base_mean"].iloc[[0, -1]].to_numpy() == pytest.approx(
        [means.min(), means.max()], rel=0.1
    )
    assert len(trend_line(dispersions_table(5000))) <= 200


def test_a_table_without_any_dispersion_says_so():
    figure = draw_dispersions(TABLE.assign(gene_wise=np.nan), SAMPLES)

    assert "No gene has a dispersion." in texts(figure)


def test_title_and_axes_say_what_is_shown(figure):
    assert {"MM1S: dispersion estimates", "mean of normalized counts", "dispersion"} <= set(
        texts(figure)
    )


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command("dispersions", {"dispersions": TABLE, "samples": SAMPLES}, tmp_path)
