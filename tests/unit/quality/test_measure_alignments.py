"""What is planted in alignments is measured; what cannot be measured is absent with a reason."""

import json

import numpy as np
import pysam
import pytest

import planted_alignments as planted
from imid.quality import aligned_bases, equal_ends, measure_alignments, prepare_gene_regions
from imid.quality.gene_regions import read_regions
from imid.quality.measured_sample import read_measured
from imid.shared.problems import InputError

POINTS = 0.02


@pytest.fixture(scope="module")
def regions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regions")
    gtf = planted.write_gtf(folder / "genes.gtf")
    prepare_gene_regions.main(["--gtf", str(gtf), "--output", str(folder / "regions.npz")])
    return folder / "regions.npz"


@pytest.fixture
def measured(tmp_path, regions):
    def measured(**library):
        bam = planted.write_bam(tmp_path / "aligned.bam", planted.Library(**library))
        return measure(bam, regions)

    return measured


def measure(bam, regions):
    output = bam.with_suffix(".json")
    arguments = {"sample": "s", "alignments": bam, "regions": regions, "output": output}
    measure_alignments.main([w for k, v in arguments.items() for w in (f"--{k}", str(v))])
    return read_measured(output)


def test_a_sound_library_has_the_figures_that_were_planted(measured):
    figures = measured().figures
    assert figures["duplicates"] < POINTS
    assert figures["duplicates_at_low_expression"] < POINTS
    assert figures["exonic"] == 1
    assert figures["intronic"] == figures["intergenic"] == 0
    assert figures["known_splices"] == 1
    assert figures["junctions_known"] == planted.GENES * (planted.EXONS - 1)
    assert figures["junctions_new"] == 0
    assert figures["insert_size"] == pytest.approx(250, abs=2)
    # The quartiles of a normal distribution.
    assert figures["insert_size_lower_quartile"] == pytest.approx(250 - 0.6745 * 40, abs=2)
    assert figures["insert_size_upper_quartile"] == pytest.approx(250 + 0.6745 * 40, abs=2)
    assert figures["three_to_five_prime"] == pytest.approx(1, abs=0.05)


def test_copies_are_duplicates_at_whatever_expression(measured):
    weight = np.geomspace(1, 300, planted.GENES)
    sample = measured(copies=0.6, fragments=24_000, weight=weight)
    # Of those drawn anew a few meet by chance.
    assert sample.figures["duplicates"] == pytest.approx(0.6, abs=POINTS)
    assert sample.figures["duplicates_at_low_expression"] > 0.4
    assert min(sample.curves["duplicates_by_expression"]) > 0.3


def test_fragments_that_meet_by_chance_are_duplicates_at_high_expression_alone(measured):
    weight = np.geomspace(1, 3000, planted.GENES)
    sample = measured(fragments=60_000, weight=weight, insert=(100, 1))
    shares = sample.curves["duplicates_by_expression"]
    assert shares[-1] > 0.15
    assert shares[0] < POINTS
    assert sample.figures["duplicates_at_low_expression"] < POINTS


def test_reads_of_introns_and_of_what_lies_between_genes_are_told(measured):
    figures = measured(intronic=0.4, intergenic=0.1).figures
    assert figures["intronic"] == pytest.approx(0.4, abs=POINTS)
    assert figures["intergenic"] == pytest.approx(0.1, abs=POINTS)
    assert figures["exonic"] == pytest.approx(0.5, abs=POINTS)


@pytest.mark.parametrize("decay", [6.0, 1 / 6])
def test_decay_shows_at_the_end_it_spares(measured, decay):
    sample = measured(decay=decay, fragments=20_000)
    body = np.array(sample.curves["gene_body"])
    assert body.mean() == pytest.approx(1)
    # Fragments begin along a straight line; what a transcript's middle parts expect of it:
    at = (np.arange(100) + 0.5) / 100
    line = 1 + (decay - 1) * at
    expected = line[60:90].mean() / line[10:40].mean()
    assert sample.figures["three_to_five_prime"] == pytest.approx(expected, rel=0.1)


def test_each_gene_weighs_as_much_in_the_coverage(tmp_path, regions):
    weight = np.geomspace(1, 20, planted.GENES)
    bam = planted.write_bam(tmp_path / "aligned.bam", planted.Library(weight=weight))
    _, bases = measure_alignments.measure(bam, read_regions(regions))
    coverage = bases.body_coverage()
    assert 50 < len(coverage) < planted.GENES
    np.testing.assert_allclose(coverage.mean(axis=1), 1)


