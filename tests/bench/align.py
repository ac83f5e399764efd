"""Measure what each program of a sample's alignment costs beside STAR, on simulated pairs.

The step itself is run, and each program it starts is measured by what the kernel says of it when
it has ended. A slope is the difference of two runs of different size, and so free of start-up and
of loading the index. The genome has a thirtieth of the human one's size; in a larger one STAR takes
longer for a pair, and the others do not.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from count import MILLION, apart, prepare
from simulation import Genes, simulate_genes, write_gtf

from imid.reads import align_sample
from imid.reads.findings import LineStrandedness
from imid.shared.json_files import write_json
from imid.shared.streams import Command, pour
from imid.synthetic.synthetic_genome import BASES, COMPLEMENT
from imid.synthetic.synthetic_reads import fastq, read_names, read_out, sequence_mates

CONTIGS, CONTIG_LENGTH = 10, 10_000_000
# Of the genome, one to so many bases.
BASES_OF_A_GENE = 10_000
# Of repeats: families, bases of a copy, share of the genome and how far copies lie apart; near to
# what SINEs and LINEs are in the human genome.
REPEATS = [(20, 300, 0.12, (0.05, 0.2)), (10, 1000, 0.2, (0.05, 0.25))]
# Exons that lie in repeats, as of untranslated regions.
REPEATED_EXONS = 0.05
SPLICE_SITES = {False: (b"GT", b"AG"), True: (b"CT", b"AC")}
# Of the pairs, from transcripts that are not yet spliced.
UNSPLICED = 0.1
READ_LENGTH = 150
THREADS = 2
AT_ONCE = 100_000
INSERTS = {"mean": 280, "sd": 70, "min": 60}
QUALITIES = {
    "qualities": [37, 25, 11],
    "first_cycle": [0.96, 0.03, 0.01],
    "last_cycle": [0.84, 0.12, 0.04],
}

# The programs of the step, by a word of their command.
PARTS = {
    "STAR": "STAR",
    "imid.reads.feed_reads": "feeding and checking FASTQ",
    "fastp": "trimming (fastp)",
    "imid.reads.relay_mates": "relaying mates",
    "imid.counting.count_reads": "counting, and the strand check",
    "samtools": "sorting (samtools sort -l 1)",
}
STEP = "the step itself (handing on, balance)"


# What is aligned


def simulate(folder: Path, contig_length: int, sizes: list[int]) -> None:
    """Write a genome, its annotation and STAR's index, and pairs of the given numbers."""
    rng = np.random.default_rng(1)
    number = CONTIGS * contig_length // BASES_OF_A_GENE
    genes = simulate_genes(rng, number, CONTIGS, contig_length)
    genome = [rng.choice(BASES, contig_length) for _ in range(CONTIGS)]
    scatter_repeats(rng, genome)
    place_exons(rng, genome, genes)
    with (folder / "genome.fa").open("wb") as fasta:
        for place, contig in enumerate(genome, start=1):
            fasta.write(b">chr%d\n%b\n" % (place, contig.tobytes()))
    write_gtf(folder / "genes.gtf", rng, genes, transcripts=2)
    prepare(folder / "genes.gtf", folder / "genes.npz")
    index = ["STAR", "--runMode", "genomeGenerate", "--genomeDir", folder / "star"]
    index += ["--genomeFastaFiles", folder / "genome.fa", "--sjdbGTFfile", folder / "genes.gtf"]
    # As STAR's manual has it; and it sorts in one chunk less than it is given threads.
    depth = int(np.log2(CONTIGS * contig_length) / 2 - 1)
    index += ["--genomeSAindexNbases", depth, "--runThreadN", (os.cpu_count() or 1) + 1]
    index += ["--outFileNamePrefix", f"{folder}/index."]
    subprocess.run(list(map(str, index)), check=True, stdout=subprocess.DEVNULL)
    templates = [
        [transcribe(genome, genes, gene, spliced) for gene in range(number)]
        for spliced in (True, False)
    ]
    expression = rng.lognormal(0, 2, number)
    for pairs in sizes:
        write_pairs(folder, np.random.default_rng(2), templates, expression, pairs)


