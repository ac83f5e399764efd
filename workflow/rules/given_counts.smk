# In place of reads: a count matrix that the config names, such as a published one.

GIVEN_GTF = SETTINGS["reference"].get("gtf")


# The annotation, if there is one, names the genes and tells their lengths.
if GIVEN_GTF:

    rule annotated_genes:
        input:
            ancient(GIVEN_GTF),
        output:
            "results/reference/annotated_genes.tsv",
        log:
            "logs/annotated_genes.log",
        benchmark:
            "logs/annotated_genes.jsonl"
        conda:
            "../../envs/python.yaml"
        resources:
            mem_mb=growing(6000),
            runtime=30,
        params:
            code=code("counting.prepare_annotation"),
        shell:
            "python -m imid.counting.prepare_annotation --gtf {input:q} --genes {output} 2> {log}"


rule genes:
    input:
        matrix=ancient(SETTINGS["counts"]),
        annotation="results/reference/annotated_genes.tsv" if GIVEN_GTF else [],
    output:
        "results/reference/genes.tsv",
    log:
        "logs/genes.log",
    benchmark:
        "logs/genes.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code("differential.list_matrix_genes"),
        gtf=GIVEN_GTF or "",
    shell:
        "python -m imid.differential.list_matrix_genes --matrix {input.matrix:q}"
        " --annotation {input.annotation} --gtf {params.gtf:q} --output {output} 2> {log}"


rule count_matrix:
    input:
        matrix=ancient(SETTINGS["counts"]),
        genes=rules.genes.output,
    output:
        **({unit: f"results/{{fit}}/{unit}.tsv" for unit in UNITS}),
        counts="results/{fit}/counts.tsv",
    log:
        "logs/{fit}/count_matrix.log",
    benchmark:
        "logs/{fit}/count_matrix.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code("differential.select_counts"),
        samples=samples_of_fit,
        units=" ".join(f"--{unit} results/{{fit}}/{unit}.tsv" for unit in UNITS),
    shell:
        "python -m imid.differential.select_counts --matrix {input.matrix:q} --genes {input.genes}"
        " --samples {params.samples} --counts {output.counts} {params.units} 2> {log}"
