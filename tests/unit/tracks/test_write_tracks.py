"""Tracks held against a count of each base by pysam, and against fragments that were planted."""

import random
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pyBigWig
import pysam
import pytest

from imid.counting import bam
from imid.reads.findings import LineStrandedness
from imid.shared.bgzf import read_blocks
from imid.shared.counters import COUNTERS
from imid.shared.json_files import write_json
from imid.shared.problems import InputError
from imid.tracks import bigwig, coverage, write_tracks

CONTIGS = {"chr1": 5000, "chr2": 3000, "empty": 1000}
HEADER = {"SQ": [{"SN": name, "LN": length} for name, length in CONTIGS.items()]}
MATCH, INSERTION, DELETION, INTRON, CLIP = range(5)
STRANDS = {"no": ["both"], "yes": ["plus", "minus"], "reverse": ["plus", "minus"]}


def record(header, name, contig, start, cigar, **flags):
    """One record; its mate's place is linked by `pair`."""
    made = pysam.AlignedSegment(header)
    made.query_name, made.flag, made.mapping_quality = name, 0, flags.pop("quality", 255)
    made.reference_id, made.reference_start = list(CONTIGS).index(contig), start
    made.cigartuples = cigar
    made.query_sequence = "A" * made.infer_query_length()
    for flag, value in flags.items():
        setattr(made, flag, value)
    return made


def pair(header, name, contig, places, cigars, minus=False, **flags):
    """Two mates that read towards each other, the first on the strand of the fragment."""
    mates = [
        record(header, name, contig, start, cigar, is_paired=True, is_reverse=reverse, **flags)
        for start, cigar, reverse in zip(places, cigars, [minus, not minus], strict=True)
    ]
    mates[0].is_read1 = mates[1].is_read2 = True
    for mate, other in [mates, mates[::-1]]:
        mate.next_reference_id, mate.next_reference_start = (
            other.reference_id,
            other.reference_start,
        )
        mate.mate_is_reverse = other.is_reverse
    return mates


def write_sorted(path, records, order="coordinate"):
    def place(made):
        unplaced = made.reference_id < 0
        return unplaced, made.reference_id, made.reference_start

    header = pysam.AlignmentHeader.from_dict({"HD": {"VN": "1.6", "SO": order}, **HEADER})
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for made in sorted(records, key=place):
            file.write(made)
    return path


@pytest.fixture
def header():
    return pysam.AlignmentHeader.from_dict(HEADER)


def tracks(folder, records, strandedness="yes", counted=1_000_000):
    """Run the step, and give each track's values by contig; no value is 0."""
    write_sorted(folder / "aligned.bam", records)
    counts = {"gene": counted, **dict.fromkeys(COUNTERS, 0)}
    lines = "".join(f"{name}\t{count}\n" for name, count in counts.items())
    (folder / "counts.tsv").write_text(lines)
    line = LineStrandedness("line", strandedness, strandedness, "sample", 9, 1, "it is so")
    write_json(line, folder / "line.json")
    write_tracks.main(
        [
            *["--alignments", str(folder / "aligned.bam"), "--counts", str(folder / "counts.tsv")],
            *["--strandedness", str(folder / "line.json"), "--output", str(folder / "tracks")],
        ]
    )
    found = {}
    for path in (folder / "tracks").iterdir():
        with pyBigWig.open(str(path)) as file:
            assert file.chroms() == CONTIGS
            found[path.stem] = {
                contig: np.nan_to_num([*(file.values(contig, 0, length) or [])] or [0] * length)
                for contig, length in CONTIGS.items()
            }
    return found


def stretches(values):
    """Where a track is not 0: start, end and value of each stretch."""
    bounds = np.flatnonzero(np.diff(values, prepend=0, append=0)).tolist()
    runs = [(start, end, float(values[start])) for start, end in pairwise(bounds)]
    return [run for run in runs if run[2]]


def test_overlapping_mates_are_one_fragment(tmp_path, header):
    mates = pair(header, "f", "chr1", [100, 150], [[(MATCH, 100)]] * 2)
    found = tracks(tmp_path, mates)
    assert stretches(found["plus"]["chr1"]) == [(100, 250, 1)]
    assert not found["minus"]["chr1"].any()


def test_mates_that_lie_apart_leave_the_gap_empty(tmp_path, header):
    mates = pair(header, "f", "chr1", [100, 300], [[(MATCH, 100)]] * 2)
    expected = [(100, 200, 1), (300, 400, 1)]
    assert stretches(tracks(tmp_path, mates)["plus"]["chr1"]) == expected


def test_introns_stay_empty_and_mates_that_span_one_intron_count_once(tmp_path, header):
    spliced = [[(CLIP, 5), (MATCH, 50), (INTRON, 1000), (MATCH, 50)], [(MATCH, 30)]]
    mates = pair(header, "f", "chr1", [100, 1160], spliced)
    mates += pair(header, "g", "chr2", [120, 130], [[(MATCH, 20), (INTRON, 500), (MATCH, 20)]] * 2)
    found = tracks(tmp_path, mates)["plus"]
    assert stretches(found["chr1"]) == [(100, 150, 1), (1150, 1200, 1)]
    assert stretches(found["chr2"]) == [(120, 150, 1), (640, 670, 1)]


