"""Names of reads: what tells mates apart in them, and what every program downstream leaves alone.

STAR cuts a name at its first ``/``, HISAT2 cuts ``/1`` and ``/2`` off its end, BAM has room for
254 bytes, and a SAM line that begins with ``@`` is taken for a header. Counting goes by names.
A name here has the ``@`` before it that it has in FASTQ.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

LONGEST = len("@") + 254
# What SAM allows, but for what programs would take for something else.
SAFE = bytes(code for code in range(ord("!"), ord("~") + 1) if code not in b"@/")
TO_SAFE = bytes(code if code in SAFE else ord("_") for code in range(256))
DIGEST_SIZE = 8
# Of so many names all is compared, of the others what stands before the last letter.
NAMES_LOOKED_INTO = 64

MATES = [(b"1", b"2"), (b"f", b"r"), (b"F", b"R")]
# What stands before the mate's number: /1, .1, _1, :1, #0/1, _R1, /read1.
BEFORE_MATE = re.compile(rb"[^0-9A-Za-z](?:[Rr](?:ead)?)?$")
# A run of the archives and the number of a spot: SRR1.1 and SRR1.2 are no mates.
SPOT = re.compile(rb"@\wRR\d+\.\d+")
# Illumina's comment since 1.8 (1:N:0:ACGT), and the mate as names had it before (name/1).
CASAVA = re.compile(rb"([1-9]):[YN]:")
OLD_SUFFIX = re.compile(rb"/([12])$")


@dataclass(frozen=True)
class Mark:
    """Where names say which mate a read is.

    Attributes
    ----------
    mates : tuple of bytes
        What the first and the second mate have there, such as ``/1`` and ``/2``.
    before, after : int
        How many bytes stand before and after it: all names have it as far from their beginnings,
        or from their ends.
    """

    mates: tuple[bytes, bytes]
    before: int
    after: int

    def removed(self, names: Sequence[bytes], mate: int) -> list[bytes] | None:
        """Take the mark out of all names of a mate; None where one has another."""
        mark, after = self.mates[mate], self.after
        if not after:
            if not all(name.endswith(mark) for name in names):
                return None
            return [name[: -len(mark)] for name in names]
        start, stop = -after - len(mark), -after
        if all(name[start:stop] == mark for name in names):
            return [name[:start] + name[stop:] for name in names]
        start, stop = self.before, self.before + len(mark)
        if all(name[start:stop] == mark for name in names):
            return [name[:start] + name[stop:] for name in names]
        return None

    def joins(self, first: bytes, second: bytes) -> bool:
        """Tell whether two names are those of two mates, in this order."""
        names = self.removed([first], 0)
        return names is not None and names == self.removed([second], 1)


def find_mark(first: bytes, second: bytes) -> Mark | None:
    """Compare the names of two mates, and find what tells them apart.

    Parameters
    ----------
    first, second : bytes
        Two names.

    Returns
    -------
    Mark or None
        None where they are not the names of two mates, in this order. Equal names have none.
    """
    differing = [at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b]
    if len(first) != len(second) or len(differing) != 1 or SPOT.fullmatch(first):
        return None
    (at,) = differing
    before = BEFORE_MATE.search(first[:at])
    if not before or (first[at : at + 1], second[at : at + 1]) not in MATES:
        return None
    start = max(before.start(), len(b"@"))
    return Mark((first[start : at + 1], second[start : at + 1]), start, len(first) - at - 1)


def what_differs(name: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Give what two names have between the beginning and the end that they share."""
    start = _shared_beginning(name, other)
    name, other = name[start:], other[start:]
    end = _shared_beginning(name[::-1], other[::-1])
    return name[: len(name) - end], other[: len(other) - end]


def _shared_beginning(name: bytes, other: bytes) -> int:
    pairs = zip(name, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def said_mate(name: bytes, comment: bytes) -> int | None:
    """Read out of a header which mate it says it is; None where it does not."""
    found = CASAVA.match(comment) or OLD_SUFFIX.search(name) or OLD_SUFFIX.search(comment)
    return int(found[1]) if found else None


def without_suffix(names: list[bytes]) -> list[bytes]:
    """Take ``/1`` or ``/2`` off the ends of names, where all of them have it."""
    for suffix in (b"/1", b"/2"):
        if all(name.endswith(suffix) for name in names):
            return [name.removesuffix(suffix) for name in names]
    return names


def made_safe(names: list[bytes]) -> list[bytes]:
    """Give names that no program downstream alters: the same names where they are so already.

    Parameters
    ----------
    names : list of bytes
        Without the marks of mates.

    Returns
    -------
    list of bytes
        Of SAM's characters without ``/`` and ``@``, and short enough for BAM; a name that is
        longer ends in a digest of the whole of it.
    """
    if b"".join(names).translate(None, SAFE) != b"@" * len(names):
        names = [b"@" + name[1:].translate(TO_SAFE) for name in names]
    if max(map(len, names), default=0) > LONGEST:
        names = [name if len(name) <= LONGEST else _shortened(name) for name in names]
    return names


def _shortened(name: bytes) -> bytes:
    digest = hashlib.blake2b(name, digest_size=DIGEST_SIZE).hexdigest().encode()
    return name[: LONGEST - len(digest) - 1] + b"-" + digest


def find_interleaved(names: Sequence[bytes]) -> int | None:
    """Find mates among single reads that follow each other, by their names.

    Parameters
    ----------
    names : sequence of bytes
        Of single reads that follow each other, from any place in a file.

    Returns
    -------
    int or None
        Where the first of two pairs lies, of which one follows the other. One alone says nothing:
        two reads may be numbered ``.1`` and ``.2``.
    """
    alike = [
        row
        for row, (name, other) in enumerate(pairwise(names))
        if row < NAMES_LOOKED_INTO or name[:-1] == other[:-1]
    ]
    couples = {row for row in alike if find_mark(names[row], names[row + 1])}
    return min((row for row in couples if row + 2 in couples), default=None)
