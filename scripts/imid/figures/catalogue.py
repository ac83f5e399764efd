"""Which figures a run makes, what each is drawn from, and in which order they are shown.

A figure takes a table by an option of the table's name: ``--vst vst.tsv``.
"""

from collections.abc import Iterable, Mapping, Sequence

from imid.question.plan import Plan
from imid.shared.steps import options

# The first ones are the answer, the others its checks.
ANSWER = {
    "target_evidence": ["targets", "sidecars"],
    "targets": ["normalized", "samples", "targets"],
}
CHECKS = {
    "heatmap": ["vst", "samples", "contrasts", "sidecars"],
    "pca": ["vst", "samples"],
    "sample_distances": ["vst", "samples"],
    "dispersions": ["dispersions", "samples"],
}
FIT_FIGURES = {**ANSWER, **CHECKS}
CONTRAST_FIGURES = {
    "volcano": ["contrast", "sidecar", "targets"],
    "ma": ["contrast", "sidecar", "targets"],
}


def modules(figures: Iterable[str]) -> list[str]:
    """Name the modules that draw figures, and the one that calls them."""
    return ["figures.plot", *(f"figures.plot_{figure}" for figure in figures)]


def drawings(
    figures: Mapping[str, Sequence[str]], stem: str, files: Mapping[str, str | Sequence[str]]
) -> str:
    """Write the command line of ``plot``: each figure with its tables.

    Parameters
    ----------
    figures : mapping of str to sequence of str
        By figure the tables that it is drawn from.
    stem : str
        What the names of their files begin with.
    files : mapping of str to str or sequence of str
        The tables' files.

    Returns
    -------
    str
        The figures one after the other, a ``+`` between them.
    """
    drawn = []
    for figure, tables in figures.items():
        drawn_from = options({name: files[name] for name in tables})
        drawn.append(f"{figure} {drawn_from} --output {stem}{figure}.svg {stem}{figure}.png")
    return " + ".join(drawn)


def figures_of_fit(plan: Plan, fit: str) -> list[str]:
    """Name a fit's figures in the order of the report: the answer before the checks."""
    names = plan.contrasts_of_fit(fit)
    each = [f"{name}.{figure}" for figure in CONTRAST_FIGURES for name in names]
    shown = [*ANSWER, *plan.comparisons_of_fit(fit), *each, *CHECKS]
    return [f"results/{fit}/figures/{figure}.svg" for figure in shown]


def all_figures(plan: Plan) -> list[str]:
    """Name all figures in the order of the report."""
    across = [f"results/across/{contrast}.svg" for contrast in plan.across]
    return across + [figure for fit in plan.fits for figure in figures_of_fit(plan, fit)]
