"""What STAR is asked, and what it leaves."""

from pathlib import Path

import pytest

from imid.reads.aligner import Alignment, IndexBuild
from imid.reads.star import ALIGNER, suffix_bases
from imid.shared.problems import ContentError
from imid.shared.streams import PipeEnd

LANES = {
    "first": [Path("a_1.fq.gz"), Path("b_1.fq.gz")],
    "second": [Path("a_2.fq.gz"), Path("b_2.fq.gz")],
}
LOG = "  Number of input reads |\t1200\n  % of chimeric reads |\t0.00%\n"
JUNCTION = "chr1\t10\t20\t1\t1\t1\t5\t0\t30\n"


def command(index, **reads):
    files = {"annotation": Path("g.gtf"), "splice_sites": Path("s.tsv"), "scratch": Path("scratch")}
    asked = {"index": index, "sample": "s", "threads": 2, **files, **LANES, **reads}
    return ALIGNER.command(Alignment(**asked))


def following(command, option):
    return command[command.index(option) + 1]


def test_lanes_are_taken_as_one_library(tmp_path):
    words = command(tmp_path)
    place = words.index("--readFilesIn")
    assert words[place + 1 : place + 3] == ["a_1.fq.gz,b_1.fq.gz", "a_2.fq.gz,b_2.fq.gz"]


def test_the_annotation_is_inserted_only_where_the_index_has_none(tmp_path):
    assert following(command(tmp_path), "--sjdbGTFfile") == "g.gtf"
    (tmp_path / "exonGeTrInfo.tab").touch()
    assert "--sjdbGTFfile" not in command(tmp_path)


def test_the_ends_of_pipes_stay_what_they_are(tmp_path):
    ends = PipeEnd(5), PipeEnd(6)
    words = command(tmp_path, first=[ends[0]], second=[ends[1]])
    place = words.index("--readFilesIn")
    assert words[place + 1 : place + 3] == list(ends)


# What is left when a disk is full


@pytest.mark.parametrize("cut", range(1, len(LOG), 7))
def test_a_summary_that_is_cut_off_is_no_evidence(tmp_path, cut):
    (tmp_path / "SJ.out.tab").write_text(JUNCTION)
    (tmp_path / "Log.final.out").write_text(LOG)
    assert ALIGNER.total(tmp_path) == 1200
    (tmp_path / "Log.final.out").write_text(LOG[:-cut])
    with pytest.raises(ContentError, match=r"Log\.final\.out only in part"):
        ALIGNER.total(tmp_path)


@pytest.mark.parametrize("cut", [1, 3, 8])
def test_junctions_that_are_cut_off_are_no_evidence(tmp_path, cut):
    (tmp_path / "Log.final.out").write_text(LOG)
    (tmp_path / "SJ.out.tab").write_text((2 * JUNCTION)[:-cut])
    with pytest.raises(ContentError, match=r"SJ\.out\.tab only in part"):
        ALIGNER.total(tmp_path)


def test_reads_without_a_junction_are_whole(tmp_path):
    (tmp_path / "Log.final.out").write_text(LOG)
    (tmp_path / "SJ.out.tab").touch()
    assert ALIGNER.total(tmp_path) == 1200


# Its index


@pytest.fixture
def index(tmp_path):
    """A folder of two sparse files, 3 GB together."""
    for name, size in [("SA", 2_000_000_000), ("Genome", 1_000_000_000)]:
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    return tmp_path


def test_the_index_is_held_in_memory_and_as_large_as_it_is(index):
    assert ALIGNER.memory(index) == 8000 + 3 * 1100
    assert ALIGNER.memory(index / "absent") == 8000


def test_building_takes_more_than_ten_bytes_for_each_base(index):
    assert ALIGNER.index_memory(index / "SA") == 4000 + 2 * 12_000


@pytest.mark.parametrize(
    ("length", "bases"), [(2**30, 14), (3_100_000_000, 14), (100_000_000, 12), (300_000, 8)]
)
def test_a_small_genome_has_short_strings(length, bases):
    assert suffix_bases(length) == bases


def test_an_index_is_built_with_the_annotation_in_its_own_folder():
    files = {"fasta": Path("g.fa"), "annotation": Path("g.gtf"), "folder": Path("ix")}
    build = IndexBuild(length=300_000, threads=8, memory=5000, **files)
    words = ALIGNER.index_command(build)
    assert following(words, "--sjdbGTFfile") == "g.gtf"
    assert following(words, "--outFileNamePrefix") == "ix/"
    assert following(words, "--limitGenomeGenerateRAM") == "5000000000"
    assert following(words, "--genomeSAindexNbases") == "8"
