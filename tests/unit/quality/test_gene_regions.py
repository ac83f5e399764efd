"""Where genes lie, held against the annotation base by base."""

import random

import numpy as np
import pytest

import random_alignments as chance
from imid.counting.annotation import read_exons, splice_sites
from imid.quality import gene_regions
from imid.quality.gene_regions import INTERGENIC, INTRON, SEVERAL
from imid.shared.problems import InputError

BITS = 32
# As alignments may have it: another order, and one that the annotation lacks in their midst.
CONTIGS = ["c3", "bare", "c1", "c2"]


def exons_of(tmp_path, seed=3):
    return read_exons(chance.write_gtf(tmp_path / "genes.gtf", random.Random(seed)))


def base_by_base(exons, contig, length):
    """What each base of a contig is."""
    of_base = np.full(length, INTERGENIC)
    rows = [
        row for row in range(len(exons)) if exons.contig[row] == exons.contigs.get(contig.encode())
    ]
    for gene in {int(exons.gene[row]) for row in rows}:
        own = [row for row in rows if exons.gene[row] == gene]
        start, end = min(exons.start[own]), max(exons.end[own])
        span = of_base[start:end]
        span[span == INTERGENIC] = INTRON
        inside = np.zeros(length, bool)
        for row in own:
            inside[exons.start[row] : exons.end[row]] = True
        of_base[inside] = np.where(of_base[inside] >= SEVERAL, SEVERAL, gene)
    return of_base


def test_each_base_is_of_one_gene_or_several_or_an_intron_or_of_none(tmp_path):
    exons = exons_of(tmp_path)
    regions = gene_regions.find_regions(exons).on_contigs(CONTIGS)
    kinds = set()
    for number, contig in enumerate(CONTIGS):
        expected = base_by_base(exons, contig, chance.CONTIGS[contig])
        place = (number << BITS) + np.arange(len(expected))
        step = regions.step_of(place)
        np.testing.assert_array_equal(regions.gene[step], expected)
        kinds |= {min(kind, 0) for kind in expected.tolist()}
        # What is added up before a place is what lies before it.
        for before, inside in [
            (regions.exonic_before, expected >= SEVERAL),
            (regions.intronic_before, expected == INTRON),
        ]:
            summed = before[step] + (place - regions.step[step]) * inside
            np.testing.assert_array_equal(np.diff(summed), inside[:-1])
    assert kinds == {0, SEVERAL, INTRON, INTERGENIC}


def test_introns_are_those_of_all_transcripts_each_once(tmp_path):
    exons = exons_of(tmp_path)
    regions = gene_regions.find_regions(exons).on_contigs(CONTIGS)
    expected = {
        (CONTIGS.index(contig), left + 1, right) for contig, left, right, _ in splice_sites(exons)
    }
    assert len(expected) > 20
    mask = (1 << BITS) - 1
    found = zip(regions.intron_start, regions.intron_end, strict=True)
    assert {(int(a) >> BITS, int(a) & mask, int(b) & mask) for a, b in found} == expected
    assert (np.diff(regions.introns.astype(object)) > 0).all()


LINES = {
    # One transcript of two exons, on the minus strand.
    "plain": [("t1", 101, 700, "-"), ("t1", 1001, 1600, "-")],
    "two_transcripts": [("t2a", 2001, 4000, "+"), ("t2b", 2001, 3900, "+")],
    "short": [("t3", 5001, 5900, "+")],
    "overlapped": [("t4", 6001, 8000, "+")],
    "overlapping": [("t5", 7901, 7950, "-"), ("t5", 8101, 8200, "-")],
    "nested": [("t6", 801, 900, "+")],
    "no_strand": [("t7", 9001, 11000, ".")],
    "unnamed": [("", 12001, 14000, "+")],
    "shared_name_1": [("t8", 15001, 17000, "+")],
    "shared_name_2": [("t8", 18001, 20000, "+")],
    "also_plain": [("t9", 21001, 22500, "+")],
}


def write_lines(path, lines=LINES):
    path.write_text(
        "".join(
            f"c1\tplanted\texon\t{start}\t{end}\t.\t{strand}\t.\t"
            f'gene_id "{gene}"; transcript_id "{transcript}";\n'
            for gene, exons in lines.items()
            for transcript, start, end, strand in exons
        )
    )
    return path


def test_bodies_are_long_transcripts_that_are_all_there_is_of_a_gene(tmp_path):
    exons = read_exons(write_lines(tmp_path / "genes.gtf"))
    regions = gene_regions.find_regions(exons)
    assert regions.exon_start.tolist() == [100, 1000, 21000]
    assert regions.exon_end.tolist() == [700, 1600, 22500]
    assert regions.exon_before.tolist() == [0, 600, 1200]
    assert regions.exon_body.tolist() == [0, 0, 1]
    assert regions.body_start.tolist() == [0, 1200, 2700]
    assert regions.body_minus.tolist() == [True, False]


def test_an_annotation_without_introns_or_bodies_has_none(tmp_path):
    exons = read_exons(write_lines(tmp_path / "genes.gtf", {"short": LINES["short"]}))
    regions = gene_regions.find_regions(exons).on_contigs(["c1"])
    assert len(regions.introns) == len(regions.exon_start) == 0
    assert regions.body_start.tolist() == [0]


def test_regions_are_read_as_they_were_written(tmp_path):
    regions = gene_regions.find_regions(exons_of(tmp_path))
    gene_regions.write_regions(regions, tmp_path / "regions.npz")
    read = gene_regions.read_regions(tmp_path / "regions.npz")
    for name, values in vars(regions).items():
        np.testing.assert_array_equal(getattr(read, name), values)


@pytest.mark.parametrize("damage", [lambda b: b[:-300], lambda b: b"", lambda b: b"no archive"])
def test_a_damaged_file_is_refused(tmp_path, damage):
    path = tmp_path / "regions.npz"
    gene_regions.write_regions(gene_regions.find_regions(exons_of(tmp_path)), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match="remove it"):
        gene_regions.read_regions(path)


def test_another_version_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "regions.npz"
    gene_regions.write_regions(gene_regions.find_regions(exons_of(tmp_path)), path)
    monkeypatch.setattr(gene_regions, "FORMAT", "another")
    with pytest.raises(InputError, match="remove it"):
        gene_regions.read_regions(path)
