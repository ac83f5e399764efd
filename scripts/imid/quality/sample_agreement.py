"""Whether each sample sits with its replicates: leave-one-out on the axis of the response.

Each story of a sample elsewhere, that it is of another group or changed places with one of it, is
held against the labels. The axis between two groups is estimated without the
samples in question, and genes that hardly differ along it do not count. Where nothing differs, the
place of those samples on it is as likely on either side, whichever genes go together: they had no
part in the axis. What is called lies farther out than in experiments without any effect; how often
it is wrong, and what is found, is measured (``make calibrate``, claim ``agreement``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from imid.shared.agreement_words import (
    AGREES,
    ELSEWHERE,
    FAILED,
    MINGLES,
    ODD,
    SAME,
    SWAPPED,
    UNKNOWN,
)
from imid.shared.tables import SAMPLE_AGREEMENT

GROUPING = ["cell_line", "treatment", "dose_um", "hours"]
# Normalized reads in the mean that a gene has to count here.
EXPRESSED = 10.0
ENOUGH_GENES = 10
# Of the axis: what is smaller than so many standard deviations of noise is taken off.
OFF = 1.5
# Replicates of one line differ along a few directions, however many genes there are: what the
# scatter along an axis is taken to be by so many degrees of freedom of prior knowledge.
DIRECTIONS = 10.0
PRIOR_DEGREES = 8.0
# From where on a story is believed, and a sample failed: in experiments without any effect, of
# lymphoblastoid donors as of simulated noise, fewer than a twentieth have a sample beyond. The
# fewer genes, the farther out: each adds its second number over the root of the number of genes.
FARTHEST = (1.8, 8.0)
LARGEST_RATIO = (5.0, 20.0)
# What failed is so many times as far, squared, from its nearest sample as samples mostly are.
FAR = 2.0
RUN_AWAY = 5.0
# Two libraries of a condition vary by their biology; one library twice, by counting alone.
SEEN_TWICE = 0.1
BY_COUNTING = 0.5
PAIR_READS = 20
PAIR_GENES = 200

Places = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Story:
    """Where samples would be instead: each with its group, by position."""

    places: Places
    score: float


def groups_of(samples: pd.DataFrame) -> list[str]:
    """Name each sample's group: its line, treatment, dose and hours."""
    factors = samples[[column for column in GROUPING if column in samples]]
    return list(factors.fillna("NA").astype(str).agg(" ".join, axis=1))


def sample_agreement(
    vst: pd.DataFrame, normalized: pd.DataFrame, counts: pd.DataFrame, samples: pd.DataFrame
) -> pd.DataFrame:
    """Say of each sample where it sits.

    Parameters
    ----------
    vst, normalized, counts : DataFrame
        Transformed, normalized and raw counts, genes × samples.
    samples : DataFrame
        The samples table.

    Returns
    -------
    DataFrame
        The columns of `tables.SAMPLE_AGREEMENT`. A score of 1 or more is called.
    """
    names = list(samples["sample"])
    chosen = normalized[names].mean(axis=1) >= EXPRESSED
    labels = groups_of(samples)
    if chosen.sum() < ENOUGH_GENES:
        why = f"{chosen.sum()} genes have the {EXPRESSED:g} reads that it takes"
        rows = [
            [name, label, "", "", np.nan, UNKNOWN, why]
            for name, label in zip(names, labels, strict=True)
        ]
        return pd.DataFrame(rows, columns=SAMPLE_AGREEMENT)
    group, kinds = pd.factorize(np.array(labels, dtype=object))
    batch = samples["batch"].fillna("NA") if "batch" in samples else ["all"] * len(names)
    values = vst.loc[chosen, names].to_numpy(dtype=float)
    twice = _same_libraries(counts.loc[chosen, names].to_numpy(dtype=float), group)
    found = _Search(values, group, _dummies(batch)[:, 1:], twice).run()
    distances = found.distances()
    rows = []
    for i, name in enumerate(names):
        near = int(np.argmin(distances[i]))
        called, score, words = found.answer(i, near, names, list(kinds))
        rows.append([name, labels[i], names[near], labels[near], score, called, words])
    return pd.DataFrame(rows, columns=SAMPLE_AGREEMENT)


def agreement_warnings(table: pd.DataFrame) -> list[str]:
    """Say which samples are called odd, and who sits nearest to them.

    Parameters
    ----------
    table : DataFrame
        As `sample_agreement` gives it.

    Returns
    -------
    list of str
    """
    return [
        f"sample {row.sample} of {row.group}: {row.words} (score {row.score:.1f}, odd is 1; the"
        f" nearest sample is {row.nearest_sample} of {row.nearest_group})"
        for row in table[table["called"].isin(ODD)].itertuples()
    ]


