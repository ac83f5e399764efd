"""What became of a sample's reads: planted fates and adapter dimers are found."""

import json

import numpy as np
import pysam
import pytest

from imid.quality.fastp_figures import read_fastp
from imid.quality.measure_reads import main, pairs_without_insert, strand_figures
from imid.reads.findings import SampleStrandedness
from imid.reads.known_adapters import KNOWN
from imid.shared.problems import InputError

FATES = {
    "assigned": 600,
    "__no_feature": 150,
    "__ambiguous": 30,
    "__too_low_aQual": 20,
    "__not_aligned": 150,
    "__alignment_not_unique": 50,
}
STAR_SAYS = "  Number of reads mapped to too many loci |\t40\n  % of reads |\t4.00%\n"


def cycles(quality, gc):
    return {"quality_curves": {"mean": quality}, "content_curves": {"GC": gc}}


FASTP = {
    "summary": {
        "before_filtering": {"q30_rate": 0.9, "gc_content": 0.6},
        "after_filtering": {"q30_rate": 0.95, "gc_content": 0.48},
    },
    # Both mates: of 1250 pairs 1000 are left.
    "filtering_result": {
        "passed_filter_reads": 2000,
        "low_quality_reads": 100,
        "too_many_N_reads": 50,
        "too_short_reads": 350,
        "too_long_reads": 0,
    },
    "read1_before_filtering": cycles([36.0, 35.0], [0.4, 0.5]),
    "read2_before_filtering": cycles([30.0, 29.0], [0.5, 0.5]),
}


def bam(path, beginnings, paired=True):
    """Write unaligned reads, of which so many begin so, behind an aligned one."""
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": 1000}]}
    rng = np.random.default_rng(3)
    with pysam.AlignmentFile(path, "wb", header=header) as out:
        aligned = pysam.AlignedSegment(out.header)
        aligned.query_name, aligned.query_sequence = "a", KNOWN["illumina"] * 2
        aligned.reference_id, aligned.reference_start, aligned.cigarstring = 0, 5, "26M"
        out.write(aligned)
        for number, start in enumerate(
            text for text, times in beginnings.items() for _ in range(times)
        ):
            for mate in [64, 128] if paired else [0]:
                read = pysam.AlignedSegment(out.header)
                read.query_name, read.flag = f"r{number}", 4 + (mate and 1 + 8 + mate)
                rest = "".join(rng.choice([*"ACGT"], size=100))
                read.query_sequence = (start + rest)[:100]
                out.write(read)
    pysam.index(str(path))
    return path


@pytest.fixture
def measured(tmp_path):
    def run(trimmed=True, strands=(20, 980), counted="reverse", beginnings=None, log=STAR_SAYS):
        folder = tmp_path / "reports"
        folder.mkdir()
        fates = "".join(f"{name}\t{number}\n" for name, number in FATES.items())
        (folder / "fragments.tsv").write_text(fates)
        lane = {"files": ["1", "2"], "records": 1250, "notes": {}}
        reads = {"lanes": [lane], "adapters": {"reads": 0, "found": {}}}
        (folder / "reads.json").write_text(json.dumps(reads))
        sense, antisense = strands
        shown = {"sense": sense, "antisense": antisense, "message": "", "wrong": False}
        (folder / "strandedness.json").write_text(json.dumps(shown))
        if trimmed:
            (folder / "fastp.json").write_text(json.dumps(FASTP))
        if log:
            (folder / "Log.final.out").write_text(log)
        line = {"cell_line": "L", "strandedness": counted, "configured": "auto", "sample": "01"}
        line |= {"sense": 1, "antisense": 1, "message": ""}
        (tmp_path / "line.json").write_text(json.dumps(line))
        path = bam(tmp_path / "aligned.bam", beginnings or {"": 20})
        main(
            [
                *["--sample", "01", "--reports", str(folder), "--alignments", str(path)],
                *["--strandedness", str(tmp_path / "line.json"), "--adapters", "illumina"],
                *["--output", str(tmp_path / "out.json")],
            ]
        )
        return json.loads((tmp_path / "out.json").read_text())

    return run


