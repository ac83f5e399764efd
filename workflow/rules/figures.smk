# Pictures of a cell line's results, each drawn from published tables alone.
#
# A figure's script takes a table by an option of the table's name: --vst vst.tsv.


rule cell_line_figure:
    input:
        unpack(tables_of_cell_line_figure),
    output:
        report(
            "results/cell_lines/{cell_line}/figures/{figure}.svg",
            caption="../report/figure.rst",
            category="{cell_line}",
            labels={"result": "{figure}", "contrast": "all"},
        ),
        "results/cell_lines/{cell_line}/figures/{figure}.png",
    log:
        "logs/cell_lines/{cell_line}/figures/{figure}.log",
    wildcard_constraints:
        figure=one_of(CELL_LINE_FIGURES),
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
            "results/cell_lines/{cell_line}/figures/{contrast}.{figure}.svg",
            caption="../report/figure.rst",
            category="{cell_line}",
            labels={"result": "{figure}", "contrast": "{contrast}"},
        ),
        "results/cell_lines/{cell_line}/figures/{contrast}.{figure}.png",
    log:
        "logs/cell_lines/{cell_line}/figures/{contrast}.{figure}.log",
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
rule drug_comparison:
    input:
        unpack(tables_of_drug_comparison),
    output:
        report(
            "results/cell_lines/{cell_line}/figures/{second}.against.{first}.svg",
            caption="../report/figure.rst",
            category="{cell_line}",
            labels={"result": "comparison", "contrast": "{second} against {first}"},
        ),
        "results/cell_lines/{cell_line}/figures/{second}.against.{first}.png",
    log:
        "logs/cell_lines/{cell_line}/figures/{second}.against.{first}.log",
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
