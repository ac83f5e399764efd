"""Several figures in one process."""

import pytest

from imid.figures import plot, plot_ma, plot_volcano


def test_each_figure_gets_its_own_options(monkeypatch):
    drawn = []
    monkeypatch.setattr(plot_ma, "main", lambda options: drawn.append(("ma", options)))
    monkeypatch.setattr(plot_volcano, "main", lambda options: drawn.append(("volcano", options)))
    plot.main(["volcano", "--contrast", "a.tsv", "+", "ma", "--output", "b.svg", "b.png"])
    assert drawn == [
        ("volcano", ["--contrast", "a.tsv"]),
        ("ma", ["--output", "b.svg", "b.png"]),
    ]


def test_an_unknown_figure_is_an_error():
    with pytest.raises(ModuleNotFoundError, match="plot_none"):
        plot.main(["none"])
