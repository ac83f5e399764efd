"""Measure how long the graph of many samples takes, beside Snakemake's share of it.

The experiment has a few reads for each sample, and a cell line for each hundred samples. A dry run
of the workflow is held against one of graph.smk, a workflow with as many jobs of the same shape and
no code. CPU time is the least of several runs; peak memory the most.
"""

import argparse
import csv
import gzip
import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from itertools import islice
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = [12, 100, 1000]
TREATMENTS = ["dmso", "lenalidomide", "pomalidomide"]
PER_LINE = 100
# As many of the source as the samples' own are taken from.
READS = 60
OURS, BARE = "imid-rnaseq, dry run", "Snakemake, as many jobs"
# The bytes of a MB.
MILLION = 1_000_000


def lines_for(samples: int) -> int:
    """Give the number of cell lines that samples are spread over."""
    return max(1, samples // PER_LINE)


def make_source(folder: Path) -> Path:
    """Make a reference, a config and some reads.

    In a process of its own: another one's peak memory begins with that of this process.
    """
    options = ["--plan", ROOT / "resources/synthetic.yaml", "--output", folder]
    small = ["--fragments", "500", "--cell-lines", "MM1S"]
    command = [sys.executable, "-m", "imid.synthetic.make_synthetic", *options, *small]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)
    return folder


def make_experiment(source: Path, folder: Path, samples: int) -> Path:
    """Set up an experiment of many samples, each with a few reads of its own.

    Parameters
    ----------
    source : Path
        An experiment to take the reference, the config and two FASTQ files from.
    folder : Path
        Where to.
    samples : int
        How many.

    Returns
    -------
    Path
        The folder.
    """
    for name in ["config", "reads"]:
        (folder / name).mkdir(parents=True)
    (folder / "reference").symlink_to(source / "reference")
    config = yaml.safe_load((source / "config/config.yaml").read_text())
    (folder / "config/config.yaml").write_text(yaml.safe_dump({**config, "aligner": "hisat2"}))
    rows = [["sample", "cell_line", "treatment", "replicate", "fastq_1", "fastq_2"]]
    for number in range(samples):
        line, place = f"line{number % lines_for(samples)}", number // lines_for(samples)
        treatment, replicate = TREATMENTS[place % 3], str(place // 3 + 1)
        # By this name both workflows find the reads.
        names = [f"reads/{line}_{number}_{mate}.fastq.gz" for mate in (1, 2)]
        for mate, name in enumerate(names, start=1):
            given = source / f"reads/MM1S_dmso_2_L001_R{mate}.fastq.gz"
            (folder / name).write_bytes(own_reads(given, number))
        rows.append([f"{line}_{number}", line, treatment, replicate, *names])
    (folder / "config/samples.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    return folder


@cache
def first_reads(path: Path) -> list[list[str]]:
    """Read the first records of a FASTQ file, each as its four lines."""
    with gzip.open(path, "rt") as lines:
        return [[line.rstrip() for line in islice(lines, 4)] for _ in range(READS)]


def own_reads(path: Path, number: int) -> bytes:
    """Give some reads of a file in an order of their own: no sample may be a copy of another."""
    records = first_reads(path)
    # The digits of the sample's number choose; mates are chosen alike.
    chosen = [records[10 * place + int(digit)] for place, digit in enumerate(f"{number:06d}")]
    named = ([f"@{number}.{place}", *rest] for place, (_, *rest) in enumerate(chosen))
    text = "".join(f"{line}\n" for record in named for line in record)
    return gzip.compress(text.encode(), compresslevel=1, mtime=0)


def run(command: list[str], directory: Path, repeats: int) -> dict[str, object]:
    """Run a program several times.

    Returns
    -------
    dict
        Value and unit of each figure: user CPU time, peak memory, and jobs, as many as Snakemake
        planned, where it did.
    """
    cpu, peak = [], []
    for _ in range(repeats):
        with tempfile.TemporaryFile("w+") as printed:
            child = subprocess.Popen(command, cwd=directory, stdout=printed, stderr=printed)
            _, status, usage = os.wait4(child.pid, 0)
            printed.seek(0)
            text = printed.read()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(text)
        cpu.append(usage.ru_utime)
        peak.append(usage.ru_maxrss * 1024 / MILLION)
    jobs = re.search(r"^total +(\d+)", text, flags=re.MULTILINE)
    planned = {"jobs": (jobs[1], "jobs")} if jobs else {}
    return planned | {
        "user cpu": (round(min(cpu), 2), "s"),
        "peak memory": (round(max(peak)), "MB"),
    }


def subjects(samples: int) -> dict[str, list[str]]:
    """Give the command of each thing that is measured."""
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "8", "--dry-run", "--quiet", "rules"]
    numbers = [f"samples={samples}", f"lines={lines_for(samples)}"]
    bare = ["--snakefile", str(ROOT / "tests/bench/graph.smk"), "--config", *numbers]
    return {
        OURS: [*snakemake, "--snakefile", str(ROOT / "workflow/Snakefile")],
        BARE: [*snakemake, *bare],
        "imid-rnaseq, validation": [sys.executable, "-m", "imid.inputs.experiment"],
    }


def main() -> None:
    """Write a table of what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", nargs="+", type=int, default=SAMPLES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        arguments.output.open("w", newline="") as output,
    ):
        table = csv.writer(output, delimiter="\t", lineterminator="\n")
        table.writerow(["benchmark", "subject", "figure", "value", "unit"])
        source = make_source(Path(folder) / "source")
        for samples in arguments.samples:
            experiment = make_experiment(source, Path(folder) / str(samples), samples)
            what = f"graph of {samples} samples"
            cpu = {}
            for name, command in subjects(samples).items():
                found = run(command, experiment, arguments.repeats)
                cpu[name] = found["user cpu"][0]
                for figure, (value, unit) in found.items():
                    table.writerow([what, name, figure, value, unit])
            ratio = round(cpu[OURS] / cpu[BARE], 2)
            table.writerow([what, OURS, "user cpu, of a bare workflow's", ratio, "times"])


if __name__ == "__main__":
    main()
