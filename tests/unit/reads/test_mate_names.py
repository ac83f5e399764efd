"""What becomes of the names of mates, in all forms that were thought of."""

import pytest

from fastq_forms import fastq, reads
from imid.reads.fastq_file import FastqError, FastqFile
from imid.reads.fastq_lane import Lane, read_lane

READS, OTHERS = reads(30, seed=1), reads(30, seed=2)
# As Python's format: of the pair's number n, the mate's number m, and words for the mate.
WORDS = {
    "letter": "ab",
    "way": "fr",
    "WAY": "FR",
    "forward": ["forward", "reverse"],
    "fwd": ["fwd", "rev"],
    "zero": "01",
    "odd": "13",
    "umi": ["AAA", "CCC"],
    "length": ["100", "90"],
}

NAMES = """
    x{n}  x{n}/{m}  x{n}.{m}  x{n}_{m}  x{n}-{m}  x{n}:{m}  x{n}#{m}  x{n}|{m}  x{n};{m}  x{n}+{m}
    x{n}~{m}  x{n}={m}  x{n},{m}  x{n}*{m}  x{n}@{m}  x{n}[{m}]  x{n}({m})
    x{n}_R{m}  x{n}.R{m}  x{n}/R{m}  x{n}_r{m}  x{n}_read{m}  x{n}/read{m}
    x{n}.{way}  x{n}/{way}  x{n}_{WAY}  x{n}/{WAY}
    {m}:x{n}  {m}/x{n}  {m}.x{n}  R{m}_x{n}  x/{m}/{n}  x:{m}:{n}  SRR1_{m}.{n}  SRR1.{m}.{n}
    x{n}/{m}/5  x{n}_{m}/1  x.{n}/{m}  SRR1.{n}.{m}  SRR1.{n}/{m}  H:{n}#0/{m}  H:{n}#ACGT/{m}
    H:{n}/{m}#ACGT
    x{n}/{m}_ACGT  x{n}/{m};BC=AC  x{n}_ACGT_{m}  x{n}_{m}:N:0:ACGT  x{n}.{m}.fq  /{n}  x/{n}/{n}
"""
NAMES_AND_COMMENTS = [
    *["x{n} {m}", "x{n}\t{m}", "x{n} {m}:N:0:A", "x{n} {m}:Y:18:AC+GT", "x{n}/{m} {m}:N:0:A"],
    *["x{n} R{m}", "x{n} pair {m}", "x{n}/{m} more", "SRR1.{n} {n} length={length}"],
    *["SRR1.{n} H:{n}/{m}", "x{n} {odd}:N:0:A", "x{n} run=1"],
]
NAMES_OF_OTHER_KINDS = """
    x{n}.{fwd}  x{n}_{forward}  x{n}/{letter}  x{n}.{letter}  {letter}{n}  x{n}{m}  x{n}_{zero}
    x{n}/{zero}  x{n}/{odd}  x{n}_{odd}  x{n}/{m}/{m}  x{n}_{umi}  x{n}_{m}_{WAY}  x{n}.p{m}
"""


def named(form, mate):
    words = {name: kinds[mate - 1] for name, kinds in WORDS.items()}
    return lambda n, _: form.format(n=n, m=mate, **words)


def passed(folder, first, second):
    paths = [folder / "1.fq", folder / "2.fq"]
    for path, records, names in zip(paths, (READS, OTHERS), (first, second), strict=True):
        path.write_bytes(fastq(records, names))
    blocks = list(read_lane(list(map(FastqFile, paths)), Lane(paths)))
    return [b"".join(block.text(mate) for block in blocks).split(b"\n") for mate in (0, 1)]


@pytest.mark.parametrize("form", NAMES.split() + NAMES_AND_COMMENTS)
def test_mates_are_given_one_name_of_their_own(tmp_path, form):
    texts = passed(tmp_path, named(form, 1), named(form, 2))
    assert texts[0][::4] == texts[1][::4]
    assert len(set(texts[0][::4])) == len(READS) + 1
    for text, records in zip(texts, (READS, OTHERS), strict=True):
        assert list(zip(text[1::4], text[3::4], strict=True)) == records


def refusal(folder, first, second):
    with pytest.raises(FastqError) as raised:
        passed(folder, first, second)
    return str(raised.value)


@pytest.mark.parametrize("form", NAMES_OF_OTHER_KINDS.split())
def test_what_is_no_known_mark_is_not_told_to_be_in_another_order(tmp_path, form):
    said = refusal(tmp_path, named(form, 1), named(form, 2))
    assert "which is no known mark of mates, but may be of two libraries; if they are mates" in said
    assert "order" not in said


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("x{n}/2", "x{n}/1", "holds the first mates, and fastq_1 the second; exchange them"),
        ("x{n}_2", "x{n}_1", "holds the first mates, and fastq_1 the second; exchange them"),
        ("x{n} 2:N:0:A", "x{n} 1:N:0:A", "holds the first mates, and fastq_1 the second; exchange"),
        ("x{n}/1", "x{n}/1", "and fastq_1 both say that they hold mates 1"),
        ("x{n}", "x{n}/2", "all differ by '' and '/2', which is no known mark"),
        ("x", "x", "has 'x' as records 1 and 2; every pair needs a name of its own"),
    ],
)
def test_what_is_wrong_with_mates_is_told_by_its_reason(tmp_path, first, second, words):
    assert words in refusal(tmp_path, named(first, 1), named(second, 2))


@pytest.mark.parametrize("form", ["x{n}", "x{n}/{m}", "x{n}_{m}", "{m}:x{n}", "SRR1.{n}.{m}"])
@pytest.mark.parametrize("shift", [1, 7])
def test_another_order_is_called_so(tmp_path, form, shift):
    def later(n, mate):
        return named(form, 2)(n + shift if n > 12 else n, mate)

    said = refusal(tmp_path, named(form, 1), later)
    assert "as record 13" in said
    assert "mates are in the same order in both files, and called alike" in said


def test_numbers_that_are_shifted_are_not_taken_for_exchanged_mates(tmp_path):
    said = refusal(tmp_path, lambda n, _: f"r.{n + 1}", lambda n, _: f"r.{n}")
    assert said.startswith(
        "begins with read 'r.1', but fastq_1 with 'r.2'; mates are in the same order"
    )
