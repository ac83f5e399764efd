# In place of reads: a count matrix that the config names, such as a published one.


rule genes:
    input:
        ancient(SETTINGS["counts"]),
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
        code=code("list_matrix_genes"),
    shell:
        "python $IMID_ROOT/scripts/list_matrix_genes.py --matrix {input:q} --output {output} 2> {log}"


rule count_matrix:
    input:
        ancient(SETTINGS["counts"]),
    output:
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
        code=code("select_counts"),
        samples=samples_of_fit,
    shell:
        "python $IMID_ROOT/scripts/select_counts.py --matrix {input:q} --samples {params.samples}"
        " --counts {output.counts} 2> {log}"
