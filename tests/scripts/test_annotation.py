import gzip

import HTSeq
import numpy as np
import pandas as pd
import pytest

from annotation import gene_table, merge_intervals, read_exons, splice_sites


def line(start, end, attributes, contig="chr1", strand="+", feature="exon"):
    return "\t".join([contig, "test", feature, str(start), str(end), ".", strand, ".", attributes])


def exon(gene, start, end, transcript="t1", **place):
    return line(start, end, f'gene_id "{gene}"; transcript_id "{transcript}";', **place)


def write(path, lines):
    path.write_text("".join(f"{text}\n" for text in lines))
    return path


@pytest.fixture
def exons_of(tmp_path):
    """Read the exons of a GTF given by its lines."""
    return lambda *lines: read_exons(write(tmp_path / "annotation.gtf", lines))


# Reading


def test_coordinates_become_zero_based_and_half_open(exons_of):
    exons = exons_of(exon("A", 101, 200, strand="-"))
    assert exons.loc[0, ["contig", "start", "end", "strand"]].tolist() == ["chr1", 100, 200, "-"]


def test_only_exon_lines_are_read(exons_of):
    names = ["gene", "transcript", "CDS", "UTR", "start_codon", "exon"]
    exons = exons_of(*(line(1, 9, f'gene_id "{name}";', feature=name) for name in names))
    assert exons["gene_id"].tolist() == ["exon"]


@pytest.mark.parametrize("key", ["gene_type", "gene_biotype"])
def test_the_biotype_is_read_as_gencode_and_as_ensembl_write_it(exons_of, key):
    attributes = f'gene_id "A"; transcript_type "retained_intron"; {key} "protein_coding";'
    assert exons_of(line(1, 9, attributes)).loc[0, "biotype"] == "protein_coding"


def test_an_attribute_that_a_line_lacks_is_missing(exons_of):
    exons = exons_of(line(1, 9, 'gene_id "A";'), line(20, 29, 'gene_id "B"; gene_name "Bee";'))
    assert exons["gene_name"].isna().tolist() == [True, False]
    assert exons["transcript_id"].isna().all()


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
    names = exons.loc[0, ["gene_id", "transcript_id", "gene_name"]].tolist()
    assert names == ["A.1", "t", "Aye"]
    assert exons.loc[1, "gene_id"] == "B"


def test_a_hash_within_an_attribute_is_no_comment(exons_of):
    exons = exons_of(line(1, 9, 'note "clone #3"; gene_id "A#1"; gene_name "Aye";'))
    assert exons.loc[0, ["gene_id", "gene_name"]].tolist() == ["A#1", "Aye"]


def test_comment_lines_and_blank_lines_are_passed_over(exons_of):
    exons = exons_of(
        "#!genome-build test", "", exon("A", 1, 9), "#" + exon("C", 1, 9), exon("B", 20, 29)
    )
    assert exons["gene_id"].tolist() == ["A", "B"]


def test_names_that_look_like_numbers_or_missing_values_stay(exons_of):
    exons = exons_of(exon("007", 1, 9, contig="1"), exon("NA", 1, 9, contig="NA"))
    assert exons["contig"].tolist() == ["1", "NA"]
    assert exons["gene_id"].tolist() == ["007", "NA"]


def test_a_gzipped_annotation_reads_as_the_plain_one(tmp_path):
    plain = write(tmp_path / "annotation.gtf", [exon("A", 1, 9), exon("B", 20, 29)])
    (tmp_path / "annotation.gtf.gz").write_bytes(gzip.compress(plain.read_bytes()))
    pd.testing.assert_frame_equal(read_exons(tmp_path / "annotation.gtf.gz"), read_exons(plain))


# Merging


def intervals(*bounds):
    return pd.DataFrame(bounds, columns=["start", "end"]).assign(contig="chr1")


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
    ],
    ids=["overlapping", "touching", "apart", "nested", "reaching back", "unsorted", "equal"],
)
def test_intervals_merge(given, merged):
    result = merge_intervals(intervals(*given), ["contig"])
    assert result[["start", "end"]].to_numpy().tolist() == [list(bounds) for bounds in merged]


def test_merging_agrees_with_marking_every_base():
    rng = np.random.default_rng(3)
    start = rng.integers(0, 900, 150)
    exons = pd.DataFrame({"start": start, "end": start + rng.integers(1, 12, 150)})
    exons["contig"] = rng.choice(["chr1", "chr2"], 150)
    exons["strand"] = rng.choice(["+", "-"], 150)
    merged = merge_intervals(exons, ["contig", "strand"])
    for key, group in exons.groupby(["contig", "strand"]):
        covered = np.zeros(1000, dtype=int)
        for row in group.itertuples():
            covered[row.start : row.end] = 1
        edges = np.diff(covered, prepend=0)
        rows = merged[(merged["contig"] == key[0]) & (merged["strand"] == key[1])]
        assert rows["start"].tolist() == np.flatnonzero(edges == 1).tolist()
        assert rows["end"].tolist() == np.flatnonzero(edges == -1).tolist()


# Genes


def test_a_gene_is_as_long_as_the_bases_that_its_exons_cover(exons_of):
    genes = gene_table(
        exons_of(
            exon("A", 101, 200),
            exon("A", 151, 250, transcript="t2"),  # overlaps
            exon("A", 251, 260, transcript="t3"),  # touches
            exon("A", 301, 400),
            exon("A", 311, 320, transcript="t2"),  # nested
        )
    )
    assert genes["length"].tolist() == [160 + 100]


def test_genes_that_overlap_keep_their_own_lengths(exons_of):
    genes = gene_table(
        exons_of(exon("A", 1, 100), exon("B", 51, 150), exon("C", 1, 100, strand="-"))
    )
    assert genes.set_index("gene_id")["length"].to_dict() == {"A": 100, "B": 100, "C": 100}


def test_a_gene_on_two_contigs_adds_up(exons_of):
    genes = gene_table(exons_of(exon("A", 1, 100, contig="X"), exon("A", 1, 50, contig="Y")))
    assert genes["length"].tolist() == [150]


def test_a_gene_without_a_name_is_called_by_its_id(exons_of):
    genes = gene_table(exons_of(exon("B", 1, 9), line(20, 29, 'gene_id "A"; gene_name "Aye";')))
    assert genes["gene_name"].tolist() == ["Aye", "B"]


def test_a_name_that_some_exons_lack_is_found_on_the_others(exons_of):
    genes = gene_table(exons_of(exon("A", 1, 9), line(20, 29, 'gene_id "A"; gene_name "Aye";')))
    assert genes["gene_name"].tolist() == ["Aye"]


def test_genes_stand_in_the_order_of_python_strings(exons_of):
    names = ["b", "A10", "A9", "a", "Z", "_"]
    genes = gene_table(exons_of(*(exon(name, 1, 9) for name in names)))
    assert genes["gene_id"].tolist() == sorted(names)


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
    genes = gene_table(read_exons(path))
    assert genes.set_index("gene_id")["length"].to_dict() == expected


# Splice sites


def sites(exons):
    return splice_sites(exons).to_numpy().tolist()


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
