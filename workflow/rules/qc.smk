# Quality of the samples: one table of ours, and MultiQC over every tool's own summary.

REPORTS = expand("results/samples/{sample}/reports", sample=SAMPLES)


rule sample_summary:
    input:
        reports=REPORTS,
        checks=expand("results/samples/{sample}/checks.json", sample=SAMPLES),
    output:
        table="results/qc/samples.tsv",
        checksums="results/qc/reads.sha256",
    log:
        "logs/sample_summary.log",
    benchmark:
        "logs/sample_summary.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(15),
    params:
        code=code("reads.summarize_samples"),
        samples=SAMPLES,
        adapters=READS.adapters,
    shell:
        "python -m imid.reads.summarize_samples --samples {params.samples}"
        " --adapters {params.adapters} --reports {input.reports} --checks {input.checks}"
        " --table {output.table} --checksums {output.checksums} 2> {log}"


rule multiqc:
    input:
        REPORTS,
    output:
        page=report("results/qc/multiqc.html", caption="../report/multiqc.rst", category="quality"),
        data=directory("results/qc/multiqc_data"),
    log:
        "logs/multiqc.log",
    benchmark:
        "logs/multiqc.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(30),
    params:
        code=code("reads.check_multiqc"),
        aligned=READS.aligner.summary or [],
        config=digest_of_file(ROOT / "resources/multiqc.yaml"),
    shell:
        "(multiqc --force --config $IMID_ROOT/resources/multiqc.yaml --outdir results/qc"
        " --filename multiqc.html {input} &&"
        " python -m imid.reads.check_multiqc --sources {output.data}/multiqc_sources.txt"
        " --aligned {params.aligned} --reports {input}) > {log} 2>&1"
