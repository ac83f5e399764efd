# What the results were made from, and the page that shows them.


rule input_checksums:
    output:
        "results/reference/inputs.sha256",
    log:
        "logs/input_checksums.log",
    benchmark:
        "logs/input_checksums.jsonl"
    localrule: True
    conda:
        "../../envs/programs.yaml"
    resources:
        mem_mb=growing(500),
        runtime=lasting(30),
    params:
        files=as_it_is(COMMON_FILES),
    shell:
        "sha256sum {params.files:q} > {output} 2> {log}"


# It gathers what the jobs before it wrote down, and so comes after all but the page.
rule provenance:
    input:
        results=PLAN.results_of_fits(),
        figures=catalogue.files(PLAN),
        multiqc="results/qc/multiqc.html" if FROM_READS else [],
        inputs=rules.input_checksums.output,
        reads=rules.sample_summary.output.checksums if FROM_READS else [],
        samples=rules.sample_summary.output.table if FROM_READS else [],
        warnings=PLAN.warnings(),
    output:
        "results/provenance.json",
    log:
        "logs/provenance.log",
    benchmark:
        "logs/provenance.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(15),
    params:
        code=code("report.write_provenance"),
        settings=as_it_is(as_json(EXPERIMENT.configuration)),
        sheet=as_it_is(SHEET),
        snakemake=snakemake.__version__,
        warnings=as_it_is(as_json(EXPERIMENT.warnings)),
        fits=[*FITS],
        planned=as_it_is(PLANNED),
    shell:
        "python -m imid.report.write_provenance --settings {params.settings:q}"
        " --sheet {params.sheet:q}"
        " --checksums {input.inputs} {input.reads} --samples {input.samples}"
        " --snakemake {params.snakemake} --fits {params.fits:q}"
        " --planned <(printf '%s\\n' {params.planned:q})"
        " --warnings {params.warnings:q} --warning-tables {input.warnings}"
        " --output {output} 2> {log}"


rule report:
    input:
        tables=[table for fit in FITS for table in PLAN.page_tables(fit)],
        figures=catalogue.files(PLAN),
        provenance=rules.provenance.output,
        samples=rules.sample_summary.output.table if FROM_READS else [],
        verdicts=rules.sample_quality.output.verdicts,
    output:
        "results/report.html",
    log:
        "logs/report.log",
    benchmark:
        "logs/report.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(15),
    params:
        code=code("report.render_report"),
        files=as_options,
        fits=expand("results/{fit}", fit=FITS),
        order=[table for fit in FITS for table in PLAN.page_tables(fit)],
        words=as_it_is(as_json(catalogue.figure_words(PLAN))),
    shell:
        "python -m imid.report.render_report {params.files} --fits {params.fits}"
        " --words {params.words:q} 2> {log}"