def scatter_repeats(rng: np.random.Generator, genome: list[np.ndarray]) -> None:
    """Write diverged copies of families of repeats all over a genome, on either strand."""
    for families, length, share, divergence in REPEATS:
        consensus = rng.choice(BASES, (families, length))
        for _ in range(int(share * sum(map(len, genome)) / length)):
            copy = consensus[rng.integers(families)].copy()
            other = rng.random(length) < rng.uniform(*divergence)
            copy[other] = rng.choice(BASES, other.sum())
            copy = COMPLEMENT[copy][::-1] if rng.random() < 0.5 else copy
            contig = genome[rng.integers(len(genome))]
            start = rng.integers(len(contig) - length)
            contig[start : start + length] = copy


def place_exons(rng: np.random.Generator, genome: list[np.ndarray], genes: Genes) -> None:
    """Make most exons unique, and let introns begin and end as the spliceosome has them."""
    for gene, (contig, minus) in enumerate(zip(genes.contig, genes.minus, strict=True)):
        left, right = (np.frombuffer(site, np.uint8) for site in SPLICE_SITES[bool(minus)])
        first, last = genes.first_exon[gene], genes.first_exon[gene + 1] - 1
        for exon in range(first, last + 1):
            start, end = genes.exon_start[exon], genes.exon_end[exon]
            if rng.random() >= REPEATED_EXONS:
                genome[contig][start:end] = rng.choice(BASES, end - start)
            if exon > first:
                genome[contig][start - 2 : start] = right
            if exon < last:
                genome[contig][end : end + 2] = left


def transcribe(genome: list[np.ndarray], genes: Genes, gene: int, spliced: bool) -> np.ndarray:
    """Join the exons of a gene, or take all from the first to the last, as it is transcribed."""
    exons = slice(genes.first_exon[gene], genes.first_exon[gene + 1])
    starts, ends = genes.exon_start[exons], genes.exon_end[exons]
    if not spliced:
        starts, ends = starts[:1], ends[-1:]
    contig = genome[genes.contig[gene]]
    bases = np.concatenate([contig[a:b] for a, b in zip(starts, ends, strict=True)])
    return COMPLEMENT[bases][::-1] if genes.minus[gene] else bases


def write_pairs(
    folder: Path,
    rng: np.random.Generator,
    templates: list[list[np.ndarray]],
    expression: np.ndarray,
    pairs: int,
) -> None:
    """Write pairs as gzip, as they come from a sequencer, of spliced and unspliced templates."""
    pool = np.concatenate([bases for kind in templates for bases in kind])
    length = np.array([len(bases) for kind in templates for bases in kind])
    begin = np.cumsum(length) - length
    # A transcript gives as many fragments as it is long.
    weight = np.tile(expression, 2) * length
    spliced = np.arange(len(length)) < len(expression)
    for kind, share in [(spliced, 1 - UNSPLICED), (~spliced, UNSPLICED)]:
        weight[kind] *= share / weight[kind].sum()
    with FastqPair(folder, pairs) as file:
        for done in range(0, pairs, AT_ONCE):
            number = min(AT_ONCE, pairs - done)
            template = rng.choice(len(length), number, p=weight)
            insert = rng.normal(INSERTS["mean"], INSERTS["sd"], number).astype(int)
            insert = np.minimum(np.maximum(insert, INSERTS["min"]), length[template])
            start = begin[template] + (rng.random(number) * (length[template] - insert)).astype(int)
            fragments = pd.DataFrame({"start": start, "length": insert, "flipped": False})
            names = read_names(rng, number, 1 + done // AT_ONCE)
            mates = sequence_mates(pool, fragments, READ_LENGTH, "ACGTACGT")
            reads = [read_out(rng, bases, QUALITIES) for bases in mates]
            file.write(
                fastq(names, f"{mate}:N:0:ACGTACGT", *read)
                for mate, read in enumerate(reads, start=1)
            )


class FastqPair:
    """The two files of a sample, compressed beside."""

    def __init__(self, folder: Path, pairs: int) -> None:
        self.packers = []
        for path in fastq_files(folder, pairs):
            with path.open("wb") as packed:
                command = ["gzip", "-4", "-c"]
                packer = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=packed)
            self.packers.append(packer)

    def __enter__(self) -> "FastqPair":
        return self

    def write(self, texts: Iterator[bytes]) -> None:
        for packer, text in zip(self.packers, texts, strict=True):
            packer.stdin.write(text)

    def __exit__(self, *_: object) -> None:
        for packer in self.packers:
            packer.stdin.close()
            if packer.wait():
                raise subprocess.CalledProcessError(packer.returncode, "gzip")


def fastq_files(folder: Path, pairs: int) -> list[Path]:
    return [folder / f"{pairs}_{mate}.fastq.gz" for mate in (1, 2)]


# What is measured

