"""What HISAT2 is asked, and what it leaves."""

from pathlib import Path

import pytest

from imid.reads.aligner import Alignment
from imid.reads.hisat2 import ALIGNER
from imid.shared.problems import ContentError

SUMMARY = "HISAT2 summary stats:\n\tTotal pairs: 1200\n\tOverall alignment rate: 97.27%\n"


def command(index="genome.1.ht2", **asked):
    files = {"annotation": Path("g.gtf"), "splice_sites": Path("s.tsv"), "scratch": Path("scratch")}
    mates = {"first": [Path("a_1.fq")], "second": [Path("a_2.fq")]}
    alignment = Alignment(
        **{"sample": "s", "threads": 2, **files, **mates, **asked}, index=Path(index)
    )
    return ALIGNER.command(alignment)


def following(command, option):
    return command[command.index(option) + 1]


@pytest.mark.parametrize(
    ("strandedness", "paired", "strand"),
    [
        ("reverse", True, "RF"),
        ("reverse", False, "R"),
        ("yes", True, "FR"),
        ("yes", False, "F"),
    ],
)
def test_it_is_told_the_strand_of_mates(strandedness, paired, strand):
    words = command(strandedness=strandedness, **({} if paired else {"second": []}))
    assert following(words, "--rna-strandness") == strand
    assert ("-U" in words) is not paired


def test_it_is_told_no_strand_of_an_unstranded_library():
    assert "--rna-strandness" not in command(strandedness="no")


@pytest.mark.parametrize(
    ("given", "files"),
    [
        ("genome.1.ht2", "genome.{}.ht2"),
        ("grch38.p14.1.ht2l", "grch38.p14.{}.ht2l"),
    ],
)
def test_it_finds_its_index_by_the_first_file(tmp_path, given, files):
    for number in range(1, 9):
        (tmp_path / files.format(number)).touch()
    words = command(tmp_path / given)
    assert following(words, "-x") == str(tmp_path / files.partition(".{}")[0])
    assert Path(words[0]).name == ("hisat2-align-l" if files.endswith("l") else "hisat2-align-s")


def test_it_is_found_beside_the_script_that_is_on_the_path(tmp_path, monkeypatch):
    for name in ["hisat2", "hisat2-align-s"]:
        (tmp_path / "programs" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "programs" / name).touch(mode=0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/hisat2").symlink_to(tmp_path / "programs/hisat2")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert command()[0] == str(tmp_path / "programs/hisat2-align-s")


@pytest.mark.parametrize("cut", range(1, len(SUMMARY), 5))
def test_a_summary_that_is_cut_off_is_no_evidence(tmp_path, cut):
    (tmp_path / "hisat2.txt").write_text(SUMMARY)
    assert ALIGNER.total(tmp_path) == 1200
    (tmp_path / "hisat2.txt").write_text(SUMMARY[:-cut])
    with pytest.raises(ContentError, match="summary only in part"):
        ALIGNER.total(tmp_path)


def test_whatever_the_index_it_is_that_of_a_human_genome():
    assert ALIGNER.memory(Path("absent.1.ht2")) == 8000 + 6 * 1100


def test_a_large_index_of_the_user_is_known_by_its_files(tmp_path):
    (tmp_path / "mine.1.ht2l").touch()
    first, parts = ALIGNER.prebuilt_index("mine", tmp_path)
    assert first == "mine.1.ht2l" == parts[0]
    assert len(parts) == 8
    assert ALIGNER.prebuilt_index("other", tmp_path)[0] == "other.1.ht2"
