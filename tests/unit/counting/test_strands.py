import json

import numpy as np
import pysam
import pytest

from imid.counting import count_reads, strands, tally_alignments
from imid.counting.strands import tally_strands
from imid.shared.problems import InputError

# One gene on each strand, and from 8000 on exons of both.
BED = "chr1\t1000\t3000\t.\t0\t+\nchr1\t5000\t7000\t.\t0\t-\nchr1\t8000\t9000\t.\t0\t+\n"
BED += "chr1\t8000\t9000\t.\t0\t-\n"
FORWARD, BACKWARD, BETWEEN, BOTH = 1500, 5500, 4000, 8500
PAIRED, PROPER, REVERSE, MATE_REVERSE, FIRST, SECOND = 1, 2, 16, 32, 64, 128
UNMAPPED, SECONDARY, SUPPLEMENTARY = 4, 256, 2048


def record(name, flag, start):
    """One aligned read of 50 bases."""
    read = pysam.AlignedSegment()
    read.query_name, read.flag = name, flag
    read.query_sequence = "A" * 50
    if not flag & UNMAPPED:
        read.reference_id, read.reference_start, read.cigarstring = 0, start, "50M"
        read.mapping_quality = 60
    return read


def pair(name, start, first_is_reverse):
    """A fragment of 200 bases: one mate forward on its left end, one reverse on its right."""
    left = PAIRED | PROPER | MATE_REVERSE | (SECOND if first_is_reverse else FIRST)
    right = PAIRED | PROPER | REVERSE | (FIRST if first_is_reverse else SECOND)
    return [record(name, left, start), record(name, right, start + 150)]


def library(strandedness, fragments=100):
    """Pairs on a gene of either strand, as a library of this strandedness has them."""
    reads = []
    for number in range(fragments):
        gene_is_reverse = number % 2 == 1
        against = {"yes": False, "reverse": True, "no": number % 4 >= 2}[strandedness]
        start = BACKWARD if gene_is_reverse else FORWARD
        reads += pair(f"f{number}", start, first_is_reverse=gene_is_reverse != against)
    return reads


@pytest.fixture
def exons(tmp_path):
    (tmp_path / "exons.bed").write_text(BED)
    return tmp_path / "exons.bed"


@pytest.fixture
def bam(tmp_path):
    """Write reads to a BAM and hand back its path."""

    def write(reads, contigs=("chr1",)):
        path = tmp_path / "collated.bam"
        header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": name, "LN": 10_000} for name in contigs]}
        with pysam.AlignmentFile(str(path), "wb", header=header) as alignments:
            for read in reads:
                alignments.write(read)
        return path

    return write


def both(stretch):
    return stretch["sense"], stretch["antisense"]


@pytest.fixture
def tallied(bam, exons):
    def tally_reads(reads):
        stretches = tally_strands(bam(reads), exons)
        assert len(stretches) <= 1
        return both(stretches[0]) if stretches else (0, 0)

    return tally_reads


@pytest.mark.parametrize(
    ("strandedness", "counts"),
    [("yes", (100, 0)), ("reverse", (0, 100)), ("no", (50, 50))],
)
def test_each_pair_is_one_fragment_of_known_orientation(tallied, strandedness, counts):
    assert tallied(library(strandedness)) == counts


@pytest.mark.parametrize(
    ("flag", "start", "counts"),
    [
        (0, FORWARD, (1, 0)),
        (REVERSE, FORWARD, (0, 1)),
        (0, BACKWARD, (0, 1)),
        (REVERSE, BACKWARD, (1, 0)),
    ],
)
def test_a_single_read_counts_like_a_first_mate(tallied, flag, start, counts):
    assert tallied([record("r", flag, start)]) == counts


@pytest.mark.parametrize("start", [BETWEEN, BOTH], ids=["between genes", "exons of both strands"])
def test_a_place_that_tells_no_strand_is_left_out(tallied, start):
    assert tallied(pair("f", start, first_is_reverse=True)) == (0, 0)


