# Fragments per gene of a fit's samples side by side.


rule count_matrix:
    input:
        genes="results/reference/genes.tsv",
        counts=counts_of_fit,
        checks=checks_of_fit,
    output:
        counts="results/{fit}/counts.tsv",
        fpkm="results/{fit}/fpkm.tsv",
        tpm="results/{fit}/tpm.tsv",
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
        code=code("differential.collect_counts"),
        samples=samples_of_fit,
    shell:
        "python -m imid.differential.collect_counts --genes {input.genes} --samples {params.samples}"
        " --sample-counts {input.counts} --checks {input.checks} --counts {output.counts} --fpkm {output.fpkm}"
        " --tpm {output.tpm} 2> {log}"
