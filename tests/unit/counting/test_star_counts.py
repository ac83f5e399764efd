"""Our counts held against STAR's."""

import pytest

from imid.counting.check_star_counts import main
from imid.counting.star_counts import check_against_star
from imid.shared.problems import InputError

STAR = """N_unmapped\t5\t5\t5
N_multimapping\t7\t7\t7
N_noFeature\t3\t20\t9
N_ambiguous\t2\t1\t1
A\t10\t4\t6
B\t0\t0\t0
"""
OURS = {
    "A": 6,
    "B": 0,
    "__no_feature": 9,
    "__ambiguous": 1,
    "__too_low_aQual": 0,
    "__not_aligned": 0,
    "__alignment_not_unique": 7,
}


@pytest.fixture
def star(tmp_path):
    path = tmp_path / "ReadsPerGene.out.tab"
    path.write_text(STAR)
    return path


def test_agreement(star):
    check_against_star(OURS, star, "reverse")


def test_what_fell_under_the_quality_may_be_missing(star):
    check_against_star(OURS | {"A": 4, "__too_low_aQual": 2}, star, "reverse")


@pytest.mark.parametrize(
    "other",
    [
        {"A": 5},
        {"A": 7},
        {"__no_feature": 8},
        {"A": 7, "__too_low_aQual": 2},
        {"A": 3, "__too_low_aQual": 2},
        {"C": 1},
    ],
)
def test_disagreement(star, other):
    with pytest.raises(InputError, match="differ from STAR's"):
        check_against_star(OURS | other, star, "reverse")


def test_strandedness_chooses_the_column(star):
    with pytest.raises(InputError, match="A: 4 by STAR, 6 by us"):
        check_against_star(OURS, star, "yes")


SHARED = ["B", "C"]


def test_a_gene_that_star_counts_otherwise_is_told_and_not_judged(star):
    ours = OURS | {"B": 6, "C": 2, "__no_feature": 1}
    said = check_against_star(ours, star, "reverse", SHARED)
    assert said.startswith("STAR's counts agree for 1 genes")
    assert "it has 0 fragments, HTSeq 8: B, C" in said


@pytest.mark.parametrize("other", [{"A": 5, "B": 1}, {"A": 7}, {"B": 6}, {"__no_feature": 8}])
def test_beside_such_genes_all_else_must_agree_and_all_fragments_be_there(star, other):
    """One too few of A given to B; one too many; six or minus one from nowhere."""
    with pytest.raises(InputError, match="differ from STAR's"):
        check_against_star(OURS | other, star, "reverse", SHARED)


def test_a_gene_that_the_genome_has_no_contig_for_is_no_difference(star):
    check_against_star(OURS | {"on_another_contig": 0}, star, "reverse")


def test_an_index_of_another_annotation_is_told_as_such(star):
    ours = {"X": 6, "B": 0} | {name: n for name, n in OURS.items() if name.startswith("__")}
    with pytest.raises(InputError, match=r"has 1 genes .* lacks 1 that .* another annotation"):
        check_against_star(ours, star, "reverse")


def test_as_a_command(star, tmp_path):
    counts = tmp_path / "counts.tsv"
    counts.write_text("gene_id\tcount\n" + "".join(f"{k}\t{v}\n" for k, v in OURS.items()))
    arguments = ["--counts", str(counts), "--star-gene-counts", str(star), "--stranded"]
    main([*arguments, "reverse"])
    with pytest.raises(InputError):
        main([*arguments, "no"])


@pytest.mark.parametrize(
    "content", [b"", b"gene\t5\n", b"A\t1\t2\tx\n", b"A\t1\t2\t-3\n", b"\xff\xc0\x00\n"]
)
def test_another_file_is_refused(tmp_path, content):
    other = tmp_path / "other.tab"
    other.write_bytes(content)
    with pytest.raises(InputError, match="four columns"):
        check_against_star(OURS, other, "no")
