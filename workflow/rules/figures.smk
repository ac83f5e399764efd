# Pictures of the results, each drawn from published tables alone.


rule fit_figures:
    input:
        targets=rules.targets.output.table,
        samples=rules.samples.output,
        normalized=rules.fit.output.normalized,
        vst=rules.fit.output.vst,
        dispersions=rules.fit.output.dispersions,
        contrasts=contrast_files(".tsv"),
        sidecars=contrast_files(".json"),
    output:
        pictures("results/{fit}/figures/", FIT_FIGURES, "all"),
        expand("results/{{fit}}/figures/{figure}.png", figure=FIT_FIGURES),
    log:
        "logs/{fit}/figures.log",
    benchmark:
        "logs/{fit}/figures.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code(*modules(FIT_FIGURES)),
        order=contrasts_in_order,
        figures=drawn(FIT_FIGURES, "results/{fit}/figures/"),
    shell:
        "python -m imid.figures.plot {params.figures} 2> {log}"


rule contrast_figures:
    input:
        contrast=rules.contrast.output.table,
        sidecar=rules.contrast.output.sidecar,
        targets=rules.targets.output.table,
    output:
        pictures("results/{fit}/figures/{contrast}.", CONTRAST_FIGURES, "{contrast}"),
        expand("results/{{fit}}/figures/{{contrast}}.{figure}.png", figure=CONTRAST_FIGURES),
    log:
        "logs/{fit}/figures/{contrast}.log",
    benchmark:
        "logs/{fit}/figures/{contrast}.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code(*modules(CONTRAST_FIGURES)),
        figures=drawn(CONTRAST_FIGURES, "results/{fit}/figures/{contrast}."),
    shell:
        "python -m imid.figures.plot {params.figures} 2> {log}"


# Two drugs that were held against the same control: one's fold changes against the other's.
rule comparison_figure:
    input:
        table=rules.drug_comparison.output.table,
        summary=rules.drug_comparison.output.summary,
        targets=rules.targets.output.table,
    output:
        report(
            "results/{fit}/figures/{second}.against.{first}.svg",
            caption="../report/figure.rst",
            category="{fit}",
            labels={"result": "drugs compared", "contrast": "{second} against {first}"},
        ),
        "results/{fit}/figures/{second}.against.{first}.png",
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
        runtime=15,
    params:
        code=code("figures.plot_drug_comparison"),
        tables=as_options,
    shell:
        "python -m imid.figures.plot_drug_comparison {params.tables} --output {output} 2> {log}"


rule across_figure:
    input:
        targets=rules.cell_line_comparison.output.targets,
        sidecar=lambda wildcards: across_files("contrasts/{contrast}.json")(wildcards)[0],
    output:
        report(
            "results/across/{contrast}.svg",
            caption="../report/across.rst",
            category="across cell lines",
            labels={"result": "figure", "contrast": "{contrast}"},
        ),
        "results/across/{contrast}.png",
    log:
        "logs/across/{contrast}.figure.log",
    benchmark:
        "logs/across/{contrast}.figure.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code("figures.plot_across"),
        order=fits_in_order,
        tables=as_options,
    shell:
        "python -m imid.figures.plot_across {params.tables} --output {output} 2> {log}"
