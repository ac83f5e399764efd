"""Prebuilt indices."""

import pytest

from check_content import ContentError
from check_index import read_index
from check_reference import Contigs
from small_experiment import edit, problems, write, write_experiment


def star(folder, version="2.7.4a", contigs="chr6\nchr7\n"):
    for name in ["Genome", "SA", "SAindex"]:
        write(folder / name, "x")
    write(folder / "chrName.txt", contigs)
    write(
        folder / "genomeParameters.txt", f"### STAR\nversionGenome\t{version}\ngenomeType\tFull\n"
    )
    return folder


def hisat2(prefix, suffix="ht2"):
    for part in range(1, 9):
        write(prefix.with_name(f"{prefix.name}.{part}.{suffix}"), "x")
    return prefix


def test_an_index_of_star(tmp_path):
    index = star(tmp_path / "star")
    assert read_index(index, "star", "star") == Contigs("star", ["chr6", "chr7"], complete=True)


@pytest.mark.parametrize("suffix", ["ht2", "ht2l"])
def test_an_index_of_hisat2(tmp_path, suffix):
    assert read_index(hisat2(tmp_path / "genome", suffix), "genome", "hisat2") is None


def no_sa(folder):
    (star(folder) / "SA").write_bytes(b"")
    return folder


def no_third(folder):
    hisat2(folder / "genome").with_name("genome.3.ht2").unlink()
    return folder / "genome"


def folder_of_hisat2(folder):
    hisat2(folder / "genome")
    return folder


def file(folder):
    write(folder / "index", "x")
    return folder / "index"


@pytest.mark.parametrize(
    ("make", "aligner", "message"),
    [
        (lambda folder: folder / "none", "star", "does not exist"),
        (lambda folder: folder / "none", "hisat2", "is no index of HISAT2: there is no none.1.ht2"),
        (lambda folder: folder, "star", "is no index of STAR; leave it out, and one is built"),
        (file, "star", "is a file; STAR's index is a folder"),
        (no_sa, "star", "is incomplete: SA missing or empty; build it again"),
        (no_third, "hisat2", "is incomplete: genome.3.ht2 missing or empty; build it again"),
        (star, "hisat2", "is an index of STAR, but the aligner is hisat2"),
        (
            lambda folder: hisat2(folder / "genome"),
            "star",
            "is an index of HISAT2, but the aligner is star",
        ),
        (folder_of_hisat2, "star", "is an index of HISAT2, but the aligner is star"),
        (
            lambda folder: star(folder, version="20201"),
            "star",
            "has the format of STAR 20201, which is no longer read; build it again with 2.7.4a or"
            " later",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, make, aligner, message):
    index = make(tmp_path)
    with pytest.raises(ContentError) as raised:
        read_index(index, str(index), aligner)
    assert str(raised.value) == message


def test_the_prefix_within_a_folder_is_named(tmp_path):
    hisat2(tmp_path / "genome")
    with pytest.raises(ContentError, match=r"name the prefix of .* such as '.*/genome'$"):
        read_index(tmp_path, str(tmp_path), "hisat2")


def test_an_index_of_another_genome_is_refused(tmp_path):
    folder = write_experiment(tmp_path)
    star(folder / "star", contigs="6\n7\n")
    edit(folder / "config/config.yaml", "  gtf:", "  index: star\n  gtf:")
    assert problems(folder) == [
        "star and reference/genes.gtf have no contig name in common: 6, 7 against chr6, chr7; one"
        " of them puts chr before its names: take both from one source"
    ]
