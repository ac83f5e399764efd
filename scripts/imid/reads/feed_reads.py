"""Hand a sample's reads on, checked to the last record, in the form that all programs share.

One pass over the bytes: their checksums, whether their gzip streams are whole, every record, and
mates against each other. What is written are plain records, lane after lane; what was seen is
written only when all of it was sound.
"""

import argparse
import os
import selectors
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imid.reads.fastq_file import FastqError, FastqFile
from imid.reads.fastq_lane import Block, Lane, read_lane
from imid.reads.findings import AdaptersSeen, LaneSeen, ReadsSeen
from imid.reads.known_adapters import KNOWN
from imid.shared.files import written
from imid.shared.json_files import as_json
from imid.shared.problems import InputError, reported

# Of so many blocks one is looked through for adapters.
BLOCKS_PER_LOOK = 8


@dataclass
class Seen:
    """What was seen of adapters in a part of the reads.

    Attributes
    ----------
    reads : int
        How many were looked at, of both mates.
    adapters : Counter
        How many of them held which known one.
    """

    reads: int = 0
    adapters: Counter = field(default_factory=Counter)

    def look(self, block: Block) -> None:
        """Look for known adapters in all reads of a block."""
        for sequences in block.sequences:
            self.reads += len(sequences)
            text = b"\n".join(sequences)
            for name, beginning in KNOWN.items():
                self.adapters[name] += text.count(beginning.encode())


class Outlets:
    """The files, or rather pipes, that the mates are written to.

    Parameters
    ----------
    paths : sequence of str
        One for each mate.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.descriptors = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for path in paths]

    def write(self, texts: Sequence[bytes]) -> None:
        """Write the mates of a block, whichever is taken first: who reads both waits for either."""
        left = {
            descriptor: memoryview(text)
            for descriptor, text in zip(self.descriptors, texts, strict=True)
        }
        if len(left) == 1:
            ((descriptor, rest),) = left.items()
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            return
        with selectors.PollSelector() as selector:
            for descriptor in left:
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_WRITE)
            while left:
                for key, _ in selector.select():
                    left[key.fd] = left[key.fd][os.write(key.fd, left[key.fd]) :]
                    if not left[key.fd]:
                        del left[key.fd]
                        selector.unregister(key.fd)

    def close(self) -> None:
        """Let the readers come to an end."""
        for descriptor in self.descriptors:
            os.close(descriptor)


def feed(lanes: Sequence[Sequence[Path]], outlets: Outlets) -> tuple[list[Lane], Seen]:
    """Write the records of all lanes, one lane after the other.

    Parameters
    ----------
    lanes : sequence of sequence of Path
        The files of each lane's mates.
    outlets : Outlets
        Where the mates go.

    Returns
    -------
    lanes : list of Lane
        What was read of each.
    seen : Seen
        Known adapters.

    Raises
    ------
    FastqError
        At the first record that is not as it should be.
    """
    read, seen = [], Seen()
    last_name, blocks = b"", 0
    for paths in lanes:
        lane, files = Lane(list(paths)), list(map(FastqFile, paths))
        for block in read_lane(files, lane, last_name=last_name):
            if blocks % BLOCKS_PER_LOOK == 0:
                seen.look(block)
            blocks += 1
            outlets.write([block.text(mate) for mate in range(len(paths))])
            last_name = block.names[-1]
        read.append(lane)
    return read, seen


def write_seen(lanes: Sequence[Lane], seen: Seen, output: Path) -> None:
    """Write what was read of each lane, and the adapters seen, as JSON."""
    described = [
        LaneSeen([*map(str, lane.paths)], lane.records, dict(lane.notes)) for lane in lanes
    ]
    told = ReadsSeen(described, AdaptersSeen(seen.reads, dict(seen.adapters)))
    with written(output) as temporary:
        temporary.write_text(as_json(told, indent=1))


def write_checksums(lanes: Sequence[Lane], output: Path) -> None:
    """Write the checksums of all first mates, then of the second ones, as sha256sum does."""
    lines = [
        f"{lane.checksums[mate]}  {lane.paths[mate]}\n"
        for mate in range(len(lanes[0].paths))
        for lane in lanes
    ]
    with written(output) as temporary:
        temporary.write_text("".join(lines))


def main(argv: list[str] | None = None) -> None:
    """Feed a sample's reads; write what they were when all are fed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", nargs="+", type=Path, required=True, help="first mates by lane")
    parser.add_argument("--second", nargs="*", default=[], type=Path, help="second mates by lane")
    parser.add_argument("--into", nargs="+", required=True, help="a file or pipe for each mate")
    parser.add_argument("--checksums", type=Path, required=True, help="to write, as sha256sum")
    parser.add_argument("--seen", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)
    mates = [arguments.first, arguments.second] if arguments.second else [arguments.first]
    try:
        # All that is to be read is looked at before anything is made to be written to.
        for path in [*arguments.first, *arguments.second]:
            FastqFile(path)
        outlets = Outlets(arguments.into)
        lanes, seen = feed(list(zip(*mates, strict=True)), outlets)
    except FastqError as error:
        raise InputError([f"'{error.path}' {error}"]) from error
    write_checksums(lanes, arguments.checksums)
    write_seen(lanes, seen, arguments.seen)
    # Only now: whoever reads is not to finish before all is known to be sound.
    outlets.close()


if __name__ == "__main__":
    # Who reads no more has its reasons, and tells them.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    reported(main)
