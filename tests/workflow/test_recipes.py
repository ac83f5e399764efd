"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the checkout."""

import filecmp
import re
import shutil
from pathlib import Path
from textwrap import dedent

import pytest

from running import ROOT, completed, copy_experiment, planned, snakemake
from small_experiment import edit

pytestmark = pytest.mark.workflow

FOLDERS = ["workflow", "scripts", "resources", "envs"]
QC = '''\
"""Draw the samples' size factors."""

import pandas as pd
from matplotlib.figure import Figure

from imid.figures.declaration import Declaration
from imid.figures.figure_style import new_figure

FIGURE = Declaration(
    of="fit",
    tables=["samples"],
    section="figures",
    caption="Size factors",
    alt="The size factor of each sample",
)


def draw_size_factors(samples: pd.DataFrame) -> Figure:
    """Draw a point for each sample."""
    figure = new_figure("size factors", 3.0)
    figure.add_subplot().plot(samples["sample"], samples["size_factor"], "o")
    return figure
'''


def module_in(title) -> str:
    """The text of the module that stands in a recipe."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    recipe = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, flags=re.DOTALL | re.MULTILINE)[1]
    return dedent(re.search(r"```python\n(.*?)```", recipe, re.DOTALL)[1])


@pytest.fixture
def checkout(tmp_path) -> Path:
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / "checkout" / folder)
    return tmp_path / "checkout"


def touched(checkout) -> set[str]:
    """Name the files that are not those of this checkout."""
    files = {path.relative_to(checkout) for path in checkout.rglob("*") if path.is_file()}
    return {
        str(file)
        for file in files
        if "__pycache__" not in file.parts
        and not ((ROOT / file).exists() and filecmp.cmp(ROOT / file, checkout / file, False))
    }


def test_two_figures_by_their_recipes_are_drawn_and_shown(star_run, checkout, tmp_path):
    figures = checkout / "scripts/imid/figures"
    (figures / "plot_p_values.py").write_text(module_in("A figure"))
    edit(figures / "catalogue.py", '    "ma",\n', '    "ma",\n    "p_values",\n')
    assert len(touched(checkout)) == 2
    (figures / "plot_size_factors.py").write_text(QC)
    edit(figures / "catalogue.py", '    "pca",\n', '    "pca",\n    "size_factors",\n')
    assert len(touched(checkout)) == 3

    experiment = copy_experiment(star_run, tmp_path / "experiment", results=True)
    new = ["--snakefile", str(checkout / "workflow/Snakefile")]
    rules = {rule for rule, *_ in planned(experiment, *new)}
    assert {"contrast_figures", "fit_figures", "report"} <= rules
    assert not rules & {"align", "fit", "contrast", "targets", "comparison_figures"}

    completed(snakemake(experiment, *new, "results/report.html"))
    line = experiment / "results/cell_lines/MM1S/figures"
    drawn = ["lenalidomide_vs_dmso.p_values.svg", "size_factors.png"]
    assert all((line / name).stat().st_size > 1000 for name in drawn)
    page = (experiment / "results/report.html").read_text()
    shown = re.findall(r"<figcaption>(.*?)</figcaption>", page)
    captions = ["lenalidomide_vs_dmso: distribution of the p-values", "Size factors"]
    assert set(captions) < set(shown)
    assert 'alt="MM1S: A histogram of the p-values of all tested genes in len' in page
