"""Features are those that HTSeq makes of an annotation."""

import gzip
import random

import HTSeq
import pytest

import random_alignments as chance
from features import load_features, main, place, read_annotation, write_features
from problems import InputError

LINE = "c1\tx\texon\t{}\t{}\t.\t{}\t.\t{}\n"


def steps(features):
    """Each step as contig, strand, start, ids; empty ones and repetitions left out."""
    found = []
    for key, number in zip(features.step_key[:-1].tolist(), features.step_set, strict=True):
        vector, start = divmod(key, place(0, True, 0))
        ids = {features.ids[member] for member in features.members(number)}
        found.append((features.contigs[vector // 2], vector % 2, start, ids))
    return found


@pytest.mark.parametrize("stranded", [True, False])
@pytest.mark.parametrize("id_attributes", [["gene_id"], ["gene_id", "exon_number"]])
def test_steps_are_those_of_htseq(tmp_path, stranded, id_attributes):
    gtf = chance.write_gtf(tmp_path / "genes.gtf", random.Random(4))
    features = read_annotation(gtf, ["exon"], id_attributes, stranded)
    made = HTSeq.make_feature_genomicarrayofsets(
        HTSeq.GFF_Reader(str(gtf)), id_attributes, ["exon"], stranded=stranded
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


def test_kept_and_loaded(tmp_path):
    gtf = chance.write_gtf(tmp_path / "genes.gtf", random.Random(4))
    zipped = tmp_path / "genes.gtf.gz"
    zipped.write_bytes(gzip.compress(gtf.read_bytes()))
    main(["--gtf", str(zipped), "--stranded", "yes", "--output", str(tmp_path / "a.npz")])
    loaded = load_features(tmp_path / "a.npz")
    assert steps(loaded) == steps(read_annotation(gtf, ["exon"], ["gene_id"], True))
    assert loaded.settings == {
        "feature_types": ["exon"],
        "id_attributes": ["gene_id"],
        "stranded": True,
    }


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
        (LINE.format(10, 20, "+", 'transcript_id "t";'), "does not contain a 'gene_id'"),
        (LINE.format(10, 20, ".", 'gene_id "A";'), "strand"),
        (LINE.format("ten", 20, "+", 'gene_id "A";'), "ten"),
        ("c1\tx\texon\t10\n", "cannot read"),
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
    write_features(read_annotation(gtf, ["exon"], ["gene_id"], True), kept)
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(InputError, match="make it anew"):
        load_features(kept)
