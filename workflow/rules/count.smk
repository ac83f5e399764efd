# Fragments per gene of a cell line's samples side by side.


rule count_matrix:
    input:
        genes="results/reference/genes.tsv",
        counts=counts_of_cell_line,
    output:
        counts="results/cell_lines/{cell_line}/counts.tsv",
        fpkm="results/cell_lines/{cell_line}/fpkm.tsv",
        tpm="results/cell_lines/{cell_line}/tpm.tsv",
    log:
        "logs/cell_lines/{cell_line}/count_matrix.log",
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=15,
    params:
        code=code("collect_counts"),
        samples=samples_of_cell_line,
    shell:
        "python $IMID_ROOT/scripts/collect_counts.py --genes {input.genes} --samples {params.samples}"
        " --sample-counts {input.counts} --counts {output.counts} --fpkm {output.fpkm}"
        " --tpm {output.tpm} 2> {log}"
