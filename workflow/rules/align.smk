# Each sample from FASTQ to alignments and counts, in one job: trimmed reads and unsorted
# alignments pass from program to program and lie on no disk.


rule align:
    input:
        unpack(reads_of_sample),
        index=aligner_index(),
        features=rules.features.output.features,
        annotation=rules.annotation.output.gtf,
        splice_sites=rules.exons.output.splice_sites,
        exons=rules.exons.output.exons,
    output:
        alignments="results/samples/{sample}/aligned.bam",
        index="results/samples/{sample}/aligned.bam.bai",
        counts="results/samples/{sample}/counts.tsv",
        reports=directory("results/samples/{sample}/reports"),
    log:
        "logs/samples/{sample}/align.log",
    benchmark:
        "logs/samples/{sample}/align.jsonl"
    conda:
        "../../envs/align.yaml"
    threads: 8
    resources:
        mem_mb=align_memory,
        runtime=480,
    params:
        code=[code(script) for script in ALIGN_SCRIPTS],
        settings=ALIGN_SETTINGS,
    shell:
        "python $IMID_ROOT/scripts/align_sample.py --sample {wildcards.sample}"
        " --first {input.first:q} --second {input.second:q} {params.settings}"
        " --index {input.index:q} --features {input.features} --annotation {input.annotation}"
        " --splice-sites {input.splice_sites} --exons {input.exons} --threads {threads}"
        " --stall-minutes $IMID_STALL_MINUTES"
        " --scratch {resources.tmpdir:q} --output results/samples/{wildcards.sample} 2> {log}"


rule program_versions:
    output:
        "results/reference/programs.tsv",
    log:
        "logs/program_versions.log",
    benchmark:
        "logs/program_versions.jsonl"
    localrule: True
    conda:
        "../../envs/programs.yaml"
    shell:
        "(printf 'STAR\\t%s\\n' $(STAR --version) &&"
        " printf 'hisat2\\t%s\\n' $(hisat2 --version | sed -n '1s/.* //p') &&"
        " printf 'samtools\\t%s\\n' $(samtools --version | sed -n '1s/.* //p') &&"
        " printf 'fastp\\t%s\\n' $(fastp --version 2>&1 | sed 's/.* //')) > {output} 2> {log}"