@pytest.mark.parametrize("flag", [UNMAPPED, SECONDARY, SUPPLEMENTARY])
def test_records_that_are_no_primary_alignment_are_left_out(tallied, flag):
    assert tallied([record("f", PAIRED | FIRST | flag, FORWARD)]) == (0, 0)


def test_a_spliced_read_counts_for_its_exons_and_not_for_a_gene_within_the_intron(tallied):
    # The middle of its span, 5500, lies in the gene on the other strand.
    read = record("r", 0, 2500)
    read.query_sequence, read.cigarstring = "A" * 100, "60M5900N40M"
    assert tallied([read]) == (1, 0)


def test_of_two_middle_bases_the_second_tells(tallied):
    # As the list of a read's aligned positions has it at half its length.
    for start, counts in [(975, (1, 0)), (974, (0, 0))]:
        assert tallied([record("r", 0, start)]) == counts


@pytest.mark.parametrize(
    ("position", "inside"), [(999, False), (1000, True), (2999, True), (3000, False)]
)
def test_exons_are_half_open(tallied, position, inside):
    assert tallied([record("r", 0, position - 25)]) == (inside, 0)


@pytest.mark.parametrize(
    ("cigar", "start", "counts"),
    [
        # Bases that are clipped, inserted or deleted have no place of their own.
        ("30S20M", 2990, (0, 0)),
        ("30S20M", 2989, (1, 0)),
        ("10M10I30M", 2979, (1, 0)),
        ("10M10I30M", 2980, (0, 0)),
        ("10M100D40M", 2874, (1, 0)),
        ("10M100D40M", 2875, (0, 0)),
        ("20=10X20=", 2974, (1, 0)),
        ("20=10X20=", 2975, (0, 0)),
    ],
)
def test_the_middle_is_that_of_the_bases_that_are_aligned(tallied, cigar, start, counts):
    read = record("r", 0, start)
    read.cigarstring = cigar
    assert tallied([read]) == counts


