# Pictures of the results, each drawn from published tables alone. Which there are is said in
# scripts/imid/figures/catalogue.py; all figures of a fit, of a contrast and so on are one job.


rule fit_figures:
    input:
        targets=rules.targets.output.table,
        activities=rules.activities.output.table,
        samples=rules.samples.output,
        normalized=rules.fit.output.normalized,
        vst=rules.fit.output.vst,
        dispersions=rules.fit.output.dispersions,
        contrasts=contrast_files(".tsv"),
        sidecars=contrast_files(".json"),
    output:
        pictures("fit", "{fit}", "all", "../report/figure.rst"),
    log:
        "logs/{fit}/figures.log",
    benchmark:
        "logs/{fit}/figures.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code(*catalogue.figure_modules("fit")),
        order=contrasts_in_order,
        figures=catalogue.figures_of("fit"),
        stem=stem_of("fit"),
        tables=drawn_from("fit"),
    shell:
        "python -m imid.figures.draw {params.figures} --stem {params.stem} {params.tables} 2> {log}"


rule contrast_figures:
    input:
        contrast=rules.contrast.output.table,
        sidecar=rules.contrast.output.sidecar,
        targets=rules.targets.output.table,
        running=rules.enrichment.output.running,
    output:
        pictures("contrast", "{fit}", "{contrast}", "../report/figure.rst"),
    log:
        "logs/{fit}/figures/{contrast}.log",
    benchmark:
        "logs/{fit}/figures/{contrast}.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code(*catalogue.figure_modules("contrast")),
        figures=catalogue.figures_of("contrast"),
        stem=stem_of("contrast"),
        tables=drawn_from("contrast"),
    shell:
        "python -m imid.figures.draw {params.figures} --stem {params.stem} {params.tables} 2> {log}"


# Two drugs that were held against the same control.
rule comparison_figures:
    input:
        table=rules.drug_comparison.output.table,
        summary=rules.drug_comparison.output.summary,
        targets=rules.targets.output.table,
    output:
        pictures("comparison", "{fit}", "{second} against {first}", "../report/figure.rst"),
    log:
        "logs/{fit}/figures/{second}.against.{first}.log",
    benchmark:
        "logs/{fit}/figures/{second}.against.{first}.jsonl"
    wildcard_constraints:
        first=one_of(CONTRASTS),
        second=one_of(CONTRASTS),
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code(*catalogue.figure_modules("comparison")),
        figures=catalogue.figures_of("comparison"),
        stem=stem_of("comparison"),
        tables=drawn_from("comparison"),
    shell:
        "python -m imid.figures.draw {params.figures} --stem {params.stem} {params.tables} 2> {log}"


# A contrast in several lines side by side.
rule across_figures:
    input:
        targets=rules.cell_line_comparison.output.targets_output,
        sidecar=lambda wildcards: across_files("contrasts/{contrast}.json")(wildcards)[0],
    output:
        pictures("across", "across cell lines", "{contrast}", "../report/across.rst"),
    log:
        "logs/across/figures/{contrast}.log",
    benchmark:
        "logs/across/figures/{contrast}.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code(*catalogue.figure_modules("across")),
        order=fits_in_order,
        figures=catalogue.figures_of("across"),
        stem=stem_of("across"),
        tables=drawn_from("across"),
    shell:
        "python -m imid.figures.draw {params.figures} --stem {params.stem} {params.tables} 2> {log}"
