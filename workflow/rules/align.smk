# Each sample from FASTQ to alignments and counts, in one job: trimmed reads and unsorted
# alignments pass from program to program and lie on no disk.


rule align:
    input:
        index=INDEX_MADE,
        features=rules.gene_models.output.features,
        annotation=rules.annotation.output.gtf,
        splice_sites=rules.gene_models.output.splice_sites,
        exons=rules.gene_models.output.exons,
        strandedness=strandedness_of_sample,
    output:
        alignments="results/samples/{sample}/aligned.bam",
        index="results/samples/{sample}/aligned.bam.bai",
        counts="results/samples/{sample}/counts.tsv",
        reports=directory("results/samples/{sample}/reports"),
    log:
        "logs/samples/{sample}/align.log",
    benchmark:
        "logs/samples/{sample}/align.jsonl"
    wildcard_constraints:
        sample=one_of(READS.with_reads),
    conda:
        "../../envs/programs.yaml"
    threads: 8
    resources:
        mem_mb=align_memory,
        runtime=lasting(480),
    params:
        code=code("reads.align_sample", ALIGNED_BY),
        settings=READS.align_options,
        first=first_mates,
        second=second_mates,
        index=as_it_is(INDEX),
        origin=origin_of_sample,
    shell:
        "python -m imid.reads.align_sample --sample {wildcards.sample}"
        " --first {params.first:q} --second {params.second:q} {params.settings}"
        " --index {params.index:q} --features {input.features} --annotation {input.annotation}"
        " --splice-sites {input.splice_sites} --exons {input.exons}"
        " --strandedness {input.strandedness} --origin {params.origin:q} --threads {threads}"
        " --stall-minutes $IMID_STALL_MINUTES"
        " --scratch {resources.tmpdir:q} --output results/samples/{wildcards.sample} 2> {log}"


# Where the alignments are in their place already, and stay there if it fails.
rule cross_check:
    input:
        counts=rules.align.output.counts,
        reports=rules.align.output.reports,
        strandedness=strandedness_of_sample,
        exceptions=rules.count_exceptions.output if READS.aligner.exceptions else [],
    output:
        "results/samples/{sample}/checks.json",
    log:
        "logs/samples/{sample}/cross_check.log",
    benchmark:
        "logs/samples/{sample}/cross_check.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(500),
        runtime=lasting(15),
    params:
        code=code("reads.cross_check", ALIGNED_BY),
        files=as_options,
        aligner=READS.aligner.name,
    shell:
        "python -m imid.reads.cross_check {params.files} --sample {wildcards.sample}"
        " --aligner {params.aligner} 2> {log}"