class _Search:
    """Take the strongest story, then look again as if it were true."""

    def __init__(
        self,
        values: np.ndarray,
        group: np.ndarray,
        batch: np.ndarray,
        twice: list[tuple[int, int, float]],
    ):
        self.values = values - values.mean(axis=1, keepdims=True)
        self.given, self.group, self.batch, self.twice = group, group.copy(), batch, twice
        self.kept = np.ones(len(group), dtype=bool)
        # One of two that are one library is no replicate of the other.
        for _, other, _ in twice:
            self.kept[other] = False
        self.farthest, self.largest_ratio = (
            few + more / np.sqrt(len(values)) for few, more in (FARTHEST, LARGEST_RATIO)
        )
        self.moved: dict[int, Story] = {}
        self.failed: dict[int, float] = {}
        self.scores = np.full(len(group), np.nan)

    def run(self) -> "_Search":
        """Believe what is called, until nothing is left."""
        for _ in range(len(self.group)):
            # A sample that failed would draw the axis to itself.
            ratios = self._ratios()
            worst = int(np.argmax(ratios))
            if ratios[worst] >= self.largest_ratio:
                self.kept[worst] = False
                self.failed[worst] = ratios[worst] / self.largest_ratio
                continue
            stories = [*self._stories()]
            for story in stories:
                for i, _ in story.places:
                    self.scores[i] = np.nanmax([self.scores[i], story.score])
            best = max(stories, key=lambda story: story.score, default=None)
            if best is None or best.score < 1:
                break
            self._believe(best)
        return self

    def _believe(self, story: Story) -> None:
        for i, there in story.places:
            self.group[i] = there
            self.moved[i] = story
            self.scores[i] = story.score

    def _design(self, group: np.ndarray) -> np.ndarray:
        levels = np.arange(self.given.max() + 1)
        return np.c_[group[:, None] == levels, self.batch].astype(float)

    def _stories(self) -> Iterator[Story]:
        here = np.flatnonzero(self.kept)
        free = [i for i in here if i not in self.moved]
        size = np.bincount(self.group[here], minlength=self.given.max() + 1)
        for i in free:
            for there in np.flatnonzero(size):
                if there != self.group[i] and size[self.group[i]] > 1:
                    yield self._story(((i, int(there)),))
        for i, j in combinations(free, 2):
            first, second = self.group[[i, j]]
            if first != second and min(size[first], size[second]) > 1:
                yield self._story(((i, int(second)), (j, int(first))))

    def _story(self, places: Places) -> Story:
        """Hold a story against the labels; see the module.

        The samples in question are held against what the model of the others says of them; what
        that has in common with the axis is taken off, so that both are independent.
        """
        asked = [i for i, _ in places]
        others = np.setdiff1d(np.flatnonzero(self.kept), asked)
        design = self._design(self.group)
        inverse, rank = np.linalg.pinv(design[others]), np.linalg.matrix_rank(design[others])
        i, there = places[0]
        between = np.zeros(design.shape[1])
        between[[there, self.group[i]]] = [1, -1]
        expected = design[i].copy()
        if len(asked) == 2:
            expected -= design[asked[1]]
            expected[: -self.batch.shape[1] or None] = 0
        known = inverse @ design[others]
        if not np.allclose(known @ between, between) or not np.allclose(known @ expected, expected):
            return Story(places, 0.0)
        axis = self.values[:, others] @ (between @ inverse)
        noise = np.sqrt(np.median(axis**2) / 0.455)
        axis = np.sign(axis) * np.maximum(np.abs(axis) - OFF * noise, 0)
        weights, place = np.zeros((2, len(self.group)))
        weights[others] = between @ inverse
        place[asked[0]] = 1
        place[asked[1:]] = -1
        place[others] -= expected @ inverse
        place -= (place @ weights) / (weights @ weights) * weights
        along = self.values.T @ axis
        rest = along[others] - design[others] @ (inverse @ along[others])
        degrees = len(others) - rank
        variance = rest @ rest + PRIOR_DEGREES * self._usual(places) * (axis @ axis)
        error = np.sqrt(variance / (degrees + PRIOR_DEGREES) * (place @ place))
        return Story(places, float(along @ place / error / self.farthest) if error > 0 else 0.0)

    def _usual(self, places: Places) -> float:
        """Give the variance along one direction, as if the story were true."""
        group = self.group.copy()
        for i, there in places:
            group[i] = there
        rest, degrees = self._residuals(group)
        genes = len(self.values)
        directions = DIRECTIONS * genes / (genes + 30)
        return float(np.sum(rest**2)) / max(degrees, 1) / directions

    def _residuals(self, group: np.ndarray) -> tuple[np.ndarray, int]:
        design = self._design(group)[self.kept]
        values = self.values[:, self.kept]
        rest = values - (values @ np.linalg.pinv(design).T) @ design.T
        return rest, design.shape[0] - int(np.linalg.matrix_rank(design))

    def _ratios(self) -> np.ndarray:
        """Hold the squares of each sample's own deviation against those of the others."""
        ratios = np.zeros(len(self.group))
        rest, degrees = self._residuals(self.group)
        if degrees < 2:
            return ratios
        # A few genes that run away make no sample fail.
        most = RUN_AWAY * np.median(np.abs(rest)) / 0.6745
        rest = np.clip(rest, -most, most)
        design = self._design(self.group)[self.kept]
        leverage = np.diag(design @ np.linalg.pinv(design))
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.where(leverage < 0.99, np.sum(rest**2, axis=0) / (1 - leverage), 0.0)
            ratio = own / ((np.sum(rest**2) - own) / (degrees - 1))
        ratios[self.kept] = np.nan_to_num(ratio)
        # A sample that sits elsewhere is far from its replicates, too, but not from all others.
        distances = self.distances()[np.ix_(self.kept, self.kept)].min(axis=1)
        ratios[np.flatnonzero(self.kept)[distances < FAR * np.median(distances)]] = 0
        return ratios

    def distances(self) -> np.ndarray:
        """Give the distances between samples, without what batches make; infinite to itself."""
        design = self._design(self.group)
        coefficients = self.values @ np.linalg.pinv(design).T
        batches = design.shape[1] - self.batch.shape[1]
        plain = self.values - coefficients[:, batches:] @ design[:, batches:].T
        squares = np.sum(plain**2, axis=0)
        distances = squares[:, None] + squares - 2 * plain.T @ plain
        np.fill_diagonal(distances, np.inf)
        return distances

    def answer(
        self, i: int, near: int, names: list[str], kinds: list[str]
    ) -> tuple[str, float, str]:
        """Say of a sample what it is called, by what score, and in words."""
        for one, other, score in self.twice:
            if i in (one, other):
                twin = names[other if i == one else one]
                return SAME, score, f"same library as {twin}: they differ by counting alone"
        if i in self.moved:
            story = self.moved[i]
            there = kinds[dict(story.places)[i]]
            partner = [names[j] for j, _ in story.places if j != i]
            if partner:
                return SWAPPED, story.score, f"swapped with {partner[0]}: it sits with {there}"
            return ELSEWHERE, story.score, f"sits with {there}, nearest to {names[near]}"
        if i in self.failed:
            return FAILED, self.failed[i], "failed: far from its replicates and from all others"
        if (self.given == self.given[i]).sum() < 2:
            return UNKNOWN, np.nan, "its group has no other sample"
        if self.given[near] != self.given[i]:
            return MINGLES, self.scores[i], f"cannot tell: groups mingle, {names[near]} is nearest"
        return AGREES, self.scores[i], "sits with its replicates"


