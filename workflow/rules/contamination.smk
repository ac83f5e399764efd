# Foreign sequences: what the config names, in one index, and how much of each sample is of them.


if FOREIGN:

    rule contaminants:
        output:
            fasta=f"{CONTAMINANTS}/contaminants.fa",
            lengths=f"{CONTAMINANTS}/contaminants.fa.fai",
            annotation=f"{CONTAMINANTS}/contaminants.gtf",
            splice_sites=f"{CONTAMINANTS}/splice_sites.tsv",
        log:
            "logs/contaminants.log",
        benchmark:
            "logs/contaminants.jsonl"
        conda:
            "../../envs/programs.yaml"
        resources:
            mem_mb=growing(1000),
            runtime=lasting(30),
        params:
            code=code("quality.prepare_contaminants"),
            contaminants=as_it_is(FOREIGN),
        shell:
            "python -m imid.quality.prepare_contaminants --contaminants {params.contaminants:q}"
            " --output {output.fasta} --annotation {output.annotation}"
            " --splice-sites {output.splice_sites} 2> {log}"

    rule contaminant_index:
        input:
            fasta=rules.contaminants.output.fasta,
            lengths=rules.contaminants.output.lengths,
            annotation=rules.contaminants.output.annotation,
        output:
            [f"{CONTAMINANTS}/index/{file}" for file in READS.aligner.index_files],
        log:
            "logs/contaminant_index.log",
        benchmark:
            "logs/contaminant_index.jsonl"
        conda:
            "../../envs/programs.yaml"
        threads: 8
        resources:
            mem_mb=index_memory,
            runtime=lasting(180),
        params:
            code=code("reads.build_index", ALIGNED_BY),
            aligner=READS.aligner.name,
            folder=f"{CONTAMINANTS}/index",
        shell:
            "python -m imid.reads.build_index --aligner {params.aligner} --fasta {input.fasta}"
            " --lengths {input.lengths} --annotation {input.annotation} --threads {threads}"
            " --memory {resources.mem_mb} --folder {params.folder} > {log} 2>&1"

    rule contamination:
        input:
            alignments=rules.align.output.alignments,
            alignments_index=rules.align.output.index,
            counts=rules.align.output.counts,
            # They are made by one job: one of them stands for all.
            index=rules.contaminant_index.output[0],
            fasta=rules.contaminants.output.fasta,
            lengths=rules.contaminants.output.lengths,
            annotation=rules.contaminants.output.annotation,
            splice_sites=rules.contaminants.output.splice_sites,
        output:
            "results/samples/{sample}/quality/contamination.json",
        log:
            "logs/samples/{sample}/contamination.log",
        benchmark:
            "logs/samples/{sample}/contamination.jsonl"
        conda:
            "../../envs/programs.yaml"
        threads: 2
        resources:
            mem_mb=contamination_memory,
            runtime=lasting(60),
        params:
            code=code("quality.measure_contamination", ALIGNED_BY),
            aligner=READS.aligner.name,
            contaminants=[*QUALITY.contaminants],
            index=str(FOREIGN_INDEX),
        shell:
            "python -m imid.quality.measure_contamination --sample {wildcards.sample}"
            " --alignments {input.alignments} --counts {input.counts}"
            " --contaminants {params.contaminants} --aligner {params.aligner}"
            " --index {params.index} --fasta {input.fasta} --annotation {input.annotation}"
            " --splice-sites {input.splice_sites} --threads {threads}"
            " --scratch {resources.tmpdir:q} --output {output} 2> {log}"
