"""Measure what each part of aligning one sample costs beside STAR, on simulated pairs.

CPU time is of each program by itself on one thread; a slope is the difference of two runs of
different size, and so free of start-up and of loading the index. On the human genome STAR takes
longer for a pair than on the 100 million bases here, and the others do not.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from count import MILLION, apart, prepare, run
from simulation import Genes, simulate_genes, write_gtf

from imid.reads.trimming import trim_command
from imid.synthetic.synthetic_genome import BASES, COMPLEMENT
from imid.synthetic.synthetic_reads import fastq, read_names, read_out, sequence_mates

CONTIGS, CONTIG_LENGTH, GENES = 10, 10_000_000, 10_000
READ_LENGTH = 150
AT_ONCE = 100_000
INSERTS = {"mean": 280, "sd": 70, "min": 60}
QUALITIES = {
    "qualities": [37, 25, 11],
    "first_cycle": [0.96, 0.03, 0.01],
    "last_cycle": [0.84, 0.12, 0.04],
}
CHAIN = ["feeding", "trimming (fastp)", "counting", "sorting (samtools sort -l 1)"]


def simulate(folder: Path, sizes: list[int]) -> None:
    """Write a genome, its annotation and STAR's index, and pairs of the given numbers."""
    rng = np.random.default_rng(1)
    genome = [rng.choice(BASES, CONTIG_LENGTH) for _ in range(CONTIGS)]
    with (folder / "genome.fa").open("wb") as fasta:
        for number, contig in enumerate(genome, start=1):
            fasta.write(b">chr%d\n%b\n" % (number, contig.tobytes()))
    genes = simulate_genes(rng, GENES, CONTIGS, CONTIG_LENGTH)
    write_gtf(folder / "genes.gtf", rng, genes, transcripts=2)
    prepare(folder / "genes.gtf", folder / "genes.npz")
    index = ["STAR", "--runMode", "genomeGenerate", "--genomeDir", folder / "star"]
    index += ["--genomeFastaFiles", folder / "genome.fa", "--sjdbGTFfile", folder / "genes.gtf"]
    index += ["--genomeSAindexNbases", "12", "--outFileNamePrefix", f"{folder}/index."]
    subprocess.run(list(map(str, index)), check=True, stdout=subprocess.DEVNULL)
    transcripts = [transcribe(genome, genes, gene) for gene in range(GENES)]
    for pairs in sizes:
        write_pairs(folder, np.random.default_rng(2), transcripts, pairs)


def transcribe(genome: list[np.ndarray], genes: Genes, gene: int) -> np.ndarray:
    """Join the exons of a gene, as it is transcribed."""
    exons = range(genes.first_exon[gene], genes.first_exon[gene + 1])
    contig = genome[genes.contig[gene]]
    bases = np.concatenate([contig[genes.exon_start[e] : genes.exon_end[e]] for e in exons])
    return COMPLEMENT[bases][::-1] if genes.minus[gene] else bases


