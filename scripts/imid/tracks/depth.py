"""How many fragments lie on each base, from blocks that come by where their reads begin.

What lies before the place where the last read began is settled, for no later read reaches it: only
blocks beyond it are kept, whatever the size of the file and of the genome.
"""

from typing import NamedTuple

import numpy as np

# Where nothing more is to come.
END = np.iinfo(np.int64).max


class Runs(NamedTuple):
    """Stretches of one depth each, in their order, without those of none.

    Attributes
    ----------
    start, end : ndarray of int64
        Contig numbers above `POSITION_BITS`, positions below.
    depth : ndarray of int64
        Fragments on each of a stretch's bases.
    """

    start: np.ndarray
    end: np.ndarray
    depth: np.ndarray


class Depth:
    """The depth along the genome, as far as it is known."""

    def __init__(self) -> None:
        # Where it changes, and by how much.
        self._place = np.zeros(0, np.int64)
        self._step = np.zeros(0, np.int64)

    def add(self, start: np.ndarray, end: np.ndarray, fragments: int = 1) -> None:
        """Lay fragments on blocks; -1 takes one away where two mates lie."""
        rise = np.full(len(start), fragments, np.int64)
        self._place = np.concatenate([self._place, start, end])
        self._step = np.concatenate([self._step, rise, -rise])

    def settle(self, frontier: int = END) -> Runs:
        """Give what is known now that no further block begins before a place.

        Parameters
        ----------
        frontier : int
            The place; without it all is given.

        Returns
        -------
        Runs
            As far as the depth's last change before it, from where the next ones go on.
        """
        order = np.argsort(self._place, kind="stable")
        place, step = self._place[order], self._step[order]
        known = int(np.searchsorted(place, frontier))
        at, depth = place[:known], np.cumsum(step[:known])
        last = _last_of_each(at)
        at, depth = at[last], depth[last]
        changed = np.diff(depth, prepend=0) != 0
        at, depth = at[changed], depth[changed]
        self._place = np.concatenate([at[-1:], place[known:]])
        self._step = np.concatenate([depth[-1:], step[known:]])
        some = depth[:-1] > 0
        return Runs(at[:-1][some], at[1:][some], depth[:-1][some])


def _last_of_each(places: np.ndarray) -> np.ndarray:
    """Tell which of sorted places are the last of their value."""
    last = np.ones(len(places), bool)
    last[:-1] = places[1:] != places[:-1]
    return last
