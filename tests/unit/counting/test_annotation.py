"""What is read of a GTF, and what is derived from it: held against HTSeq and plain counting."""

import gzip
import random
from itertools import pairwise

import HTSeq
import numpy as np
import pytest

from imid.counting.annotation import (
    STRAND_NAMES,
    gene_table,
    merge_intervals,
    numbered,
    read_exons,
    splice_sites,
    stranded_exons,
)
from imid.shared.problems import InputError


def line(start, end, attributes, contig="chr1", strand="+", feature="exon"):
    return "\t".join([contig, "test", feature, str(start), str(end), ".", strand, ".", attributes])


def exon(gene, start, end, transcript="t1", **place):
    return line(start, end, f'gene_id "{gene}"; transcript_id "{transcript}";', **place)


def write(path, lines):
    path.write_bytes(
        b"".join((text.encode() if isinstance(text, str) else text) + b"\n" for text in lines)
    )
    return path


@pytest.fixture
def exons_of(tmp_path):
    """Read the exons of a GTF given by its lines."""
    return lambda *lines: read_exons(write(tmp_path / "annotation.gtf", lines))


def column(exons, name):
    """The names in a column, line by line; None where there is none."""
    names = list(getattr(exons, f"{name}s"))
    return [names[number].decode() if number >= 0 else None for number in getattr(exons, name)]


def rows(exons):
    return [
        (contig, start, end, STRAND_NAMES[strand], gene, transcript)
        for contig, start, end, strand, gene, transcript in zip(
            *[column(exons, "contig"), exons.start.tolist(), exons.end.tolist()],
            *[exons.strand, column(exons, "gene"), column(exons, "transcript")],
            strict=True,
        )
    ]


# Reading


def test_coordinates_become_zero_based_and_half_open(exons_of):
    assert rows(exons_of(exon("A", 101, 200, strand="-"))) == [("chr1", 100, 200, "-", "A", "t1")]


def test_only_exon_lines_are_read(exons_of):
    names = ["gene", "transcript", "CDS", "UTR", "start_codon", "exon"]
    exons = exons_of(*(line(1, 9, f'gene_id "{name}";', feature=name) for name in names))
    assert column(exons, "gene") == ["exon"]


@pytest.mark.parametrize("key", ["gene_type", "gene_biotype"])
def test_the_biotype_is_read_as_gencode_and_as_ensembl_write_it(exons_of, key):
    attributes = f'gene_id "A"; transcript_type "retained_intron"; {key} "protein_coding";'
    assert exons_of(line(1, 9, attributes)).biotypes == {0: b"protein_coding"}


def test_an_attribute_that_a_line_lacks_is_missing(exons_of):
    exons = exons_of(line(1, 9, 'gene_id "A";'), line(20, 29, 'gene_id "B"; gene_name "Bee";'))
    assert exons.names == {1: b"Bee"}
    assert column(exons, "transcript") == [None, None]


