"""Genome and annotation: what is read of them, and whether they belong together."""

import os

import pysam
import pytest

from imid.inputs.check_reference import Annotation, Contigs, contig_findings, read_fasta, read_gtf
from imid.shared.problems import InputError
from imid.userfiles import check_content
from imid.userfiles.check_content import ContentError
from small_experiment import GENOME, GTF, write


def gtf(tmp_path, text, stranded=True):
    write(tmp_path / "a.gtf", text)
    return read_gtf(tmp_path / "a.gtf", "a.gtf", stranded)


@pytest.mark.parametrize("name", ["g.fa", "g.fa.gz"])
def test_contigs_of_a_genome(tmp_path, name):
    write(tmp_path / name, GENOME)
    lengths = {"chr6": 12, "chr7": 8}
    assert read_fasta(tmp_path / name, "g") == Contigs("g", ["chr6", "chr7"], True, lengths)


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_headers_on_the_edge_of_a_block_are_found(tmp_path, monkeypatch, block):
    monkeypatch.setattr(check_content, "BLOCK", block)
    write(tmp_path / "g.fa", ">a x>y\nACGT\n>b\r\nA\r\n>c\tz\nAC\nGT")
    assert read_fasta(tmp_path / "g.fa", "g").lengths == {"a": 4, "b": 1, "c": 4}


def test_a_large_genome_is_known_by_its_index(tmp_path, monkeypatch):
    write(tmp_path / "g.fa", GENOME)
    monkeypatch.setattr(check_content, "WHOLE", 20)
    assert read_fasta(tmp_path / "g.fa", "g") == Contigs("g", ["chr6", "chr7"], False, {"chr6": 12})
    write(tmp_path / "g.fa.fai", "chr6\t12\t20\t8\t9\nchr7\t8\t40\t8\t9\n")
    lengths = {"chr6": 12, "chr7": 8}
    assert read_fasta(tmp_path / "g.fa", "g") == Contigs("g", ["chr6", "chr7"], True, lengths)
    os.utime(tmp_path / "g.fa.fai", (0, 0))
    assert read_fasta(tmp_path / "g.fa", "g").complete is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ACGT\n", "is not FASTA: its first line does not begin with '>'"),
        ("@r\nACGT\n", "is not FASTA: its first line does not begin with '>'"),
        (">", "has a sequence without a name right after its '>'"),
        ("> chr1\nACGT\n", "has a sequence without a name right after its '>'"),
        ("", "is empty"),
    ],
)
def test_what_is_no_genome_is_refused(tmp_path, text, message):
    write(tmp_path / "g.fa", text)
    with pytest.raises(ContentError) as raised:
        read_fasta(tmp_path / "g.fa", "g")
    assert str(raised.value) == message


@pytest.mark.parametrize(("read", "text"), [(read_fasta, GENOME), (read_gtf, GTF)])
def test_what_bgzip_wrote_and_lost_its_end_is_refused(tmp_path, read, text):
    path = tmp_path / "a.gz"
    with pysam.BGZFile(str(path), "wb") as file:
        file.write(text.encode())
    options = {"stranded": True} if read is read_gtf else {}
    read(path, "a", **options)
    path.write_bytes(path.read_bytes()[:-28])
    with pytest.raises(ContentError, match="truncated"):
        read(path, "a", **options)


def test_genes_with_exons_are_known(tmp_path):
    assert gtf(tmp_path, GTF) == Annotation(
        "a.gtf",
        genes={"ENSG00000137265.15": "IRF4", "ENSG00000185811.18": "IKZF1"},
        places={"chr6": ["ENSG00000137265.15"], "chr7": ["ENSG00000185811.18"]},
        complete=True,
        exons=2,
        reach={"chr6": (9, 3), "chr7": (5, 4)},
    )


def exon(attributes, contig="1", strand="+"):
    return f"{contig}\tX\texon\t1\t9\t.\t{strand}\t.\t{attributes}\n"


