# Quality of the samples: one table of ours, and MultiQC over every tool's own summary.


rule sample_summary:
    input:
        counts=expand("results/samples/{sample}/counts.tsv", sample=SAMPLES.index),
        strandedness=expand("results/samples/{sample}/strandedness.json", sample=SAMPLES.index),
        fastp=(
            expand("results/samples/{sample}/fastp", sample=SAMPLES.index)
            if SETTINGS["trim"]
            else []
        ),
    output:
        "results/qc/samples.tsv",
    log:
        "logs/sample_summary.log",
    benchmark:
        "logs/sample_summary.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=15,
    params:
        code=code("summarize_samples"),
        samples=list(SAMPLES.index),
    shell:
        "python $IMID_ROOT/scripts/summarize_samples.py --samples {params.samples}"
        " --counts {input.counts} --strandedness {input.strandedness}"
        " --fastp {input.fastp} --output {output} 2> {log}"


rule multiqc:
    input:
        counts=rules.sample_summary.input.counts,
        fastp=rules.sample_summary.input.fastp,
        aligner=expand(
            "results/samples/{sample}/{file}", sample=SAMPLES.index, file=ALIGNER_SUMMARIES[0]
        ),
    output:
        report("results/qc/multiqc.html", caption="../report/multiqc.rst", category="quality"),
        directory("results/qc/multiqc_data"),
    log:
        "logs/multiqc.log",
    benchmark:
        "logs/multiqc.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=30,
    params:
        code=code("summarize_samples", "resources/multiqc.yaml"),
    shell:
        "multiqc --force --config $IMID_ROOT/resources/multiqc.yaml --outdir results/qc"
        " --filename multiqc.html {input.counts} {input.fastp} {input.aligner} > {log} 2>&1"
