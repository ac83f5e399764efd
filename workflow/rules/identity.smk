# Who is who: whether samples are of the lines that the sheet says, and each a library of its own.


# The index of the alignments leads to the exons that are looked at: it reads no library whole.
rule genotypes:
    input:
        alignments=rules.align.output.alignments,
        index=rules.align.output.index,
        counts=rules.align.output.counts,
        features=rules.gene_models.output.features,
        exons=rules.gene_models.output.exons,
        genes=rules.gene_models.output.genes,
        genome=rules.genome.output.fasta,
        letters=rules.genome.output.index,
    output:
        "results/samples/{sample}/quality/genotypes.npz",
    log:
        "logs/samples/{sample}/genotypes.log",
    benchmark:
        "logs/samples/{sample}/genotypes.jsonl"
    conda:
        "../../envs/programs.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(30),
    params:
        code=code("quality.call_genotypes"),
        sites=as_it_is(SITES),
    shell:
        "python -m imid.quality.call_genotypes --sample {wildcards.sample}"
        " --alignments {input.alignments} --counts {input.counts} --features {input.features}"
        " --exons {input.exons} --genes {input.genes} --genome {input.genome}"
        " --sites {params.sites:q} --output {output} 2> {log}"


rule identity:
    input:
        expand(rules.genotypes.output, sample=SAMPLES),
    output:
        table="results/qc/genotypes.tsv",
        samples=expand("results/samples/{sample}/quality/identity.json", sample=SAMPLES),
    log:
        "logs/identity.log",
    benchmark:
        "logs/identity.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(30),
    params:
        code=code("quality.compare_genotypes"),
        lines=as_it_is([*PLAN.line_of.values()]),
    shell:
        "python -m imid.quality.compare_genotypes --genotypes {input} --lines {params.lines:q}"
        " --table {output.table} --outputs {output.samples} 2> {log}"


rule markers:
    input:
        genes=rules.gene_models.output.genes,
        counts=expand("results/samples/{sample}/counts.tsv", sample=SAMPLES),
    output:
        table="results/qc/markers.tsv",
        samples=expand("results/samples/{sample}/quality/markers.json", sample=SAMPLES),
    log:
        "logs/markers.log",
    benchmark:
        "logs/markers.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(15),
    params:
        code=code("quality.check_markers"),
        samples=SAMPLES,
        lines=as_it_is([*PLAN.line_of.values()]),
        stroma=as_it_is(QUALITY.stroma),
    shell:
        "python -m imid.quality.check_markers --genes {input.genes} --samples {params.samples}"
        " --lines {params.lines:q} --stroma {params.stroma:q} --counts {input.counts}"
        " --table {output.table} --outputs {output.samples} 2> {log}"