def test_attributes_in_other_hands(tmp_path):
    text = (
        exon('transcript_id "T"; gene_id "a"; havana_gene_id "no";')
        + exon("gene_id b; gene_name B")
        + exon('havana_gene_id "no";gene_id "c" ; gene_name "the C"')
        + exon('gene_id "a";', contig="2")
        + '1\tX\tCDS\t1\t9\t.\t+\t0\tgene_id "not exon";\n'
    )
    annotation = gtf(tmp_path, text)
    assert annotation.genes == {"a": "a", "b": "B", "c": "the C"}
    assert annotation.genes_on == {"1": 3, "2": 1}


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            GTF + exon('gene_name "x";') + exon('gene_name "y";'),
            [
                "a.gtf, line 5: the exon has no gene_id, and exons are counted by it (and so 1"
                " more lines)"
            ],
        ),
        (
            GTF + exon("ID=exon:1;Parent=transcript:T1"),
            [
                "a.gtf, line 5: the exon has no gene_id; this looks like GFF3: make a GTF of it"
                " with gffread -T"
            ],
        ),
        (
            GTF + exon('gene_id "x";', strand="."),
            ["a.gtf, line 5: the exon has no strand, which a stranded library needs"],
        ),
        (
            GTF + "1\tX\texon\tone\t9\t.\t+\t.\tgene_id x\n" + exon("x"),
            [
                "a.gtf, line 5: start and end of the exon must be whole numbers from 1 on",
                "a.gtf, line 6: the exon has no gene_id, and exons are counted by it",
            ],
        ),
    ],
)
def test_exons_that_cannot_be_counted(tmp_path, text, messages):
    with pytest.raises(InputError) as raised:
        gtf(tmp_path, text)
    assert raised.value.problems == messages


def test_an_unstranded_library_needs_no_strands(tmp_path):
    assert gtf(tmp_path, exon('gene_id "x";', strand="."), stranded=False).genes == {"x": "x"}


def test_lines_are_counted_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(check_content, "BLOCK", 100)
    with pytest.raises(InputError, match=r"^a\.gtf, line 41: the exon has no gene_id"):
        gtf(tmp_path, exon('gene_id "x";') * 40 + exon("x"))


def test_without_exons_there_is_nothing_to_count(tmp_path, monkeypatch):
    text = GTF.replace("exon", "CDS")
    with pytest.raises(ContentError, match=r"has no exon lines.*; its features are CDS, gene$"):
        gtf(tmp_path, text)
    monkeypatch.setattr(check_content, "WHOLE", 20)
    assert not gtf(tmp_path, text).complete


def findings(names, genes_on, complete=(True, True)):
    places = {contig: [f"{contig}.{n}" for n in range(genes)] for contig, genes in genes_on.items()}
    return contig_findings(
        Contigs("g.fa", names, complete[0]), Annotation("a.gtf", {}, places, complete[1])
    )


def test_no_contig_in_common():
    assert findings(["chr1", "chr2", "chr3", "chr4"], {"1": 5, "X": 2}) == (
        [
            "g.fa and a.gtf have no contig name in common: chr1, chr2, chr3 ... against 1, X; one"
            " of them puts chr before its names: take both from one source"
        ],
        [],
    )
    assert findings(["NC_1"], {"1": 5}) == (
        ["g.fa and a.gtf have no contig name in common: NC_1 against 1"],
        [],
    )


def test_some_contigs_absent():
    assert findings(["1", "2"], {"1": 5, "2": 3, "KI27": 2}) == (
        [],
        ["a.gtf: 2 of 10 genes lie on contigs that g.fa does not have (KI27); they will count 0"],
    )


@pytest.mark.parametrize("complete", [(True, False), (False, True), (False, False)])
def test_of_files_seen_in_part_only_what_is_certain_is_said(complete):
    assert findings(["1"], {"2": 5}, complete) == ([], [])
    assert findings(["1"], {"1": 5, "2": 5}, complete) == ([], [])
    problems, warnings = findings(["chr1"], {"1": 5}, complete)
    assert len(problems) == 1
    assert warnings == []


def test_all_contigs_there():
    assert findings(["1", "2", "3"], {"1": 5}) == ([], [])


def test_exons_beyond_the_end_of_their_contig():
    contigs = Contigs("g.fa", ["1", "2", "3"], True, {"1": 100, "2": 100, "3": 100})
    reach = {"1": (100, 9), "2": (1101, 7), "3": (101, 5)}
    annotation = Annotation("a.gtf", {}, {}, complete=False, reach=reach)
    assert contig_findings(contigs, annotation) == (
        [
            "a.gtf, line 5: the exon ends at 101 on 3, which has 100 bases in g.fa; so it is on 2"
            " of 3 contigs: they are of different assemblies, take both from one source"
        ],
        [],
    )


def test_all_that_is_wrong_with_a_genome_is_told(tmp_path):
    write(tmp_path / "g.fa", ">a\nAC\n>a\nGT\n>b,1\nA\n")
    with pytest.raises(InputError) as raised:
        read_fasta(tmp_path / "g.fa", "g")
    assert raised.value.problems == [
        "g has a sequence twice: a",
        "g has a sequence with a name that SAM and BAM cannot hold: b,1",
    ]
