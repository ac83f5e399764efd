"""Decoding BAM in bulk: records become arrays, a few megabytes at a time.

A BAM is a chain: each record begins with its length, and only so is the next one found. Here the
chain is entered at many places at once (see `find_records`), and everything after that is done to
all records of a stretch together.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NoReturn

import numpy as np

from imid.shared.problems import InputError

STRETCH = 2 << 20
SEGMENT = 8 << 10
# No aligner writes records of this size; a length beyond it is a lie.
MAX_RECORD = 64 << 20
# Zeros after the last record, so that as many bytes as a name can have may be read at any byte.
PADDING = 256

PAIRED, UNMAPPED, MATE_UNMAPPED, REVERSE = 0x1, 0x4, 0x8, 0x10
FIRST, SECOND, NOT_PRIMARY = 0x40, 0x80, 0x900

# The fixed part of a record (SAM specification, 4.2).
HEAD = np.dtype(
    [
        ("size", "<u4"),
        ("contig", "<i4"),
        ("position", "<i4"),
        ("name_length", "u1"),
        ("quality", "u1"),
        ("bin", "<u2"),
        ("operations", "<u2"),
        ("flag", "<u2"),
        ("bases", "<i4"),
        ("mate_contig", "<i4"),
        ("mate_position", "<i4"),
        ("template_length", "<i4"),
    ]
)
OFFSETS = {name: place[1] for name, place in (HEAD.fields or {}).items()}
# The same, contig and position being read as one number.
PLACES = np.dtype(
    {
        "names": ["place", "mate_place"],
        "formats": ["<i8", "<i8"],
        "offsets": [OFFSETS["contig"], OFFSETS["mate_contig"]],
        "itemsize": HEAD.itemsize,
    }
)
# Bytes of a tag's value by its type; those of Z, H and B are of any length.
TAG_SIZE = np.zeros(256, np.int64)
for _types, _size in [(b"AcC", 1), (b"sS", 2), (b"iIf", 4)]:
    TAG_SIZE[list(_types)] = _size
# The bytes of a word that belong to a text, by how many are left of it.
LEFT_OF_TEXT = np.array([(1 << 8 * left) - 1 for left in range(9)], np.uint64)
LOW_BITS, HIGH_BITS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
NH = int.from_bytes(b"NH", "little")
INTEGERS = dict(zip(b"cCsSiI", ["<i1", "<u1", "<i2", "<u2", "<i4", "<u4"], strict=True))


@dataclass(frozen=True)
class Header:
    """What the header of a BAM says.

    Attributes
    ----------
    encoded : bytes
        The header as it stands in the file.
    sorted_by_position : bool
        Whether it says so.
    contigs : list of str
        Names, in the order of their numbers.
    paired : bool
        Whether the first record is of a paired read; HTSeq decides by it for the whole file.
    """

    encoded: bytes
    sorted_by_position: bool
    contigs: list[str]
    paired: bool


@dataclass(frozen=True)
class Records:
    """Alignment records, as arrays of one length.

    Attributes
    ----------
    buffer : bytes
        The decompressed BAM they lie in.
    start : ndarray of int64
        Where in the buffer each begins.
    head : structured ndarray
        Their fixed parts, of dtype `HEAD`.
    """

    buffer: bytes
    start: np.ndarray
    head: np.ndarray

    def __len__(self) -> int:
        """Count the records."""
        return len(self.start)

    def __getitem__(self, rows: slice | np.ndarray) -> "Records":
        """Choose some of the records."""
        # As plain bytes the fixed parts are copied whole, not field by field.
        head = self.head.view(f"V{HEAD.itemsize}")[rows].view(HEAD)
        return Records(self.buffer, self.start[rows], head)

    def has(self, flag: int) -> np.ndarray:
        """Tell which records have a bit of `flag` set."""
        return self.head["flag"] & flag != 0

    def read(self, kind: str | np.dtype, at: np.ndarray) -> np.ndarray:
        """Read a value at each of the given places in the buffer."""
        return values_at(self.buffer, kind, at)

    @property
    def place(self) -> np.ndarray:
        """Contig and position of each record as one number, to be compared."""
        return self.head.view(PLACES)["place"]

    @property
    def mate_place(self) -> np.ndarray:
        """What each record says of the `place` of its mate."""
        return self.head.view(PLACES)["mate_place"]

    @cached_property
    def cigar_start(self) -> np.ndarray:
        """Where the CIGAR of each record begins, which is where its name ends."""
        return self.start + HEAD.itemsize + self.head["name_length"]

    @cached_property
    def tags_start(self) -> np.ndarray:
        """Where the tags of each record begin."""
        # Two bases share a byte, and each has a quality.
        bases_and_qualities = (3 * self.head["bases"].astype(np.int64) + 1) >> 1
        return self.cigar_start + 4 * self.head["operations"].astype(np.int64) + bases_and_qualities

    @cached_property
    def end(self) -> np.ndarray:
        """Where each record ends."""
        return self.start + 4 + self.head["size"]

    def name(self, row: int) -> bytes:
        """Give the name of a record."""
        first = self.start[row] + HEAD.itemsize
        return bytes(self.buffer[first : first + self.head["name_length"][row] - 1])


def values_at(buffer: bytes, kind: str | np.dtype, at: np.ndarray) -> np.ndarray:
    """Read a value at each of many places, which need not be aligned.

    Parameters
    ----------
    buffer : bytes
        Any bytes.
    kind : str or dtype
        Of the values.
    at : ndarray of int64
        Where each value begins.

    Returns
    -------
    ndarray
        The values.
    """
    # As plain bytes, values that are not aligned are copied in half the time.
    return strided_view(buffer, f"V{np.dtype(kind).itemsize}")[at].view(kind)


def strided_view(buffer: bytes, kind: str) -> np.ndarray:
    """View a buffer as values that begin at each of its bytes."""
    size = np.dtype(kind).itemsize
    return np.ndarray(max(len(buffer) - size + 1, 0), kind, buffer, strides=(1,))


def refuse_damaged(what: str) -> NoReturn:
    """Stop at a record that cannot be right."""
    raise InputError([f"{what}; the file is damaged"])


def read_header(blocks: Iterator[bytes]) -> tuple[Header, bytes]:
    """Read the header of a BAM.

    Parameters
    ----------
    blocks : iterator of bytes
        The decompressed file.

    Returns
    -------
    header : Header
        What it says.
    rest : bytes
        What was read beyond it.

    Raises
    ------
    InputError
        Where there is none, or it is cut short.
    """
    buffer, header = b"", None
    for block in blocks:
        buffer += block
        if buffer[:4] != b"BAM\1":
            raise InputError(["the file is compressed as a BAM is, but it does not hold one"])
        header = header or parse_header(buffer)
        if header and len(buffer) >= len(header.encoded) + HEAD.itemsize:
            break
    if not header:
        raise InputError(["the file ends before its header does: it is empty or truncated"])
    if not header.contigs:
        raise InputError(["the header names no contigs (@SQ); reads cannot be placed"])
    rest = buffer[len(header.encoded) :]
    flags = int.from_bytes(rest[18:20], "little")
    return replace(header, paired=bool(flags & PAIRED)), rest


def parse_header(buffer: bytes) -> Header | None:
    """Parse a header, but for what the first record tells; None where it is not yet complete."""
    try:
        (size,) = struct.unpack_from("<I", buffer, 4)
        text, count = struct.unpack_from(f"<{size}sI", buffer, 8)
        at = 12 + size
        contigs = []
        for _ in range(count):
            (size,) = struct.unpack_from("<I", buffer, at)
            (name,) = struct.unpack_from(f"<{size}s4x", buffer, at + 4)
            contigs.append(name.rstrip(b"\0").decode(errors="replace"))
            at += 8 + size
    except struct.error:
        return None
    by_position = text.startswith(b"@HD") and b"\tSO:coordinate" in text.split(b"\n")[0]
    return Header(buffer[:at], by_position, contigs, paired=False)


def read_records(
    blocks: Iterator[bytes], rest: bytes, contigs: int, by_name: bool
) -> Iterator[Records]:
    """Decode a BAM, a stretch at a time.

    Parameters
    ----------
    blocks : iterator of bytes
        The decompressed file from somewhere after its header.
    rest : bytes
        What comes before them.
    contigs : int
        How many contigs the header names.
    by_name : bool
        Whether primary records of one name, following each other, stay in one stretch.

    Yields
    ------
    Records

    Raises
    ------
    InputError
        Where a record contradicts itself or is cut short.
    """
    ended = False
    while not ended:
        buffer, ended = join_blocks(blocks, rest)
        start, stop = find_records(buffer)
        if ended and stop < len(buffer) - PADDING:
            raise InputError(["the file ends in the middle of a record: it is truncated"])
        records = Records(buffer, start, values_at(buffer, HEAD, start))
        check_records(records, contigs)
        if not ended:
            if by_name:
                complete = before_last_name(records)
                stop = int(start[complete]) if complete < len(start) else stop
                records = records[:complete]
            rest = buffer[stop:-PADDING]
        if len(records):
            yield records


def join_blocks(blocks: Iterator[bytes], rest: bytes) -> tuple[bytes, bool]:
    """Join blocks to a stretch; say whether they have come to their end.

    A name that fills a stretch is read on until it ends: stretches then grow by doubling, so that
    the work stays in proportion to the file.
    """
    parts = [rest]
    left = max(STRETCH, len(rest))
    for block in blocks:
        parts.append(block)
        left -= len(block)
        if left <= 0:
            return b"".join([*parts, bytes(PADDING)]), False
    return b"".join([*parts, bytes(PADDING)]), True


def find_records(buffer: bytes) -> tuple[np.ndarray, int]:
    """Find where records begin.

    Names of reads mostly begin alike, so the beginning of the first name, looked for in each
    segment of the buffer, shows where a record may begin. From all these places the chains are
    followed in step. The first begins at a record; where each chain ends exactly at the beginning
    of the next, all began at records. Where one does not, a guess was wrong, and the one chain is
    followed from the first record on, which is slower.

    Parameters
    ----------
    buffer : bytes
        Begins with a record, and ends in `PADDING`.

    Returns
    -------
    start : ndarray of int64
        Where each complete record begins.
    stop : int
        Where the last of them ends.
    """
    guesses = guess_records(buffer)
    found = follow_chains(buffer, guesses)
    if found is None:
        found, last = np.zeros(0, np.int64), 0
    else:
        last = int(guesses[-1])
    tail, stop = follow_chain(buffer, last)
    return np.concatenate([found, tail]), stop


def guess_records(buffer: bytes) -> np.ndarray:
    """Guess the beginning of about one record in each segment; the first is none."""
    end = len(buffer) - PADDING
    name = buffer[HEAD.itemsize : HEAD.itemsize + 4].split(b"\0")[0]
    guesses = [0]
    for segment in range(SEGMENT, end - 2 * SEGMENT, SEGMENT):
        at = buffer.find(name, segment + HEAD.itemsize, segment + SEGMENT)
        if at >= 0:
            guesses.append(at - HEAD.itemsize)
    return np.array(guesses, np.int64)


def follow_chains(buffer: bytes, guesses: np.ndarray) -> np.ndarray | None:
    """Follow a chain from each guess to the next one.

    Parameters
    ----------
    buffer : bytes
        Where they are followed.
    guesses : ndarray of int64, ascending
        Where chains begin.

    Returns
    -------
    ndarray of int64, or None
        The beginnings of all records before the last guess; None if a guess was wrong, or the
        guesses are too far apart to make it worth while.
    """
    position, goal = guesses[:-1], guesses[1:]
    if not len(position) or (goal - position).max() > 8 * SEGMENT:
        return None
    size_at = strided_view(buffer, "<u4")
    steps = []
    while len(position):
        steps.append(position)
        position = position + 4 + size_at[position]
        going = position < goal
        if not going.all():
            if (position[~going] != goal[~going]).any():
                return None
            position, goal = position[going], goal[going]
    return np.sort(np.concatenate(steps))


def follow_chain(buffer: bytes, start: int) -> tuple[np.ndarray, int]:
    """Follow the chain from one record to the end of the buffer."""
    end = len(buffer) - PADDING
    size_at = struct.Struct("<I").unpack_from
    starts = []
    position = start
    while position + 4 <= end:
        (size,) = size_at(buffer, position)
        if not HEAD.itemsize - 4 < size <= MAX_RECORD:
            refuse_damaged(f"a record says it is {size} bytes long")
        if position + 4 + size > end:
            break
        starts.append(position)
        position += 4 + size
    return np.array(starts, np.int64), position


def check_records(records: Records, contigs: int) -> None:
    """Refuse records whose lengths or numbers lie.

    Parameters
    ----------
    records : Records
        As found.
    contigs : int
        How many contigs the header names.

    Raises
    ------
    InputError
        Of the first such record.
    """
    head = records.head
    size = head["size"]
    aligned = ~records.has(UNMAPPED)
    name_end = records.read("u1", records.cigar_start - 1)
    lies = {
        "length is too small": size < HEAD.itemsize - 4,
        "name is not closed": (head["name_length"] == 0) | (name_end != 0),
        "number of bases is negative": head["bases"] < 0,
        "parts are longer than the whole": records.tags_start > records.end,
        "contig is not in the header": outside(head["contig"], contigs),
        "mate's contig is not in the header": outside(head["mate_contig"], contigs),
        "alignment has no position": aligned & ((head["contig"] | head["position"]) < 0),
        "alignment has no CIGAR": aligned & (head["operations"] == 0),
    }
    for what, wrong in lies.items():
        if wrong.any():
            row = int(wrong.argmax())
            refuse_damaged(f"record '{records.name(row).decode(errors='replace')}': its {what}")


def outside(contig: np.ndarray, contigs: int) -> np.ndarray:
    """Tell which contig numbers are neither of a contig nor -1, which is none."""
    return (contig < -1) | (contig >= contigs)


def before_last_name(records: Records) -> int:
    """Count the records before the last name's first; more of that name may follow in the file."""
    primary = np.flatnonzero(~records.has(NOT_PRIMARY))
    if not len(primary):
        return len(records)
    first = primary[-1]
    name = records.name(first)
    for row in primary[-2::-1]:
        if records.name(row) != name:
            break
        first = row
    return int(first)


