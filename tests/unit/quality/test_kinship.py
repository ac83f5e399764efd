"""Verdicts on pairs, held against lines whose variants are drawn as people's are."""

from itertools import combinations

import numpy as np
import pytest

from imid.quality.genotypes import call
from imid.quality.kinship import (
    CANNOT_TELL,
    DIFFERENT,
    LEAST_SITES,
    SAME,
    Pair,
    compare_calls,
    group,
    place_samples,
)

DRAWS = 20
ERROR = 0.003


def draw_line(rng, frequency, lost=0.4):
    """Shares of the other base: two alleles at each site, of which lines have lost many."""
    alleles = rng.random((2, len(frequency))) < frequency
    alleles[1] = np.where(rng.random(len(frequency)) < lost, alleles[0], alleles[1])
    both = alleles[0] != alleles[1]
    # Copies gained, and alleles transcribed unequally.
    skewed = rng.beta(4, 4, len(frequency)).clip(0.15, 0.85)
    return np.where(both, skewed, alleles[0])


def draw_reads(rng, share, depth):
    """Reads of a sample of a line."""
    drawn = rng.negative_binomial(2, 2 / (2 + depth), len(share))
    other = rng.binomial(drawn, share * (1 - ERROR) + (1 - share) * ERROR)
    return drawn - other, other


def draw_calls(rng, shares, depth):
    reads = [draw_reads(rng, share, depth) for share in shares]
    reference, other = (np.array(column) for column in zip(*reads, strict=True))
    return call(reference, other)


@pytest.fixture
def frequencies():
    def draw(rng, sites):
        # Of what is seen in a handful of people common variants are most.
        return rng.beta(0.6, 1.0, sites).clip(0.01, 0.99)

    return draw


@pytest.mark.parametrize("depth", [12, 25, 60])
def test_pairs_of_lines_are_told_apart_in_all_draws(frequencies, depth):
    """Three samples of either of two lines: 20 draws of 15 pairs."""
    wrong = unclear = 0
    disagreeing = {SAME: [], DIFFERENT: []}
    for draw in range(DRAWS):
        rng = np.random.default_rng([14, depth, draw])
        frequency = frequencies(rng, 400)
        lines = [draw_line(rng, frequency) for _ in range(2)]
        calls = draw_calls(rng, [lines[number // 3] for number in range(6)], depth)
        for (one, other), pair in compare_calls(calls).items():
            truth = SAME if one // 3 == other // 3 else DIFFERENT
            disagreeing[truth].append(1 - pair.concordance)
            wrong += pair.verdict not in (truth, CANNOT_TELL)
            unclear += pair.verdict == CANNOT_TELL
    assert wrong == 0
    assert unclear <= 0.02 * DRAWS * 15
    # The rates that are held against each other lie on this side of what is drawn.
    assert np.quantile(disagreeing[SAME], 0.95) < 0.03
    assert np.quantile(disagreeing[DIFFERENT], 0.05) > 0.30


def test_few_sites_tell_nothing_rather_than_a_wrong_thing(frequencies):
    verdicts = []
    for draw in range(200):
        rng = np.random.default_rng([15, draw])
        frequency = frequencies(rng, 30)
        lines = [draw_line(rng, frequency) for _ in range(2)]
        calls = draw_calls(rng, [lines[0], lines[0], lines[1]], 20)
        pairs = compare_calls(calls)
        assert all(p.verdict == CANNOT_TELL for p in pairs.values() if p.sites == 0)
        verdicts += [(pairs[0, 1].verdict, SAME), (pairs[0, 2].verdict, DIFFERENT)]
    wrong = sum(verdict not in (truth, CANNOT_TELL) for verdict, truth in verdicts)
    assert wrong <= 1
    assert sum(verdict == CANNOT_TELL for verdict, _ in verdicts) > 100


def test_so_many_sites_are_needed():
    assert LEAST_SITES == 22
    assert Pair(22, 22).verdict == SAME
    assert Pair(21, 21).verdict == CANNOT_TELL
    assert Pair(29, 28).verdict == CANNOT_TELL
    assert Pair(30, 29).verdict == SAME
    assert Pair(21, 0).verdict == CANNOT_TELL
    assert Pair(22, 15).verdict == DIFFERENT
    assert Pair(0, 0).verdict == CANNOT_TELL


def test_a_sample_of_which_nothing_is_known_is_in_no_group():
    pairs = {(0, 1): Pair(100, 99), (0, 2): Pair(5, 5), (1, 2): Pair(5, 4)}
    groups = group(3, pairs)
    assert groups[0] == groups[1] > 0
    assert groups[2] == 0
    for line in "AB":
        assert place_samples(["A", "A", line], groups)[2].home is None


def test_a_swap_among_two_replicates_is_named_by_who_has_company():
    # Of A one sample is B's: A is what the other one is, for that is nobody else's.
    placed = place_samples(["A", "A", "B", "B"], [1, 2, 2, 2])
    assert [placement.home for placement in placed] == [True, False, True, True]
    assert placed[1].lines == ["B"]


def test_half_of_either_line_swapped_leaves_open_which():
    placed = place_samples(["A", "A", "B", "B"], [1, 2, 2, 1])
    assert [placement.home for placement in placed] == [False] * 4
    assert all(placement.undecided for placement in placed)


def test_lines_of_one_genotype_are_alike_and_a_stranger_among_them_is_not():
    placed = place_samples(["A", "A", "A", "R", "R", "R"], [1, 1, 2, 1, 1, 1])
    assert placed[0].alike == ["R"]
    assert placed[3].alike == ["A"]
    assert placed[2].home is False
    assert placed[2].lines == []


def test_a_sample_that_is_a_bit_like_two_lines_does_not_bring_them_together():
    near, far = Pair(100, 92), Pair(100, 40)
    between = {rows: near if 2 in rows else far for rows in combinations(range(5), 2)}
    own = {(0, 1): Pair(100, 99), (3, 4): Pair(100, 99)}
    groups = group(5, between | own)
    assert groups[0] == groups[1]
    assert groups[3] == groups[4]
    assert groups[0] != groups[3]
