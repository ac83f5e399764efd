"""Measure the counter beside htseq-count and featureCounts, on simulated alignments.

CPU time is of the process and of all it started; the least of several runs is taken, because on a
busy machine the others measure the neighbours. A slope is the difference of two runs of different
size, and so free of start-up.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from simulation import HISAT2_TAGS, STAR_TAGS, simulate_genes, write_bam, write_gtf

CONTIGS, CONTIG_LENGTH = 10, 10_000_000
HUMAN = {"genes": 60_000, "contigs": 24, "contig_length": 125_000_000}
HUMAN_TRANSCRIPTS = 4
MILLION = 1_000_000


def run(command: list[str], repeats: int) -> tuple[float, float]:
    """Run a program several times.

    Parameters
    ----------
    command : list of str
        The program and its arguments.
    repeats : int
        How often.

    Returns
    -------
    cpu : float
        The least CPU seconds.
    peak : float
        The most memory, in MB of 1,000,000 bytes.
    """
    cpu, peak = [], []
    for _ in range(repeats):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command)
        cpu.append(usage.ru_utime + usage.ru_stime)
        peak.append(usage.ru_maxrss * 1024 / MILLION)
    return min(cpu), max(peak)


def subjects(folder: Path) -> dict[str, list[str]]:
    """Give the command of each program, but for the alignments, written as {bam}."""
    gtf, features = str(folder / "genes.gtf"), str(folder / "genes.npz")
    counter = [sys.executable, "-m", "imid.counting.count_reads", "{bam}", features, "-s", "yes"]
    htseq_count = str(Path(sys.executable).with_name("htseq-count"))
    return {
        "imid-rnaseq": counter,
        "imid-rnaseq, uncompressed": [word.replace("{bam}", "{bam}.u") for word in counter],
        "imid-rnaseq, uncompressed, NH last": [
            word.replace("{bam}", "{bam}.hisat2.u") for word in counter
        ],
        "featureCounts": f"featureCounts -p -T 1 -s 1 -a {gtf} -o {gtf}.counts {{bam}}".split(),
        "htseq-count": [htseq_count, "-q", "-s", "yes", "{bam}", gtf],
    }


def apart(function: Callable, *arguments: object) -> object:
    """Call a function in a process of its own.

    A program's peak memory begins with that of the process that starts it, which must be small.
    """
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def simulate(folder: Path, sizes: list[int]) -> None:
    """Write the annotation and alignments of the given numbers of pairs, each in four files."""
    rng = np.random.default_rng(1)
    genes = simulate_genes(rng, 10_000, CONTIGS, CONTIG_LENGTH)
    write_gtf(folder / "genes.gtf", rng, genes, transcripts=2)
    prepare(folder / "genes.gtf", folder / "genes.npz")
    for pairs in sizes:
        for ending, tags in {"": STAR_TAGS, ".hisat2": HISAT2_TAGS}.items():
            bam = folder / f"{pairs}.bam{ending}"
            write_bam(bam, np.random.default_rng(2), genes, pairs, CONTIG_LENGTH, tags)
            with Path(f"{bam}.u").open("wb") as uncompressed:
                subprocess.run(["samtools", "view", "-u", bam], stdout=uncompressed, check=True)


def prepare(gtf: Path, features: Path) -> tuple[float, float]:
    """Derive from an annotation all that the workflow does; CPU seconds and memory."""
    command = [sys.executable, "-m", "imid.counting.prepare_annotation", "--gtf", str(gtf)]
    for product in ["genes", "splice-sites", "exons"]:
        command += [f"--{product}", str(features.with_suffix(f".{product}"))]
    return run([*command, "--features", str(features)], 1)


def measure_programs(
    folder: Path, sizes: dict[str, tuple[int, int]], repeats: int
) -> Iterator[tuple[str, str, str, float, str]]:
    """Measure whole jobs of two sizes, and what lies between them."""
    for subject, words in subjects(folder).items():
        small, large = sizes.get(subject, sizes["all"])
        jobs = {}
        for pairs in (small, large):
            bam = str(folder / f"{pairs}.bam")
            jobs[pairs] = run([word.replace("{bam}", bam) for word in words], repeats)
            cpu, peak = jobs[pairs]
            yield "count", subject, f"cpu, {pairs} pairs", cpu, "s"
            yield "count", subject, f"peak memory, {pairs} pairs", peak, "MB"
        slope = (jobs[large][0] - jobs[small][0]) / (large - small) * MILLION
        yield "count", subject, "cpu beyond start-up", slope, "s per million pairs"


def measure_fixed(
    folder: Path, small: int, repeats: int
) -> Iterator[tuple[str, str, str, float, str]]:
    """Measure what a job costs before the first read, and what the audit adds."""
    counter = subjects(folder)["imid-rnaseq"]
    empty, few = (
        [word.replace("{bam}", str(folder / f"{pairs}.bam")) for word in counter]
        for pairs in (0, small)
    )
    fixed, _ = run(empty, repeats)
    audit = run(few, repeats)[0] - run([*few, "--audit", "0"], repeats)[0]
    yield "count", "imid-rnaseq", "cpu, no reads", fixed, "s"
    yield "count", "imid-rnaseq", "cpu of the audit", audit, "s"


def simulate_human(gtf: Path) -> int:
    """Write an annotation of human size; the number of its exon lines."""
    rng = np.random.default_rng(3)
    genes = simulate_genes(rng, **HUMAN)
    return write_gtf(gtf, rng, genes, HUMAN_TRANSCRIPTS, coding=True)


def measure_human(folder: Path, small: int) -> Iterator[tuple[str, str, str, float, str]]:
    """Measure what is derived from an annotation of human size, and counting over it."""
    gtf, features = folder / "human.gtf", folder / "human.npz"
    exons = apart(simulate_human, gtf)
    cpu, peak = prepare(gtf, features)
    gtf.unlink()
    command = [sys.executable, "-m", "imid.counting.count_reads", str(folder / f"{small}.bam")]
    counting, counting_peak = run([*command, str(features)], 1)
    # Genes, splice sites, exons by strand and features, from one pass.
    what = f"human-sized, {exons} exon lines"
    yield what, "imid-rnaseq", "cpu to prepare", cpu, "s"
    yield what, "imid-rnaseq", "peak memory to prepare", peak, "MB"
    yield what, "imid-rnaseq", f"cpu, {small} pairs", counting, "s"
    yield what, "imid-rnaseq", f"peak memory, {small} pairs", counting_peak, "MB"


def main(argv: list[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    parser.add_argument("--pairs", type=int, default=2 * MILLION)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the simulated files here")
    arguments = parser.parse_args(argv)

    small, large = arguments.pairs // 10, arguments.pairs
    # htseq-count takes minutes for a million pairs: its slope is measured over fewer.
    sizes = {"all": (small, large), "htseq-count": (small // 10, small)}
    with (
        tempfile.TemporaryDirectory() as temporary,
        arguments.output.open("w", newline="", buffering=1) as file,
    ):
        folder = arguments.folder or Path(temporary)
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["benchmark", "subject", "figure", "value", "unit"])
        apart(simulate, folder, [0, small // 10, small, large])
        for rows in (
            measure_programs(folder, sizes, arguments.repeats),
            measure_fixed(folder, small, arguments.repeats),
            measure_human(folder, small),
        ):
            table.writerows((*row[:3], f"{row[3]:.3g}", row[4]) for row in rows)


if __name__ == "__main__":
    main()
