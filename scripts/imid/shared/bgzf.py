"""Reading BGZF, the blocked gzip of BAM files, so that nothing damaged goes unnoticed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from deflate import DeflateError, crc32, deflate_decompress

from imid.shared.problems import InputError

# Gzip with one extra field, BC: the length of the block (SAM specification, 4.1).
MAGIC = b"\x1f\x8b\x08\x04"
EXTRA = b"\x06\x00BC\x02\x00"
HEADER_SIZE = 18
TRAILER_SIZE = 8
MAX_DATA = 1 << 16
# What every complete file ends in (SAM specification, 4.1.2).
END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
# Enough to hold the last blocks of a file, some sixteen of them at least.
TAIL = 16 * MAX_DATA
# What bgzip puts into a block, or less by a part of a line, for it may end blocks where lines do.
FULL, LINE_SHARE = 0xFF00, 0.05


def read_blocks(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """Decompress a BGZF stream block by block.

    Parameters
    ----------
    stream : binary file
        Open for reading; need not be seekable.
    name : str
        What to call it in messages.

    Yields
    ------
    bytes-like
        The data of each block that has any.

    Raises
    ------
    InputError
        Where the stream is not BGZF, a block is damaged, or the end is missing.
    """
    number, block = 0, b""
    while header := stream.read(HEADER_SIZE):
        number += 1
        where = f"{name}: BGZF block {number}"
        if len(header) < HEADER_SIZE or header[:4] != MAGIC or header[10:16] != EXTRA:
            raise InputError([f"{where}: does not begin as a block must; {remedy(number)}"])
        size = int.from_bytes(header[16:18], "little") + 1
        block = header + stream.read(size - HEADER_SIZE)
        if len(block) < size or size < HEADER_SIZE + TRAILER_SIZE:
            raise InputError([f"{where}: is cut short; {remedy(number)}"])
        if data := decompress_block(block, where):
            yield data
    if block != END_OF_FILE:
        raise InputError([f"{name}: the end-of-file block is missing: the file is truncated"])


def is_whole(path: Path) -> bool:
    """Tell whether a file is a chain of blocks to its very end, without decompressing them.

    Parameters
    ----------
    path : Path
        A file on a disk.

    Returns
    -------
    bool
        False also where the end-of-file block alone is missing.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        at = last = 0
        while at < size:
            header = os.pread(file.fileno(), HEADER_SIZE, at)
            if len(header) < HEADER_SIZE or header[:4] != MAGIC or header[10:16] != EXTRA:
                return False
            last, at = at, at + int.from_bytes(header[16:18], "little") + 1
        return at == size and os.pread(file.fileno(), size, last) == END_OF_FILE


def is_cut_between_blocks(path: Path) -> bool:
    """Tell whether a file of BGZF breaks off after a block, which is sound gzip to its last byte.

    The end-of-file block does not say: bcl2fastq writes none. The last block does: whoever writes
    BGZF fills each block before the next, and what is left over makes a smaller one. It is full by
    chance in one file of 65,000. Where blocks end with a line their sizes differ a little; then
    only those of bgzip's size tell, which does write an end-of-file block.

    Parameters
    ----------
    path : Path
        A file on a disk.

    Returns
    -------
    bool
        False also where it is no BGZF, ends within a block, or has too few blocks to tell.
    """
    with path.open("rb") as file:
        start = max(0, os.fstat(file.fileno()).st_size - TAIL)
        tail = os.pread(file.fileno(), TAIL, start)
    *full, last = _sizes_of_last_blocks(tail) or [0]
    if full.count(last) > len(full) / 2:
        return True
    return bool(full) and all((1 - LINE_SHARE) * FULL < size <= FULL for size in [*full, last])


def _sizes_of_last_blocks(tail: bytes) -> list[int]:
    """Give the lengths of the data in the blocks that a file ends with; none where it does not."""
    at = tail.find(MAGIC)
    while at >= 0:
        sizes, block = [], at
        while tail[block : block + 4] == MAGIC and tail[block + 10 : block + 16] == EXTRA:
            block += int.from_bytes(tail[block + 16 : block + HEADER_SIZE], "little") + 1
            sizes.append(int.from_bytes(tail[block - 4 : block], "little"))
        if block == len(tail) and sizes:
            return sizes
        at = tail.find(MAGIC, at + 1)
    return []


def remedy(number: int) -> str:
    """Say what is probably wrong, by where reading failed."""
    if number == 1:
        return "is this a BAM file?"
    return "the file is truncated or damaged"


def decompress_block(block: bytes, where: str) -> bytes:
    """Decompress one block and hold it against its own length and checksum.

    Parameters
    ----------
    block : bytes
        The whole block.
    where : str
        Which block, for messages.

    Returns
    -------
    bytes-like
        Its data.

    Raises
    ------
    InputError
        Where the block is damaged.
    """
    checksum = int.from_bytes(block[-8:-4], "little")
    size = int.from_bytes(block[-4:], "little")
    if size > MAX_DATA:
        raise InputError([f"{where}: says it holds {size} bytes, more than a block can"])
    try:
        data = deflate_decompress(memoryview(block)[HEADER_SIZE:-TRAILER_SIZE], size)
    except DeflateError as error:
        raise InputError([f"{where}: cannot be decompressed; the file is damaged"]) from error
    if len(data) != size or crc32(data) != checksum:
        raise InputError([f"{where}: length or checksum is wrong; the file is damaged"])
    return data
