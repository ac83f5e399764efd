"""Exons that cannot be counted, or lie where no genome is."""

import pytest

from imid.counting.annotation import read_exons
from imid.counting.exon_rules import NO_IDS, read_lengths, refuse_unfit
from imid.shared.problems import InputError

LINE = 'chr1\tx\texon\t{}\t{}\t.\t+\t.\tgene_id "{}";\n'


@pytest.fixture
def exons_of(tmp_path):
    def read(*rows):
        (tmp_path / "a.gtf").write_text("# comment\n" + "".join(LINE.format(*row) for row in rows))
        return read_exons(tmp_path / "a.gtf")

    return read


def test_what_fits_is_let_through(exons_of):
    refuse_unfit(exons_of((1, 500, "A"), (500, 500, "NA.1")), {b"chr1": 500, b"chr2": 1})


def test_a_contig_that_the_genome_lacks_is_passed_over(exons_of):
    refuse_unfit(exons_of((1, 500, "A")), {b"chr2": 1})


def test_exons_beyond_their_contig_are_told_once(exons_of):
    exons = exons_of((1, 10, "A"), (1, 5001, "A"), (5001, 5002, "B"))
    with pytest.raises(InputError) as refused:
        refuse_unfit(exons, {b"chr1": 5000})
    assert refused.value.problems == [
        f"{exons.source}, line 3: the exon ends at 5,001, but chr1 of the genome has 5,000 bases:"
        " genome and annotation are of different assemblies (and so 1 more lines)"
    ]


@pytest.mark.parametrize("gene_id", sorted(NO_IDS))
def test_an_id_that_says_there_is_none_is_no_gene(exons_of, gene_id):
    exons = exons_of((1, 10, "A"), (1, 9, gene_id.decode()))
    with pytest.raises(
        InputError, match=r"a\.gtf, line 3: the gene_id '.*' says that there is none"
    ):
        refuse_unfit(exons, {})


def test_lengths_of_contigs_are_those_of_the_index(tmp_path):
    (tmp_path / "genome.fa.fai").write_text("chr1\t500\t6\t60\t61\nchr 2\t7\t600\t60\t61\n")
    assert read_lengths(tmp_path / "genome.fa.fai") == {b"chr1": 500, b"chr 2": 7}
