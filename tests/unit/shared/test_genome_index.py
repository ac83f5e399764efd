"""The lengths of a genome's contigs."""

import pytest

from imid.shared.genome_index import read_lengths
from imid.shared.problems import InputError


def test_lengths_of_contigs_are_those_of_the_index(tmp_path):
    (tmp_path / "genome.fa.fai").write_text("chr2\t500\t6\t60\t61\nchr1\t7\t600\t60\t61\n")
    assert list(read_lengths(tmp_path / "genome.fa.fai").items()) == [("chr2", 500), ("chr1", 7)]


@pytest.mark.parametrize("text", ["chr1\n", "chr1\tlong\t6\t60\t61\n"])
def test_a_damaged_index_is_told(tmp_path, text):
    (tmp_path / "genome.fa.fai").write_text(text)
    with pytest.raises(InputError, match=r"genome\.fa\.fai: a damaged index of a genome"):
        read_lengths(tmp_path / "genome.fa.fai")