def write_pairs(
    folder: Path, rng: np.random.Generator, transcripts: list[np.ndarray], pairs: int
) -> None:
    """Write pairs as gzip, as they come from a sequencer, and as plain text."""
    length = np.array(list(map(len, transcripts)))
    begin, pool = np.cumsum(length) - length, np.concatenate(transcripts)
    files = [(folder / f"{pairs}_{mate}.fastq").open("wb") for mate in (1, 2)]
    for done in range(0, pairs, AT_ONCE):
        number = min(AT_ONCE, pairs - done)
        gene = rng.choice(len(length), number, p=length / length.sum())
        insert = rng.normal(INSERTS["mean"], INSERTS["sd"], number).astype(int)
        insert = np.minimum(np.maximum(insert, INSERTS["min"]), length[gene])
        start = begin[gene] + (rng.random(number) * (length[gene] - insert)).astype(int)
        fragments = pd.DataFrame({"start": start, "length": insert})
        names = read_names(rng, number, 1 + done // AT_ONCE)
        mates = sequence_mates(pool, fragments, READ_LENGTH, "ACGTACGT")
        for mate, (file, bases) in enumerate(zip(files, mates, strict=True), start=1):
            file.write(fastq(names, f"{mate}:N:0:ACGTACGT", *read_out(rng, bases, QUALITIES)))
    for file in files:
        file.close()
        with Path(f"{file.name}.gz").open("wb") as packed:
            subprocess.run(["gzip", "-4", "-c", file.name], stdout=packed, check=True)


def commands(folder: Path, pairs: int) -> dict[str, list[str]]:
    """Give the command of each part over so many pairs; STAR's comes before those that read it."""
    plain = [f"{folder}/{pairs}_{mate}.fastq" for mate in (1, 2)]
    bam, features = f"{folder}/{pairs}.bam", f"{folder}/genes.npz"
    feeder = [sys.executable, "-m", "imid.reads.feed_reads", "--first", f"{plain[0]}.gz"]
    feeder += ["--second", f"{plain[1]}.gz", "--into", "/dev/null", "/dev/null"]
    feeder += ["--checksums", f"{folder}/sums", "--seen", f"{folder}/seen.json"]
    # fastp takes no two outputs of one name.
    outputs = ["/dev/null", "/dev//null"]
    trimmer = trim_command(["/dev/stdin", plain[1]], outputs, ["illumina"], folder, threads=1)
    star = ["STAR", "--genomeDir", f"{folder}/star", "--readFilesIn", *plain, "--outStd"]
    star += ["BAM_Unsorted", "--outSAMtype", "BAM", "Unsorted", "--outBAMcompression", "0"]
    star += ["--outSAMunmapped", "Within", "--quantMode", "GeneCounts"]
    star += ["--outFileNamePrefix", f"{folder}/star."]
    counter = [sys.executable, "-m", "imid.counting.count_reads", "-s", "reverse", "--tally"]
    counter += [f"{folder}/tally", bam, features]
    sort = ["samtools", "sort", "-m", "768M", "-T", f"{folder}/chunk"]
    return {
        "STAR": ["sh", "-c", '"$@" > "$0"', bam, *star],
        "feeding": feeder,
        "trimming (fastp)": ["sh", "-c", '"$@" < "$0"', plain[0], *map(str, trimmer)],
        "counting": counter,
        "sorting (samtools sort -l 1)": [*sort, "-l", "1", "-o", f"{bam}.fast", bam],
        "sorting (samtools sort)": [*sort, "-o", f"{bam}.sorted", bam],
    }


def measure(
    folder: Path, small: int, large: int, repeats: int
) -> Iterator[tuple[str, str, str, float, str]]:
    """Measure each part over two numbers of pairs, and their sum beside STAR."""
    what = "one sample, a thread each"
    slopes = {}
    for part, command in commands(folder, large).items():
        few, peak = run(commands(folder, small)[part], repeats)
        many, peak = run(command, repeats)
        slopes[part] = (many - few) / (large - small) * MILLION
        yield what, part, "cpu beyond start-up", slopes[part], "s per million pairs"
        yield what, part, f"peak memory, {large} pairs", peak, "MB"
    together = sum(slopes[part] for part in CHAIN)
    yield what, "all but STAR", "cpu beyond start-up", together, "s per million pairs"
    yield what, "all but STAR", "share of STAR's", 100 * together / slopes["STAR"], "%"
    for kind in ("fast", "sorted"):
        size = Path(f"{folder}/{large}.bam.{kind}").stat().st_size / MILLION
        yield what, f"alignments, {kind}", f"size, {large} pairs", size, "MB"


def main(argv: list[str] | None = None) -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    parser.add_argument("--pairs", type=int, default=2 * MILLION)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the simulated files here")
    arguments = parser.parse_args(argv)

    small, large = arguments.pairs // 10, arguments.pairs
    with (
        tempfile.TemporaryDirectory() as temporary,
        arguments.output.open("w", newline="", buffering=1) as file,
    ):
        folder = arguments.folder or Path(temporary)
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["benchmark", "subject", "figure", "value", "unit"])
        apart(simulate, folder, [small, large])
        for *row, value, unit in measure(folder, small, large, arguments.repeats):
            table.writerow([*row, f"{value:.3g}", unit])


if __name__ == "__main__":
    main()
