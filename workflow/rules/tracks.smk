# What a genome browser opens: each sample's coverage by strand, and a session of IGV.


rule tracks:
    input:
        alignments=rules.align.output.alignments,
        index=rules.align.output.index,
        counts=rules.align.output.counts,
        strandedness=strandedness_of_sample,
    output:
        directory("results/samples/{sample}/tracks"),
    log:
        "logs/samples/{sample}/tracks.log",
    benchmark:
        "logs/samples/{sample}/tracks.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(60),
    params:
        code=code("tracks.write_tracks"),
    shell:
        "python -m imid.tracks.write_tracks --alignments {input.alignments} --counts {input.counts}"
        " --strandedness {input.strandedness} --output {output} 2> {log}"


# A browser reads of it what it shows; the annotation of a human genome fits into none whole.
rule browser_annotation:
    input:
        rules.annotation.output.gtf,
    output:
        gtf="results/reference/annotation.gtf.gz",
        index="results/reference/annotation.gtf.gz.tbi",
    log:
        "logs/browser_annotation.log",
    benchmark:
        "logs/browser_annotation.jsonl"
    conda:
        "../../envs/programs.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=lasting(30),
    params:
        code=code("tracks.index_annotation"),
    shell:
        "python -m imid.tracks.index_annotation --gtf {input} --scratch {resources.tmpdir:q}"
        " --output {output.gtf} 2> {log}"


rule igv_session:
    input:
        alignments=expand("results/samples/{sample}/aligned.bam", sample=SAMPLES),
        tracks=expand("results/samples/{sample}/tracks", sample=SAMPLES),
        strandedness=expand("results/strandedness/{line}.json", line=EXPERIMENT.cell_lines),
        genome=rules.genome.output.fasta,
        genome_index=rules.genome.output.index,
        annotation=rules.annotation.output.gtf,
        shown_annotation=rules.browser_annotation.output.gtf,
    output:
        "results/igv_session.xml",
    log:
        "logs/igv_session.log",
    benchmark:
        "logs/igv_session.jsonl"
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(2000),
        runtime=lasting(30),
    params:
        code=code("tracks.write_session"),
        samples=as_it_is(as_json(PLAN.shown_samples())),
        colours=colours_of_treatments,
        panel=PANEL_GENES,
    shell:
        "python -m imid.tracks.write_session --samples {params.samples:q}"
        " --colours {params.colours:q} --alignments {input.alignments} --tracks {input.tracks}"
        " --strandedness {input.strandedness} --genome {input.genome}"
        " --annotation {input.annotation} --indexed-annotation {input.shown_annotation}"
        ' --panel "$IMID_TARGETS" --output {output} 2> {log}'
