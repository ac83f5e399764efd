# Quality of the samples: what is measured of each, what its bounds make of it, one table of the fates
# of reads, and MultiQC over every tool's own summary.


# Of a count matrix that is given a sample has no table of its own.
rule measure_counts:
    input:
        counts=(
            "results/samples/{sample}/counts.tsv"
            if FROM_READS
            else lambda wildcards: PLAN.matrix_of_sample(wildcards.sample)
        ),
        genes="results/reference/genes.tsv",
    output:
        "results/samples/{sample}/quality/counts.json",
    log:
        "logs/samples/{sample}/measure_counts.log",
    benchmark:
        "logs/samples/{sample}/measure_counts.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(15),
    params:
        code=code("quality.measure_counts"),
        counted="--counts" if FROM_READS else "--matrix",
        spike_ins=as_it_is(SPIKE_INS),
    shell:
        "python -m imid.quality.measure_counts --sample {wildcards.sample}"
        " {params.counted} {input.counts} --genes {input.genes} {params.spike_ins:q}"
        " --output {output} 2> {log}"


rule sample_quality:
    input:
        PLAN.measured_files(),
    output:
        figures="results/qc/samples.tsv",
        verdicts="results/qc/verdicts.tsv",
        warnings="results/qc/warnings.tsv",
    log:
        "logs/sample_quality.log",
    benchmark:
        "logs/sample_quality.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(15),
    params:
        code=code("quality.judge_samples"),
        sheet=as_it_is(as_json(PLAN.figures_of_sheet())),
        bounds=as_it_is(as_json(QUALITY.bounds)),
    shell:
        "python -m imid.quality.judge_samples --measured {input} --sheet {params.sheet:q}"
        " --bounds {params.bounds:q} --figures {output.figures} --verdicts {output.verdicts}"
        " --warnings {output.warnings} 2> {log}"


# What every fit waits for, where a figure may stop the run.
if QUALITY.stop_on:

    rule accepted_samples:
        input:
            figures=rules.sample_quality.output.figures,
        output:
            PLAN.accepted(),
        log:
            "logs/accepted_samples.log",
        benchmark:
            "logs/accepted_samples.jsonl"
        localrule: True
        conda:
            "../../envs/python.yaml"
        resources:
            mem_mb=growing(500),
            runtime=lasting(15),
        params:
            code=code("quality.refuse_samples"),
            stop_on=QUALITY.stop_on,
        shell:
            "python -m imid.quality.refuse_samples --figures {input.figures}"
            " --stop-on {params.stop_on} --output {output} 2> {log}"


if FROM_READS:

    REPORTS = expand("results/samples/{sample}/reports", sample=SAMPLES)

    rule measure_reads:
        input:
            reports="results/samples/{sample}/reports",
            alignments="results/samples/{sample}/aligned.bam",
            index="results/samples/{sample}/aligned.bam.bai",
            strandedness=strandedness_of_sample,
        output:
            "results/samples/{sample}/quality/reads.json",
        log:
            "logs/samples/{sample}/measure_reads.log",
        benchmark:
            "logs/samples/{sample}/measure_reads.jsonl"
        conda:
            "../../envs/python.yaml"
        resources:
            mem_mb=growing(500),
            runtime=lasting(30),
        params:
            code=code("quality.measure_reads"),
            adapters=READS.adapters,
        shell:
            "python -m imid.quality.measure_reads --sample {wildcards.sample}"
            " --reports {input.reports} --strandedness {input.strandedness}"
            " --alignments {input.alignments} --adapters {params.adapters} --output {output} 2> {log}"

    rule sample_summary:
        input:
            reports=REPORTS,
            checks=expand("results/samples/{sample}/checks.json", sample=SAMPLES),
        output:
            table="results/qc/fates.tsv",
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
            reports=REPORTS,
            figures=rules.sample_quality.output.figures,
            verdicts=rules.sample_quality.output.verdicts,
            measured=PLAN.measured_files(),
            alignments=expand("results/samples/{sample}/aligned.bam", sample=SAMPLES),
            indices=expand("results/samples/{sample}/aligned.bam.bai", sample=SAMPLES),
        output:
            page=report(
                "results/qc/multiqc.html", caption="../report/multiqc.rst", category="quality"
            ),
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
            code=code("quality.show_in_multiqc", "reads.check_multiqc"),
            aligned=READS.aligner.summary or [],
            config=digest_of_file(ROOT / "resources/multiqc.yaml"),
        shell:
            'settings=$(mktemp --suffix .yaml); trap "rm -f $settings" EXIT;'
            " (python -m imid.quality.show_in_multiqc --figures {input.figures}"
            " --verdicts {input.verdicts} --measured {input.measured}"
            " --alignments {input.alignments} --reports {input.reports} --output $settings &&"
            " multiqc --force --config $IMID_ROOT/resources/multiqc.yaml --config $settings"
            " --outdir results/qc --filename multiqc.html {input.reports} &&"
            " python -m imid.reads.check_multiqc --sources {output.data}/multiqc_sources.txt"
            " --aligned {params.aligned} --reports {input.reports}) > {log} 2>&1"