def test_fates_are_shares_of_what_came_before(measured):
    figures = measured()["figures"]
    assert figures["pairs"] == 1250
    told = {
        "trimmed_away": 0.2,
        "too_short": 0.14,
        "low_quality": 0.04,
        "too_many_n": 0.02,
        "aligned": 0.85,
        "uniquely_aligned": 0.8,
        "multiply_aligned": 0.05,
        "assigned": 0.6,
        "ambiguous": 30 / 800,
        "no_feature": 150 / 800,
        "too_many_places": 0.04,
        "q30": 0.9,
        "gc": 0.48,
        "sense": 0.02,
        "strandedness": 0.98,
    }
    assert {name: figures[name] for name in told} == pytest.approx(told)


def test_quality_and_gc_are_given_by_cycle_of_each_mate(measured):
    curves = measured()["curves"]
    assert curves["quality_2"] == [30.0, 29.0]
    assert curves["gc_1"] == [0.4, 0.5]


def test_without_trimming_nothing_is_filled_in(measured):
    told = measured(trimmed=False, log=None)
    assert told["figures"].keys().isdisjoint({"q30", "gc", "trimmed_away", "too_many_places"})
    assert "fastp" in told["notes"]["trimmed_away"]
    assert told["curves"] == {}


@pytest.mark.parametrize(("curves", "lacking"), [("quality", "mean"), ("content", "GC")])
def test_a_report_of_fastp_without_a_curve_is_refused(tmp_path, curves, lacking):
    report = tmp_path / "fastp.json"
    cut = FASTP["read2_before_filtering"] | {f"{curves}_curves": {"A": [0.1]}}
    report.write_text(json.dumps(FASTP | {"read2_before_filtering": cut}))
    with pytest.raises(InputError, match=rf"fastp\.json.*{lacking}"):
        read_fastp(report)


def test_what_the_log_of_star_does_not_say_is_told(measured):
    told = measured(log="STAR was ended\n")
    assert "too_many_places" not in told["figures"]
    assert "Log.final.out" in told["notes"]["too_many_places"]


def test_adapter_dimers_are_those_cut_to_nothing_and_those_left_unaligned(measured):
    planted = {KNOWN["illumina"]: 60, "ACGTACGTAC" + KNOWN["illumina"]: 40, "": 100}
    figures = measured(beginnings=planted)["figures"]
    assert figures["adapter_dimers"] == pytest.approx(0.14 + 100 / 1250)


@pytest.mark.parametrize("paired", [True, False])
def test_of_unaligned_reads_those_with_an_adapter_at_their_beginning_count(tmp_path, paired):
    beginnings = {
        KNOWN["nextera"]: 3,
        "A" * 29 + KNOWN["illumina"]: 5,
        "A" * 40 + KNOWN["illumina"]: 50,
        "": 200,
    }
    path = bam(tmp_path / "a.bam", beginnings, paired)
    assert pairs_without_insert(path, [*KNOWN.values()]) == 8
    assert pairs_without_insert(path, [KNOWN["smallrna"]]) == 0


@pytest.mark.parametrize(
    ("sense", "counted", "share"),
    [
        (0.02, "reverse", 0.98),
        (0.02, "yes", 0.02),
        (0.5, "reverse", 0.5),
        (0.5, "no", 1.0),
        (0.4, "no", 0.9),
        (0.98, "no", 0.52),
    ],
)
def test_a_library_is_held_against_the_strandedness_it_is_counted_by(sense, counted, share):
    found = SampleStrandedness(round(1000 * sense), round(1000 * (1 - sense)), "", False)
    assert strand_figures(found, counted)["strandedness"] == pytest.approx(share)


def test_few_fragments_tell_no_strand(measured):
    told = measured(strands=(3, 100))
    assert "strandedness" not in told["figures"]
    assert "fewer than 200" in told["notes"]["strandedness"]
