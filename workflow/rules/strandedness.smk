# How each cell line's libraries keep the strand: found, or confirmed, from the first reads of one
# sample before any other is trimmed or aligned.


rule strandedness:
    input:
        index=INDEX_MADE,
        annotation=rules.annotation.output.gtf,
        splice_sites=rules.gene_models.output.splice_sites,
        exons=rules.gene_models.output.exons,
    output:
        "results/strandedness/{cell_line}.json",
    log:
        "logs/strandedness/{cell_line}.log",
    benchmark:
        "logs/strandedness/{cell_line}.jsonl"
    wildcard_constraints:
        cell_line=one_of(line for line in EXPERIMENT.cell_lines if line not in SETTLED_LINES),
    conda:
        "../../envs/programs.yaml"
    threads: 8
    resources:
        mem_mb=align_memory,
        runtime=lasting(60),
    params:
        code=code("reads.find_strandedness", ALIGNED_BY),
        configured=SETTINGS.strandedness,
        aligner=READS.aligner.name,
        sample=sample_of_line,
        first=first_mates_of_line,
        second=second_mates_of_line,
        index=as_it_is(INDEX),
    shell:
        "python -m imid.reads.find_strandedness --cell-line {wildcards.cell_line}"
        " --sample {params.sample} --first {params.first:q} --second {params.second:q}"
        " --aligner {params.aligner} --index {params.index:q} --annotation {input.annotation}"
        " --splice-sites {input.splice_sites} --exons {input.exons}"
        " --configured {params.configured} --threads {threads} --scratch {resources.tmpdir:q}"
        " --output {output} 2> {log}"
