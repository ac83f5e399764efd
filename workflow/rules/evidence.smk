# What the contrasts say of the targets, and whether the experiment worked.


rule targets:
    input:
        genes="results/reference/genes.tsv",
        fit=rules.fit.output.fit,
        samples=rules.samples.output,
        contrasts=contrast_files(".tsv"),
        sidecars=contrast_files(".json"),
    output:
        table=report(
            "results/{fit}/targets.tsv",
            caption="../report/targets.rst",
            category="{fit}",
            labels={"result": "targets", "contrast": "all"},
        ),
        warnings="results/{fit}/warnings/targets.tsv",
    log:
        "logs/{fit}/targets.log",
    benchmark:
        "logs/{fit}/targets.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=lasting(15),
    params:
        code=code("evidence.evaluate_targets"),
        files=as_options,
        order=contrasts_in_order,
        panel=digest_of_table(PANEL),
        control=DIFFERENTIAL.reference,
    shell:
        'python -m imid.evidence.evaluate_targets {params.files} --panel "$IMID_TARGETS"'
        " --control {params.control:q} --about {wildcards.fit} 2> {log}"


# Scores of named gene sets in each sample, and whether they changed.
rule activities:
    input:
        vst=rules.fit.output.vst,
        dispersions=rules.fit.output.dispersions,
        design=rules.fit.output.design_matrix,
        sidecars=contrast_files(".json"),
    output:
        table=report(
            "results/{fit}/activities.tsv",
            caption="../report/activities.rst",
            category="{fit}",
            labels={"result": "activities", "contrast": "all"},
        ),
        scores="results/{fit}/activity_scores.tsv",
    log:
        "logs/{fit}/activities.log",
    benchmark:
        "logs/{fit}/activities.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code("evidence.score_activities"),
        files=as_options,
        order=contrasts_in_order,
        panel=PANEL_GENES,
    shell:
        'python -m imid.evidence.score_activities {params.files} --panel "$IMID_TARGETS" 2> {log}'


# Where each sample sits among the groups.
rule sample_agreement:
    input:
        samples=rules.samples.output,
        vst=rules.fit.output.vst,
        normalized=rules.fit.output.normalized,
        counts=rules.count_matrix.output.counts,
    output:
        table="results/{fit}/sample_agreement.tsv",
        warnings="results/{fit}/warnings/agreement.tsv",
    log:
        "logs/{fit}/sample_agreement.log",
    benchmark:
        "logs/{fit}/sample_agreement.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code("quality.judge_agreement"),
        files=as_options,
    shell:
        "python -m imid.quality.judge_agreement {params.files} --about {wildcards.fit} 2> {log}"


rule verdict:
    input:
        targets=rules.targets.output.table,
        activities=rules.activities.output.table,
        sidecars=contrast_files(".json"),
        samples=rules.samples.output,
        fit=rules.fit.output.fit,
        agreement=rules.sample_agreement.output.table,
        normalized=rules.fit.output.normalized,
        tpm="results/{fit}/tpm.tsv" if UNITS else [],
    output:
        report(
            "results/{fit}/verdict.tsv",
            caption="../report/verdict.rst",
            category="{fit}",
            labels={"result": "verdict", "contrast": "all"},
        ),
    log:
        "logs/{fit}/verdict.log",
    benchmark:
        "logs/{fit}/verdict.jsonl"
    localrule: True
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(15),
    params:
        code=code("evidence.judge_experiment"),
        files=as_options,
        order=contrasts_in_order,
        control=DIFFERENTIAL.reference,
    shell:
        "python -m imid.evidence.judge_experiment {params.files} --control {params.control:q}"
        " 2> {log}"
