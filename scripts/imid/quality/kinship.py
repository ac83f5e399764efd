"""Whether two samples are of one line, and which samples belong together.

Of two samples those sites tell something that are called in both, and at which not both show the
reference alone. Samples of one line disagree at few of them, by errors and by alleles that one
did not happen to show; those of two people at far more: at a variant with a frequency of 0.1, 0.5
or 0.9 unrelated people have different genotypes in 91, 67 or 31 % of the cases in which not both
are homozygous for the reference (Hardy-Weinberg), siblings in about half as many. What is
held against each other is therefore a rate of 3 % and one of 30 %; for 1 : 1000 that takes 22
sites without a disagreement, or 30 with one, and of fewer than 22 nothing is said. In 9,000 pairs
that were simulated so, of 30 to 400 variants at depths of 12 to 60, none was called wrongly, and
with 60 sites or more none was left open. What is derived from a line, as a resistant one is, has
its genotypes and cannot be told from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from imid.quality.genotypes import REFERENCE, UNKNOWN

SAME_RATE, OTHER_RATE = 0.03, 0.30
ODDS = 1000
FOR_AGREEING = np.log((1 - SAME_RATE) / (1 - OTHER_RATE))
FOR_DISAGREEING = np.log(OTHER_RATE / SAME_RATE)
# Sites without a disagreement that are needed for these odds.
LEAST_SITES = int(np.ceil(np.log(ODDS) / FOR_AGREEING))
# The share of disagreeing sites at which both are equally likely.
BETWEEN = FOR_AGREEING / (FOR_AGREEING + FOR_DISAGREEING)
SAME, DIFFERENT, CANNOT_TELL = "same", "different", "cannot tell"


@dataclass(frozen=True)
class Pair:
    """What two samples have in common.

    Attributes
    ----------
    sites : int
        That are called in both, and not the reference's in both.
    agreeing : int
        Of those.
    """

    sites: int
    agreeing: int

    @property
    def concordance(self) -> float:
        """The share of sites that agree; NaN without sites."""
        return self.agreeing / self.sites if self.sites else np.nan

    @property
    def verdict(self) -> str:
        """Say whether they are of one line."""
        odds = FOR_AGREEING * self.agreeing - FOR_DISAGREEING * (self.sites - self.agreeing)
        if self.sites < LEAST_SITES or abs(odds) < np.log(ODDS):
            return CANNOT_TELL
        return SAME if odds > 0 else DIFFERENT


def compare_calls(calls: np.ndarray) -> dict[tuple[int, int], Pair]:
    """Compare all samples with each other.

    Parameters
    ----------
    calls : ndarray of int8, shape (samples, sites)

    Returns
    -------
    dict of (int, int) to Pair
        By the rows of the earlier and the later sample.
    """
    pairs = {}
    for one, other in combinations(range(len(calls)), 2):
        known = (calls[one] != UNKNOWN) & (calls[other] != UNKNOWN)
        known &= (calls[one] != REFERENCE) | (calls[other] != REFERENCE)
        agreeing = known & (calls[one] == calls[other])
        pairs[one, other] = Pair(int(known.sum()), int(agreeing.sum()))
    return pairs


def group(samples: int, pairs: Mapping[tuple[int, int], Pair]) -> np.ndarray:
    """Put samples of one genotype together.

    Average linkage: a mixture of two lines, which is a bit like both, brings them not together.

    Parameters
    ----------
    samples : int
        Their number.
    pairs : mapping
        As `compare_calls` gives them.

    Returns
    -------
    ndarray of int64
        The number of each sample's group; 0 of one of which nothing can be told.
    """
    told = sorted(
        {row for rows, pair in pairs.items() if pair.verdict != CANNOT_TELL for row in rows}
    )
    groups = np.zeros(samples, np.int64)
    if len(told) < 2:
        return groups
    distance = np.zeros((len(told), len(told)))
    for (one, at), (other, to) in combinations(zip(told, range(len(told)), strict=True), 2):
        pair = pairs[one, other]
        disagreeing = 1 - pair.concordance if pair.sites else BETWEEN
        distance[at, to] = distance[to, at] = disagreeing
    tree = linkage(squareform(distance), method="average")
    groups[told] = fcluster(tree, BETWEEN, criterion="distance")
    return groups


@dataclass(frozen=True)
class Placement:
    """With whom a sample sits.

    Attributes
    ----------
    home : bool or None
        Whether it sits with its own line; None where that cannot be told.
    lines : list of str
        The lines of its genotype.
    alike : list of str
        Other lines of its own line's genotype: they cannot be told apart.
    undecided : bool
        Whether its line is of several genotypes, none of which is more the line's than another.
    """

    home: bool | None
    lines: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    undecided: bool = False


def place_samples(lines: Sequence[str], groups: Sequence[int]) -> list[Placement]:
    """Hold the groups of samples against the lines that the sheet says they are of.

    A line's genotype is that of most of its samples. Where several are equally frequent it is
    that which the fewest samples of other lines have.

    Parameters
    ----------
    lines : sequence of str
        Of each sample.
    groups : sequence of int
        As `group` gives them.

    Returns
    -------
    list of Placement
        One for each sample.
    """
    home = {line: _genotype_of(line, lines, groups) for line in dict.fromkeys(lines)}
    placed = []
    for line, number in zip(lines, groups, strict=True):
        own = home[line]
        if number == 0 or not own:
            placed.append(Placement(None))
            continue
        with_it = [other for other, genotype in home.items() if genotype == [number]]
        alike = [other for other in with_it if other != line] if own == [number] else []
        placed.append(Placement(own == [number], with_it, alike, undecided=len(own) > 1))
    return placed


def _genotype_of(line: str, lines: Sequence[str], groups: Sequence[int]) -> list[int]:
    """Find the group that a line is; several where they are equally likely, none without any."""
    members = [
        number for other, number in zip(lines, groups, strict=True) if other == line and number
    ]
    if not members:
        return []
    everybody = list(groups)
    weight = {
        number: (members.count(number), members.count(number) / everybody.count(number))
        for number in dict.fromkeys(members)
    }
    return [number for number, value in weight.items() if value == max(weight.values())]
