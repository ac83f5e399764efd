"""Decompressing gzip as it comes, so that nothing cut off, damaged or appended goes unnoticed."""

from collections.abc import Iterable, Iterator

from isal import isal_zlib

from imid.shared.problems import ContentError

MAGIC = b"\x1f\x8b"
# gzip's header and trailer around raw deflate, whose checksum and length are held against the data.
GZIP_WINDOW = 16 + isal_zlib.MAX_WBITS


def decompressed(blocks: Iterable[bytes], to_the_end: bool = True) -> Iterator[bytes]:
    """Decompress gzip of any number of members, BGZF among them.

    Parameters
    ----------
    blocks : iterable of bytes
        The file from its beginning, in pieces of any size.
    to_the_end : bool
        Whether the blocks are the whole file, which must then end with a member.

    Yields
    ------
    bytes
        The content, each member's checksum and length having been held against it.

    Raises
    ------
    ContentError
        Where the stream is damaged, ends early, or is followed by something else.
    """
    member = isal_zlib.decompressobj(GZIP_WINDOW)
    begun = False
    try:
        for block in blocks:
            while block:
                if member.eof:
                    member = isal_zlib.decompressobj(GZIP_WINDOW)
                    begun = False
                if not begun:
                    _refuse_what_follows(block)
                begun = True
                yield member.decompress(block)
                block = member.unused_data
    except isal_zlib.error as error:  # type: ignore[misc]  # its stubs call it an object
        raise ContentError(
            "is damaged: its gzip stream cannot be decompressed; copy it again"
        ) from error
    if to_the_end and not member.eof:
        raise ContentError("is truncated: its gzip stream ends early; copy it again")


def _refuse_what_follows(block: bytes) -> None:
    """See that what follows a member is another one."""
    if block[:1] == b"\0":
        raise ContentError(
            "is damaged: zeros follow its gzip stream, as of a download that was not finished;"
            " copy it again"
        )
    if not MAGIC.startswith(block[:2]):
        raise ContentError(
            "is damaged: its gzip stream is followed by something else; copy it again"
        )
