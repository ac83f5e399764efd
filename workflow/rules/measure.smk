# What is measured of each sample's alignments, for the verdict on it. Nothing here is read by what
# aligns or counts: another way to measure aligns nothing anew.


rule gene_regions:
    input:
        gtf=rules.annotation.output.gtf,
    output:
        regions="results/reference/gene_regions.npz",
    log:
        "logs/gene_regions.log",
    benchmark:
        "logs/gene_regions.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1500),
        runtime=lasting(30),
    params:
        code=code("quality.prepare_gene_regions"),
    shell:
        "python -m imid.quality.prepare_gene_regions --gtf {input.gtf} --output {output.regions}"
        " 2> {log}"


rule measure_alignments:
    input:
        alignments=rules.align.output.alignments,
        regions=rules.gene_regions.output.regions,
    output:
        "results/samples/{sample}/quality/alignments.json",
    log:
        "logs/samples/{sample}/measure_alignments.log",
    benchmark:
        "logs/samples/{sample}/measure_alignments.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(60),
    params:
        code=code("quality.measure_alignments"),
    shell:
        "python -m imid.quality.measure_alignments --sample {wildcards.sample}"
        " --alignments {input.alignments} --regions {input.regions} --output {output} 2> {log}"