@pytest.mark.parametrize(
    "attributes",
    [
        'gene_id "A.1"; transcript_id "t"; gene_name "Aye";',
        'gene_id "A.1"; transcript_id "t"; gene_name "Aye"',
        'gene_id "A.1";transcript_id "t";gene_name "Aye";',
        'gene_id "A.1";  transcript_id  "t" ;  gene_name "Aye" ; ',
        "gene_id A.1; transcript_id t; gene_name Aye",
        'transcript_id "t"; gene_name "Aye"; exon_number 1; gene_id "A.1";',
        'ref_gene_id "Z"; gene_id "A.1"; ref_gene_name "Zed"; transcript_id "t"; gene_name "Aye";',
        'gene_id "A.1"; transcript_id "t"; gene_name "Aye"; note "it\'s 5\' of gene B";',
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_spellings_of_the_attributes_read_alike(tmp_path, attributes, line_end):
    path = tmp_path / "annotation.gtf"
    path.write_bytes((line(1, 9, attributes) + line_end + exon("B", 20, 29) + line_end).encode())
    exons = read_exons(path)
    assert column(exons, "gene") == ["A.1", "B"]
    assert column(exons, "transcript") == ["t", "t1"]
    assert exons.names == {0: b"Aye"}


def test_a_hash_within_an_attribute_is_no_comment(exons_of):
    exons = exons_of(line(1, 9, 'note "clone #3"; gene_id "A#1"; gene_name "Aye";'))
    assert (column(exons, "gene"), exons.names) == (["A#1"], {0: b"Aye"})


def test_comment_lines_and_blank_lines_are_passed_over(exons_of):
    exons = exons_of(
        "#!genome-build test", "", exon("A", 1, 9), "#" + exon("C", 1, 9), exon("B", 20, 29)
    )
    assert column(exons, "gene") == ["A", "B"]


def test_names_that_look_like_numbers_or_missing_values_stay(exons_of):
    exons = exons_of(exon("007", 1, 9, contig="1"), exon("NA", 1, 9, contig="NA"))
    assert column(exons, "contig") == ["1", "NA"]
    assert column(exons, "gene") == ["007", "NA"]


def test_a_gzipped_annotation_reads_as_the_plain_one(tmp_path):
    plain = write(tmp_path / "annotation.gtf", [exon("A", 1, 9), exon("B", 20, 29)])
    (tmp_path / "annotation.gtf.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert rows(read_exons(tmp_path / "annotation.gtf.gz")) == rows(read_exons(plain))


def test_the_mark_of_an_editor_at_the_beginning_is_no_part_of_a_name(tmp_path):
    text = b"\xef\xbb\xbf" + exon("A", 1, 9).encode() + b"\n"
    for name, content in {"a.gtf": text, "b.gtf.gz": gzip.compress(text)}.items():
        (tmp_path / name).write_bytes(content)
        assert column(read_exons(tmp_path / name), "contig") == ["chr1"]


def test_bytes_that_are_not_utf8_are_read_where_they_name_nothing(exons_of):
    attributes = b'gene_id "A"; gene_source "Universit\xe9"; gene_name "Caf\xe9";'
    exons = exons_of(line(1, 9, "").encode() + attributes)
    assert list(gene_table(exons)) == [("A", "Café", None, 9)]


def test_a_gene_id_that_is_not_utf8_is_told_with_its_line(exons_of):
    with pytest.raises(InputError, match=r"line 2: .*Caf.* is not UTF-8"):
        exons_of(exon("A", 1, 9), line(1, 9, "").encode() + b'gene_id "Caf\xe9";')


def test_every_kind_of_damage_is_told_with_its_first_line(exons_of):
    whole = exon("A", 1, 9)
    with pytest.raises(InputError) as refused:
        exons_of(
            "# comment",
            "",
            whole.replace("exon", "CDS").replace("1", "one"),
            whole.replace("\t1\t", "\tone\t"),
            exon("A", 0, 9),
            exon("A", 10, 9),
            exon("A", 1, 1 << 31),
            line(1, 9, 'transcript_id "t1";'),
            "chr1\ttest\texon\t10",
            exon("A", 20, 9),
            exon("A", 1, 9, strand="?"),
            line(1, 9, 'gene_id "A" "B" "C";'),
            line(1, 9, "ID=A;Parent=t1"),
        )
    told = [problem.rpartition("annotation.gtf, ")[2] for problem in refused.value.problems]
    for found, expected in zip(
        told,
        [
            "line 4: start and end of the exon must be whole numbers",
            "line 6: the exon ends before it starts",
            "line 7: the exon ends beyond 2,147,483,647",
            "line 8: the exon has no gene_id",
            "line 9: is no line of a GTF",
            "line 11: the strand of the exon, column 7",
            "line 12: HTSeq cannot read the attributes",
            "line 13: the exon has no gene_id; this looks like GFF3",
        ],
        strict=True,
    ):
        assert found.startswith(expected)


@pytest.mark.parametrize("spoil", [lambda data: data[:-20], lambda data: data[:60] + b"x" * 9])
def test_a_damaged_gzip_file_is_told_as_such(tmp_path, spoil):
    lines = "\n".join(exon(f"G{number}", 1, 9) for number in range(500))
    (tmp_path / "a.gtf.gz").write_bytes(spoil(gzip.compress(lines.encode())))
    with pytest.raises(InputError, match="truncated or damaged"):
        read_exons(tmp_path / "a.gtf.gz")


def test_the_order_of_lines_changes_nothing(exons_of):
    lines = random_annotation(11)
    shuffled = random.Random(1).sample(lines, len(lines))
    for derived in (gene_table, splice_sites, stranded_exons):
        assert list(derived(exons_of(*lines))) == list(derived(exons_of(*shuffled)))


# Merging


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        ([(0, 10), (5, 20)], [(0, 20)]),
        ([(0, 10), (10, 20)], [(0, 20)]),
        ([(0, 10), (11, 20)], [(0, 10), (11, 20)]),
        ([(0, 100), (10, 20), (50, 60)], [(0, 100)]),
        ([(0, 100), (10, 20), (90, 110)], [(0, 110)]),
        ([(30, 40), (0, 10)], [(0, 10), (30, 40)]),
        ([(0, 10), (0, 10)], [(0, 10)]),
        ([(0, 2**31 - 1), (2**31 - 2, 2**31 - 1)], [(0, 2**31 - 1)]),
    ],
    ids=["overlapping", "touching", "apart", "nested", "reaching back", "unsorted", "equal", "far"],
)
def test_intervals_merge(given, merged):
    start, end = np.array(given, np.int32).T
    group, start, end = merge_intervals(np.full(len(given), 7), start, end)
    assert list(zip(start.tolist(), end.tolist(), strict=True)) == merged
    assert (group == 7).all()


def test_merging_agrees_with_marking_every_base():
    rng = np.random.default_rng(3)
    start = rng.integers(0, 900, 150)
    end = start + rng.integers(1, 12, 150)
    group, values = numbered(rng.integers(0, 2, 150), rng.integers(0, 2, 150))
    assert [list(value) for value in values] == [[0, 0, 1, 1], [0, 1, 0, 1]]
    merged, first, last = merge_intervals(group, start, end)
    for number in range(4):
        covered = np.zeros(1000, dtype=int)
        for at in np.flatnonzero(group == number):
            covered[start[at] : end[at]] = 1
        edges = np.diff(covered, prepend=0)
        assert first[merged == number].tolist() == np.flatnonzero(edges == 1).tolist()
        assert last[merged == number].tolist() == np.flatnonzero(edges == -1).tolist()


# Genes


def lengths(exons):
    return {gene_id: length for gene_id, _, _, length in gene_table(exons)}


def test_a_gene_is_as_long_as_the_bases_that_its_exons_cover(exons_of):
    exons = exons_of(
        exon("A", 101, 200),
        exon("A", 151, 250, transcript="t2"),  # overlaps
        exon("A", 251, 260, transcript="t3"),  # touches
        exon("A", 301, 400),
        exon("A", 311, 320, transcript="t2"),  # nested
    )
    assert lengths(exons) == {"A": 160 + 100}


def test_genes_that_overlap_keep_their_own_lengths(exons_of):
    exons = exons_of(exon("A", 1, 100), exon("B", 51, 150), exon("C", 1, 100, strand="-"))
    assert lengths(exons) == {"A": 100, "B": 100, "C": 100}


def test_a_gene_on_two_contigs_adds_up(exons_of):
    exons = exons_of(exon("A", 1, 100, contig="X"), exon("A", 1, 50, contig="Y"))
    assert lengths(exons) == {"A": 150}


def test_a_gene_without_a_name_is_called_by_its_id(exons_of):
    exons = exons_of(exon("B", 1, 9), line(20, 29, 'gene_id "A"; gene_name "Aye";'))
    assert [name for _, name, _, _ in gene_table(exons)] == ["Aye", "B"]


def test_a_name_that_some_exons_lack_is_found_on_the_others(exons_of):
    exons = exons_of(exon("A", 1, 9), line(20, 29, 'gene_id "A"; gene_name "Aye";'))
    assert [name for _, name, _, _ in gene_table(exons)] == ["Aye"]


def test_genes_stand_in_the_order_of_python_strings(exons_of):
    names = ["b", "A10", "A9", "a", "Z", "_", "é", "\U0001f9ec", "\uffee"]
    exons = exons_of(*(exon(name, 1, 9) for name in names))
    assert [gene_id for gene_id, *_ in gene_table(exons)] == sorted(names)


def random_annotation(seed):
    rng = np.random.default_rng(seed)
    lines = []
    for number in range(25):
        contig, strand = rng.choice(["chr1", "chr2"]), rng.choice(["+", "-"])
        for transcript in range(3):
            for start in rng.integers(1, 2000, 4):
                end = start + rng.integers(0, 80)
                name = f"t{number}.{transcript}"
                lines.append(exon(f"G{number}", start, end, name, contig=contig, strand=strand))
    return lines


def test_lengths_agree_with_htseqs_reading(tmp_path):
    path = write(tmp_path / "annotation.gtf", random_annotation(7))
    array = HTSeq.GenomicArrayOfSets("auto", stranded=True)
    for feature in HTSeq.GFF_Reader(str(path)):
        array[feature.iv] += feature.attr["gene_id"]
    expected = {}
    for interval, genes in array.steps():
        for gene in genes:
            expected[gene] = expected.get(gene, 0) + interval.length
    assert lengths(read_exons(path)) == expected


# Splice sites


def sites(exons):
    return [list(site) for site in splice_sites(exons)]


def test_exons_of_an_empty_transcript_id_have_no_introns_between_them(exons_of):
    """To STAR they are one transcript, of whatever genes; HISAT2 is told of no junctions."""
    exons = exons_of(exon("A", 1, 9, ""), exon("B", 20, 29, ""), exon("C", 40, 49, "t"))
    assert [*exons.transcripts] == [b"", b"t"]
    assert [*splice_sites(exons)] == []


def test_an_intron_is_given_by_the_last_and_the_first_base_around_it(exons_of):
    # In 1-based terms the exons end on base 200 and begin on base 301.
    exons = exons_of(exon("A", 101, 200, strand="-"), exon("A", 301, 400, strand="-"))
    assert sites(exons) == [["chr1", 199, 300, "-"]]


def test_an_intron_that_isoforms_share_is_listed_once(exons_of):
    exons = exons_of(
        *[exon("A", 101, 200, "t1"), exon("A", 301, 400, "t1"), exon("A", 501, 600, "t1")],
        *[exon("A", 151, 200, "t2"), exon("A", 301, 380, "t2")],
        *[exon("A", 101, 200, "t3"), exon("A", 501, 600, "t3")],
    )
    assert sites(exons) == [
        ["chr1", 199, 300, "+"],
        ["chr1", 199, 500, "+"],
        ["chr1", 399, 500, "+"],
    ]


def test_exons_in_the_order_of_transcription_give_the_same_introns(exons_of):
    # GENCODE lists a minus gene's exons from the right; the order of lines must not matter.
    lines = [exon("A", start, start + 99, strand="-") for start in (901, 501, 101)]
    assert sites(exons_of(*lines)) == sites(exons_of(*lines[::-1]))
    assert sites(exons_of(*lines)) == [["chr1", 199, 500, "-"], ["chr1", 599, 900, "-"]]


def test_there_is_no_intron_between_transcripts_contigs_or_touching_exons(exons_of):
    exons = exons_of(
        *[exon("A", 101, 200, "t1"), exon("A", 201, 300, "t1")],
        exon("A", 501, 600, "t2"),
        *[exon("B", 101, 200, "t3", contig="X"), exon("B", 501, 600, "t3", contig="Y")],
    )
    assert sites(exons) == []


def test_exons_without_a_transcript_give_no_introns(exons_of):
    assert sites(exons_of(line(1, 9, 'gene_id "A";'), line(20, 29, 'gene_id "A";'))) == []


@pytest.mark.parametrize("seed", range(5))
def test_sites_are_those_found_transcript_by_transcript(exons_of, seed):
    lines = random_annotation(seed)
    random.Random(seed).shuffle(lines)
    exons = exons_of(*lines)
    expected = set()
    for transcript in {row[5] for row in rows(exons)}:
        parts = sorted(
            (row for row in rows(exons) if row[5] == transcript), key=lambda row: row[:2]
        )
        for before, after in pairwise(parts):
            if before[0] == after[0] and after[1] > before[2]:
                expected.add((after[0], before[2] - 1, after[1], after[3]))
    assert expected
    assert list(splice_sites(exons)) == sorted(expected)
