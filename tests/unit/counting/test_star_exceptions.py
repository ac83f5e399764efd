"""Genes that STAR cannot count as HTSeq does, planted in small annotations."""

import gzip

import pytest

from imid.counting.annotation import read_exons
from imid.counting.star_exceptions import BLANK, OVERLAPPED, SHARED, main, star_exceptions
from imid.shared.tables import read_table


def exon(gene, transcript, place, strand="+", contig="1"):
    named = "" if transcript is None else f' transcript_id "{transcript}";'
    start, end = place
    return f'{contig}\tX\texon\t{start}\t{end}\t.\t{strand}\t.\tgene_id "{gene}";{named}\n'


@pytest.fixture
def exceptions(tmp_path):
    def find(*lines):
        (tmp_path / "a.gtf").write_text("# a comment\n" + "".join(lines))
        return star_exceptions(read_exons(tmp_path / "a.gtf"))

    return find


USUAL = [exon("A", "A.1", (1, 100)), exon("A", "A.2", (50, 200)), exon("B", "B.1", (150, 300), "-")]


def test_a_usual_annotation_has_none(exceptions):
    assert exceptions(*USUAL, exon("C", None, (400, 500)), exon("D", None, (400, 500), "-")) == {}


@pytest.mark.parametrize(
    "other",
    [
        exon("Y", "unknown_transcript_1", (1000, 1100)),
        exon("X", "unknown_transcript_1", (1000, 1100), "-"),
        exon("X", "unknown_transcript_1", (1000, 1100), contig="2"),
    ],
    ids=["of another gene", "on another strand", "on another contig"],
)
def test_a_transcript_id_that_is_shared(exceptions, other):
    found = exceptions(*USUAL, exon("X", "unknown_transcript_1", (900, 950)), other)
    assert found == dict.fromkeys(["X", "Y"] if '"Y"' in other else ["X"], SHARED)


def test_an_empty_transcript_id_is_one_of_all_that_have_it(exceptions):
    assert set(exceptions(*USUAL, exon("X", "", (900, 950)), exon("Y", "", (990, 999)))) == {*"XY"}


def test_what_overlaps_such_an_exon_on_either_strand(exceptions):
    shared = [exon("X", "T", (900, 950)), exon("Y", "T", (2000, 2100), "-")]
    overlapping = [exon("P", "P.1", (950, 960), "-"), exon("Q", "Q.1", (1, 3000))]
    apart = [exon("R", "R.1", (951, 1999)), exon("S", "S.1", (900, 950), contig="2")]
    found = exceptions(*shared, *overlapping, *apart)
    assert found == {"P": OVERLAPPED, "Q": OVERLAPPED, "X": SHARED, "Y": SHARED}


def test_an_id_of_two_words(exceptions):
    assert exceptions(*USUAL, exon("my gene", "T", (900, 950))) == {"my gene": BLANK}


def test_as_a_command(tmp_path):
    lines = [*USUAL, exon("X", "T", (900, 950)), exon("Y", "T", (2000, 2100))]
    (tmp_path / "a.gtf.gz").write_bytes(gzip.compress("".join(lines).encode()))
    main(["--gtf", str(tmp_path / "a.gtf.gz"), "--output", str(tmp_path / "out.tsv")])
    table = read_table(tmp_path / "out.tsv")
    assert table["gene_id"].tolist() == ["X", "Y"]
    assert table["reason"].unique().tolist() == [SHARED]
