"""The sequencing of the synthetic experiment: mates, their qualities and errors, and FASTQ."""

import numpy as np
import pandas as pd

from imid.synthetic.synthetic_genome import BASES, COMPLEMENT

# Illumina's TruSeq adapters, as the first and the second mate run into them.
ADAPTERS = (
    "AGATCGGAAGAGCACACGTCTGAACTCCAGTCAC{index}ATCTCGTATGCCGTCTTCTGCTTG",
    "AGATCGGAAGAGCGTCGTGTAGGGAAAGAGTGTAGATCTCGGTGGTCGCCGTATCATT",
)
FLOW_CELL = "A00001:1:HSYNTHDSX"
READS_PER_TILE = 4000


def sequence_mates(
    pool: np.ndarray, fragments: pd.DataFrame, read_length: int, index: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the two mates of each fragment, without errors.

    The library is reverse-stranded (dUTP): the first mate is antisense, the second sense, and
    the other way round where a fragment is flipped. A mate longer than its fragment runs into
    the adapter, and beyond it reads G.

    Parameters
    ----------
    pool : ndarray of uint8
        Sequences of the templates.
    fragments : DataFrame
        start, length and flipped.
    read_length : int
        Bases of a mate.
    index : str
        Bases that tell the library from others of its lane.

    Returns
    -------
    first, second : ndarray of uint8, shape (fragments, read_length)
        Bases as ASCII codes.
    """
    start, length = (fragments[[column]].to_numpy() for column in ("start", "length"))
    cycle = np.arange(read_length)
    within, beyond = np.minimum(cycle, length - 1), np.maximum(cycle - length, 0)
    antisense, sense = COMPLEMENT[pool[start + length - 1 - within]], pool[start + within]
    flipped = fragments[["flipped"]].to_numpy()
    inserts = np.where(flipped, sense, antisense), np.where(flipped, antisense, sense)
    adapters = (
        np.frombuffer(adapter.format(index=index).ljust(read_length, "G").encode(), np.uint8)
        for adapter in ADAPTERS
    )
    first, second = (
        np.where(cycle < length, insert, adapter[beyond])
        for insert, adapter in zip(inserts, adapters, strict=True)
    )
    return first, second


def read_out(
    rng: np.random.Generator, bases: np.ndarray, plan: dict
) -> tuple[np.ndarray, np.ndarray]:
    """Give each base a quality that falls along the read, and get it wrong as often as that says.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    bases : ndarray of uint8, shape (reads, cycles)
        The true bases as ASCII codes.
    plan : dict
        The section ``reads`` of the plan: qualities and their shares in first_cycle and
        last_cycle.

    Returns
    -------
    bases : ndarray of uint8
        With substitutions.
    qualities : ndarray of uint8
        Phred scores in FASTQ's ASCII encoding.
    """
    scores = np.array(plan["qualities"])
    shares = np.linspace(plan["first_cycle"], plan["last_cycle"], bases.shape[1])
    drawn = rng.random(bases.shape, dtype=np.float32)
    level = sum((drawn > limit).astype(np.intp) for limit in shares.cumsum(axis=1).T[:-1])
    error = (10 ** (-scores / 10)).astype(np.float32)
    wrong = rng.random(bases.shape, dtype=np.float32) < error[level]
    bases = bases.copy()
    other = np.searchsorted(BASES, bases[wrong]) + rng.integers(1, BASES.size, wrong.sum())
    bases[wrong] = BASES[other % BASES.size]
    return bases, (scores + 33).astype(np.uint8)[level]


def read_names(rng: np.random.Generator, number: int, lane: int) -> list[str]:
    """Name reads by where on the flow cell they lie: they are told apart, and tell no truth."""
    order = np.arange(number)
    tiles = 1101 + order // READS_PER_TILE
    x = rng.integers(1000, 33000, number)
    y = 1000 + order % READS_PER_TILE * 8 + rng.integers(0, 8, number)
    places = zip(tiles, x, y, strict=True)
    return [f"{FLOW_CELL}:{lane}:{tile}:{across}:{down}" for tile, across, down in places]


def fastq(names: list[str], comment: str, bases: np.ndarray, qualities: np.ndarray) -> bytes:
    """Return reads as FASTQ.

    Parameters
    ----------
    names : list of str
        One for each read.
    comment : str
        What follows every name, such as ``1:N:0:ACGTACGT``.
    bases, qualities : ndarray of uint8, shape (reads, cycles)
        ASCII codes.
    """
    lines = (
        np.ascontiguousarray(codes).view(f"S{codes.shape[1]}").ravel().tolist()
        for codes in (bases, qualities)
    )
    record = f"@%b {comment}\n%b\n+\n%b\n".encode()
    return b"".join(
        record % (name.encode(), *read) for name, *read in zip(names, *lines, strict=True)
    )
