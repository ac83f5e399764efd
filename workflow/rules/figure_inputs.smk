# What each figure is drawn from, and which figures a run makes.

FIT_FIGURES = ["target_evidence", "targets", "heatmap", "pca", "sample_distances", "dispersions"]
CONTRAST_FIGURES = ["volcano", "ma"]


def tables_of_fit_figure(wildcards):
    """Name the published tables that a figure of a fit is drawn from."""
    names = {
        "pca": ["vst", "samples"],
        "sample_distances": ["vst", "samples"],
        "heatmap": ["vst", "samples"],
        "target_evidence": ["targets"],
        "targets": ["normalized", "samples", "targets"],
        "dispersions": ["dispersions", "samples"],
    }[wildcards.figure]
    tables = {name: f"results/{wildcards.fit}/{name}.tsv" for name in names}
    if wildcards.figure == "heatmap":
        tables["contrasts"] = contrast_files(".tsv")(wildcards)
    if wildcards.figure in ["heatmap", "target_evidence"]:
        tables["sidecars"] = contrast_files(".json")(wildcards)
    return tables


def as_options(wildcards, input):
    """Write named inputs as a script's options."""
    options = []
    for name in input.keys():
        files = input.get(name)
        files = files if isinstance(files, str) else " ".join(files)
        options.append(f"--{name.replace('_', '-')} {files}")
    return " ".join(options)


def code_of_figure(wildcards):
    return code(f"plot_{wildcards.figure}")


def figures_of_fit(fit):
    """Name a fit's figures in the order of the report: the answer before the checks."""
    names = contrasts_of_fit(fit)
    each = [f"{name}.{figure}" for figure in CONTRAST_FIGURES for name in names]
    answer, more = FIT_FIGURES[:2], FIT_FIGURES[2:]
    return [
        f"results/{fit}/figures/{figure}.svg"
        for figure in [*answer, *comparisons_of_fit(fit), *each, *more]
    ]


def all_figures():
    across = expand("results/across/{contrast}.svg", contrast=ACROSS)
    return across + [figure for fit in FITS for figure in figures_of_fit(fit)]
