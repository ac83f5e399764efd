# The genome and its annotation, prepared once for all samples.


rule genome:
    output:
        fasta="results/reference/genome.fa",
        index="results/reference/genome.fa.fai",
    log:
        "logs/genome.log",
    benchmark:
        "logs/genome.jsonl"
    conda:
        "../../envs/programs.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(30),
    params:
        code=code("reads.prepare_genome"),
        fasta=as_it_is(REFERENCE["fasta"]),
    shell:
        "python -m imid.reads.prepare_genome --fasta {params.fasta:q} --output {output.fasta}"
        " 2> {log}"


rule annotation:
    output:
        gtf="results/reference/annotation.gtf",
    log:
        "logs/annotation.log",
    benchmark:
        "logs/annotation.jsonl"
    conda:
        "../../envs/programs.yaml"
    resources:
        mem_mb=growing(500),
        runtime=lasting(30),
    params:
        gtf=as_it_is(REFERENCE.get("gtf", "")),
    shell:
        "gzip --decompress --stdout --force {params.gtf:q} > {output} 2> {log}"


# One pass over the annotation for all that is derived from it. An edit of its code aligns anew,
# for it may change what is counted; how the gene table is published is no part of that code.
rule gene_models:
    input:
        gtf=rules.annotation.output.gtf,
        genome=[] if READS.prebuilt_index else rules.genome.output.index,
    output:
        genes="results/reference/genes.tsv",
        splice_sites="results/reference/splice_sites.tsv",
        exons="results/reference/exons.bed",
        features="results/reference/features.bin",
    log:
        "logs/gene_models.log",
    benchmark:
        "logs/gene_models.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(30),
    params:
        code=code("counting.prepare_annotation"),
    shell:
        "python -m imid.counting.prepare_annotation --gtf {input.gtf}"
        " --genome-index {input.genome} --genes {output.genes}"
        " --splice-sites {output.splice_sites} --exons {output.exons}"
        " --features {output.features} 2> {log}"


# Where the aligner's own counts, if it makes some, are no witness against HTSeq's.
if READS.aligner.exceptions:

    rule count_exceptions:
        input:
            gtf=rules.annotation.output.gtf,
        output:
            f"results/reference/{READS.aligner.name}_exceptions.tsv",
        log:
            "logs/count_exceptions.log",
        benchmark:
            "logs/count_exceptions.jsonl"
        conda:
            "../../envs/python.yaml"
        resources:
            mem_mb=growing(2000),
            runtime=lasting(30),
        params:
            code=code(READS.aligner.exceptions),
            files=as_options,
            module=f"imid.{READS.aligner.exceptions}",
        shell:
            "python -m {params.module} {params.files} 2> {log}"


rule aligner_index:
    input:
        fasta=rules.genome.output.fasta,
        lengths=rules.genome.output.index,
        annotation=rules.annotation.output.gtf if READS.aligner.index_is_annotated else [],
    output:
        [f"{BUILT_INDEX}/{file}" for file in READS.aligner.index_files],
    log:
        "logs/aligner_index.log",
    benchmark:
        "logs/aligner_index.jsonl"
    conda:
        "../../envs/programs.yaml"
    threads: 8
    resources:
        mem_mb=index_memory,
        runtime=lasting(180),
    params:
        code=code("reads.build_index", ALIGNED_BY),
        aligner=READS.aligner.name,
        folder=as_it_is(BUILT_INDEX),
    shell:
        "python -m imid.reads.build_index --aligner {params.aligner} --fasta {input.fasta}"
        " --lengths {input.lengths} --annotation {input.annotation} --threads {threads}"
        " --memory {resources.mem_mb} --folder {params.folder} > {log} 2>&1"
