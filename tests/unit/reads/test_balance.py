import json

import pytest

from imid.reads import balance
from imid.reads.balance import Figure, faults, refuse_imbalance
from imid.reads.hisat2 import ALIGNER
from imid.shared.bgzf import END_OF_FILE
from imid.shared.problems import ContentError, InputError

SUMMARY = "HISAT2 summary stats:\n\tTotal pairs: 1200\n\tOverall alignment rate: 97.27%\n"


def figures(**changed):
    """The figures of a sample of 1,200 pairs, 1,100 left by trimming, 3 pairs torn apart."""
    told = {"fed": 1200, "read": 1200, "left": 1100, "aligner": 1100, "names": 1100}
    told |= {"first": 1100, "second": 1100, "fragments": 1103, "fates": 1103} | changed
    tally = {name: told[name] for name in ("names", "first", "second", "fragments")}
    return told, tally


@pytest.fixture
def balanced(tmp_path):
    """All figures of a sample, read from what each program leaves."""

    def read(**changed):
        told, tally = figures(**changed)
        lanes = [{"files": ["a", "b"], "records": told["fed"] - 200, "notes": {}}]
        lanes += [{"files": ["c", "d"], "records": 200, "notes": {}}]
        (tmp_path / "reads.json").write_text(
            json.dumps({"lanes": lanes, "adapters": {"reads": 0, "found": {}}})
        )
        totals = {"before": 2 * told["read"], "after": 2 * told["left"]}
        summary = {f"{when}_filtering": {"total_reads": n} for when, n in totals.items()}
        (tmp_path / "fastp.json").write_text(json.dumps({"summary": summary}))
        (tmp_path / "hisat2.txt").write_text(SUMMARY.replace("1200", str(told["aligner"])))
        (tmp_path / "tally.json").write_text(json.dumps(tally))
        return [
            *balance.fed_figures(tmp_path, True),
            *balance.trimmed_figures(tmp_path, True),
            *balance.aligned_figures(ALIGNER, tmp_path, True, True),
            *balance.counted_figures(tmp_path / "tally.json", told["fates"], True),
        ]

    return read


def test_sums_that_agree_are_no_fault(balanced):
    assert faults(balanced()) == []


@pytest.mark.parametrize("figure", ["fed", "read", "left", "aligner", "names", "first", "second",
                                    "fragments", "fates"])  # fmt: skip
@pytest.mark.parametrize("by", [-1, 1])
def test_one_read_more_or_less_anywhere_is_a_fault(balanced, figure, by):
    told, _ = figures()
    assert faults(balanced(**{figure: told[figure] + by}))


def test_a_fault_names_both_figures_the_files_and_the_room(balanced):
    with pytest.raises(InputError) as raised:
        refuse_imbalance("s1", balanced(read=500), ["a.fq", "b.fq"], "9.0 MB are free")
    lost, where = raised.value.problems
    assert lost == (
        "sample s1: reads were lost on the way: 500 pairs read by trimming (fastp), but 1200"
        " sequenced (all lanes); nothing is published"
    )
    assert where == "its reads: a.fq, b.fq; 9.0 MB are free"


def test_the_room_is_told_of_both_disks_that_may_be_full(tmp_path):
    (tmp_path / "out").mkdir()
    scratch, output = balance.room_in(tmp_path, tmp_path / "out").split("; ")
    assert scratch.startswith(f"scratch folder {tmp_path}: ")
    assert output.startswith(f"output folder {tmp_path / 'out'}: ")
    assert all(told.endswith("MB are free") for told in (scratch, output))


def test_every_lane_has_its_figure(balanced):
    assert [(f.stage, f.number) for f in balanced()[:2]] == [
        ("in a and b", 1000),
        ("in c and d", 200),
    ]


# What programs leave when a disk is full


@pytest.mark.parametrize("content", ["", "{", "[]", '{"summary": {}}', '{"summary": null}'])
def test_a_report_of_fastp_that_is_cut_off_is_no_evidence(tmp_path, content):
    (tmp_path / "fastp.json").write_text(content)
    with pytest.raises(ContentError, match="fastp wrote its report only in part"):
        balance.trimmed_figures(tmp_path, True)


@pytest.fixture
def bam(tmp_path):
    """A sorted BAM of five records, one of them without a place, and its index."""
    import pysam

    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 1000}]}
    path = tmp_path / "a.bam"
    with pysam.AlignmentFile(path, "wb", header=header) as file:
        for n in range(5):
            record = pysam.AlignedSegment(file.header)
            record.query_name, record.query_sequence = f"r{n}", "ACGT"
            if n < 4:
                record.reference_id, record.reference_start = 0, n
                record.cigarstring, record.mapping_quality = "4M", 60
            else:
                record.is_unmapped = True
            file.write(record)
    pysam.index(str(path))
    return path


def test_stored_records_are_counted_by_the_index(bam):
    assert balance.stored_records(bam) == 5


def test_fewer_stored_records_than_were_poured_are_a_fault(bam, tmp_path):
    (tmp_path / "tally.json").write_text('{"records": 6}')
    (fault,) = faults(balance.stored_figures(tmp_path / "tally.json", bam))
    assert fault.startswith("5 records stored (index), but 6 ")


@pytest.mark.parametrize(
    "rest",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[: -len(END_OF_FILE)],
        lambda whole: whole[:-60] + END_OF_FILE,
        lambda whole: whole[:40] + END_OF_FILE,
        lambda whole: b"",
    ],
    ids=["a byte", "its end", "before its end", "within its first block", "all"],
)
def test_alignments_of_which_a_part_is_missing_are_no_evidence(bam, rest):
    bam.write_bytes(rest(bam.read_bytes()))
    with pytest.raises(ContentError, match=r"a\.bam was cut off, or a part of it is missing"):
        balance.stored_records(bam)


def test_alignments_that_were_not_written_are_no_evidence(tmp_path):
    with pytest.raises(ContentError, match=r"samtools wrote no a\.bam"):
        balance.stored_records(tmp_path / "a.bam")


def test_an_index_that_is_missing_is_no_evidence(bam):
    bam.with_name("a.bam.bai").unlink()
    with pytest.raises(ContentError, match="has no index"):
        balance.stored_records(bam)


def test_a_figure_stands_alone_where_it_equals_none():
    assert faults([Figure("x", 1, "pairs", "a"), Figure("y", 2, "pairs", "b")]) == []
