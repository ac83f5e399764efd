"""The genome's step: plain text, an index, or a message."""

import gzip
import shutil

import pytest

from imid.reads import prepare_genome
from imid.shared.problems import InputError

pytestmark = pytest.mark.skipif(not shutil.which("samtools"), reason="samtools is not installed")


def prepared(tmp_path, content):
    (tmp_path / "g.fa.gz").write_bytes(gzip.compress(content))
    output = tmp_path / "out/genome.fa"
    prepare_genome.main(["--fasta", str(tmp_path / "g.fa.gz"), "--output", str(output)])
    return output


def test_a_genome_and_its_index(tmp_path):
    output = prepared(tmp_path, b">a x\r\nACGT\r\nAC\r\n>b\r\nA\r\n")
    assert output.read_bytes() == b">a x\nACGT\nAC\n>b\nA\n"
    assert output.with_name("genome.fa.fai").read_text() == "a\t6\t5\t4\t5\nb\t1\t16\t1\t2\n"
    assert len(list(output.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b">a\nA\n>a\nA\n", "has a sequence twice: a"),
        (b"A\n", "is not FASTA"),
        (b">a\nAC\n\nACG\nA\n", "cannot be indexed; samtools faidx says: .* at line 4"),
    ],
)
def test_what_is_wrong_leaves_nothing(tmp_path, content, words):
    with pytest.raises(InputError, match=words):
        prepared(tmp_path, content)
    assert list((tmp_path / "out").iterdir()) == []
