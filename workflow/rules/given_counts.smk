# In place of reads: a count matrix that the config names, such as a published one.

GIVEN_GTF = SETTINGS.reference.gtf


# The annotation, if there is one, names the genes and tells their lengths.
if GIVEN_GTF:

    rule annotated_genes:
        output:
            genes="results/reference/annotated_genes.tsv",
        log:
            "logs/annotated_genes.log",
        benchmark:
            "logs/annotated_genes.jsonl"
        conda:
            "../../envs/python.yaml"
        resources:
            mem_mb=growing(6000),
            runtime=lasting(30),
        params:
            code=code("counting.prepare_annotation"),
            files=as_options,
            gtf=as_it_is(REFERENCE.get("gtf", "")),
        shell:
            "python -m imid.counting.prepare_annotation --gtf {params.gtf:q} {params.files} 2> {log}"


rule genes:
    input:
        annotation="results/reference/annotated_genes.tsv" if GIVEN_GTF else [],
    output:
        table="results/reference/genes.tsv",
        warnings="results/reference/genes.warnings.tsv",
    log:
        "logs/genes.log",
    benchmark:
        "logs/genes.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code("differential.list_matrix_genes"),
        files=as_options,
        matrix=as_it_is(MATRIX),
        gtf=as_it_is(REFERENCE.get("gtf", "")),
    shell:
        "python -m imid.differential.list_matrix_genes --matrix {params.matrix:q} --gtf {params.gtf:q}"
        " {params.files} 2> {log}"


rule count_matrix:
    input:
        genes=rules.genes.output.table,
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
        runtime=lasting(15),
    params:
        code=code("differential.select_counts"),
        files=as_options,
        matrix=as_it_is(MATRIX),
        samples=samples_of_fit,
    shell:
        "python -m imid.differential.select_counts --matrix {params.matrix:q}"
        " --samples {params.samples} {params.files} 2> {log}"
