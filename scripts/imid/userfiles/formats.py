"""The formats that people give in place of a text, told by how a file begins, whatever its name."""

import re
from collections.abc import Sequence
from typing import NamedTuple

# So much of a file's beginning tells its format.
TELLING = 512
PLAIN = "it must be plain text or gzipped"


class Format(NamedTuple):
    """A format, and what to do about a file of it where a text is needed.

    Attributes
    ----------
    name : str
        What it is known by.
    words : str
        What is said of the file.
    remedy : str
        What would be right.
    begins : re.Pattern
        What a file of it begins with: more than a text would by chance.
    """

    name: str
    words: str
    remedy: str
    begins: re.Pattern[bytes]


def _format(name: str, words: str, begins: bytes, remedy: str = PLAIN) -> Format:
    return Format(name, f"is {words}", remedy, re.compile(begins, re.DOTALL | re.IGNORECASE))


def _compressed(name: str, begins: bytes, program: str = "") -> Format:
    remedy = f"{PLAIN} ({program}, then gzip)" if program else PLAIN
    return Format(name, f"is compressed with {name}", remedy, re.compile(begins, re.DOTALL))


# The more special first.
FORMATS = [
    _compressed("bzip2", rb"BZh[1-9](1AY|\x17rE)", "bzip2 -dc"),
    _compressed("xz", rb"\xfd7zXZ", "xz -dc"),
    _compressed("zstd", rb"\x28\xb5\x2f\xfd", "zstd -dc"),
    _compressed("lz4", rb"\x04\x22\x4d\x18", "lz4 -dc"),
    _compressed("compress", rb"\x1f\x9d", "uncompress -c"),
    _format("7-Zip", "a 7-Zip archive", rb"7z\xbc\xaf\x27\x1c"),
    _format("RAR", "a RAR archive", rb"Rar!\x1a\x07"),
    _format("Excel", "an Excel file", rb"PK\x03\x04.{26}(\[Content_Types\]|_rels|docProps|xl/)"),
    _format("Excel", "an Excel file", rb"\xd0\xcf\x11\xe0"),
    _format("zip", "a zip archive", rb"PK\x03\x04", f"{PLAIN} (unzip -p, then gzip)"),
    _format("tar", "a tar archive", rb".{257}ustar", "take the files out of it (tar -xf)"),
    _format("BAM", "BAM, a file of alignments", rb"BAM\x01"),
    _format("CRAM", "CRAM, a file of alignments", rb"CRAM[\x01-\x04]"),
    _format("SAM", "SAM, a file of alignments", rb"@(HD|SQ)\t"),
    _format("SRA", "an archive of the SRA", rb"NCBI\.sra"),
    _format("HDF5", "an HDF5 file (fast5, h5ad …)", rb"\x89HDF"),
    _format("Parquet", "a Parquet file", rb"PAR1\x15"),
    _format("R", "a file of R's own", rb"RD[AX]\d\n|X\n\x00\x00"),
    _format("PDF", "a PDF", rb"%PDF-"),
    _format(
        *("Git LFS", "a pointer of Git LFS", rb"version https://git-lfs"),
        "fetch the file itself (git lfs pull)",
    ),
    _format(
        *("web page", "a web page or XML, perhaps instead of a download"),
        *(rb"\s*<(!doctype|html|head|\?xml)", "download it anew"),
    ),
]
# Text, as an editor writes it: who reads text may well take it.
UTF_16 = _format("UTF-16", "UTF-16 text", rb"\xff\xfe|\xfe\xff|([^\0]\0){2}|(\0[^\0]){2}")
MARKED = _format("UTF-8", "begun by the byte order mark of an editor", rb"\xef\xbb\xbf")


def format_of(start: bytes, formats: Sequence[Format] = FORMATS) -> Format | None:
    """Tell the format of a file that is no plain text and not gzipped; None where it may be.

    Parameters
    ----------
    start : bytes
        Its first `TELLING` bytes, or all of it.
    formats : sequence of Format
        Those to look for.

    Returns
    -------
    Format or None
    """
    return next((known for known in formats if known.begins.match(start)), None)
