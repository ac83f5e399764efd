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
        "../../envs/align.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=30,
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
        runtime=30,
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
        runtime=30,
    params:
        code=code("counting.prepare_annotation"),
    shell:
        "python -m imid.counting.prepare_annotation --gtf {input.gtf}"
        " --genome-index {input.genome} --genes {output.genes}"
        " --splice-sites {output.splice_sites} --exons {output.exons}"
        " --features {output.features} 2> {log}"


# Where STAR's own counts are no witness against HTSeq's.
rule star_exceptions:
    input:
        rules.annotation.output.gtf,
    output:
        "results/reference/star_exceptions.tsv",
    log:
        "logs/star_exceptions.log",
    benchmark:
        "logs/star_exceptions.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=30,
    params:
        code=code("counting.star_exceptions"),
    shell:
        "python -m imid.counting.star_exceptions --gtf {input} --output {output} 2> {log}"


# STAR's suffix array is indexed by strings of min(14, log2(genome length) / 2 - 1) bases:
# longer ones crash on a small genome. Its log and its scratch go to the index's own folder, for in
# the node's one other users and runs would meet them.
rule star_index:
    input:
        fasta=rules.genome.output.fasta,
        lengths=rules.genome.output.index,
        gtf=rules.annotation.output.gtf,
    output:
        built_index("star", "results/reference/star")[1],
    log:
        "logs/star_index.log",
    benchmark:
        "logs/star_index.jsonl"
    conda:
        "../../envs/programs.yaml"
    threads: 8
    resources:
        mem_mb=star_index_memory,
        runtime=180,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "bases=$(awk '{{n += $2}} END {{b = int(log(n) / log(2) / 2 - 1);"
        " print (b < 14 ? b : 14)}}' {input.lengths}) &&"
        " rm -rf {params.folder} && mkdir {params.folder} &&"
        " STAR --runMode genomeGenerate --runThreadN {threads} --genomeDir {params.folder}"
        " --genomeFastaFiles {input.fasta} --sjdbGTFfile {input.gtf}"
        " --genomeSAindexNbases $bases --limitGenomeGenerateRAM $(({resources.mem_mb} * 1000000))"
        " --outFileNamePrefix {params.folder}/ > {log} 2>&1"


rule hisat2_index:
    input:
        rules.genome.output.fasta,
    output:
        built_index("hisat2", "results/reference/hisat2")[1],
    log:
        "logs/hisat2_index.log",
    benchmark:
        "logs/hisat2_index.jsonl"
    conda:
        "../../envs/programs.yaml"
    threads: 8
    resources:
        mem_mb=growing(12000),
        runtime=180,
    params:
        folder=subpath(output[0], parent=True),
    shell:
        "rm -rf {params.folder} && mkdir {params.folder} &&"
        " hisat2-build -p {threads} {input} {params.folder}/genome > {log} 2>&1"
