"""Prebuilt indices."""

import random
import shutil
import subprocess

import pytest

from imid.inputs.check_index import Index, index_findings, read_index
from imid.inputs.check_reference import Annotation, Contigs
from imid.userfiles.check_content import ContentError
from small_experiment import edit, load, problems, write, write_experiment

LENGTHS = {"chr6": 12, "chr7": 8}
GENES = ["ENSG00000137265.15", "ENSG00000185811.18"]


def star(folder, version="2.7.4a", lengths=LENGTHS, genes=GENES):
    for name in ["Genome", "SA", "SAindex", "chrStart.txt"]:
        write(folder / name, "x")
    write(folder / "chrName.txt", "".join(f"{name}\n" for name in lengths))
    write(folder / "chrLength.txt", "".join(f"{length}\n" for length in lengths.values()))
    write(
        folder / "genomeParameters.txt",
        f"### STAR\nversionGenome\t{version}\ngenomeType\tFull\ngenomeFileSizes\t1 1\n",
    )
    if genes:
        rows = "".join(f"{gene}\tname\t\n" for gene in genes)
        write(folder / "geneInfo.tab", f"{len(genes)}\n{rows}")
        write(folder / "exonGeTrInfo.tab", "2\n0\t9\t1\t0\t0\n")
    return folder


def hisat2(prefix, suffix="ht2"):
    for part in range(1, 9):
        write(prefix.with_name(f"{prefix.name}.{part}.{suffix}"), "x")
    return prefix


def test_an_index_of_star(tmp_path):
    index = star(tmp_path / "star")
    assert read_index(index, "star", "star") == Index(
        "star", ["chr6", "chr7"], True, LENGTHS, frozenset(GENES), exons=2
    )


def test_an_index_of_star_without_an_annotation(tmp_path):
    assert read_index(star(tmp_path, genes=[]), "star", "star").genes is None


@pytest.mark.parametrize("suffix", ["ht2", "ht2l"])
def test_an_index_of_hisat2(tmp_path, monkeypatch, suffix):
    """Without the program that reads it, only its files are looked at."""
    monkeypatch.setenv("PATH", "")
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


def other_size(folder):
    write(star(folder) / "SA", "cut off")
    return folder


def binary(folder):
    (star(folder) / "genomeParameters.txt").write_bytes(b"\xff\xfe\x00")
    return folder


def binary_names(folder):
    (star(folder) / "chrName.txt").write_bytes(b"chr6\0\nchr7\n")
    return folder


def other_lengths(folder):
    write(star(folder) / "chrLength.txt", "12\n")
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
        (
            other_size,
            "star",
            "is damaged: SA has 7 bytes, of 1 that STAR wrote; copy it again or build it again",
        ),
        (binary, "star", "is damaged: genomeParameters.txt is no text; build it again"),
        (binary_names, "star", "is damaged: chrName.txt is no text; build it again"),
        (
            other_lengths,
            "star",
            "is damaged: chrName.txt and chrLength.txt differ; build it again",
        ),
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
    star(folder / "star", lengths={"6": 12, "7": 8}, genes=[])
    edit(folder / "config/config.yaml", "  gtf:", "  index: star\n  gtf:")
    assert problems(folder) == [
        "star and reference/genes.gtf have no contig name in common: 6, 7 against chr6, chr7; one"
        " of them puts chr before its names: take both from one source",
        "star is of another genome: 2 of 2 contigs of reference/genome.fa are not in it (chr6);"
        " leave the index out, and one is built",
    ]


def held(lengths=LENGTHS, genes=GENES, exons=2, complete=True):
    """What is said of an index of two genes on two contigs, given this genome and annotation."""
    index = Index("ix", list(LENGTHS), True, LENGTHS, frozenset(GENES), exons=2)
    genome = Contigs("g.fa", list(lengths), complete, lengths)
    annotation = Annotation("a.gtf", {}, {"chr6": genes}, complete, exons)
    return index_findings(index, genome, annotation)


def test_an_index_of_the_same_genome_and_annotation():
    assert held() == ([], [])


def test_an_index_of_contigs_of_other_lengths():
    assert held(LENGTHS | {"chr7": 9}) == (
        [
            "ix is of another genome: chr7 has 8 bases there, 9 in g.fa (so 1 of 2 contigs); leave"
            " the index out, and one is built"
        ],
        [],
    )


def test_an_index_of_another_annotation():
    (problem,), _ = held(genes=[*GENES[:1], "g3", "g4"])
    assert problem == (
        "ix was built with another annotation: 2 of 3 genes of a.gtf are not in it (g3) and 1"
        " genes are in it alone (ENSG00000185811.18); give the GTF that it was built with, or"
        " leave the index out, and one is built"
    )


def test_of_an_annotation_seen_in_part_genes_may_be_lacking():
    assert held(genes=GENES[:1], complete=False) == ([], [])
    assert held(genes=["g3"], complete=False)[0] != []


def test_genes_on_contigs_that_the_index_lacks_are_not_expected_in_it():
    index = Index("ix", ["1"], True, {"1": 9}, frozenset(["g"]), exons=1)
    annotation = Annotation("a.gtf", {}, {"1": ["g"], "2": ["h"]}, True, exons=2)
    assert index_findings(index, None, annotation) == ([], [])


def test_another_number_of_exons_is_a_warning():
    problems, (warning,) = held(exons=3)
    assert problems == []
    assert warning.startswith("ix was built with 2 exon lines, and a.gtf has 3: perhaps another")


@pytest.mark.skipif(not shutil.which("hisat2-build"), reason="hisat2 is not installed")
def test_hisat2_tells_of_its_contigs(tmp_path):
    rng = random.Random(1)
    bases = "".join(rng.choices("ACGT", k=900))
    write(tmp_path / "g.fa", f">a x\n{bases[:500]}\n>b\n{bases[500:]}\n")
    command = ["hisat2-build", "-q", tmp_path / "g.fa", tmp_path / "g"]
    subprocess.run(command, check=True, capture_output=True)
    assert read_index(tmp_path / "g", "ix", "hisat2").lengths == {"a": 500, "b": 400}
    part = tmp_path / "g.1.ht2"
    part.write_bytes(part.read_bytes()[:20])
    with pytest.raises(ContentError, match="is damaged: hisat2-inspect cannot read it"):
        read_index(tmp_path / "g", "ix", "hisat2")


@pytest.mark.parametrize("takes_long", [True, False])
def test_an_index_that_nobody_reads_is_told(tmp_path, monkeypatch, takes_long):
    folder = write_experiment(tmp_path)
    hisat2(folder / "index/genome")
    edit(folder / "config/config.yaml", "aligner: star", "aligner: hisat2")
    edit(
        folder / "config/config.yaml",
        "  gtf: reference/genes.gtf\n",
        "  gtf: reference/genes.gtf\n  index: index/genome\n",
    )
    if takes_long:
        (folder / "hisat2-inspect").write_text("#!/bin/sh\nexec /bin/sleep 9\n")
        (folder / "hisat2-inspect").chmod(0o755)
        monkeypatch.setattr("imid.reads.hisat2.PATIENCE", 0.1)
    monkeypatch.setenv("PATH", str(folder))
    (told,) = load(folder).warnings
    assert told.startswith(
        "config/config.yaml, line 5, reference.index: 'index/genome' is not held"
    )
