"""Numbers that are no counts, known by themselves."""

import numpy as np
import pytest

from imid.userfiles.matrix_units import unit_findings
from small_matrix import SAMPLES, counts

COUNTS = counts()
REAL = counts(genes=12_000, mean=8, seed=3)
LENGTHS = np.random.default_rng(2).integers(300, 9000, 12_000)


def normalized(matrix):
    everywhere = matrix[(matrix > 0).all(axis=1)]
    logs = np.log(everywhere)
    return matrix / np.exp(logs.sub(logs.mean(axis=1), axis=0).median())


def per_million(matrix):
    return matrix / matrix.sum() * 1e6


def tpm(matrix):
    return per_million(matrix.div(LENGTHS[: len(matrix)], axis=0))


def fpkm(matrix):
    return per_million(matrix).div(LENGTHS[: len(matrix)] / 1e3, axis=0)


def estimated(matrix):
    """As RSEM and salmon: a third of the genes share reads with others."""
    rng = np.random.default_rng(4)
    shared = rng.random(len(matrix)) < 1 / 3
    return (matrix * np.where(shared, rng.random(len(matrix)), 1)[:, None]).round(3)


def copied(matrix):
    return matrix.assign(len_3=matrix["len_1"])


def nearly_copied(matrix):
    return matrix.assign(
        len_3=matrix["len_1"].where(np.arange(len(matrix)) % 4 > 0, matrix["len_3"])
    )


@pytest.mark.parametrize("matrix", [COUNTS, REAL], ids=["small", "large"])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda m: m * 0, "all counts are 0"),
        (tpm, "sums to a million, as TPM and CPM do"),
        (lambda m: tpm(m).round(), "every sample sums to a million, as rounded TPM and CPM do"),
        (lambda m: per_million(m).round(), "every sample sums to a million"),
        (lambda m: per_million(m).round(2)[1:], ""),
        (fpkm, "are whole, and they sum to"),
        (lambda m: fpkm(m).round(2), "are whole, and they sum to"),
        (lambda m: tpm(m)[::2], "are whole, and they sum to"),
        (lambda m: np.log2(m + 1), "no value above 30, as logarithms do"),
        (lambda m: np.log2(m + 1).round(), "no value is above 30 in any sample, as of rounded"),
        (lambda m: np.log10(m + 1).round(), "as of rounded logarithms"),
        (normalized, ""),
        (lambda m: normalized(m).round(2), ""),
        (lambda m: m / m.sum() * 5e7, ""),
        (lambda m: (m / m.sum() * 1e7).round(), "so they were scaled to that, or drawn"),
        (copied, "columns len_1 and len_3 have the same count for every gene, so one is a copy"),
        (nearly_copied, "columns len_1 and len_3 have the same count for 7"),
    ],
)
def test_what_is_no_count_is_refused(matrix, make, words):
    problems, _ = unit_findings(make(matrix), "m")
    assert problems
    assert all(words in problem for problem in problems)


def test_normalized_counts_are_told_as_such():
    for made in [normalized(REAL)[::3], per_million(REAL)[::3]]:
        problems, _ = unit_findings(made, "m")
        assert len(problems) == len(SAMPLES)
        assert all("holds multiples of" in problem for problem in problems)


@pytest.mark.parametrize("matrix", [COUNTS, REAL], ids=["small", "large"])
def test_counts_are_counts(matrix):
    assert unit_findings(matrix, "m")[0] == []
    for made in [estimated(matrix), (matrix / 2).round(1)]:
        problems, warnings = unit_findings(made, "m")
        assert problems == []
        assert warnings == ["m: has fractions, as estimated counts do; they are rounded"]


def test_a_sample_without_counts_is_not_what_is_judged_here():
    assert unit_findings(COUNTS.assign(len_1=0, len_2=0), "m") == ([], [])


def test_what_may_be_no_count_is_doubted():
    """Rounded FPKM have no mark of their own, rounded normalized counts a faint one."""
    _, (warning,) = unit_findings(fpkm(REAL)[:6000].round(), "m")
    assert "make sure that these are no rounded FPKM" in warning
    problems, warnings = unit_findings(normalized(COUNTS).round(), "m")
    assert any("normaliz" in told for told in [*problems, *warnings])