def test_reads_of_any_cigar_are_told_by_pysams_middle_base(bam, exons):
    rng = np.random.default_rng(5)
    reads, expected = [], {"sense": 0, "antisense": 0}
    for number in range(500):
        read = record(f"r{number}", int(rng.choice([0, REVERSE])), int(rng.integers(500, 9000)))
        parts = [(int(code), int(rng.integers(1, 40))) for code in rng.permutation([0, 1, 2, 3, 7])]
        read.cigartuples = [(4, 5), *parts, (0, 3)]
        read.query_sequence = "A" * read.infer_query_length()
        positions = read.get_reference_positions()
        middle = positions[len(positions) // 2]
        strand = [
            line.split("\t")[5]
            for line in BED.splitlines()
            if int(line.split("\t")[1]) <= middle < int(line.split("\t")[2])
        ]
        if len(strand) == 1:
            sense = (strand == ["-"]) == read.is_reverse
            expected["sense" if sense else "antisense"] += 1
        reads.append(read)
    assert tally_strands(bam(reads), exons) == [{"after": 0, **expected, "exons": 1}]
    assert min(expected.values()) > 50


def test_of_later_stretches_one_fragment_of_twenty_is_looked_at(bam, exons, monkeypatch):
    monkeypatch.setattr(strands, "FRAGMENTS", 6000)
    lanes = library("reverse", 13_000) + library("yes", 9000) + library("reverse", 3001)
    stretches = tally_strands(bam(lanes), exons)
    assert [stretch["after"] for stretch in stretches] == [0, 6000, 12_000, 18_000, 24_000]
    assert list(map(both, stretches)) == [(0, 6000), (0, 300), (250, 50), (200, 100), (0, 51)]


def test_exons_on_other_contigs_are_left_out(tmp_path, bam):
    (tmp_path / "exons.bed").write_text(BED.replace("chr1", "1"))
    reads = library("yes", 100)
    counts = tally_strands(bam(reads), tmp_path / "exons.bed")
    assert counts == [{"after": 0, "sense": 0, "antisense": 0, "exons": 0}]
    # The same places on two contigs, of which one has exons.
    for read in reads[:20]:
        read.reference_id = 1
    (tmp_path / "exons.bed").write_text(BED)
    assert both(tally_strands(bam(reads, ("chr0", "chr1")), tmp_path / "exons.bed")[0]) == (10, 0)


def test_a_file_that_is_cut_off_is_told(bam, exons):
    path = bam(library("reverse", 3000))
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(InputError, match="truncated"):
        tally_strands(path, exons)


def test_counter_and_tally_tell_the_same_strands_whatever_the_audit_looks_at(
    bam, exons, tmp_path, monkeypatch
):
    """What the audit counts first is counted once."""
    path = bam(library("reverse", 300))
    gtf = tmp_path / "genes.gtf"
    gtf.write_text('chr1\tx\texon\t1001\t3000\t.\t+\t.\tgene_id "a"; transcript_id "a";\n')
    told = {}
    for audit in ("0", "50"):
        output = tmp_path / f"{audit}.json"
        options = ["--audit", audit, "--tally", str(output), "--exons", str(exons)]
        counts = ["-c", str(tmp_path / "counts.tsv")]
        count_reads.main([*options, *counts, str(path), str(gtf)])
        told[audit] = json.loads(output.read_text())
    with path.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        output = tmp_path / "tally.json"
        tally_alignments.main(["--exons", str(exons), "--output", str(output)])
    assert told["0"] == told["50"] == json.loads(output.read_text())
    assert told["0"]["strands"] == [{"after": 0, "sense": 0, "antisense": 300, "exons": 1}]


def gene_by_gene(genes, fragments, against):
    """A library of strandedness reverse, sorted by position; one gene is read against."""
    return [
        record(f"{gene}.{number}", REVERSE * (gene != against), 1000 * gene + 100)
        for gene in range(genes)
        for number in range(fragments)
    ]


def test_reads_sorted_by_position_are_no_lanes_that_changed(bam, tmp_path, monkeypatch):
    """A gene read against fills a stretch; of a lane that is turned over all genes are."""
    monkeypatch.setattr(strands, "FRAGMENTS", 9000)
    bed = tmp_path / "exons.bed"
    bed.write_text("".join(f"chr1\t{gene}000\t{gene}500\t.\t0\t+\n" for gene in range(9)))
    sound = gene_by_gene(9, 9000, against=4)
    # One read against that the first fragments end in.
    torn = gene_by_gene(9, 7000, against=1)
    spread = sound[::9]
    turned = [record(f"turned{n}", read.flag ^ REVERSE, read.pos) for n, read in enumerate(spread)]
    for reads, later in [(sound, 0), (torn, 0), (spread + spread, 0), (spread + turned, 400)]:
        _, *stretches = tally_strands(bam(reads), bed)
        assert stretches
        assert sum(stretch["sense"] for stretch in stretches) == later


@pytest.mark.parametrize(("fragments", "exons"), [(8, 4), (5, 4), (1, 4)])
def test_it_is_told_how_many_exons_hold_half_of_the_first_stretch(
    bam, tmp_path, monkeypatch, fragments, exons
):
    """Of eight genes with as many fragments half hold half; what follows the stretch is no part."""
    monkeypatch.setattr(strands, "FRAGMENTS", 8 * fragments)
    bed = tmp_path / "exons.bed"
    bed.write_text("".join(f"chr1\t{gene}000\t{gene}500\t.\t0\t+\n" for gene in range(9)))
    reads = gene_by_gene(8, fragments, against=4)
    later = [record(f"later{n}", 0, 8100) for n in range(100 * fragments)]
    assert tally_strands(bam(reads + later), bed)[0]["exons"] == exons


def test_one_exon_that_prevails_holds_half_by_itself(bam, tmp_path):
    bed = tmp_path / "exons.bed"
    bed.write_text("".join(f"chr1\t{gene}000\t{gene}500\t.\t0\t+\n" for gene in range(9)))
    prevailing = [record(f"first{n}", 0, 8100) for n in range(9)]
    assert tally_strands(bam(gene_by_gene(8, 1, against=4) + prevailing), bed)[0]["exons"] == 1