@pytest.mark.parametrize("every", [1, 3, 7])
def test_one_alignment_of_so_many_is_looked_at_however_the_stream_is_cut(
    tmp_path, regions, monkeypatch, every
):
    bam = planted.write_bam(tmp_path / "aligned.bam", planted.Library(fragments=500))
    monkeypatch.setattr(measure_alignments, "IN_FULL", bam.stat().st_size // (every - 0.5))
    monkeypatch.setattr("imid.counting.bam.STRETCH", 5_000)
    ends, bases = measure_alignments.measure(bam, read_regions(regions))
    assert bases.records == -(-1000 // every)
    assert ends.fragments.tolist() == [0, 500]


def test_fragments_are_as_long_where_the_aligner_leaves_introns_out_of_their_length(measured):
    library = {"copies": 0.6, "fragments": 24_000}
    one, other = measured(**library), measured(**library, as_hisat2=True)
    assert one.figures["insert_size"] == pytest.approx(250, abs=2)
    assert other == one


def test_single_reads_have_no_insert_size_and_say_so(measured):
    sample = measured(paired=False, copies=0.5)
    assert "insert_size" not in sample.figures
    assert sample.notes["insert_size"].startswith("0 pairs lie")
    # Of single reads only one end is known: more of them meet by chance.
    assert 0.5 < sample.figures["duplicates"] < 0.6


def test_new_junctions_are_told_from_known_ones(tmp_path, measured, regions):
    measured()
    bam, other = tmp_path / "aligned.bam", tmp_path / "new.bam"
    spliced = splices = moved = 0
    with pysam.AlignmentFile(str(bam)) as file, pysam.AlignmentFile(str(other), "wb", file) as out:
        for record in file:
            gaps = sum(operation == 3 for operation, _ in record.cigartuples)
            if gaps:
                spliced += 1
                if spliced % 5 == 0:
                    # As a false alignment would have it: the intron ends one base later.
                    moved += gaps
                    longer = [(op, size + (op == 3)) for op, size in record.cigartuples]
                    record.cigartuples = longer
            splices += gaps
            out.write(record)
    sample = measure(other, regions)
    assert sample.figures["known_splices"] == pytest.approx(1 - moved / splices)
    assert 0 < sample.figures["junctions_new"] <= planted.GENES * (planted.EXONS - 1)


def test_a_large_file_is_looked_at_in_part_with_the_same_answer(tmp_path, measured, monkeypatch):
    library = {"copies": 0.3, "intronic": 0.2, "decay": 3, "fragments": 30_000}
    whole = measured(**library)
    monkeypatch.setattr(
        measure_alignments, "IN_FULL", (tmp_path / "aligned.bam").stat().st_size // 3
    )
    part = measured(**library)
    assert part.figures["duplicates"] == whole.figures["duplicates"]
    assert part.figures["intronic"] != whole.figures["intronic"]
    for name in ["exonic", "intronic", "known_splices", "spliced"]:
        assert part.figures[name] == pytest.approx(whole.figures[name], abs=POINTS)
    assert part.figures["three_to_five_prime"] == pytest.approx(
        whole.figures["three_to_five_prime"], rel=0.1
    )


def test_the_answer_does_not_depend_on_how_the_stream_is_cut(measured, monkeypatch):
    library = {"copies": 0.6, "weight": np.geomspace(1, 300, planted.GENES)}
    whole = measured(**library)
    monkeypatch.setattr(equal_ends, "AT_ONCE", 50)
    monkeypatch.setattr(aligned_bases, "AT_ONCE", 50)
    monkeypatch.setattr("imid.counting.bam.STRETCH", 20_000)
    assert measured(**library) == whole


def test_nothing_aligned_is_no_figure(tmp_path, regions):
    bam = tmp_path / "empty.bam"
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "c1", "LN": 1000}]}
    pysam.AlignmentFile(str(bam), "wb", header=header).close()
    sample = measure(bam, regions)
    assert set(sample.figures) <= {"junctions_known", "junctions_new"}
    assert {"duplicates", "exonic", "known_splices", "insert_size"} <= set(sample.notes)
    json.loads(bam.with_suffix(".json").read_text())


def test_alignments_in_no_order_are_refused(tmp_path, regions):
    bam = tmp_path / "unsorted.bam"
    header = {"HD": {"VN": "1.6"}, "SQ": [{"SN": "c1", "LN": 1000}]}
    pysam.AlignmentFile(str(bam), "wb", header=header).close()
    with pytest.raises(InputError, match="sorted by position"):
        measure(bam, regions)


def test_alignments_to_another_genome_are_refused(tmp_path, regions):
    bam = tmp_path / "other.bam"
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "chr1", "LN": 1000}]}
    pysam.AlignmentFile(str(bam), "wb", header=header).close()
    with pytest.raises(InputError, match="no contig in common"):
        measure(bam, regions)
