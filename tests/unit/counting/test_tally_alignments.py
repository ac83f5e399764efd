import json
import subprocess
import sys

import pysam
import pytest

from imid.counting import tally_alignments

SCRIPT = ["-m", tally_alignments.__name__]
# Name and flag: a pair, one that is torn apart by its flags, one not aligned, one secondary line.
PAIR = [("a", 99), ("a", 147)]
TORN = [("b", 65), ("b", 137)]
LOST = [("c", 77), ("c", 141)]
SECONDARY = [("a", 355)]


def tally(tmp_path, lines):
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "chr1", "LN": 1000}]}
    with pysam.AlignmentFile(tmp_path / "a.bam", "wb", header=header) as file:
        for name, flag in lines:
            record = pysam.AlignedSegment(file.header)
            record.query_name, record.flag, record.query_sequence = name, flag, "ACGT"
            if not flag & 4:
                record.reference_id = record.next_reference_id = 0
                record.reference_start = record.next_reference_start = 100
                record.cigarstring = "4M"
            file.write(record)
    output = tmp_path / "tally.json"
    with (tmp_path / "a.bam").open("rb") as stream:
        subprocess.run([sys.executable, *SCRIPT, "--output", output], stdin=stream, check=True)
    return json.loads(output.read_text())


def test_records_names_mates_and_fragments_are_told_apart(tmp_path):
    assert tally(tmp_path, [*PAIR, *SECONDARY, *TORN, *LOST]) == {
        "records": 7,
        "names": 3,
        "first": 3,
        "second": 3,
        # HTSeq counts mates that contradict each other apart.
        "fragments": 4,
    }


def test_mates_of_two_names_are_not_taken_for_one(tmp_path):
    counted = tally(tmp_path, [("SRR1.1.1", 99), ("SRR1.1.2", 147)])
    assert (counted["names"], counted["fragments"]) == (2, 2)


@pytest.mark.parametrize("name", ["same", None])
def test_single_reads_count_by_record(tmp_path, name):
    lines = [(name or f"r{n}", flag) for n, flag in enumerate([0, 16, 4])]
    assert tally(tmp_path, lines) == {
        **{"records": 3, "names": 3, "first": 3, "second": 0, "fragments": 3}
    }