MEASURED = """
import json, os, signal, sys
output, *command = sys.argv[1:]
child = os.posix_spawnp(command[0], command, os.environ, setsigdef=[signal.SIGPIPE])
# Here nothing is to keep a pipe open.
os.closerange(0, 2)
os.closerange(3, 1024)
_, status, usage = os.wait4(child, 0)
with open(output, "w") as file:
    json.dump([usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024], file)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def align(folder: Path, pairs: int) -> dict[str, tuple[float, float]]:
    """Align a sample as the workflow does.

    Returns
    -------
    dict
        CPU seconds and peak memory in bytes of each part.
    """
    first, second = fastq_files(folder, pairs)
    finding = LineStrandedness("line", "reverse", "reverse", "s", 100, 900, "it is reverse")
    write_json(finding, folder / "line.json")
    options = {
        **{"sample": "s", "first": first, "second": second, "aligner": "star"},
        **{"index": folder / "star", "annotation": folder / "genes.gtf"},
        **{"features": folder / "genes.npz", "exons": folder / "genes.exons"},
        **{"splice-sites": folder / "genes.splice-sites", "count-engine": "fast"},
        **{"strandedness": folder / "line.json", "scratch": folder},
        **{"origin": json.dumps({"reads": [], "settings": {}, "reference": {}})},
        **{"output": folder / f"{pairs}", "threads": THREADS},
    }
    ended: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as told:

        def measured(command: Command) -> Command:
            part = next(PARTS[str(word)] for word in command if str(word) in PARTS)
            return [sys.executable, "-c", MEASURED, Path(told) / part, *command]

        def pour_measured(
            sources: Sequence[Command],
            readers: Sequence[Command],
            *,
            feeders: Sequence[Command],
            **rest,
        ) -> None:
            rows = [list(map(measured, row)) for row in (sources, readers, feeders)]
            pour(rows[0], rows[1], feeders=rows[2], **rest)

        align_sample.pour = pour_measured
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        align_sample.main([*words, "--trim"])
        ended = {file.name: tuple(json.loads(file.read_text())) for file in Path(told).iterdir()}
    own = resource.getrusage(resource.RUSAGE_SELF)
    return {**ended, STEP: (own.ru_utime + own.ru_stime, own.ru_maxrss * 1024)}


def measure(
    folder: Path, small: int, large: int, repeats: int
) -> Iterator[tuple[str, str, str, float, str]]:
    """Measure each part over two numbers of pairs, and their sum beside STAR.

    Of several runs the least CPU time counts: the others measure the neighbours as well.
    """
    what = f"one sample, {THREADS} threads"
    runs = [[apart(align, folder, pairs) for pairs in (small, large)] for _ in range(repeats)]
    slopes = {}
    for part in [*PARTS.values(), STEP]:
        few, many = (min(run[size][part][0] for run in runs) for size in (0, 1))
        slopes[part] = (many - few) / (large - small) * MILLION
        peak = max(run[1][part][1] for run in runs) / MILLION
        yield what, part, "cpu beyond start-up", slopes[part], "s per million pairs"
        yield what, part, "share of STAR's", 100 * slopes[part] / slopes["STAR"], "%"
        yield what, part, f"peak memory, {large} pairs", peak, "MB"
    together = sum(slopes.values()) - slopes["STAR"]
    yield what, "all but STAR", "cpu beyond start-up", together, "s per million pairs"
    yield what, "all but STAR", "share of STAR's", 100 * together / slopes["STAR"], "%"
    stored = (folder / f"{large}" / "aligned.bam").stat().st_size / MILLION
    yield what, "alignments", f"size, {large} pairs", stored, "MB"


def main(argv: list[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    parser.add_argument("--pairs", type=int, default=2 * MILLION)
    parser.add_argument("--contig-length", type=int, default=CONTIG_LENGTH, help="of ten contigs")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the simulated files here")
    arguments = parser.parse_args(argv)

    small, large = arguments.pairs // 10, arguments.pairs
    with (
        tempfile.TemporaryDirectory() as temporary,
        arguments.output.open("w", newline="", buffering=1) as file,
    ):
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["benchmark", "subject", "figure", "value", "unit"])
        if not (folder / f"{large}" / "aligned.bam").exists():
            apart(simulate, folder, arguments.contig_length, [small, large])
        for *row, value, unit in measure(folder, small, large, arguments.repeats):
            table.writerow([*row, f"{value:.3g}", unit])


if __name__ == "__main__":
    main()
