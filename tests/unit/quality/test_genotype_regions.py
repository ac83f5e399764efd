import numpy as np
import pytest

from imid.counting.features import load_features
from imid.quality import genotype_regions
from imid.quality.genotype_regions import well_expressed
from libraries_of_lines import EXON, GENES, INTRON, write_reference

ENOUGH = 60 * 2 * EXON // 1000


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return write_reference(tmp_path_factory.mktemp("reference"), np.random.default_rng(1))


@pytest.fixture(scope="module")
def features(reference):
    return load_features(reference.folder / "features.bin", stranded=False)


def genes_chosen(reference, features, counts, biotypes=None, sites=None):
    exons = reference.folder / "exons.bed"
    regions = well_expressed(features, exons, biotypes or {}, counts, sites)
    number = {start: f"G{gene:02}" for gene, start in enumerate(reference.starts)}
    return {number[start] for start in regions.start.tolist() if start in number}


def everybody(fragments):
    return {f"G{gene:02}": fragments for gene in range(GENES)}


def test_exons_of_well_expressed_genes_are_chosen_with_their_strand(reference, features):
    counts = everybody(0) | {"G03": ENOUGH, "G04": ENOUGH - 1, "G05": 3000 * 2 * EXON // 1000 + 1}
    regions = well_expressed(features, reference.folder / "exons.bed", {}, counts)
    first = reference.starts[3]
    assert regions.start.tolist() == [first, first + EXON + INTRON]
    assert (regions.end - regions.start).tolist() == [EXON, EXON]
    assert regions.strand.tolist() == [-1, -1]
    assert len(regions) == 2 * EXON


@pytest.mark.parametrize(
    "biotype", ["IG_V_gene", "IG_C_gene", "TR_C_gene", "processed_pseudogene", "rRNA", "Mt_tRNA"]
)
def test_genes_whose_reads_are_not_theirs_alone_are_left_out(reference, features, biotype):
    biotypes = {"G03": biotype, "G04": "protein_coding", "G05": "NA"}
    counts = everybody(0) | {"G03": 500, "G04": 500, "G05": 500}
    assert genes_chosen(reference, features, counts, biotypes) == {"G04", "G05"}


def test_genes_are_taken_in_one_order_until_there_is_enough(reference, features, monkeypatch):
    monkeypatch.setattr(genotype_regions, "ENOUGH_BASES", 5 * 2 * EXON)
    some = genes_chosen(reference, features, everybody(500))
    assert len(some) == 6
    # Another sample, which lacks one of them, has the others, too.
    without = everybody(700) | {min(some): 0}
    assert some - {min(some)} < genes_chosen(reference, features, without)
    monkeypatch.setattr(genotype_regions, "ENOUGH_FRAGMENTS", 1200)
    assert genes_chosen(reference, features, everybody(500)) < some


def test_of_given_sites_the_genes_are_chosen_that_have_one(reference, features):
    inside, between = reference.starts[7] + 5, reference.starts[8] + EXON + 5
    assert genes_chosen(reference, features, everybody(500), sites=[inside, between]) == {"G07"}
    assert genes_chosen(reference, features, everybody(500), sites=[]) == set()


def test_bases_are_numbered_through_the_stretches(reference, features):
    regions = well_expressed(features, reference.folder / "exons.bed", {}, everybody(500))
    base = np.array([0, EXON - 1, EXON, len(regions) - 1])
    place = regions.place_of(base)
    first = reference.starts[0]
    assert place[:3].tolist() == [first, first + EXON - 1, first + EXON + INTRON]
    np.testing.assert_array_equal(regions.base_at(place), base)
    assert regions.base_at(np.array([first - 1, first + EXON])).tolist() == [-1, -1]
