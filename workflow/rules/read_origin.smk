# Which reads went in, by their checksums, and which programs treated them.


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
