import json

import numpy as np
import pysam
import pytest

from imid.reads import check_strandedness
from imid.reads.check_strandedness import judge, kind_of, read_exons, tally, within
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
    return read_exons(tmp_path / "exons.bed")


@pytest.fixture
def bam(tmp_path):
    """Write reads to a BAM and hand back its path."""

    def write(reads):
        path = tmp_path / "collated.bam"
        header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": 10_000}]}
        with pysam.AlignmentFile(str(path), "wb", header=header) as alignments:
            for read in reads:
                alignments.write(read)
        return path

    return write


@pytest.fixture
def tallied(bam, exons):
    def tally_reads(reads):
        with pysam.AlignmentFile(str(bam(reads))) as alignments:
            counts = tally(alignments, exons)
        return counts["sense"], counts["antisense"]

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


def test_a_later_lane_whose_mates_changed_places_is_found(bam, tmp_path, monkeypatch):
    """Of the first fragments all are looked at, of the later ones some of each stretch."""
    monkeypatch.setattr(check_strandedness, "FRAGMENTS", 6000)
    (tmp_path / "exons.bed").write_text(BED)
    output = tmp_path / "found.json"
    lanes = {
        "sound": library("reverse", 30_000),
        "exchanged": library("reverse", 13_000) + library("yes", 9000) + library("reverse", 3000),
    }
    for name, reads in lanes.items():
        check_strandedness.check_strandedness(
            bam(reads), tmp_path / "exons.bed", "reverse", "s", output
        )
        found = json.loads(output.read_text())
        assert (found["sense"], found["antisense"]) == (0, 6000)
        assert found["wrong"] is (name == "exchanged")
    # The third stretch is of both lanes.
    assert "; but after 12000 fragments of 300 fragments 83.3% read sense" in found["message"]
    assert "have mates of a lane changed places?" in found["message"]


def test_a_stream_that_is_cut_off_is_told(bam, tmp_path):
    (tmp_path / "exons.bed").write_text(BED)
    path = bam(library("reverse", 3000))
    path.write_bytes(path.read_bytes()[:-2000])
    options = [path, tmp_path / "exons.bed", "reverse", "s", tmp_path / "found.json"]
    with pytest.raises(InputError, match=r"sample s: alignments cannot be read: .*truncated"):
        check_strandedness.check_strandedness(*options)
    assert not (tmp_path / "found.json").exists()


def test_only_the_first_fragments_are_read(tallied, monkeypatch):
    monkeypatch.setattr(check_strandedness, "FRAGMENTS", 30)
    assert tallied(library("reverse")) == (0, 30)


def test_a_contig_without_exons_is_left_out(tmp_path, bam):
    (tmp_path / "exons.bed").write_text(BED.replace("chr1", "1"))
    with pysam.AlignmentFile(str(bam(library("yes")))) as alignments:
        counts = tally(alignments, read_exons(tmp_path / "exons.bed"))
    assert counts == {"sense": 0, "antisense": 0}


@pytest.mark.parametrize(
    ("position", "inside"),
    [(9, False), (10, True), (19, True), (20, False), (29, False), (30, True), (40, False)],
)
def test_intervals_are_half_open(position, inside):
    assert within(np.array([10, 20, 30, 40]), position) == inside


def test_a_strand_without_exons_has_no_position_within():
    assert not within(None, 15)


@pytest.mark.parametrize(
    ("sense", "antisense", "configured", "wrong"),
    [
        (50, 950, "reverse", False),
        (50, 950, "yes", True),
        (50, 950, "no", False),
        (950, 50, "yes", False),
        (950, 50, "reverse", True),
        (950, 50, "no", False),
        (500, 500, "no", False),
        (500, 500, "reverse", True),
        (500, 500, "yes", True),
        (640, 360, "yes", True),
        (640, 360, "no", False),
        (700, 300, "yes", False),
        (700, 300, "no", False),
        (199, 0, "reverse", False),
        (200, 0, "reverse", True),
        (0, 0, "reverse", False),
    ],
)
def test_a_setting_is_wrong_where_the_reads_contradict_it(sense, antisense, configured, wrong):
    assert judge(sense, antisense, configured)[1] == wrong


@pytest.mark.parametrize(
    ("sense", "antisense", "words"),
    [
        (50, 950, "of 1000 fragments 5.0% read sense, 95.0% antisense: strandedness is 'reverse'"),
        (950, 50, "of 1000 fragments 95.0% read sense, 5.0% antisense: strandedness is 'yes'"),
        (480, 520, "of 1000 fragments 48.0% read sense, 52.0% antisense: strandedness is 'no'"),
        (300, 700, "neither stranded nor unstranded"),
        (3, 40, "only 43 fragments"),
    ],
)
def test_the_message_says_what_the_reads_show(sense, antisense, words):
    assert words in judge(sense, antisense, "reverse")[0]


def test_a_stranded_library_counted_as_unstranded_is_told_but_not_refused():
    message, wrong = judge(20, 980, "no")
    assert not wrong
    assert "strandedness is 'reverse', configured is 'no'" in message
    assert "lost" in message


def run(tmp_path, alignments, configured):
    (tmp_path / "exons.bed").write_text(BED)
    output = tmp_path / "strandedness.json"
    check_strandedness.main(
        [
            *["--alignments", str(alignments), "--exons", str(tmp_path / "exons.bed")],
            *["--configured", configured, "--sample", "MM1S_dmso_1", "--output", str(output)],
        ]
    )
    return output


def test_the_finding_is_written_where_the_setting_fits(tmp_path, bam):
    output = run(tmp_path, bam(library("reverse", 300)), "reverse")
    found = json.loads(output.read_text())
    assert (found["sense"], found["antisense"]) == (0, 300)
    assert "strandedness is 'reverse'" in found["message"]


@pytest.mark.parametrize(
    ("library_is", "configured"), [("reverse", "yes"), ("yes", "reverse"), ("no", "reverse")]
)
def test_a_wrong_setting_is_told_with_the_sample_and_what_would_be_right(
    tmp_path, bam, capsys, library_is, configured
):
    """It stops nothing: the alignments of a whole hour are kept, and refused by `cross_check`."""
    found = json.loads(run(tmp_path, bam(library(library_is, 300)), configured).read_text())
    assert found["wrong"]
    assert f"strandedness is '{library_is}', configured is '{configured}'" in found["message"]
    assert f"sample MM1S_dmso_1: {found['message']}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sense", "antisense", "kind"),
    [
        (50, 950, "reverse"),
        (950, 50, "yes"),
        (500, 500, "no"),
        (640, 360, "no"),
        (700, 300, None),
        (199, 0, None),
    ],
)
def test_the_kind_of_a_library_is_told_by_its_reads_alone(sense, antisense, kind):
    assert kind_of(sense, antisense) == kind


def test_too_few_fragments_do_not_stop_the_run(tmp_path, bam):
    output = run(tmp_path, bam(library("reverse", 100)), "yes")
    assert "only 100 fragments" in json.loads(output.read_text())["message"]


def test_a_sample_without_any_alignment_does_not_stop_the_run(tmp_path, bam):
    output = run(tmp_path, bam([record("r", UNMAPPED, 0)]), "yes")
    assert "only 0 fragments" in json.loads(output.read_text())["message"]
