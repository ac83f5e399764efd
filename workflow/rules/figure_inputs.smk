# What each figure is drawn from, and which figures a run makes.

CELL_LINE_FIGURES = ["pca", "sample_distances", "heatmap", "targets", "dispersions"]
CONTRAST_FIGURES = ["volcano", "ma"]


def tables_of_cell_line_figure(wildcards):
    """Name the published tables that a figure of a cell line is drawn from."""
    folder = f"results/cell_lines/{wildcards.cell_line}"
    names = {
        "pca": ["vst", "samples"],
        "sample_distances": ["vst", "samples"],
        "heatmap": ["vst", "samples"],
        "targets": ["normalized", "samples", "targets"],
        "dispersions": ["dispersions", "samples"],
    }[wildcards.figure]
    tables = {name: f"{folder}/{name}.tsv" for name in names}
    if wildcards.figure == "heatmap":
        tables["contrasts"] = contrast_files(".tsv")(wildcards)
        tables["sidecars"] = contrast_files(".json")(wildcards)
    return tables


def tables_of_drug_comparison(wildcards):
    """Name two contrasts against one control, and the direct one where the config has it."""
    folder = f"results/cell_lines/{wildcards.cell_line}"
    names = {"x": wildcards.first, "y": wildcards.second}
    levels = [CONTRASTS[wildcards.second]["numerator"], CONTRASTS[wildcards.first]["numerator"]]
    for contrast in EXPERIMENT.contrasts_of(wildcards.cell_line):
        if [contrast["numerator"], contrast["denominator"]] == levels:
            names["direct"] = contrast["name"]
    tables = {}
    for role, name in names.items():
        tables[f"{role}_contrast"] = f"{folder}/contrasts/{name}.tsv"
        tables[f"{role}_sidecar"] = f"{folder}/contrasts/{name}.json"
    return {**tables, "targets": f"{folder}/targets.tsv"}


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


def figures_of_cell_line(cell_line):
    """Name a cell line's figures in the order of the report: the answer before the checks."""
    contrasts = EXPERIMENT.contrasts_of(cell_line)
    pairs = [
        f"{second['name']}.against.{first['name']}"
        for place, first in enumerate(contrasts)
        for second in contrasts[place + 1 :]
        if (first["factor"], first["denominator"]) == (second["factor"], second["denominator"])
    ]
    each = [f"{contrast['name']}.{figure}" for figure in CONTRAST_FIGURES for contrast in contrasts]
    answer, checks = ["targets", "heatmap"], ["pca", "sample_distances", "dispersions"]
    return [
        f"results/cell_lines/{cell_line}/figures/{figure}.svg"
        for figure in [*answer[:1], *pairs, *each, *answer[1:], *checks]
    ]


def all_figures():
    return [figure for cell_line in CELL_LINES for figure in figures_of_cell_line(cell_line)]
