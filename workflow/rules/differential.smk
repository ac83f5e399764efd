# One model for each fit, and its contrasts.
#
# A fit is a folder of results: cell_lines/MM1S, or joint/MM1S+MM1S_res for lines that a contrast
# compares with each other.


# The part of the sheet that a model is fitted to, in a file of its own: an edit of the sheet
# redoes the fits it touches.
rule metadata:
    output:
        "results/{fit}/metadata.tsv",
    log:
        "logs/{fit}/metadata.log",
    benchmark:
        "logs/{fit}/metadata.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    params:
        rows=metadata_rows,
    shell:
        "printf '%s\\n' {params.rows:q} > {output} 2> {log}"


rule fit:
    input:
        counts=rules.count_matrix.output.counts,
        metadata=rules.metadata.output,
    output:
        fit="results/{fit}/fit.npz",
        samples="results/{fit}/samples.tsv",
        design="results/{fit}/design.tsv",
        normalized="results/{fit}/normalized.tsv",
        vst="results/{fit}/vst.tsv",
        dispersions="results/{fit}/dispersions.tsv",
        warnings="results/{fit}/warnings/fit.tsv",
    log:
        "logs/{fit}/fit.log",
    benchmark:
        "logs/{fit}/fit.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=60,
    params:
        code=code("differential.fit_model"),
        design=DIFFERENTIAL["design"],
        slopes=[name for name, kind in DIFFERENTIAL["covariates"].items() if kind == "slope"],
        reference=DIFFERENTIAL["reference"],
        inference=DIFFERENTIAL["inference"],
    shell:
        "python -m imid.differential.fit_model --counts {input.counts} --metadata {input.metadata}"
        " --design {params.design:q} --slopes {params.slopes} --reference {params.reference:q}"
        " --inference {params.inference} --fit {output.fit} --samples {output.samples}"
        " --design-matrix {output.design} --normalized {output.normalized} --vst {output.vst}"
        " --dispersions {output.dispersions} --about {wildcards.fit} --warnings {output.warnings}"
        " 2> {log}"


rule contrast:
    input:
        fit=rules.fit.output.fit,
        counts=rules.count_matrix.output.counts,
    output:
        table="results/{fit}/contrasts/{contrast}.tsv",
        significant=report(
            "results/{fit}/contrasts/{contrast}.significant.tsv",
            caption="../report/significant.rst",
            category="{fit}",
            labels={"result": "significant genes", "contrast": "{contrast}"},
        ),
        sidecar="results/{fit}/contrasts/{contrast}.json",
    log:
        "logs/{fit}/contrasts/{contrast}.log",
    benchmark:
        "logs/{fit}/contrasts/{contrast}.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=30,
    params:
        code=code("differential.compute_contrast"),
        contrast=contrast_as_json,
        excluded=excluded_from_fit,
        fdr=DIFFERENTIAL["fdr"],
        log2_fold_change=DIFFERENTIAL["log2_fold_change"],
    shell:
        "python -m imid.differential.compute_contrast --fit {input.fit} --counts {input.counts}"
        " --contrast {params.contrast:q} --excluded {params.excluded:q} --fdr {params.fdr}"
        " --log2-fold-change {params.log2_fold_change} --table {output.table}"
        " --significant {output.significant} --sidecar {output.sidecar} 2> {log}"
