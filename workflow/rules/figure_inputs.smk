# What each figure is drawn from, and which figures a run makes.
#
# A figure's script takes a table by an option of the table's name: --vst vst.tsv.

FIT_FIGURES = {
    "target_evidence": ["targets", "sidecars"],
    "targets": ["normalized", "samples", "targets"],
    "heatmap": ["vst", "samples", "contrasts", "sidecars"],
    "pca": ["vst", "samples"],
    "sample_distances": ["vst", "samples"],
    "dispersions": ["dispersions", "samples"],
}
CONTRAST_FIGURES = {
    "volcano": ["contrast", "sidecar", "targets"],
    "ma": ["contrast", "sidecar", "targets"],
}


def as_options(wildcards, input):
    """Write all named inputs as a script's options."""
    return options(input, input.keys())


def options(files, names):
    """Write some of the named inputs as a script's options."""
    named = {name: files.get(name) for name in names}
    lists = {name: [file] if isinstance(file, str) else file for name, file in named.items()}
    return " ".join(
        f"--{name.replace('_', '-')} {' '.join(list_)}" for name, list_ in lists.items()
    )


def drawings(figures, stem):
    """Give a function that writes the command line of plot.py: each figure with its options."""

    def command(wildcards, input):
        place = stem.format(**wildcards)
        drawn = [
            f"{figure} {options(input, tables)} --output {place}{figure}.svg {place}{figure}.png"
            for figure, tables in figures.items()
        ]
        return " + ".join(drawn)

    return command


def code_of(figures):
    return [code("figures.plot"), *(code(f"figures.plot_{figure}") for figure in figures)]


def pictures(stem, figures, contrast):
    """Name the figures that Snakemake's own report shows, too."""
    named = []
    for figure in figures:
        labels = {"result": figure, "contrast": contrast}
        caption = "../report/figure.rst"
        shown = report(f"{stem}{figure}.svg", caption=caption, category="{fit}", labels=labels)
        named.append(shown)
    return named


def figures_of_fit(fit):
    """Name a fit's figures in the order of the report: the answer before the checks."""
    names = contrasts_of_fit(fit)
    each = [f"{name}.{figure}" for figure in CONTRAST_FIGURES for name in names]
    answer, more = [*FIT_FIGURES][:2], [*FIT_FIGURES][2:]
    return [
        f"results/{fit}/figures/{figure}.svg"
        for figure in [*answer, *comparisons_of_fit(fit), *each, *more]
    ]


def all_figures():
    across = expand("results/across/{contrast}.svg", contrast=ACROSS)
    return across + [figure for fit in FITS for figure in figures_of_fit(fit)]
