# Steps without any biology, for trying the profile and the resume command on Slurm.
#
# Each tells a journal when it begins and ends. The config names what there is to do.

import os
import sys

sys.path.insert(0, f"{config['root']}/scripts")
os.environ.update(PYTHONPATH=sys.path[0])


include: f"{config['root']}/workflow/rules/onstart.smk"


BEGINS = "echo begins {wildcards.sample} ${{SLURM_JOB_ID:-here}} >> journal.txt; "
ENDS = " && echo ends {wildcards.sample} ${{SLURM_JOB_ID:-here}} >> journal.txt"


onerror:
    shell("python -m imid.running.tell_failures {log}")


rule all:
    input:
        expand("results/{step}.txt", step=config["steps"]),


rule quick:
    output:
        "results/quick_{sample}.txt",
    log:
        "logs/quick_{sample}.log",
    shell:
        BEGINS + "echo done > {output}" + ENDS


# Ends when the test says so.
rule patient:
    output:
        "results/patient_{sample}.txt",
    log:
        "logs/patient_{sample}.log",
    shell:
        BEGINS + "until [ -e go ]; do sleep 0.1; done; echo done > {output}" + ENDS


# Leaves half of its output where it is ended in the middle.
rule broken:
    output:
        "results/broken_{sample}.txt",
    log:
        "logs/broken_{sample}.log",
    shell:
        "echo half > {output}; "
        + BEGINS
        + "until [ -e go ]; do sleep 0.1; done; echo done > {output}"
        + ENDS


# Beside the main process; what follows is submitted when the test says so.
rule here:
    output:
        "results/here_{sample}.txt",
    log:
        "logs/here_{sample}.log",
    localrule: True
    shell:
        BEGINS + "until [ -e submit ]; do sleep 0.1; done; echo done > {output}" + ENDS


rule doomed:
    output:
        "results/doomed_{sample}.txt",
    log:
        "logs/doomed_{sample}.log",
    shell:
        BEGINS + "until [ -e go ]; do sleep 0.1; done; exit 3"


rule hungry:
    output:
        "results/hungry_{sample}.txt",
    log:
        "logs/hungry_{sample}.log",
    resources:
        mem_mb=lambda wildcards, attempt: 600 * attempt,
    shell:
        BEGINS + "python -c 'import time; taken = bytearray(800_000_000); time.sleep(3)'"
        " 2> {log} && echo done > {output}" + ENDS


rule failing:
    output:
        "results/failing_{sample}.txt",
    log:
        "logs/failing_{sample}.log",
    shell:
        BEGINS + "echo 'the last line of the log' > {log}; exit 3"


rule after:
    input:
        "results/{sample}.txt",
    output:
        "results/after_{sample}.txt",
    log:
        "logs/after_{sample}.log",
    shell:
        BEGINS + "cat {input} > {output}" + ENDS
