"""Hold what comes of two mates' streams until it is asked for.

An aligner reads both mates by turns. fastp writes the last megabytes of the first mates before
those of the second ones: through bare pipes, which hold less, both would wait for ever.
"""

import argparse
import os
import selectors
from collections import deque
from collections.abc import Sequence

CHUNK = 2**18
# Of each mate; fastp holds back 8 MB.
HELD = 64 * 2**20


class Stream:
    """What is on its way from one file to another.

    Parameters
    ----------
    source, target : str
        Files or pipes.
    """

    def __init__(self, source: str, target: str) -> None:
        self.source: int | None = os.open(source, os.O_RDONLY)
        self.target = os.open(target, os.O_WRONLY)
        os.set_blocking(self.target, False)
        self.held: deque[memoryview] = deque()
        self.size = 0

    def take(self) -> None:
        """Take what there is; close the source at its end."""
        chunk = os.read(self.source, CHUNK)
        if chunk:
            self.held.append(memoryview(chunk))
            self.size += len(chunk)
        else:
            os.close(self.source)
            self.source = None

    def give(self) -> None:
        """Write as much as is taken now."""
        written = os.write(self.target, self.held[0])
        self.size -= written
        rest = self.held.popleft()[written:]
        if rest:
            self.held.appendleft(rest)

    def ended(self) -> bool:
        """Tell whether all was given."""
        return self.source is None and not self.held


def relay(streams: Sequence[Stream]) -> None:
    """Hand streams on until all have come to their end, none waiting for another."""
    going = list(streams)
    while going:
        with selectors.PollSelector() as selector:
            for stream in going:
                if stream.source is not None and stream.size < HELD:
                    selector.register(stream.source, selectors.EVENT_READ, stream.take)
                if stream.held:
                    selector.register(stream.target, selectors.EVENT_WRITE, stream.give)
            for key, _ in selector.select():
                key.data()
        for stream in [stream for stream in going if stream.ended()]:
            os.close(stream.target)
            going.remove(stream)


def main(argv: list[str] | None = None) -> None:
    """Hand mates on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", nargs="+", required=True, help="a pipe for each mate")
    parser.add_argument("--targets", nargs="+", required=True, help="likewise")
    arguments = parser.parse_args(argv)
    relay([Stream(*ends) for ends in zip(arguments.sources, arguments.targets, strict=True)])


if __name__ == "__main__":
    main()
