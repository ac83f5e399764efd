# One model for each cell line, its contrasts, and what they say of the targets.


# The part of the sheet that a cell line's model is fitted to, in a file of its own:
# an edit of the sheet redoes the lines it touches.
rule metadata:
    output:
        "results/cell_lines/{cell_line}/metadata.tsv",
    log:
        "logs/cell_lines/{cell_line}/metadata.log",
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
        fit="results/cell_lines/{cell_line}/fit.pickle",
        samples="results/cell_lines/{cell_line}/samples.tsv",
        normalized="results/cell_lines/{cell_line}/normalized.tsv",
        vst="results/cell_lines/{cell_line}/vst.tsv",
        dispersions="results/cell_lines/{cell_line}/dispersions.tsv",
    log:
        "logs/cell_lines/{cell_line}/fit.log",
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=60,
    params:
        code=code("fit_model", "resources/residual_histograms.tsv.gz"),
        design=DIFFERENTIAL["design"],
        reference=DIFFERENTIAL["reference"],
        inference=DIFFERENTIAL["inference"],
    shell:
        "python $IMID_ROOT/scripts/fit_model.py --counts {input.counts} --metadata {input.metadata}"
        " --design {params.design:q} --reference {params.reference:q} --inference {params.inference}"
        " --fit {output.fit} --samples {output.samples} --normalized {output.normalized}"
        " --vst {output.vst} --dispersions {output.dispersions} 2> {log}"


rule contrast:
    input:
        fit=rules.fit.output.fit,
        counts=rules.count_matrix.output.counts,
    output:
        table="results/cell_lines/{cell_line}/contrasts/{contrast}.tsv",
        significant=report(
            "results/cell_lines/{cell_line}/contrasts/{contrast}.significant.tsv",
            caption="../report/significant.rst",
            category="{cell_line}",
            labels={"result": "significant genes", "contrast": "{contrast}"},
        ),
        sidecar="results/cell_lines/{cell_line}/contrasts/{contrast}.json",
    log:
        "logs/cell_lines/{cell_line}/contrasts/{contrast}.log",
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(4000),
        runtime=30,
    params:
        code=code("compute_contrast"),
        factor=contrast_setting("factor"),
        numerator=contrast_setting("numerator"),
        denominator=contrast_setting("denominator"),
        fdr=DIFFERENTIAL["fdr"],
        log2_fold_change=DIFFERENTIAL["log2_fold_change"],
    shell:
        "python $IMID_ROOT/scripts/compute_contrast.py --fit {input.fit} --counts {input.counts}"
        " --contrast {wildcards.contrast} --cell-line {wildcards.cell_line}"
        " --factor {params.factor:q} --numerator {params.numerator:q}"
        " --denominator {params.denominator:q} --fdr {params.fdr}"
        " --log2-fold-change {params.log2_fold_change} --table {output.table}"
        " --significant {output.significant} --sidecar {output.sidecar} 2> {log}"


rule targets:
    input:
        genes="results/reference/genes.tsv",
        contrasts=contrast_files(".tsv"),
        sidecars=contrast_files(".json"),
    output:
        report(
            "results/cell_lines/{cell_line}/targets.tsv",
            caption="../report/targets.rst",
            category="{cell_line}",
            labels={"result": "targets", "contrast": "all"},
        ),
    log:
        "logs/cell_lines/{cell_line}/targets.log",
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=15,
    params:
        code=code("evaluate_targets", PANEL),
        control=DIFFERENTIAL["reference"],
    shell:
        'python $IMID_ROOT/scripts/evaluate_targets.py --panel "$IMID_TARGETS" --genes {input.genes}'
        " --contrasts {input.contrasts} --sidecars {input.sidecars}"
        " --control {params.control:q} --output {output} 2> {log}"
