"""Features are those that HTSeq makes of an annotation."""

import gzip
import random
import string

import HTSeq
import numpy as np
import pytest

import random_alignments as chance
from imid.counting.annotation import read_exons
from imid.counting.features import coordinate, load_features, main, read_annotation, write_features
from imid.shared.problems import InputError

LINE = "c1\tx\texon\t{}\t{}\t.\t{}\t.\t{}\n"


def steps(features):
    """Each step as contig, strand, start, ids; empty ones and repetitions left out."""
    found = []
    for key, number in zip(features.step_key[:-1].tolist(), features.step_set, strict=True):
        vector, start = divmod(key, coordinate(0, True, 0))
        ids = {features.ids[member] for member in features.members(number)}
        found.append((features.contigs[vector // 2], vector % 2, start, ids))
    return found


def assert_as_by_htseq(gtf, feature_types, id_attributes, stranded):
    features = read_annotation(gtf, feature_types, id_attributes, stranded)
    made = HTSeq.make_feature_genomicarrayofsets(
        HTSeq.GFF_Reader(str(gtf)), id_attributes, feature_types, stranded=stranded
    )
    assert features.ids == sorted(made["attributes"])
    expected = [
        (contig, int(strand == "-"), start, ids)
        for contig, strands in made["features"].chrom_vectors.items()
        for strand in sorted(strands)
        for start, _, ids in strands[strand].array.get_steps()
    ]
    assert steps(features) == expected
    assert (features.step_key[1:] > features.step_key[:-1]).all()


@pytest.mark.parametrize("stranded", [True, False])
@pytest.mark.parametrize("id_attributes", [["gene_id"], ["gene_id", "exon_number"]])
@pytest.mark.parametrize("feature_types", [["exon"], ["CDS", "exon"]])
def test_steps_are_those_of_htseq(tmp_path, feature_types, id_attributes, stranded):
    gtf = chance.write_gtf(tmp_path / "genes.gtf", random.Random(4))
    assert_as_by_htseq(gtf, feature_types, id_attributes, stranded)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("stranded", [True, False])
def test_many_features_on_a_few_bases(tmp_path, seed, stranded):
    """Sets of all sizes, exons that touch or begin with the contig, lines in any order."""
    rng = random.Random(seed)
    rows = []
    for _ in range(rng.randint(1, 60)):
        start = rng.randint(1, 40)
        place_ = (start, start + rng.choice([0, 1, 9]), rng.choice("+-"))
        gene = f'gene_id "{rng.choice(string.ascii_letters[:9])}";'
        rows.append(LINE.format(*place_, gene).replace("c1", rng.choice(["c1", "c2"])))
    gtf = tmp_path / "genes.gtf"
    gtf.write_text("".join(rows))
    assert_as_by_htseq(gtf, ["exon"], ["gene_id"], stranded)


def test_a_gff3_is_read_as_htseq_reads_it(tmp_path):
    gff = tmp_path / "genes.gff3"
    rows = [(1, 9, "+", 'ID=e1;gene="A";gene_id=A'), (5, 20, "+", "gene_id=B;Parent=t%3B1")]
    gff.write_text("##gff-version 3\n" + "".join(LINE.format(*row) for row in rows))
    assert_as_by_htseq(gff, ["exon"], ["gene_id"], True)


@pytest.mark.parametrize("stranded", [True, False])
def test_one_file_serves_either_strandedness(tmp_path, stranded):
    gtf = chance.write_gtf(tmp_path / "genes.gtf", random.Random(4))
    zipped = tmp_path / "genes.gtf.gz"
    zipped.write_bytes(gzip.compress(gtf.read_bytes()))
    main(["--gtf", str(zipped), "--output", str(tmp_path / "a.npz")])
    loaded = load_features(tmp_path / "a.npz", stranded)
    assert steps(loaded) == steps(read_annotation(gtf, ["exon"], ["gene_id"], stranded))
    assert loaded.settings == {
        "feature_types": ["exon"],
        "id_attributes": ["gene_id"],
        "stranded": stranded,
    }


def test_an_exon_without_a_strand_is_told_where_strands_matter(tmp_path):
    gtf = tmp_path / "genes.gtf"
    lines = [LINE.format(10, 20, strand, f'gene_id "{strand}";') for strand in "+.-."]
    gtf.write_text("".join(lines))
    assert_as_by_htseq(gtf, ["exon"], ["gene_id"], False)
    main(["--gtf", str(gtf), "--output", str(tmp_path / "a.npz")])
    assert load_features(tmp_path / "a.npz", False).ids == ["+", "-", "."]
    with pytest.raises(InputError, match=r"^genes.gtf, line 2: the exon has no strand"):
        load_features(tmp_path / "a.npz", True)


@pytest.mark.parametrize(
    "attributes",
    [
        'gene_id "A"; note "x"',
        'transcript_id "t"; gene_id "A";',
        "gene_id A; transcript_id t",
        'gene_id "A"; ref_gene_id "B";',
        'gene_id "A"; gene_id "B";',
        'note "see gene_id"; gene_id "A" ;',
        'note "a; gene_id B"; gene_id "A"',
        'gene_id  "A B.1";',
        'gene_id "";',
        'my gene_id "C"; gene_id "A";',
        'gene_id="A";',
        'gene_id "A"; gene_id B;',
        'gene_id "A" ; note "x"',
        "gene_id A ;",
        "gene_id =A;",
        'gene_id "A;B"; note "x"',
    ],
)
def test_attributes_are_read_as_htseq_reads_them(tmp_path, attributes):
    gtf = tmp_path / "genes.gtf"
    gtf.write_text(LINE.format(10, 20, "+", attributes))
    made = HTSeq.make_feature_genomicarrayofsets(
        HTSeq.GFF_Reader(str(gtf)), ["gene_id"], ["exon"], stranded=True
    )
    assert read_annotation(gtf, ["exon"], ["gene_id"], True).ids == sorted(made["attributes"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LINE.format(10, 20, "+", 'transcript_id "t";'), "line 1: the exon has no gene_id"),
        (LINE.format(10, 20, ".", 'gene_id "A";'), "line 1: the exon has no strand"),
        (LINE.format(1, 2, "+", 'note "x"gene_id "A"'), "line 1: HTSeq cannot read the attributes"),
        (LINE.format("ten", 20, "+", 'gene_id "A";'), "line 1: start and end"),
        ("c1\tx\texon\t10\n", "line 1: is no line of a GTF"),
        (LINE.format(10, 20, "+", 'gene_id "A";').replace("exon", "CDS"), "no line has"),
        ("", "no line has"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, text, message):
    gtf = tmp_path / "genes.gtf"
    gtf.write_text(text)
    with pytest.raises(InputError, match=message):
        read_annotation(gtf, ["exon"], ["gene_id"], True)


def test_a_file_of_something_else_is_refused(tmp_path):
    gtf = chance.write_gtf(tmp_path / "genes.gtf", random.Random(4))
    kept = tmp_path / "features.npz"
    write_features(read_exons(gtf), kept)
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(InputError, match="make it anew"):
        load_features(kept, True)


@pytest.mark.parametrize("settings", ["[]", '{"format": "imid-rnaseq features 2"}', "null"])
def test_a_file_that_says_something_else_of_itself_is_refused(tmp_path, settings):
    gtf = chance.write_gtf(tmp_path / "genes.gtf", random.Random(4))
    kept = tmp_path / "features.npz"
    write_features(read_exons(gtf), kept)
    with np.load(kept) as file:
        arrays = dict(file)
    arrays["settings"] = np.frombuffer(settings.encode(), np.uint8)
    np.savez(kept, **arrays)
    with pytest.raises(InputError, match="make it anew"):
        load_features(kept, True)
