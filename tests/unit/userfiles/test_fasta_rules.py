"""Sequences of a genome: what is said of those that cannot be used."""

import pytest

from imid.userfiles.check_content import ContentError
from imid.userfiles.fasta_rules import FastaRules


def rules(content, block=7):
    found = FastaRules()
    for at in range(0, len(content), block):
        found.feed(content[at : at + block])
    found.end()
    return found


@pytest.mark.parametrize("block", [1, 2, 3, 5, 1000])
def test_lengths_whatever_the_blocks(block):
    found = rules(b">a b>c\nACGT\nAC\n>b\r\nNNNN\r\n>c|d=1\nacgtryk", block)
    assert found.lengths == {"a": 6, "b": 4, "c|d=1": 7}
    assert found.problems == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b">a\nA\n>b\nA\n>a x\nC\n", "has a sequence twice: a"),
        (b">a\nA\n>b\n>c\n", "has 2 sequences without any base: b, c"),
        (b">a\nAC\0\n", "has a sequence with 'byte 0', which is no base: a"),
        (b">a\nAC GT\n", "has a sequence with 'byte 32', which is no base: a"),
        (b">a\nAC-GT\n", "has a sequence with '-', which is no base: a"),
        (b">a\nMKLEPQ\n", "has a sequence of a protein: a"),
        (b">a\nACGU\n", "has a sequence of RNA (U); DNA is needed: a"),
        (b">a,b\nA\n", "has a sequence with a name that SAM and BAM cannot hold: a,b"),
        (b">*a\nA\n", "has a sequence with a name that SAM and BAM cannot hold: *a"),
        (b">a\xe9\nA\n", "has a sequence with a name that SAM and BAM cannot hold: a\\xe9"),
    ],
)
def test_what_is_wrong_is_told_with_the_name(content, problem):
    assert rules(content).problems == [problem]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"ACGT\n", "is not FASTA"),
        (b">a\n>b\n", "has names of sequences, but no bases"),
        (b">\nA\n", "has a sequence without a name"),
        (b"> a\nA\n", "has a sequence without a name right after its '>'"),
        (b">a\rACGT\r>b\rACGT\r", "has line ends of old Macs"),
    ],
)
def test_what_is_no_genome(content, words):
    with pytest.raises(ContentError, match=words):
        rules(content)
