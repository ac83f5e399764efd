# What the results were made from, and the page that shows them.


rule reference_checksums:
    input:
        ancient([SETTINGS["reference"]["fasta"], SETTINGS["reference"]["gtf"]]),
    output:
        "results/reference/inputs.sha256",
    log:
        "logs/reference_checksums.log",
    conda:
        "../../envs/programs.yaml"
    resources:
        mem_mb=growing(500),
        runtime=30,
    shell:
        "sha256sum {input:q} > {output} 2> {log}"


rule read_checksums:
    input:
        unpack(reads_of_sample),
    output:
        "results/samples/{sample}/reads.sha256",
    log:
        "logs/samples/{sample}/read_checksums.log",
    conda:
        "../../envs/programs.yaml"
    resources:
        mem_mb=growing(500),
        runtime=60,
    shell:
        "sha256sum {input:q} > {output} 2> {log}"


rule program_versions:
    output:
        "results/reference/programs.tsv",
    log:
        "logs/program_versions.log",
    localrule: True
    conda:
        "../../envs/programs.yaml"
    shell:
        "(printf 'STAR\\t%s\\n' $(STAR --version) &&"
        " printf 'hisat2\\t%s\\n' $(hisat2 --version | sed -n '1s/.* //p') &&"
        " printf 'samtools\\t%s\\n' $(samtools --version | sed -n '1s/.* //p') &&"
        " printf 'fastp\\t%s\\n' $(fastp --version 2>&1 | sed 's/.* //')) > {output} 2> {log}"


rule provenance:
    input:
        targets=expand("results/cell_lines/{cell_line}/targets.tsv", cell_line=CELL_LINES),
        samples=rules.sample_summary.output,
        sheet=SETTINGS["samples"],
        programs=rules.program_versions.output,
        reference=rules.reference_checksums.output,
        reads=expand("results/samples/{sample}/reads.sha256", sample=SAMPLES.index),
    output:
        "results/provenance.json",
    log:
        "logs/provenance.log",
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=15,
    params:
        code=code("write_provenance"),
        settings=json.dumps(SETTINGS),
        snakemake=snakemake.__version__,
    shell:
        "python $IMID_ROOT/scripts/write_provenance.py --settings {params.settings:q}"
        " --sheet {input.sheet:q} --programs {input.programs}"
        " --checksums {input.reference} {input.reads} --snakemake {params.snakemake}"
        " --output {output} 2> {log}"


rule report:
    input:
        targets=rules.provenance.input.targets,
        figures=all_figures(),
        samples=rules.sample_summary.output,
        provenance=rules.provenance.output,
    output:
        "results/report.html",
    log:
        "logs/report.log",
    conda:
        "../../envs/python.yaml"
    resources:
        mem_mb=growing(1000),
        runtime=15,
    params:
        code=code("render_report", "workflow/report/report.html.j2"),
        cell_lines=expand("results/cell_lines/{cell_line}", cell_line=CELL_LINES),
    shell:
        "python $IMID_ROOT/scripts/render_report.py --template $IMID_ROOT/workflow/report/report.html.j2"
        " --cell-lines {params.cell_lines} --figures {input.figures} --samples {input.samples}"
        " --provenance {input.provenance} --output {output} 2> {log}"
