"""Figures held against those of Picard and samtools, run here and now on the same alignments."""

import csv
import re
import shutil
import subprocess

import numpy as np
import pysam
import pytest

import planted_alignments as planted
from imid.quality import measure_alignments, prepare_gene_regions
from imid.quality.measured_sample import read_measured

POINTS = 0.02
PICARD = "PicardCommandLine"

needs_picard = pytest.mark.skipif(not shutil.which(PICARD), reason="picard-tools is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A library with some of each fault, and what is measured of it."""
    folder = tmp_path_factory.mktemp("picard")
    gtf = planted.write_gtf(folder / "genes.gtf")
    prepare_gene_regions.main(["--gtf", str(gtf), "--output", str(folder / "regions.npz")])
    library = planted.Library(
        **{"copies": 0.3, "intronic": 0.25, "intergenic": 0.05, "decay": 3, "fragments": 24_000},
        weight=np.geomspace(1, 5, planted.GENES),
    )
    write_clipped(planted.write_bam(folder / "whole.bam", library), folder / "aligned.bam")
    return folder


def measure(folder, regions):
    output = folder / "measured.json"
    options = {"alignments": folder / "aligned.bam", "regions": regions, "output": output}
    words = [word for key, file in options.items() for word in (f"--{key}", str(file))]
    measure_alignments.main(["--sample", "s", *words])
    return read_measured(output)


def write_clipped(bam, path):
    """Clip the first bases of every tenth left read: its end stays where it was."""
    with pysam.AlignmentFile(str(bam)) as file:
        records, header = list(file), file.header
    starts = {}
    for number, record in enumerate(records):
        operation, size = record.cigartuples[0]
        if number % 10 == 0 and not record.is_reverse and size > 20:
            record.reference_start += 5
            record.template_length -= 5
            record.cigartuples = [(4, 5), (operation, size - 5), *record.cigartuples[1:]]
            starts[record.query_name] = record.reference_start
    for record in records:
        if record.is_reverse and record.query_name in starts:
            record.next_reference_start = starts[record.query_name]
            record.template_length += 5
    records.sort(key=lambda record: (record.reference_id, record.reference_start))
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for record in records:
            file.write(record)


@pytest.fixture(scope="module")
def measured(folder):
    return measure(folder, folder / "regions.npz")


def picard(tool, folder, *options):
    """Run a tool of Picard's, and read its table and its histogram."""
    output = folder / f"{tool}.txt"
    usual = ["--INPUT", folder / "aligned.bam", "--QUIET", "true", "--VERBOSITY", "ERROR"]
    command = [PICARD, tool, *usual, *(word.format(output) for word in options)]
    # Without R it draws nothing and fails, and its tables are there.
    subprocess.run([str(word) for word in command], capture_output=True)
    tables = re.split(r"\n## [^\n]*\n", output.read_text())
    rows = [
        list(csv.DictReader(table.strip().splitlines(), delimiter="\t")) for table in tables[-2:]
    ]
    return rows[0][0], rows[1]


def write_flat(path):
    """Write the genes as Picard takes them."""
    with path.open("w") as file:
        for gene in planted.genes():
            starts, ends = zip(*gene.exons, strict=True)
            span = [starts[0], ends[-1]]
            lists = ["".join(f"{place}," for place in places) for places in (starts, ends)]
            names = [gene.name, f"t_{gene.name}", planted.CONTIGS[gene.contig], "+-"[gene.minus]]
            print(*names, *span, *span, len(starts), *lists, sep="\t", file=file)


@needs_picard
def test_duplicates_are_those_of_picard(folder, measured):
    table, _ = picard("MarkDuplicates", folder, "--OUTPUT", "/dev/null", "--METRICS_FILE", "{}")
    assert float(table["PERCENT_DUPLICATION"]) > 0.25
    expected = float(table["PERCENT_DUPLICATION"])
    assert measured.figures["duplicates"] == pytest.approx(expected, abs=1e-5)


def test_duplicates_are_those_of_samtools(folder, measured):
    if not shutil.which("samtools"):
        pytest.skip("samtools is not installed")
    command = (
        "samtools collate -O -u aligned.bam collated | samtools fixmate -m -u - - |"
        " samtools sort -u - | samtools markdup -f marked.txt - /dev/null"
    )
    subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, check=True)
    told = dict(re.findall("(.+): (.+)", (folder / "marked.txt").read_text()))
    expected = int(told["DUPLICATE TOTAL"]) / int(told["EXAMINED"])
    assert measured.figures["duplicates"] == pytest.approx(expected, abs=1e-5)


@needs_picard
def test_regions_and_the_coverage_of_transcripts_are_those_of_picard(folder, measured):
    write_flat(folder / "flat.txt")
    options = ["--OUTPUT", "{}", "--REF_FLAT", f"{folder}/flat.txt", "--STRAND_SPECIFICITY", "NONE"]
    table, histogram = picard("CollectRnaSeqMetrics", folder, *options)
    exonic = float(table["PCT_CODING_BASES"]) + float(table["PCT_UTR_BASES"])
    assert measured.figures["exonic"] == pytest.approx(exonic, abs=1e-4)
    assert measured.figures["intronic"] == pytest.approx(float(table["PCT_INTRONIC_BASES"]), 1e-3)
    assert measured.figures["intergenic"] == pytest.approx(
        float(table["PCT_INTERGENIC_BASES"]), abs=1e-4
    )
    # Picard's is at the ends and at 99 bases between them, ours the mean of each hundredth.
    theirs = np.array([float(row["All_Reads.normalized_coverage"]) for row in histogram])
    between = (theirs[1:] + theirs[:-1]) / 2
    ours = np.array(measured.curves["gene_body"])
    assert np.abs(ours - between).mean() < POINTS
    expected = between[60:90].mean() / between[10:40].mean()
    assert expected > 1.4
    assert measured.figures["three_to_five_prime"] == pytest.approx(expected, rel=POINTS)


@needs_picard
def test_insert_sizes_without_introns_are_those_of_picard(folder, measured, tmp_path):
    """Picard measures along the genome: it is given those fragments that lie in one exon."""
    with pysam.AlignmentFile(str(folder / "aligned.bam")) as file:
        exons = np.array([[g.contig + 1, *exon] for g in planted.genes() for exon in g.exons])
        with pysam.AlignmentFile(str(tmp_path / "aligned.bam"), "wb", file) as within:
            for record in file:
                start = min(record.reference_start, record.next_reference_start)
                end = start + abs(record.template_length)
                inside = (exons[:, 1] <= start) & (end <= exons[:, 2])
                if (inside & (exons[:, 0] == record.reference_id)).any():
                    within.write(record)
    table, _ = picard(
        "CollectInsertSizeMetrics", tmp_path, "--OUTPUT", "{}", "--Histogram_FILE", "{}.pdf"
    )
    figures = measure(tmp_path, folder / "regions.npz").figures
    assert int(table["READ_PAIRS"]) > 2000
    assert figures["insert_size"] == float(table["MEDIAN_INSERT_SIZE"])
    spread = figures["insert_size_upper_quartile"] - figures["insert_size_lower_quartile"]
    assert spread == pytest.approx(2 * float(table["MEDIAN_ABSOLUTE_DEVIATION"]), abs=2)
