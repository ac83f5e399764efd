from collections import Counter

import numpy as np
import pysam
import pytest

from imid.quality.genotype_regions import Regions
from imid.quality.pileup import BASES, BLOCK_END, pile_up
from libraries_of_lines import (
    READ,
    Variants,
    draw_fragments,
    draw_variants,
    write_library,
    write_reference,
)

NO_VARIANTS = Variants(np.zeros(0, int), np.zeros(0, "U1"))


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return write_reference(tmp_path_factory.mktemp("reference"), np.random.default_rng(1))


def piled_up(bam, regions, folder):
    bed = folder / "regions.bed"
    bed.write_text(regions.as_bed())
    return pile_up(bam, bed, regions)


def by_pysam(bam, start, end):
    """The same, base by base: a fragment once, by its right mate where both show it."""
    seen = Counter()
    with pysam.AlignmentFile(bam) as file:
        for read in file.fetch("1", start, end):
            mate = read.next_reference_start
            # Of mates that begin at one place the first stands for both.
            is_left = read.is_paired and (
                mate > read.reference_start or (mate == read.reference_start and read.is_read2)
            )
            blocks = read.get_blocks()
            at = 0
            for first, last in blocks:
                for place in range(first + BLOCK_END, last - BLOCK_END):
                    inside = start <= first < end and place < end
                    if inside and not (is_left and place >= mate):
                        base = at + place - first
                        if read.query_qualities[base] >= 20:
                            seen[place - start, read.query_sequence[base]] += 1
                at += last - first
    return seen


@pytest.mark.parametrize("paired", [True, False])
def test_bases_are_counted_as_one_by_one(tmp_path, reference, paired):
    rng = np.random.default_rng(2)
    variants = draw_variants(rng, reference, 60)
    fragments = draw_fragments(rng, 600)
    # Some shorter than a read and a half: mates overlap.
    fragments[::2, 2] = READ + 10
    bam = write_library(tmp_path / "a.bam", rng, reference, variants, fragments, paired)
    start, end = reference.starts[3], reference.starts[3] + 500
    one = np.array([start], np.int64)
    regions = Regions(["1"], one, one + 500, np.ones(1, np.int8))
    counts = piled_up(bam, regions, tmp_path).counts
    expected = np.zeros((500, 4), int)
    for (base, letter), number in by_pysam(bam, start, end).items():
        expected[base, BASES.index(letter)] = number
    assert expected.sum() > 500
    np.testing.assert_array_equal(counts, expected)


def test_bases_of_low_quality_and_reads_of_several_places_are_left_out(tmp_path, reference):
    rng = np.random.default_rng(3)
    bam = write_library(tmp_path / "a.bam", rng, reference, NO_VARIANTS, draw_fragments(rng, 300))
    changed = tmp_path / "changed.bam"
    with (
        pysam.AlignmentFile(bam) as reads,
        pysam.AlignmentFile(changed, "wb", template=reads) as file,
    ):
        for number, read in enumerate(reads):
            if number % 2:
                read.mapping_quality = 3
            else:
                read.query_qualities = pysam.qualitystring_to_array("4" * READ)
            file.write(read)
    pysam.index(str(changed))
    start = np.array(reference.starts, np.int64)
    regions = Regions(["1"], start, start + 800, np.ones(len(start), np.int8))
    assert piled_up(bam, regions, tmp_path).counts.sum() > 0
    assert piled_up(changed, regions, tmp_path).counts.sum() == 0


def test_ends_are_of_fragments_not_of_their_bases(tmp_path, reference):
    """The same fragments of two lines have the same ends; each counts once, however often seen."""
    rng = np.random.default_rng(4)
    fragments = draw_fragments(rng, 2000)
    doubled = np.concatenate([fragments, fragments])
    start = np.array(reference.starts, np.int64)
    regions = Regions(["1"], start, start + 1900, np.ones(len(start), np.int8))
    ends = []
    for name, variants, drawn in [
        ("a", NO_VARIANTS, fragments),
        ("b", draw_variants(rng, reference, 60), doubled),
        ("c", NO_VARIANTS, draw_fragments(rng, 2000)),
    ]:
        bam = write_library(tmp_path / f"{name}.bam", rng, reference, variants, drawn)
        ends.append(piled_up(bam, regions, tmp_path).fragment_ends)
    assert 200 < len(ends[0]) < 300
    np.testing.assert_array_equal(ends[0], ends[1])
    assert len(np.intersect1d(ends[0], ends[2])) < 0.05 * len(ends[0])
