"""Writing runs of depth as bigWig."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyBigWig

from imid.counting.annotation import POSITION_BITS
from imid.shared.files import written
from imid.tracks.depth import Runs

# Runs written together, for a call takes longer than a run.
ENOUGH = 1 << 18


class BigWig:
    """A bigWig that is being written.

    Parameters
    ----------
    file : pyBigWig file
        Open for writing.
    lengths : mapping of str to int
        Bases of each contig, in the order of their numbers.
    scale : float
        What a depth is multiplied by.
    """

    def __init__(self, file, lengths: Mapping[str, int], scale: float) -> None:
        self._file, self._scale = file, scale
        self._contigs = np.array([*lengths])
        self._held: list[Runs] = []
        file.addHeader([*lengths.items()])

    def add(self, runs: Runs) -> None:
        """Add runs that follow those before."""
        self._held.append(runs)
        if sum(len(held.start) for held in self._held) > ENOUGH:
            self.flush()

    def flush(self) -> None:
        """Hand on what is held."""
        if not self._held:
            return
        start, end, depth = map(np.concatenate, zip(*self._held, strict=True))
        self._held = []
        if len(start):
            contig = start >> POSITION_BITS
            begin = contig << POSITION_BITS
            values = depth * self._scale
            self._file.addEntries(
                self._contigs[contig], start - begin, ends=end - begin, values=values
            )


@contextmanager
def written_bigwig(path: Path, lengths: Mapping[str, int], scale: float) -> Iterator[BigWig]:
    """Write a bigWig, which appears when it is whole.

    Parameters
    ----------
    path : Path
        The file to write.
    lengths, scale
        As for `BigWig`.

    Yields
    ------
    BigWig
    """
    with written(path) as temporary:
        file = pyBigWig.open(str(temporary), "w")
        try:
            track = BigWig(file, lengths, scale)
            yield track
            track.flush()
        finally:
            file.close()
