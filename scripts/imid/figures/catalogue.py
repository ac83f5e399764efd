"""Which figures a run makes, and in which order they are shown.

What else there is to know of one stands in its own module, ``plot_{figure}.py``. It is read there,
and the module is not run: each job of Snakemake asks for the figures, and matplotlib takes longer
to load than most jobs take to plan.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from imid.figures.declaration import Declaration
from imid.question.plan import Plan

# In the order of the page: the answer before its checks.
FIGURES = [
    "across",
    "target_evidence",
    "targets",
    "activities",
    "drug_comparison",
    "volcano",
    "ma",
    "running_sums",
    "heatmap",
    "pca",
    "sample_distances",
    "dispersions",
]


@dataclass(frozen=True)
class Picture:
    """One figure of a run.

    Attributes
    ----------
    figure : str
        Which one it is, of `FIGURES`.
    names : dict of str to str
        What it is of: the wildcards of its rule.
    """

    figure: str
    names: dict[str, str]

    @property
    def file(self) -> str:
        """Its SVG."""
        return f"{declared(self.figure).stem(self.figure)}.svg".format(**self.names)


@cache
def declared(figure: str) -> Declaration:
    """Read what a figure says of itself.

    Parameters
    ----------
    figure : str
        Of `FIGURES`.

    Returns
    -------
    Declaration
        As ``FIGURE = Declaration(...)`` stands in the figure's module.

    Raises
    ------
    ValueError
        If it does not stand there, or not in plain texts.
    """
    module = Path(__file__).with_name(f"plot_{figure}.py")
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name("FIGURE")], value=ast.Call(keywords=given)):
                return Declaration(**{word.arg: ast.literal_eval(word.value) for word in given})
    raise ValueError(f"{module} has no FIGURE = Declaration(...)")


def figures_of(what: str) -> list[str]:
    """Name the figures of a fit, of a contrast, of a comparison, or across cell lines."""
    return [figure for figure in FIGURES if declared(figure).of == what]


def tables_of(what: str) -> list[str]:
    """Name the tables that all figures of such are drawn from."""
    return list(dict.fromkeys(t for figure in figures_of(what) for t in declared(figure).tables))


def figure_modules(what: str) -> list[str]:
    """Name the modules that draw the figures of such, and the one that calls them."""
    return ["figures.draw", *(f"figures.plot_{figure}" for figure in figures_of(what))]


def stems_of(what: str) -> dict[str, str]:
    """Name the files of the figures of such, by figure, but for ``.svg`` and ``.png``."""
    return {figure: declared(figure).stem(figure) for figure in figures_of(what)}


def pictures(plan: Plan) -> list[Picture]:
    """List all figures of a run in the order of the page."""
    across = [
        Picture(figure, {"contrast": contrast})
        for figure in figures_of("across")
        for contrast in plan.across
    ]
    return [*across, *(picture for fit in plan.fits for picture in pictures_of_fit(plan, fit))]


def pictures_of_fit(plan: Plan, fit: str) -> Iterator[Picture]:
    """List a fit's figures in the order of the page."""
    named = {
        "fit": [{}],
        "contrast": [{"contrast": name} for name in plan.contrasts_of_fit(fit)],
        "comparison": [
            dict(zip(["second", "first"], pair, strict=True)) for pair in plan.pairs_of_fit(fit)
        ],
        "across": [],
    }
    for figure in FIGURES:
        for names in named[declared(figure).of]:
            yield Picture(figure, {"fit": fit, **names})


def files(plan: Plan) -> list[str]:
    """Name the SVG of all figures, in the order of the page."""
    return [picture.file for picture in pictures(plan)]


def figure_words(plan: Plan) -> dict:
    """Gather what the page says of its figures.

    Returns
    -------
    dict
        ``declared``: by figure its section, caption and alt text; ``pictures``: for each of
        `files`, in their order, which figure it is and the names of what it is of.
    """
    shown = pictures(plan)
    said = ["section", "caption", "alt"]
    return {
        "declared": {
            figure: {key: getattr(declared(figure), key) for key in said}
            for figure in FIGURES
            if any(picture.figure == figure for picture in shown)
        },
        "pictures": [[picture.figure, picture.names] for picture in shown],
    }
