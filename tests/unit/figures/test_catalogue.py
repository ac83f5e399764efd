"""Which figures a run makes, and what they say of themselves."""

import inspect
import subprocess
import sys
from itertools import permutations
from types import SimpleNamespace

import pytest

from imid.figures import catalogue
from imid.figures.catalogue import FIGURES, declared, figures_of
from imid.figures.declaration import STEMS, Declaration
from imid.figures.draw import module_of
from imid.inputs.check_contrasts import clashes
from imid.question.contrasts import Contrast
from imid.question.fits import Fit
from imid.question.plan import Plan
from running import ROOT

FIT = "cell_lines/MM1S"
CONTRASTS = [Contrast("treatment", name, "dmso", name=name) for name in ["lenalidomide", "pom"]]
WORDS = {"of": "fit", "tables": ["vst"], "section": "figures", "caption": "c", "alt": "a"}


@pytest.fixture
def plan():
    lines = [Fit(f"cell_lines/{line}", [line], CONTRASTS[:1]) for line in ["RPMI", "U266"]]
    return Plan(SimpleNamespace(fits=[Fit(FIT, ["MM1S"], CONTRASTS), *lines]))


# Which, and in which order


def test_the_answer_comes_before_the_checks(plan):
    assert [picture.file for picture in catalogue.pictures_of_fit(plan, FIT)] == [
        f"results/{FIT}/figures/{name}.svg"
        for name in [
            *["target_evidence", "targets", "activities"],
            "pom.against.lenalidomide",
            *["lenalidomide.volcano", "pom.volcano", "lenalidomide.ma", "pom.ma"],
            *["lenalidomide.running_sums", "pom.running_sums"],
            *["heatmap", "pca", "sample_distances", "dispersions"],
        ]
    ]


def test_contrasts_across_lines_are_shown_first(plan):
    shown = catalogue.files(plan)
    assert shown[0] == "results/across/lenalidomide.svg"
    assert shown[1:15] == [picture.file for picture in catalogue.pictures_of_fit(plan, FIT)]
    assert len(shown) == len(set(shown)) == 1 + 14 + 2 * 10


def test_each_picture_has_its_words(plan):
    words = catalogue.figure_words(plan)
    assert len(words["pictures"]) == len(catalogue.files(plan))
    for figure, names in words["pictures"]:
        said = {key: text.format(**names) for key, text in words["declared"][figure].items()}
        assert said["caption"]
        assert said["alt"] != said["caption"]


NAMES = [
    *["a", "a.ma", "a.volcano", "a.volcano.ma", "a.figure", "a.significant", "a.targets"],
    *["a.against", "a.against.b", "a.against.ma", "a.against.b.ma", "b", "b.ma", "ma", "volcano"],
]


def planned_files(names):
    contrasts = [Contrast("treatment", name, "dmso", name=name) for name in names]
    lines = [Fit(f"cell_lines/{line}", [line], contrasts) for line in ["RPMI", "U266"]]
    settings = SimpleNamespace(from_reads=False, reference=SimpleNamespace(gtf=None))
    plan = Plan(SimpleNamespace(settings=settings, fits=lines))
    return [*plan.results_of_fits(), *catalogue.files(plan)]


def test_contrasts_whose_names_pass_share_no_file():
    passing = [
        names for names in permutations(NAMES, 3) if not any(clashes(name, names) for name in names)
    ]
    made = {names: planned_files(names) for names in passing}
    assert len(passing) > 1000
    assert [names for names, files in made.items() if len(files) > len({*files})] == []


# What a figure says of itself


@pytest.mark.parametrize("figure", FIGURES)
def test_what_is_read_of_a_module_is_what_it_says_when_it_runs(figure):
    assert declared(figure) == module_of(figure).FIGURE


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_drawn_from_the_tables_that_it_declares(figure):
    parameters = inspect.signature(getattr(module_of(figure), f"draw_{figure}")).parameters
    needed = [name for name, it in parameters.items() if it.default is it.empty]
    assert needed == declared(figure).tables


def test_every_module_that_draws_a_figure_is_in_the_catalogue():
    modules = (ROOT / "scripts/imid/figures").glob("plot_*.py")
    assert {module.stem.removeprefix("plot_") for module in modules} == {*FIGURES}


def test_no_two_figures_of_the_same_are_called_alike():
    for what in STEMS:
        assert len({*catalogue.stems_of(what).values()}) == len(figures_of(what)) >= 1


def test_the_plan_loads_nothing_that_draws():
    code = "import sys, imid.figures.catalogue as c; c.declared('ma'); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"matplotlib", "scipy", "imid.figures.figure_style"} & {*run.stdout.split()}


@pytest.mark.parametrize(
    ("of", "given", "stem"),
    [
        ("fit", {}, "results/{fit}/figures/new"),
        ("contrast", {}, "results/{fit}/figures/{contrast}.new"),
        ("comparison", {"ending": ""}, "results/{fit}/figures/{second}.against.{first}"),
        ("across", {"ending": ".other"}, "results/across/{contrast}.other"),
    ],
)
def test_a_figures_files_are_called_after_what_it_is_of(of, given, stem):
    assert Declaration(**{**WORDS, "of": of, **given}).stem("new") == stem


@pytest.mark.parametrize("wrong", [{"of": "line"}, {"section": "top"}])
def test_a_figure_of_nothing_or_nowhere_is_refused(wrong):
    with pytest.raises(ValueError, match="no figures of"):
        Declaration(**{**WORDS, **wrong})


@pytest.mark.parametrize("text", ["", "FIGURES = []\n", "FIGURE = None\n"])
def test_a_module_without_a_declaration_is_an_error(tmp_path, monkeypatch, text):
    (tmp_path / "plot_new.py").write_text(text)
    monkeypatch.setattr(catalogue, "__file__", str(tmp_path / "catalogue.py"))
    with pytest.raises(ValueError, match=r"plot_new\.py has no FIGURE = Declaration"):
        declared("new")
