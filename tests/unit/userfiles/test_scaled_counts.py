"""Counts that were multiplied, divided or made logarithms, and then rounded."""

import numpy as np
import pytest

from imid.userfiles.matrix_units import unit_findings
from imid.userfiles.scaled_counts import common_factor, first_gap, likeness
from small_matrix import counts

REAL = counts(genes=12_000, mean=8, seed=3)
DEEP = counts(genes=12_000, mean=400, seed=4)
LENGTHS = np.random.default_rng(2).integers(300, 9000, len(REAL))


def rounded(matrix):
    return matrix.round().astype(int)


def normalized(matrix):
    logs = np.log(matrix[(matrix > 0).all(axis=1)])
    return matrix / np.exp(logs.sub(logs.mean(axis=1), axis=0).median())


def drawn(level):
    """Samples that differ by chance alone: one library, sequenced again and again."""
    rng = np.random.default_rng(7)
    return REAL.iloc[: len(level)].apply(lambda _: rng.poisson(level))


def thinned(matrix, share):
    return matrix * 0 + np.random.default_rng(5).binomial(matrix, share)


MULTIPLES = "all counts are multiples of"
GAPS = "and none a number between (so in"
ALIKE = "agree more closely than two countings can"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda m: m * 2, f"column dmso_1: {MULTIPLES} 2 (so in 6 of 6 samples)"),
        (lambda m: (m * 3)[:60], f"{MULTIPLES} 3"),
        (lambda m: m.assign(len_2=m["len_2"] * 2), f"column len_2: {MULTIPLES} 2 (so in 1 of 6"),
        (lambda m: 2 * m + (np.arange(len(m)) == 5000)[:, None], f"have 2, many 4, {GAPS}"),
        (lambda m: 10 * np.log2(m + 1), f"column dmso_1: many genes have 10, many 16, {GAPS} 6"),
        (lambda m: 100 * np.log2(m + 1), f"many genes have 100, many 158, {GAPS}"),
        (lambda m: 10 * np.sqrt(m), f"many genes have 10, many 14, {GAPS}"),
        (normalized, GAPS),
        (lambda m: (m / m.sum() * 1e6)[::2], GAPS),
        (lambda m: DEEP / DEEP.sum() * 1e9 / LENGTHS[:, None], "have the same depth (size factors"),
        (lambda m: m / 20, ALIKE),
        (np.sqrt, ALIKE),
        (lambda m: (m.T + m["dmso_1"].to_numpy() + m["len_1"].to_numpy()).T / 3, ALIKE),
    ],
)
def test_what_was_scaled_is_refused(make, words):
    problems, warnings = unit_findings(rounded(make(REAL)), "m")
    assert words in problems[0]
    assert problems[0].startswith("m")
    assert "raw counts are needed" in problems[0]
    assert warnings == []


def test_what_scatters_a_little_less_than_counts_is_doubted():
    """Two thirds of the counts of samples that scatter little beside that."""
    alike = drawn(np.random.default_rng(1).lognormal(3, 1, 6000) * 2)
    problems, warnings = unit_findings(rounded(alike * 0.6), "m")
    assert problems == []
    assert [ALIKE in warning for warning in warnings] == [True]
    assert "make sure that these are raw counts" in warnings[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda m: m,
        lambda m: DEEP,
        lambda m: thinned(m, 0.1),
        lambda m: thinned(m, 0.01),
        lambda m: m[::40],
        lambda m: m[(m >= 5).all(axis=1)],
        lambda m: m[(m >= 20).all(axis=1)],
        lambda m: m[m.sum(axis=1) > 60],
        lambda m: m.nlargest(500, "len_1"),
        lambda m: drawn(m["dmso_1"] + 1),
        # Small counts left out of samples that differ by chance alone, most of which are small.
        lambda m: drawn(LENGTHS / 1000 + 7).pipe(lambda few: few[(few >= 10).all(axis=1)]),
        # Noise, and what is expressed, far above it.
        lambda m: drawn(np.where(m["dmso_1"] > 8, LENGTHS * 5.5, 1)),
    ],
)
def test_counts_pass(make):
    matrix = make(REAL)
    assert [common_factor(column) for column in matrix.to_numpy().T] == [1] * 6
    assert [first_gap(column) for column in matrix.to_numpy().T] == [None] * 6
    assert likeness(matrix.to_numpy())[0] > 0.8


def test_few_numbers_tell_nothing():
    assert common_factor(np.array([0, 2, 4, 8] * 6)) == 1
    assert common_factor(np.array([0, 2, 4, 8] * 9)) == 2
    assert first_gap(np.array([1] * 59 + [2] * 59 + [4] * 59)) is None
    assert first_gap(np.array([1] * 99 + [2] * 99 + [4] * 99)) == (2, 4)
    alike = np.array([[0, 0]] + [[10, 10]] * 200)
    assert likeness(alike) == (0, 0, 1)
    assert likeness(alike[:-1])[0] == np.inf
