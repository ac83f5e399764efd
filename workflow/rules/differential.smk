# One model for each fit, and its contrasts.
#
# A fit is a folder of results: cell_lines/MM1S, or joint/MM1S+MM1S_res for lines that a contrast
# compares with each other.


# The part of the sheet that tells of a fit's samples, in a file of its own: an edit of the sheet
# redoes what it touches.
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


# What the model itself depends on: an edit of another column, such as replicate, fits nothing.
rule factors:
    output:
        "results/{fit}/factors.tsv",
    log:
        "logs/{fit}/factors.log",
    benchmark:
        "logs/{fit}/factors.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    params:
        rows=factor_rows,
    shell:
        "printf '%s\\n' {params.rows:q} > {output} 2> {log}"


rule fit:
    input:
        counts=rules.count_matrix.output.counts,
        metadata=rules.factors.output,
        accepted=PLAN.accepted(),
    output:
        fit="results/{fit}/fit.npz",
        size_factors="results/{fit}/size_factors.tsv",
        design_matrix="results/{fit}/design.tsv",
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
        runtime=lasting(60),
    params:
        code=code("differential.fit_model"),
        files=as_options,
        design=DIFFERENTIAL.design,
        slopes=DIFFERENTIAL.slopes,
        reference=DIFFERENTIAL.reference,
        inference=DIFFERENTIAL.inference,
        spike_ins=as_it_is(SPIKE_INS if BY_SPIKE_INS else []),
    shell:
        "python -m imid.differential.fit_model {params.files} --about {wildcards.fit}"
        " --design {params.design:q} --slopes {params.slopes} --reference {params.reference:q}"
        " --inference {params.inference} {params.spike_ins:q} 2> {log}"


rule samples:
    input:
        metadata=rules.metadata.output,
        size_factors=rules.fit.output.size_factors,
    output:
        "results/{fit}/samples.tsv",
    log:
        "logs/{fit}/samples.log",
    benchmark:
        "logs/{fit}/samples.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(500),
        runtime=lasting(15),
    params:
        code=code("differential.list_samples"),
        files=as_options,
    shell:
        "python -m imid.differential.list_samples {params.files} 2> {log}"


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
        warnings="results/{fit}/contrasts/{contrast}.warnings.tsv",
    log:
        "logs/{fit}/contrasts/{contrast}.log",
    benchmark:
        "logs/{fit}/contrasts/{contrast}.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=lasting(30),
    params:
        code=code("differential.compute_contrast"),
        files=as_options,
        contrast=contrast_as_json,
        excluded=excluded_from_fit,
        fdr=DIFFERENTIAL.fdr,
        log2_fold_change=DIFFERENTIAL.log2_fold_change,
        test=DIFFERENTIAL.test,
        spike_ins=as_it_is([] if BY_SPIKE_INS else SPIKE_INS),
    shell:
        "python -m imid.differential.compute_contrast {params.files} --about {wildcards.fit}"
        " --contrast {params.contrast:q} --excluded {params.excluded:q} --fdr {params.fdr}"
        " --log2-fold-change {params.log2_fold_change} --test {params.test}"
        " {params.spike_ins:q} 2> {log}"
