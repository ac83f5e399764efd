"""Duplicates, held against a count of ends fragment by fragment."""

from collections import Counter

import numpy as np
import pysam
import pytest

from imid.counting.bam import read_header, read_records
from imid.quality import equal_ends
from imid.quality.cigars import primary
from imid.quality.equal_ends import EqualEnds
from imid.quality.gene_regions import GeneRegions
from imid.shared.bgzf import read_blocks

HEADER = {
    "HD": {"VN": "1.6", "SO": "coordinate"},
    "SQ": [{"SN": "c1", "LN": 10**6}, {"SN": "c2", "LN": 10**6}],
}


def no_regions():
    """A genome of one gene, from base 5000 of the first contig to base 6000."""
    nothing = np.zeros(0, np.int64)
    return GeneRegions(
        **{"contigs": np.array(["c1", "c2"]), "step": np.array([-1, 5000, 6000])},
        **{"gene": np.array([-3, 0, -3], np.int32), "length": np.array([1000])},
        **dict.fromkeys(["intron_start", "intron_end", "exon_start", "exon_end"], nothing),
        **{"exon_body": nothing, "exon_before": nothing},
        **{"body_start": np.zeros(1, np.int64), "body_minus": np.zeros(0, bool)},
    )


def alignment(name, flag, contig, start, cigar, mate=None, length=0):
    record = pysam.AlignedSegment()
    record.query_name, record.flag, record.reference_id = name, flag, contig
    record.reference_start, record.cigarstring = start, cigar
    record.query_sequence = "A" * record.infer_query_length()
    if mate:
        record.next_reference_id, record.next_reference_start = mate
        record.template_length = length
    return record


def facing(name, start, end, clip=0, contig=0, second_left=False):
    """A pair whose left end, clipped or not, is the same; 50 bases are read of each end."""
    first, second = (128, 64) if second_left else (64, 128)
    cigar = f"{clip}S{50 - clip}M" if clip else "50M"
    left, right = start + clip, end - 50
    return [
        alignment(name, 1 | 32 | first, contig, left, cigar, (contig, right), end - left),
        alignment(name, 1 | 16 | second, contig, right, "50M", (contig, left), left - end),
    ]


def counted(tmp_path, records):
    path = tmp_path / "aligned.bam"
    records = sorted(records, key=lambda r: (r.reference_id, r.reference_start))
    with pysam.AlignmentFile(str(path), "wb", header=HEADER) as file:
        for record in records:
            file.write(record)
    ends = EqualEnds(no_regions())
    with path.open("rb") as stream:
        blocks = read_blocks(stream, "reads")
        header, rest = read_header(blocks)
        for batch in read_records(blocks, rest, len(header.contigs), by_name=False):
            ends.add(batch[primary(batch)])
    ends.finish()
    return ends


def both(ends):
    return ends.fragments.tolist(), ends.distinct.tolist()


def test_pairs_of_equal_ends_are_one(tmp_path):
    records = [*facing("a", 100, 300), *facing("b", 100, 300), *facing("c", 100, 301)]
    records += facing("d", 101, 300) + facing("e", 100, 300, contig=1)
    ends = counted(tmp_path, records)
    assert both(ends) == ([0, 5], [0, 4])
    assert ends.share == pytest.approx(0.2)


def test_clipped_bases_belong_to_a_fragment(tmp_path):
    records = facing("a", 100, 300) + facing("b", 100, 300, clip=7)
    assert both(counted(tmp_path, records)) == ([0, 2], [0, 1])


def test_a_clip_behind_the_beginning_of_a_contig_is_no_place_of_the_one_before(tmp_path):
    records = facing("a", -5, 300, clip=7, contig=1) + facing("b", -5, 300, clip=9, contig=1)
    assert both(counted(tmp_path, records)) == ([0, 2], [0, 1])


def test_which_mate_was_read_first_does_not_matter_to_picard_nor_here(tmp_path):
    records = facing("a", 100, 300) + facing("b", 100, 300, second_left=True)
    assert both(counted(tmp_path, records)) == ([0, 2], [0, 1])


def test_single_reads_are_alike_by_their_first_base_and_strand(tmp_path):
    records = [
        *[alignment(name, 0, 0, 500, "50M") for name in "ab"],
        alignment("c", 0, 0, 500, "40M10S"),
        # On the minus strand the first base is the last one, clipped or over an intron.
        alignment("d", 16, 0, 500, "50M"),
        alignment("e", 16, 0, 500, "40M10S"),
        alignment("f", 16, 0, 300, "20M200N30M"),
        alignment("g", 16, 0, 501, "50M"),
        # Its mate is not aligned: it stands alone.
        alignment("h", 1 | 8 | 64, 0, 500, "50M", (0, 500)),
    ]
    assert both(counted(tmp_path, records)) == ([8, 0], [3, 0])


def test_mates_that_do_not_face_each_other_are_counted_once(tmp_path):
    records = []
    for name in "ab":
        records += [
            alignment(name + "1", 1 | 64, 0, 100, "50M", (1, 900)),
            alignment(name + "1", 1 | 128, 1, 900, "50M", (0, 100)),
            alignment(name + "2", 1 | 16 | 32 | 64, 0, 100, "50M", (0, 100)),
            alignment(name + "2", 1 | 16 | 32 | 128, 0, 100, "50M", (0, 100)),
        ]
    assert both(counted(tmp_path, records)) == ([0, 4], [0, 2])


def test_secondary_supplementary_and_unaligned_records_are_no_fragments(tmp_path):
    records = facing("a", 100, 300)
    records += [alignment("b", flag, 0, 100, "50M") for flag in (256, 2048, 4)]
    assert both(counted(tmp_path, records)) == ([0, 1], [0, 1])


def test_genes_have_the_fragments_that_begin_in_them(tmp_path):
    records = facing("a", 4999, 5300) + facing("b", 5000, 5300) + facing("c", 5000, 5300)
    records += facing("d", 5999, 6300) + facing("e", 6000, 6300)
    ends = counted(tmp_path, records)
    assert ends.gene_fragments.tolist() == [3]
    assert ends.gene_distinct.tolist() == [2]


@pytest.mark.parametrize("at_once", [1, 40, 10**6])
def test_many_are_counted_as_one_by_one_however_they_come(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(equal_ends, "AT_ONCE", at_once)
    monkeypatch.setattr("imid.counting.bam.STRETCH", 4000)
    rng = np.random.default_rng(5)
    ends, records = Counter(), []
    for number in range(1500):
        # Few places with many fragments, and many with few.
        start = int(rng.integers(40) if number % 2 else rng.integers(100_000)) + 100
        end = start + 120 + int(rng.integers(6))
        contig = int(rng.integers(2))
        ends[contig, start, end] += 1
        records += facing(f"r{number}", start, end, int(rng.integers(20)), contig)
    ends_here = counted(tmp_path, records)
    assert both(ends_here) == ([0, 1500], [0, len(ends)])
    assert 0.1 < ends_here.share < 0.9
