# Each sample from FASTQ to alignments and counts, in one job: trimmed reads and unsorted
# alignments pass through scratch space and are neither published nor moved between nodes.


rule align:
    input:
        unpack(reads_of_sample),
        index=aligner_index(),
        features=rules.gene_models.output.features,
        annotation=rules.annotation.output.gtf,
        splice_sites=rules.gene_models.output.splice_sites,
        exons=rules.gene_models.output.exons,
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
        code=code("align_sample"),
        settings=ALIGN_SETTINGS,
    shell:
        "python $IMID_ROOT/scripts/align_sample.py --sample {wildcards.sample}"
        " --first {input.first:q} --second {input.second:q} {params.settings}"
        " --index {input.index:q} --features {input.features} --annotation {input.annotation}"
        " --splice-sites {input.splice_sites} --exons {input.exons} --threads {threads}"
        " --scratch {resources.tmpdir:q} --output results/samples/{wildcards.sample} 2> {log}"


# A program that does not say its version fails the step; what it says is the last word of its
# first line.
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
    params:
        programs=programs_used(),
    shell:
        "for program in {params.programs}; do"
        " version=$($program --version 2>&1 | awk 'NR == 1 {{print $NF}}');"
        ' [[ $version =~ ^[0-9]+[.][0-9] ]] || {{ echo "$program: no version: $version" >&2; exit 1; }};'
        " printf '%s\\t%s\\n' $program $version;"
        " done > {output} 2> {log}"
