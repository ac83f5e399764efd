"""Where both mates of a fragment lie, in alignments that are sorted by position.

The mate that begins first is remembered only where the other one may begin on it.
"""

from dataclasses import dataclass

import numpy as np

from imid.counting.bam import HEAD, LEFT_OF_TEXT, MATE_UNMAPPED, PAIRED, Records

# An odd number of no pattern: multiplying by it, 64 bits are well mixed.
MIXER = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)


@dataclass(frozen=True)
class ShownBlocks:
    """Records and the blocks of bases that they are aligned with.

    Attributes
    ----------
    place, mate_place : ndarray of int64, shape (records,)
        Where each begins, and its mate: contig numbers above `POSITION_BITS`, positions below.
    second : ndarray of bool, shape (records,)
        Whether it is a second mate.
    minus : ndarray of bool, shape (records,)
        Whether it is of the minus strand.
    name : ndarray of uint64, shape (records,)
        A number for its name.
    owner : ndarray of int64, shape (blocks,), ascending
        The record that a block is of.
    start, end : ndarray of int64, shape (blocks,)
        Where the blocks are.
    """

    place: np.ndarray
    mate_place: np.ndarray
    second: np.ndarray
    minus: np.ndarray
    name: np.ndarray
    owner: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def chosen(self, rows: np.ndarray) -> "ShownBlocks":
        """Choose some of the records, by their numbers or one by one."""
        mask = np.zeros(len(self.place), bool)
        mask[rows] = True
        number = np.cumsum(mask) - 1
        blocks = mask[self.owner]
        return ShownBlocks(
            *(column[mask] for column in self.columns),
            number[self.owner[blocks]],
            self.start[blocks],
            self.end[blocks],
        )

    def followed_by(self, other: "ShownBlocks") -> "ShownBlocks":
        """Put others behind them."""
        owners = np.concatenate([self.owner, other.owner + len(self.place)])
        columns = map(np.concatenate, zip(self.columns, other.columns, strict=True))
        blocks = zip((self.start, self.end), (other.start, other.end), strict=True)
        return ShownBlocks(*columns, owners, *map(np.concatenate, blocks))

    @property
    def columns(self) -> tuple[np.ndarray, ...]:
        """What there is of each record."""
        return self.place, self.mate_place, self.second, self.minus, self.name


class MateOverlaps:
    """Finds overlaps among records that come by position."""

    def __init__(self) -> None:
        self._waiting: ShownBlocks | None = None

    def of(self, shown: ShownBlocks, frontier: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Find where the mates of a fragment overlap, the later one being among new records.

        Parameters
        ----------
        shown : ShownBlocks
            New records that may overlap with their mates, as `may_overlap` tells.
        frontier : int
            Before which no further record begins.

        Returns
        -------
        start, end : ndarray of int64
            Stretches that both lie on.
        minus : ndarray of bool
            Whether they are of the minus strand.
        """
        met = self._waiting.followed_by(shown) if self._waiting else shown
        later = (met.mate_place < met.place) | ((met.mate_place == met.place) & met.second)
        one, other = _mates(met, np.flatnonzero(~later), np.flatnonzero(later))
        left = np.ones(len(met.place), bool)
        left[one] = left[other] = False
        self._waiting = met.chosen(np.flatnonzero(left & (met.mate_place >= frontier)))
        return _shared(met, one, other)


def may_overlap(records: Records, place: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Tell which records' mates may lie on them, or they on their mates.

    Parameters
    ----------
    records : Records
        Aligned ones.
    place, last : ndarray of int64
        Where each begins and ends.

    Returns
    -------
    ndarray of bool
    """
    head = records.head
    together = records.has(PAIRED) & ~records.has(MATE_UNMAPPED)
    together &= head["contig"] == head["mate_contig"]
    # Where the mate begins, on the record's own contig.
    mate = place + head["mate_position"].astype(np.int64) - head["position"]
    return together & (mate < last)


def name_numbers(records: Records) -> np.ndarray:
    """Give a number for each name; two names share one as good as never.

    Parameters
    ----------
    records : Records
        Any.

    Returns
    -------
    ndarray of uint64
    """
    # With its closing NUL.
    length = records.head["name_length"].astype(np.int64)
    number = np.zeros(len(records), np.uint64)
    at = records.start + HEAD.itemsize
    for word in range(-(-int(length.max(initial=1)) // 8)):
        text = records.read("<u8", at + 8 * word) & LEFT_OF_TEXT[(length - 8 * word).clip(0, 8)]
        number = (number ^ text) * MIXER
        number ^= number >> HALF
    return number


def _mates(met: ShownBlocks, early: np.ndarray, late: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring early and late mates together: rows of either, in one order."""
    if not len(early) or not len(late):
        return early[:0], late[:0]
    early = early[np.argsort(met.name[early], kind="stable")]
    found = np.searchsorted(met.name[early], met.name[late]).clip(max=len(early) - 1)
    one, other = early[found], late
    fits = met.name[one] == met.name[other]
    fits &= (met.place[one] == met.mate_place[other]) & (met.mate_place[one] == met.place[other])
    fits &= (met.second[one] != met.second[other]) & (met.minus[one] == met.minus[other])
    return one[fits], other[fits]


def _shared(
    met: ShownBlocks, one: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hold each block of one mate against each of the other."""
    blocks = np.bincount(met.owner, minlength=len(met.place))
    first = np.cumsum(blocks) - blocks
    pairs = blocks[one] * blocks[other]
    pair = np.repeat(np.arange(len(one)), pairs)
    within = np.arange(len(pair)) - (np.cumsum(pairs) - pairs)[pair]
    of_one = first[one][pair] + within // blocks[other][pair]
    of_other = first[other][pair] + within % blocks[other][pair]
    start = np.maximum(met.start[of_one], met.start[of_other])
    end = np.minimum(met.end[of_one], met.end[of_other])
    both = start < end
    return start[both], end[both], met.minus[one][pair][both]
