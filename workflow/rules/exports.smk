# Gene sets, and the results in the formats that other programs take.


rule enrichment:
    input:
        contrast=rules.contrast.output.table,
        sidecar=rules.contrast.output.sidecar,
        vst=rules.fit.output.vst,
        design=rules.fit.output.design_matrix,
    output:
        table=report(
            "results/{fit}/enrichment/{contrast}.tsv",
            caption="../report/enrichment.rst",
            category="{fit}",
            labels={"result": "gene sets", "contrast": "{contrast}"},
        ),
        ranks="results/{fit}/enrichment/{contrast}.rnk",
        running="results/{fit}/enrichment/{contrast}.running.tsv",
    log:
        "logs/{fit}/enrichment/{contrast}.log",
    benchmark:
        "logs/{fit}/enrichment/{contrast}.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(60),
    params:
        code=code("evidence.enrich"),
        files=as_options,
        panel=PANEL_GENES,
        gene_sets=as_it_is(COLLECTIONS),
    shell:
        'python -m imid.evidence.enrich {params.files} --panel "$IMID_TARGETS"'
        " --gene-sets {params.gene_sets:q} 2> {log}"


rule exports:
    input:
        fit=rules.fit.output.fit,
        counts=rules.count_matrix.output.counts,
        samples=rules.samples.output,
        targets=rules.targets.output.table,
        verdict=rules.verdict.output,
        activities=rules.activities.output.table,
        contrasts=contrast_files(".tsv"),
        sidecars=contrast_files(".json"),
    output:
        h5ad="results/{fit}/fit.h5ad",
        xlsx=report(
            "results/{fit}/tables.xlsx",
            caption="../report/tables.rst",
            category="{fit}",
            labels={"result": "all tables as one spreadsheet", "contrast": "all"},
        ),
    log:
        "logs/{fit}/exports.log",
    benchmark:
        "logs/{fit}/exports.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(30),
    params:
        code=code("report.export_tables"),
        order=contrasts_in_order,
        files=as_options,
    shell:
        "python -m imid.report.export_tables {params.files} 2> {log}"
