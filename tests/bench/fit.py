"""Measure the fit: R's DESeq2, PyDESeq2 as it comes, and this project's, side by side.

Each runs in a process of its own, with one thread, on the same simulated counts. What is
measured is CPU time, of the steps and of the whole process, and peak memory.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from imid.synthetic import simulate_counts

HERE = Path(__file__).resolve().parent

SUBJECTS = {"r": "R DESeq2", "pydeseq2": "PyDESeq2", "vectorized": "imid-rnaseq"}
SIZES = {"fit_9_samples": "three_groups", "fit_60_samples": "sixty_samples"}
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def measured(command: list[str]) -> dict[str, float]:
    """Run a command; give the seconds it prints, and what the whole process took."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **ONE_THREAD}
    ) as process:
        lines = process.stdout.read().decode().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    steps = {step: float(value) for step, value in (line.split("\t") for line in lines)}
    whole = usage.ru_utime + usage.ru_stime
    return {**steps, "whole process": whole, "peak memory": usage.ru_maxrss / 1024}


def run_here(inference: str, counts: Path, samples: Path) -> None:
    """Fit, take three contrasts and shrink one; print the CPU seconds of each."""
    from imid.differential import deseq, fitting
    from imid.shared.tables import read_table

    experiment = simulate_counts.EXPERIMENTS["three_groups"]
    matrix = read_table(counts).set_index("gene_id")
    start = time.process_time()
    fit = fitting.fit(matrix, read_table(samples, index="sample"), "~ treatment", "dmso", inference)
    fitted = time.process_time()
    for contrast in experiment.contrasts:
        deseq.contrast(fit, contrast, 0.05)
    contrasted = time.process_time()
    print(f"fit\t{fitted - start:.3f}\ncontrasts\t{contrasted - fitted:.3f}")
    if inference == "vectorized":
        deseq.shrink(fit, experiment.contrasts[0])
        print(f"shrinkage\t{time.process_time() - contrasted:.3f}")


def compare(benchmark: str, genes: int, subjects: list[str]) -> pd.DataFrame:
    """Give a row for each subject and figure."""
    rows = []
    with TemporaryDirectory() as folder:
        inputs = [f"{folder}/{name}.tsv" for name in ("counts", "samples", "truth")]
        names = ["--counts", "--samples", "--truth"]
        outputs = [part for pair in zip(names, inputs, strict=True) for part in pair]
        simulate_counts.main(["--experiment", SIZES[benchmark], "--genes", str(genes), *outputs])
        for subject in subjects:
            program = ["Rscript", str(HERE / "fit.R")]
            if subject != "r":
                program = [sys.executable, __file__, "--run", subject]
            for figure, value in measured([*program, *inputs[:2]]).items():
                unit = "MB" if figure == "peak memory" else "CPU s"
                rows.append([benchmark, SUBJECTS[subject], figure, round(value, 2), unit])
    return pd.DataFrame(rows, columns=["benchmark", "subject", "figure", "value", "unit"])


def main(argv: list[str] | None = None) -> None:
    """Print the table of results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--benchmarks", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--subjects", nargs="+", choices=SUBJECTS, default=list(SUBJECTS))
    parser.add_argument("--output", type=Path, help="table to write (default: standard output)")
    parser.add_argument("--run", choices=SUBJECTS, help=argparse.SUPPRESS)
    parser.add_argument("inputs", nargs="*", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.run:
        run_here(arguments.run, *arguments.inputs)
        return
    tables = [compare(name, arguments.genes, arguments.subjects) for name in arguments.benchmarks]
    pd.concat(tables).to_csv(arguments.output or sys.stdout, sep="\t", index=False)


if __name__ == "__main__":
    main()
