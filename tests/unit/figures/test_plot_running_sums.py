import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from figure_tables import check_command, texts
from imid.evidence.preranked import preranked, running_sum
from imid.figures.plot_running_sums import draw_running_sums, sum_corners
from imid.shared.significance import QUASI_LIKELIHOOD
from imid.shared.tables import RUNNING_SUMS

STATISTICS = np.array([4.0, 3, 2, 1, -1, -2, -3, -4])


def running(name, ranks, p_value=0.01):
    places = np.array(ranks)
    rows = pd.DataFrame({"rank": places + 1, "running_sum": running_sum(STATISTICS, places)})
    known = {"collection": "hallmark", "gene_set": name, "p_value": p_value, "ranked": 8}
    return rows.assign(gene="G", stat=STATISTICS[places], **known)[RUNNING_SUMS]


def by_definition(ranks):
    members = np.isin(np.arange(8), ranks)
    steps = np.where(members, np.abs(STATISTICS) / np.abs(STATISTICS)[members].sum(), 0)
    return np.cumsum(steps - ~members / (~members).sum())


@pytest.mark.parametrize("ranks", [[0, 2, 6], [1, 6, 7], [0, 1, 2], [5, 6, 7], [3]])
def test_the_line_passes_the_running_sum_at_every_rank(ranks):
    at, sums = sum_corners(running("set", ranks))
    # Two corners stand at the ranks around each gene; a gene's own is the later one.
    found = [sums[np.flatnonzero(at == rank)[-1]] if rank in at else np.interp(rank, at, sums)
             for rank in range(1, 9)]  # fmt: skip
    np.testing.assert_allclose(found, by_definition(ranks), atol=1e-12)


@pytest.mark.parametrize("ranks", [[0, 2, 6], [1, 6, 7]])
def test_its_furthest_point_is_the_enrichment_score(ranks):
    score = preranked(STATISTICS.tolist(), {"set": ranks})["set"].enrichment_score
    _, sums = sum_corners(running("set", ranks))
    assert sums[np.abs(sums).argmax()] == pytest.approx(score)


def test_each_set_has_its_panel_with_the_p_value_over_replicates():
    table = pd.concat([running("FIRST_SET", [0, 2, 6], 0.00012), running("SECOND", [5, 6, 7])])
    figure = draw_running_sums(table, sidecar())
    written = texts(figure)
    assert "FIRST SET\np = 0.00012" in written
    assert "SECOND\np = 0.01" in written
    lines = [line for axes in figure.axes for line in axes.lines if line.get_gid() == "running sum"]
    assert len(lines) == 2
    np.testing.assert_allclose(lines[0].get_ydata(), sum_corners(running("x", [0, 2, 6]))[1])


def test_the_note_says_which_test_ranks():
    figure = draw_running_sums(running("SET", [0, 2, 6]), sidecar(test=QUASI_LIKELIHOOD))
    written = " ".join(" ".join(texts(figure)).split())
    assert "ranked by the statistic of the quasi-likelihood F-test" in written


def test_without_a_set_the_figure_says_so():
    figure = draw_running_sums(pd.DataFrame(columns=RUNNING_SUMS), sidecar())
    assert any("No gene set could be tested" in text for text in texts(figure))


def test_a_set_of_genes_without_a_statistic_has_a_sum():
    sums = running_sum(np.zeros(8), np.array([1, 2]))
    assert sums.tolist() == pytest.approx([0.5 - 1 / 6, 1 - 1 / 6])


def test_the_command_writes_the_same_files_every_time(tmp_path):
    check_command("running_sums", {"running": running("A", [0, 1]), "sidecar": sidecar()}, tmp_path)
