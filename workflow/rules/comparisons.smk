# Drugs held against each other, and cell lines.


rule drug_comparison:
    input:
        fit=rules.fit.output.fit,
        counts=rules.count_matrix.output.counts,
        samples=rules.samples.output,
        first="results/{fit}/contrasts/{first}.json",
        second="results/{fit}/contrasts/{second}.json",
    output:
        table=report(
            "results/{fit}/comparisons/{second}.against.{first}.tsv",
            caption="../report/comparison.rst",
            category="{fit}",
            labels={"result": "drugs compared", "contrast": "{second} against {first}"},
        ),
        summary="results/{fit}/comparisons/{second}.against.{first}.json",
    log:
        "logs/{fit}/comparisons/{second}.against.{first}.log",
    benchmark:
        "logs/{fit}/comparisons/{second}.against.{first}.jsonl"
    wildcard_constraints:
        first=one_of(CONTRASTS),
        second=one_of(CONTRASTS),
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=lasting(15),
    params:
        code=code("evidence.compare_drugs"),
        files=as_options,
    shell:
        "python -m imid.evidence.compare_drugs {params.files} 2> {log}"


rule cell_line_comparison:
    input:
        tables=across_files("contrasts/{contrast}.tsv"),
        sidecars=across_files("contrasts/{contrast}.json"),
        fits=across_files("fit.npz"),
        targets=across_files("targets.tsv"),
    output:
        genes="results/across/{contrast}.tsv",
        targets_output=report(
            "results/across/{contrast}.targets.tsv",
            caption="../report/across.rst",
            category="across cell lines",
            labels={"result": "targets", "contrast": "{contrast}"},
        ),
    log:
        "logs/across/{contrast}.log",
    benchmark:
        "logs/across/{contrast}.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code("evidence.compare_cell_lines"),
        files=as_options,
        order=fits_in_order,
    shell:
        "python -m imid.evidence.compare_cell_lines {params.files} --contrast {wildcards.contrast}"
        " 2> {log}"