def is_new_name(records: Records) -> np.ndarray:
    """Tell which records have another name than the one before them.

    Parameters
    ----------
    records : Records
        Any.

    Returns
    -------
    ndarray of bool
        The first is always new.
    """
    length = records.head["name_length"].astype(np.int64)
    new = np.ones(len(records), bool)
    new[1:] = length[1:] != length[:-1]
    words = -(-int(length.max(initial=1)) // 8)
    text = records.read(f"V{8 * words}", records.start + HEAD.itemsize)
    text = text.view("<u8").reshape(-1, words)
    for word in range(words):
        differing = text[1:, word] ^ text[:-1, word]
        left = length[1:] - 8 * word
        if left.min(initial=8) < 8:
            differing &= LEFT_OF_TEXT[left.clip(0, 8)]
        new[1:] |= differing != 0
    return new


def read_hits(records: Records) -> np.ndarray:
    """Read the tag NH, the number of places a read aligns to.

    Parameters
    ----------
    records : Records
        Any.

    Returns
    -------
    ndarray of int64
        -1 where a record has no such tag; if it has several, against the specification, the first.

    Raises
    ------
    InputError
        Where tags are damaged or NH is no integer.
    """
    hits = np.full(len(records), -1, np.int64)
    at, end = records.tags_start, records.end
    rows = np.arange(len(records))
    going = at < end
    while going.any():
        if not going.all():
            rows, at, end = rows[going], at[going], end[going]
        at = at + common_size(records, at, end)
        word = records.read("<u4", at)
        size = 3 + TAG_SIZE[(word >> 16) & 0xFF]
        is_hits = (word & 0xFFFF) == NH
        found = np.flatnonzero(is_hits)
        if len(found):
            hits[rows[found]] = read_integers(records, at[found], word[found])
        varying = np.flatnonzero(size == 3)
        if len(varying):
            size[varying] += varying_size(records, at[varying])
        at = at + size
        if (at > end).any():
            refuse_damaged("the tags of a record run beyond its end")
        going = ~is_hits & (at < end)
    return hits


def common_size(records: Records, at: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Measure tags of fixed size that records have alike, so as to step over them together.

    An aligner mostly writes the same tags in the same order. Those of the first record are looked
    for in the others.

    Returns
    -------
    ndarray of int64
        The size of these tags where they stand and another follows; elsewhere 0.
    """
    tags, mask = fixed_tags(records.buffer, int(at[0]), int(end[0]))
    if not tags:
        return np.zeros(len(at), np.int64)
    width = -(-len(tags) // 8)
    expected, kept = (np.frombuffer(part.ljust(8 * width, b"\0"), "<u8") for part in (tags, mask))
    found = records.read(f"V{8 * width}", at).view("<u8").reshape(-1, width)
    alike = at + len(tags) < end
    for word in range(width):
        alike &= (found[:, word] ^ expected[word]) & kept[word] == 0
    return len(tags) * alike


def fixed_tags(buffer: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """Read the tags of fixed size from a place on, up to NH, and mask what may differ in others.

    That is their values; and whether an integer has a sign, which the case of its type tells.
    """
    mask, start = b"", at
    while at < end and at - start < PADDING // 2 and TAG_SIZE[buffer[at + 2]]:
        tag, size = buffer[at : at + 2], int(TAG_SIZE[buffer[at + 2]])
        if tag == b"NH":
            break
        mask += b"\xff\xff" + (b"\xdf" if buffer[at + 2] in INTEGERS else b"\xff") + bytes(size)
        at += 3 + size
    return buffer[start:at], mask


def read_integers(records: Records, at: np.ndarray, word: np.ndarray) -> np.ndarray:
    """Read integers of the widths that their tags' types say; the first word has small ones."""
    kind = (word >> 16) & 0xFF
    if (kind == ord("C")).all():
        return (word >> 24).astype(np.int64)
    values = np.zeros(len(at), np.int64)
    for code in np.flatnonzero(np.bincount(kind)).tolist():
        if code not in INTEGERS:
            raise InputError([f"the tag NH has the type '{chr(code)}', and must be an integer"])
        which = kind == code
        values[which] = records.read(INTEGERS[code], at[which] + 3)
    return values


def varying_size(records: Records, at: np.ndarray) -> np.ndarray:
    """Measure values of the types Z and H, which end in a NUL, and B, which is an array."""
    kind = records.read("u1", at + 2)
    at = at + 3
    size = np.zeros(len(at), np.int64)
    is_text = (kind == ord("Z")) | (kind == ord("H"))
    is_array = kind == ord("B")
    if not (is_text | is_array).all():
        refuse_damaged("a tag has a type that is not of BAM")
    size[is_text] = text_size(records, at[is_text])
    item = TAG_SIZE[records.read("u1", at[is_array])]
    count = records.read("<u4", at[is_array] + 1)
    size[is_array] = 5 + item * count.astype(np.int64)
    return size


def text_size(records: Records, at: np.ndarray) -> np.ndarray:
    """Measure texts with their closing NUL, eight bytes at a time; the padding ends the last."""
    size = np.zeros(len(at), np.int64)
    rows = np.arange(len(at))
    while len(rows):
        word = records.read("<u8", at[rows] + size[rows])
        # The lowest bit left is the highest of the first zero byte, and none if there is none.
        zero = (word - LOW_BITS) & ~word & HIGH_BITS
        size[rows] += np.bitwise_count(zero ^ (zero - np.uint64(1))) >> 3
        rows = rows[zero == 0]
    return size
