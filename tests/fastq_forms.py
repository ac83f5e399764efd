"""One set of reads in the forms in which FASTQ comes, to be held against each other."""

import gzip
import struct
import zlib

import numpy as np

BASES = np.frombuffer(b"ACGT", np.uint8)
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")

# How the names of mates come: of the pair's number and of the mate's.
NAMES = {
    "plain": lambda n, mate: f"read{n}",
    "slash": lambda n, mate: f"read{n}/{mate}",
    "archive": lambda n, mate: f"SRR636272.{n} {n} length=50",
    "archive, split": lambda n, mate: f"SRR636272.{n}.{mate} {n} length=50",
    "archive of the ENA": lambda n, mate: f"ERR1.{n} HWI-EAS110:6:1:{n}:84/{mate}",
    "CASAVA": lambda n, mate: f"A00001:1:HSYNTHDSX:1:1101:{1000 + n}:{n} {mate}:N:0:ACGT",
    "CASAVA after a tab": lambda n, mate: f"A00001:1:HSYNTHDSX:1:1101:{n}:1000\t{mate}:N:0:ACGT",
    "first Illumina": lambda n, mate: f"HWUSI-EAS100R:6:73:941:{n}#0/{mate}",
    "index and mate": lambda n, mate: f"HWUSI:6:73:941:{n}#ACGT/{mate} comment",
    "underscore": lambda n, mate: f"read{n}_{mate}",
    "colon": lambda n, mate: f"x:{n}:{mate}",
    "R1 and R2": lambda n, mate: f"read{n}_R{mate}",
    "Sanger": lambda n, mate: f"read{n}.{'fr'[mate - 1]}",
    "mate within": lambda n, mate: f"read{n}/{mate}_ACGT",
    "slashes within": lambda n, mate: f"run/7/read{n}/{mate}",
    "slash and number": lambda n, mate: f"run/{n}",
    "at signs": lambda n, mate: f"@run@{n}",
    "not ASCII": lambda n, mate: f"lauf_ä{n}",
    "too long for BAM": lambda n, mate: "x" * 250 + f"{n}" * 5,
}


def reads(number: int = 60, length: int = 50, seed: int = 1) -> list[tuple[bytes, bytes]]:
    """Bases and qualities of reads."""
    rng = np.random.default_rng(seed)
    return [
        (
            rng.choice(BASES, length).tobytes(),
            (rng.integers(2, 38, length) + 33).astype("u1").tobytes(),
        )
        for _ in range(number)
    ]


def fastq(records, names=NAMES["plain"], mate: int = 1) -> bytes:
    """Reads as FASTQ, their names numbered from 1."""
    return b"".join(
        b"@%b\n%b\n+\n%b\n" % (names(n, mate).encode(), bases, qualities)
        for n, (bases, qualities) in enumerate(records, start=1)
    )


def members(text: bytes) -> bytes:
    """As gzip of several members, which do not end where lines do."""
    size = len(text) // 3 + 1
    return b"".join(gzip.compress(text[at : at + size]) for at in range(0, len(text), size))


def bgzip(text: bytes, end: bytes = BGZF_END, size: int = 3000) -> bytes:
    """As bgzip writes it; without its last block as bcl2fastq does."""
    return b"".join(bgzf_block(text[at : at + size]) for at in range(0, len(text), size)) + end


def bgzf_block(data: bytes) -> bytes:
    """One block of BGZF."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(data) + packer.flush()
    head = bytes.fromhex("1f8b08040000000000ff060042430200")
    return (
        head
        + struct.pack("<H", len(head) + len(packed) + 9)
        + packed
        + struct.pack("<II", zlib.crc32(data), len(data))
    )


# What may be done to the bytes of a file without changing a read.
FILES = {
    "plain": lambda text: text,
    "gzip": gzip.compress,
    "members of gzip": members,
    "bgzip": bgzip,
    "bgzip without its last block": lambda text: bgzip(text, end=b"", size=2999),
    "two bgzips": lambda text: bgzip(text[:1000]) + bgzip(text[1000:]),
    "bgzip and gzip": lambda text: bgzip(text[:1000]) + gzip.compress(text[1000:]),
    "no last line end": lambda text: text.removesuffix(b"\n"),
    "blank lines at the end": lambda text: text + b"\n\n\n\n\n",
    "line ends of Windows": lambda text: text.replace(b"\n", b"\r\n"),
    "DOS end of file": lambda text: text.replace(b"\n", b"\r\n") + b"\x1a",
    "no last line end of Windows": lambda text: text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
}
