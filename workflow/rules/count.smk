# Fragments per gene of a fit's samples side by side.


rule count_matrix:
    input:
        genes="results/reference/genes.tsv",
        sample_counts=counts_of_fit,
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
        files=as_options,
        samples=samples_of_fit,
    shell:
        "python -m imid.differential.collect_counts {params.files} --samples {params.samples} 2> {log}"