def _dummies(labels: Sequence[str]) -> np.ndarray:
    codes, levels = pd.factorize(np.asarray(labels, dtype=object))
    return (codes[:, None] == np.arange(len(levels))).astype(float)


def _same_libraries(counts: np.ndarray, group: np.ndarray) -> list[tuple[int, int, float]]:
    """Find pairs of samples that differ as reads drawn twice from one library do."""
    pairs = [*combinations(range(counts.shape[1]), 2)]
    excess = {pair: _excess(*counts[:, list(pair)].T) for pair in pairs}
    alike = [(i, k) for i, k in pairs if group[i] == group[k]]
    found = []
    for pair, (value, error) in excess.items():
        # One sample that failed, or changed places, is far from its replicates.
        others = [excess[other][0] for other in alike if other != pair]
        usual = np.quantile(others, 0.25) if len(others) and np.isfinite(others).all() else 0.0
        if value < BY_COUNTING and usual > 10 * error and value + 2 * error < SEEN_TWICE * usual:
            found.append((*pair, float(SEEN_TWICE * usual / (max(value, 0) + 2 * error))))
    return found


def _excess(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Give by how much two samples' counts vary more than counting does, and its error."""
    both = first + second
    enough = both >= PAIR_READS
    if enough.sum() < PAIR_GENES:
        return np.inf, np.inf
    share = first.sum() / both.sum()
    n = both[enough]
    squares = (first[enough] - n * share) ** 2 / (n * share * (1 - share))
    return float(squares.mean() - 1), float(squares.std() / np.sqrt(enough.sum()))