@pytest.mark.parametrize(
    ("strandedness", "track"), [("yes", "minus"), ("reverse", "plus"), ("no", "both")]
)
def test_a_fragment_is_on_the_strand_of_its_gene(tmp_path, header, strandedness, track):
    """Of a first mate that reads the minus strand."""
    mates = pair(header, "f", "chr2", [200, 50], [[(MATCH, 80)]] * 2, minus=True)
    found = tracks(tmp_path, mates, strandedness)
    assert sorted(found) == sorted(STRANDS[strandedness])
    assert stretches(found.pop(track)["chr2"]) == [(50, 130, 1), (200, 280, 1)]
    assert not any(found[other]["chr2"].any() for other in found)


def test_what_is_not_counted_is_not_shown(tmp_path, header):
    whole = [(MATCH, 50)]
    shown = record(header, "shown", "chr1", 10, whole)
    records = [
        shown,
        record(header, "many places", "chr1", 100, whole, quality=3),
        record(header, "secondary", "chr1", 200, whole, is_secondary=True),
        record(header, "supplementary", "chr1", 300, whole, is_supplementary=True),
        record(header, "half", "chr1", 400, whole, is_paired=True, mate_is_unmapped=True),
        record(header, "unaligned", "chr1", 500, whole, is_unmapped=True),
    ]
    unplaced = record(header, "unplaced", "chr1", 0, whole, is_unmapped=True)
    unplaced.reference_id = unplaced.reference_start = -1
    found = tracks(tmp_path, [*records, unplaced])
    assert stretches(found["plus"]["chr1"]) == [(10, 60, 1)]


def test_values_are_per_million_fragments_in_use(tmp_path, header):
    """Those in genes, in no gene and in several."""
    reads = [record(header, f"r{n}", "chr1", 10, [(MATCH, 50)]) for n in range(3)]
    found = tracks(tmp_path, reads, counted=600)
    assert stretches(found["plus"]["chr1"])[0][2] == pytest.approx(3e6 / 600)
    counts = {"g": 500, "__no_feature": 80, "__ambiguous": 20, "__not_aligned": 7}
    counts |= {"__alignment_not_unique": 8, "__too_low_aQual": 9}
    assert write_tracks.fragments_in_use(counts) == 600


def random_cigar(rng):
    """Blocks with what may stand between them."""
    cigar = [(MATCH, rng.randint(1, 60))]
    for _ in range(rng.randint(0, 3)):
        between = rng.choice([INSERTION, DELETION, INTRON])
        most = 400 if between == INTRON else 5
        cigar += [(between, rng.randint(1, most)), (MATCH, rng.randint(1, 60))]
    clip = [(CLIP, rng.randint(1, 9))]
    return clip * rng.randint(0, 1) + cigar + clip * rng.randint(0, 1)


def random_fragments(header, rng, fragments):
    """Pairs near each other, some at one place, some that contradict each other."""
    records = []
    for number in range(fragments):
        contig = rng.choice(["chr1", "chr2"])
        start = rng.randrange(CONTIGS[contig] - 1900)
        places = [start, max(0, start + rng.choice([0, rng.randint(-80, 150)]))]
        cigars = [random_cigar(rng), random_cigar(rng)]
        mates = pair(header, f"fragment{number}", contig, places, cigars, rng.random() < 0.5)
        if rng.random() < 0.1:
            mates[1].is_reverse = mates[0].is_reverse
        mates[rng.randint(0, 1)].mapping_quality = rng.choice([255, 255, 0])
        records += mates
    return records


def count_bases(records, strandedness):
    """Count the fragments on each base, one by one."""
    depth = {contig: np.zeros((2, length)) for contig, length in CONTIGS.items()}
    bases = defaultdict(set)
    for made in records:
        if made.mapping_quality >= 10:
            minus = made.is_reverse ^ made.is_read2 ^ (strandedness == "reverse")
            strand = int(minus and strandedness != "no")
            places = made.get_reference_positions()
            bases[made.query_name, made.reference_name, strand].update(places)
    for (_, contig, strand), places in bases.items():
        depth[contig][strand, [*places]] += 1
    return depth


@pytest.mark.parametrize("strandedness", STRANDS)
@pytest.mark.parametrize(("stretch", "runs"), [(150, 5), (5000, 100), (1 << 16, 1 << 18)])
def test_tracks_equal_a_count_of_each_base(
    tmp_path, header, monkeypatch, strandedness, stretch, runs
):
    """Wherever the stretches end in which the file is read, and those that are written."""

    def small_blocks(stream, name):
        for block in read_blocks(stream, name):
            yield from (bytes(block[at : at + stretch]) for at in range(0, len(block), stretch))

    monkeypatch.setattr(bam, "STRETCH", stretch)
    monkeypatch.setattr(coverage, "read_blocks", small_blocks)
    monkeypatch.setattr(bigwig, "ENOUGH", runs)
    records = random_fragments(header, random.Random(stretch), 400)
    found = tracks(tmp_path, records, strandedness)
    for contig, depth in count_bases(records, strandedness).items():
        for strand, track in enumerate(STRANDS[strandedness]):
            assert found[track][contig].tolist() == depth[strand].tolist()


def test_alignments_that_are_not_sorted_are_refused(tmp_path, header):
    path = write_sorted(
        tmp_path / "a.bam", [record(header, "r", "chr1", 1, [(MATCH, 5)])], "unsorted"
    )
    with pytest.raises(InputError, match="not sorted by position"):
        write_tracks.write_tracks(path, "no", 1, tmp_path)
    assert not (tmp_path / "both.bw").exists()


def test_a_sample_without_reads_has_empty_tracks(tmp_path):
    found = tracks(tmp_path, [], counted=0)
    assert not any(values.any() for track in found.values() for values in track.values())
