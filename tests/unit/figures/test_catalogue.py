"""Which figures a run makes, and what they are drawn from."""

import importlib
from types import SimpleNamespace

import pytest

from imid.figures import catalogue
from imid.figures.catalogue import CONTRAST_FIGURES, FIT_FIGURES, all_figures, figures_of_fit
from imid.question.contrasts import two_levels
from imid.question.fits import Fit
from imid.question.plan import Plan

FIT = "cell_lines/MM1S"
CONTRASTS = [
    {"name": name, **two_levels("treatment", name, "dmso")} for name in ["lenalidomide", "pom"]
]


@pytest.fixture
def plan():
    lines = [Fit(f"cell_lines/{line}", [line], CONTRASTS[:1]) for line in ["RPMI", "U266"]]
    return Plan(SimpleNamespace(fits=[Fit(FIT, ["MM1S"], CONTRASTS), *lines]))


def test_the_answer_comes_before_the_checks(plan):
    assert figures_of_fit(plan, FIT) == [
        f"results/{FIT}/figures/{name}.svg"
        for name in [
            *["target_evidence", "targets"],
            "pom.against.lenalidomide",
            *["lenalidomide.volcano", "pom.volcano", "lenalidomide.ma", "pom.ma"],
            *["heatmap", "pca", "sample_distances", "dispersions"],
        ]
    ]


def test_contrasts_across_lines_are_shown_first(plan):
    shown = all_figures(plan)
    assert shown[0] == "results/across/lenalidomide.svg"
    assert shown[1:12] == figures_of_fit(plan, FIT)
    assert len(shown) == len(set(shown)) == 1 + 11 + 2 * 8


def test_each_figure_is_drawn_from_its_own_tables():
    files = {"vst": "vst.tsv", "samples": "samples.tsv", "sidecars": ["a.json", "b.json"]}
    figures = {"pca": ["vst", "samples"], "heatmap": ["vst", "sidecars"]}
    assert catalogue.drawings(figures, "out/c.", files) == (
        "pca --vst vst.tsv --samples samples.tsv --output out/c.pca.svg out/c.pca.png"
        " + heatmap --vst vst.tsv --sidecars a.json b.json"
        " --output out/c.heatmap.svg out/c.heatmap.png"
    )


@pytest.mark.parametrize(("figure", "tables"), {**FIT_FIGURES, **CONTRAST_FIGURES}.items())
def test_every_figure_takes_the_tables_it_is_given(figure, tables, capsys):
    module = importlib.import_module(f"imid.figures.plot_{figure}")
    with pytest.raises(SystemExit):
        module.main(["--help"])
    taken = capsys.readouterr().out
    assert all(f"--{table}" in taken for table in [*tables, "output"])
