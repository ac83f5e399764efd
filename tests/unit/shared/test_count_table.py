"""A table of counts is read whole, or refused with its line."""

import pytest

from imid.shared.count_table import read_count_table
from imid.shared.counters import COUNTERS
from imid.shared.problems import InputError

SPECIAL = {counter: number for number, counter in enumerate(COUNTERS)}
END = "".join(f"{counter}\t{number}\n" for counter, number in SPECIAL.items())


@pytest.mark.parametrize("header", ["", "gene_id\tcount\n"])
def test_counts_are_read_with_a_header_or_without(tmp_path, header):
    (tmp_path / "counts.tsv").write_text(f"{header}A\t7\ncount\t3\n{END}")
    assert read_count_table(tmp_path / "counts.tsv") == {"A": 7, "count": 3} | SPECIAL


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"", "lacks __no_feature"),
        (b"A\t1\nB\n" + END.encode(), ", line 2: is no name, tab and count"),
        (b"A\t1\nB\t\n" + END.encode(), ", line 2: "),
        (b"A\t1\tx\n" + END.encode(), ", line 1: "),
        (b"A\t-1\n" + END.encode(), ", line 1: "),
        (b"A\t1.5\n" + END.encode(), ", line 1: "),
        (b"A\t1\ngene_id\tcount\n" + END.encode(), ", line 2: "),
        (b"\xff\xc0\x00", ", line 1: "),
        (b"A\t1\n" + END.encode()[:-31], "(, line 5: |lacks __alignment_not_unique)"),
        (b"A\t1\n", "lacks __no_feature, __ambiguous, __too_low_aQual, "),
    ],
)
def test_what_is_no_whole_table_is_refused(tmp_path, content, words):
    if content is not None:
        (tmp_path / "counts.tsv").write_bytes(content)
    with pytest.raises(InputError, match=r"counts\.tsv" + f".*{words}"):
        read_count_table(tmp_path / "counts.tsv")
