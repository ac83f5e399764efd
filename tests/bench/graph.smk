# As many jobs as the workflow plans, of the same shape and without any code: what Snakemake
# itself takes for them.

LINES = {f"line{i}": [] for i in range(config["lines"])}
for number in range(config["samples"]):
    line = f"line{number % config['lines']}"
    LINES[line].append(f"{line}_{number}")
SAMPLES = [sample for samples in LINES.values() for sample in samples]
PREPARED = ["index", "features.bin", "annotation.gtf", "splice_sites.tsv", "exons.bed"]


def counts_of_line(wildcards):
    return [f"samples/{sample}/counts.tsv" for sample in LINES[wildcards.line]]


def checks_of_line(wildcards):
    return [f"samples/{sample}/checks.json" for sample in LINES[wildcards.line]]


rule all:
    input:
        expand("samples/{sample}/aligned.bam.bai", sample=SAMPLES),
        expand("lines/{line}/figures/{figure}.svg", line=LINES, figure=range(17)),


rule prepared:
    output:
        "reference/{file}",
    shell:
        "touch {output}"


rule align:
    input:
        multiext("reads/{sample}", "_1.fastq.gz", "_2.fastq.gz"),
        expand("reference/{file}", file=PREPARED),
    output:
        alignments="samples/{sample}/aligned.bam",
        index="samples/{sample}/aligned.bam.bai",
        counts="samples/{sample}/counts.tsv",
        reports=directory("samples/{sample}/reports"),
    log:
        "logs/samples/{sample}/align.log",
    benchmark:
        "logs/samples/{sample}/align.jsonl"
    conda:
        "graph.yaml"
    threads: 8
    resources:
        mem_mb=8000,
        runtime=480,
    params:
        code="digest",
        strandedness="reverse",
    shell:
        "touch {output}"


rule check:
    input:
        counts=rules.align.output.counts,
        reports=rules.align.output.reports,
        exceptions="reference/exceptions",
    output:
        "samples/{sample}/checks.json",
    log:
        "logs/samples/{sample}/check.log",
    benchmark:
        "logs/samples/{sample}/check.jsonl"
    localrule: True
    conda:
        "graph.yaml"
    resources:
        mem_mb=500,
        runtime=15,
    params:
        code="digest",
    shell:
        "touch {output}"


rule fit:
    input:
        counts_of_line,
        checks_of_line,
    output:
        "lines/{line}/fit",
    log:
        "logs/lines/{line}/fit.log",
    conda:
        "graph.yaml"
    params:
        code="digest",
    shell:
        "touch {output}"


rule figure:
    input:
        "lines/{line}/fit",
    output:
        "lines/{line}/figures/{figure}.svg",
    log:
        "logs/lines/{line}/figures/{figure}.log",
    conda:
        "graph.yaml"
    params:
        code="digest",
    shell:
        "touch {output}"
