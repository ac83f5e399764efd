"""Measure what the demo's run costs, and how much of it before any job works.

The run is that of `make demo`, from reads to the page. Its CPU time is that of Snakemake and of all
that it starts; that of a job is the one in resources.tsv. A job's imports are those of the
steps that its command names, measured by themselves in a Python that does nothing else.
"""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from imid.shared.tables import read_table

ROOT = Path(__file__).resolve().parents[2]
WHAT = "the demo's run, 18 samples"
STEP = re.compile(r"python -m (imid\.[\w.]+)")
FIGURE = re.compile(r"(?:plot|\+) (\w+) --")
# What Snakemake imports, and the workflow in it.
MAIN_PROCESS = ("snakemake.cli", "imid.running.beginning")
MULTIQC = ("multiqc",)
ALIGNMENT = ["align", "strandedness"]
# Of the fit whose size is told.
LARGE = {"replicates": 67, "genes": 22_000}
# The bytes of a MB.
MILLION = 1_000_000


def cpu_of(command: list[str], **options: object) -> float:
    """Run a program; give the CPU seconds of it and of all that it started."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return usage.ru_utime + usage.ru_stime


def run_demo(folder: Path, cores: int) -> float:
    """Make the demo's experiment and run the workflow on it; give the run's CPU seconds."""
    plan = ROOT / "resources/synthetic.yaml"
    make = [sys.executable, "-m", "imid.synthetic.make_synthetic", "--plan", plan]
    subprocess.run([*make, "--output", folder], stderr=subprocess.DEVNULL, check=True)
    snakemake = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "workflow/Snakefile"]
    command = [*snakemake, "--directory", folder, "--cores", str(cores)]
    with (folder / "run.log").open("w") as log:
        return cpu_of(list(map(str, command)), stderr=log)


def imported(log: str) -> Counter[tuple[str, ...]]:
    """Count the processes that import the same, alignment apart, from a run's own log."""
    processes = Counter([MAIN_PROCESS, MULTIQC])
    for command in re.findall(r"^Shell command: (.*)$", log, flags=re.MULTILINE):
        for module in STEP.findall(command):
            figures = FIGURE.findall(command) if module == "imid.figures.plot" else []
            processes[module, *(f"imid.figures.plot_{figure}" for figure in figures)] += 1
    return Counter({modules: n for modules, n in processes.items() if not is_alignment(modules)})


def is_alignment(modules: tuple[str, ...]) -> bool:
    """Tell whether it is a step of alignment."""
    return modules[0] in ("imid.reads.align_sample", "imid.reads.find_strandedness")


def import_seconds(processes: Counter[tuple[str, ...]], repeats: int) -> float:
    """Measure the imports of all processes: for each kind the least of several times."""
    return sum(
        n * min(cpu_of([sys.executable, "-c", f"import {', '.join(m)}"]) for _ in range(repeats))
        for m, n in processes.items()
    )


def size_of_fit(folder: Path) -> float:
    """Give the MB of a stored fit of many samples."""
    from imid.differential.fitting import fit
    from imid.differential.stored_model import write_model
    from imid.synthetic.simulate_counts import EXPERIMENTS, simulate

    experiment = EXPERIMENTS["three_groups"]._replace(replicates=LARGE["replicates"])
    counts, samples, _ = simulate(experiment, LARGE["genes"], seed=1)
    write_model(fit(counts, samples, "~ treatment", "dmso", "vectorized"), folder / "fit.npz")
    return (folder / "fit.npz").stat().st_size / MILLION


def measure(folder: Path, cores: int, repeats: int) -> Iterator[tuple[str, str, float, str]]:
    """Measure the run and its parts."""
    whole = run_demo(folder, cores)
    jobs = read_table(folder / "results/qc/resources.tsv").groupby("rule")["cpu_s"].sum()
    alignment = jobs[ALIGNMENT].sum()
    imports = import_seconds(imported((folder / "run.log").read_text()), repeats)
    yield WHAT, "cpu", whole, "s"
    yield WHAT, "cpu of alignment", alignment, "s"
    yield WHAT, "cpu of Snakemake itself", whole - jobs.sum(), "s"
    yield WHAT, "cpu of imports", imports, "s"
    yield WHAT, "imports, of what is not alignment", 100 * imports / (whole - alignment), "%"
    samples = 3 * LARGE["replicates"]
    yield f"{samples} samples x {LARGE['genes']} genes", "stored fit", size_of_fit(folder), "MB"


def main(argv: list[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3, help="of each import")
    arguments = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory() as folder,
        arguments.output.open("w", newline="", buffering=1) as file,
    ):
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["benchmark", "subject", "figure", "value", "unit"])
        for what, figure, value, unit in measure(Path(folder), arguments.cores, arguments.repeats):
            table.writerow([what, "imid-rnaseq", figure, f"{value:.3g}", unit])


if __name__ == "__main__":
    main()
