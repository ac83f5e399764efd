# What the page and the provenance tell of.


def warnings_of_checks(wildcards):
    """Write what the checks warn of as JSON; a function, for its braces are no wildcards."""
    return json.dumps(EXPERIMENT.warnings)


def wildcards_as_json(wildcards):
    """Write which values each wildcard has, for jobs of others are of what was asked before."""
    return json.dumps(
        {
            "sample": [*SAMPLES.index],
            "cell_line": EXPERIMENT.cell_lines,
            "fit": [*FITS],
            **dict.fromkeys(["contrast", "first", "second"], [*CONTRASTS]),
        }
    )


def page_tables(fit):
    """Name the tables of a fit that the page shows."""
    contrasts = [f"contrasts/{name}" for name in contrasts_of_fit(fit)]
    shown = ["targets.tsv", "samples.tsv", "verdict.tsv"]
    shown += [f"{name}{suffix}" for name in contrasts for suffix in (".json", ".significant.tsv")]
    shown += [f"comparisons/{name}.json" for name in comparisons_of_fit(fit)]
    return [f"results/{fit}/{name}" for name in shown]
