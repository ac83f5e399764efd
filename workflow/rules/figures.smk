# Pictures of a fit's results, each drawn from published tables alone.
#
# A figure's script takes a table by an option of the table's name: --vst vst.tsv.


rule fit_figure:
    input:
        unpack(tables_of_fit_figure),
    output:
        report(
            "results/{fit}/figures/{figure}.svg",
            caption="../report/figure.rst",
            category="{fit}",
            labels={"result": "{figure}", "contrast": "all"},
        ),
        "results/{fit}/figures/{figure}.png",
    log:
        "logs/{fit}/figures/{figure}.log",
    wildcard_constraints:
        figure=one_of(FIT_FIGURES),
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code_of_figure,
        tables=as_options,
    shell:
        "python $IMID_ROOT/scripts/plot_{wildcards.figure}.py {params.tables} --output {output} 2> {log}"


rule contrast_figure:
    input:
        contrast=rules.contrast.output.table,
        sidecar=rules.contrast.output.sidecar,
        targets=rules.targets.output,
    output:
        report(
            "results/{fit}/figures/{contrast}.{figure}.svg",
            caption="../report/figure.rst",
            category="{fit}",
            labels={"result": "{figure}", "contrast": "{contrast}"},
        ),
        "results/{fit}/figures/{contrast}.{figure}.png",
    log:
        "logs/{fit}/figures/{contrast}.{figure}.log",
    wildcard_constraints:
        figure=one_of(CONTRAST_FIGURES),
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code_of_figure,
        tables=as_options,
    shell:
        "python $IMID_ROOT/scripts/plot_{wildcards.figure}.py {params.tables} --output {output} 2> {log}"


# Two drugs that were held against the same control: one's fold changes against the other's.
rule comparison_figure:
    input:
        table=rules.drug_comparison.output.table,
        summary=rules.drug_comparison.output.summary,
        targets=rules.targets.output,
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
    wildcard_constraints:
        first=one_of(CONTRASTS),
        second=one_of(CONTRASTS),
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code("plot_drug_comparison"),
        tables=as_options,
    shell:
        "python $IMID_ROOT/scripts/plot_drug_comparison.py {params.tables} --output {output} 2> {log}"


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
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code("plot_across"),
        tables=as_options,
    shell:
        "python $IMID_ROOT/scripts/plot_across.py {params.tables} --output {output} 2> {log}"
