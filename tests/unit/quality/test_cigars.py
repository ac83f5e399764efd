"""CIGARs followed together, held against pysam one by one."""

import random

import numpy as np
import pytest

import random_alignments as chance
from imid.counting.bam import read_header, read_records
from imid.quality import cigars
from imid.shared.bgzf import read_blocks

POSITION = (1 << 32) - 1


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Aligned records as pysam has them, and as arrays."""
    rng = random.Random(7)
    drawn = [chance.random_record(rng, f"r{number}", paired=False) for number in range(600)]
    for record in drawn[::3]:
        record.cigartuples = [(5, 2), (4, 3), (0, 20), (3, 50), (0, 9), (4, 7), (5, 1)]
        record.query_sequence = None
    path = chance.write_bam(tmp_path_factory.mktemp("cigars") / "reads.bam", drawn)
    with path.open("rb") as stream:
        blocks = read_blocks(stream, "reads")
        header, rest = read_header(blocks)
        (records,) = read_records(blocks, rest, len(header.contigs), by_name=False)
    return drawn, records


def of_rows(intervals, number):
    found = [[] for _ in range(number)]
    rows = zip(intervals.row, intervals.start & POSITION, intervals.end & POSITION, strict=True)
    for row, start, end in rows:
        found[row].append((int(start), int(end)))
    return found


def test_what_is_aligned_and_what_is_skipped_is_what_pysam_says(both):
    drawn, records = both
    blocks, introns = cigars.follow_alignments(records)
    expected_introns = []
    for record in drawn:
        at, found = record.reference_start, []
        for operation, size in record.cigartuples:
            if operation == 3 and size:
                found.append((at, at + size))
            at += size * (operation in (0, 2, 3, 7, 8))
        expected_introns.append(found)
    # pysam lists stretches of no bases as well.
    expected = [[(a, b) for a, b in record.get_blocks() if a < b] for record in drawn]
    assert of_rows(blocks, len(drawn)) == expected
    assert of_rows(introns, len(drawn)) == expected_introns
    assert sum(map(len, expected_introns)) > 200


def test_clips_of_either_kind_count_at_their_end(both):
    drawn, records = both
    for count, way in [(cigars.clipped_before, 1), (cigars.clipped_behind, -1)]:
        expected = []
        for record in drawn:
            sizes = 0
            for operation, size in record.cigartuples[::way]:
                if operation not in (4, 5):
                    break
                sizes += size
            expected.append(sizes)
        np.testing.assert_array_equal(count(records), expected)
        assert max(expected) > 4
