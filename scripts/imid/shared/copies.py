"""One library under two names, told by what is known of samples once they are counted."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

REMEDY = "a replicate has reads of its own: name the right files, or leave one out (exclude)"

Key = TypeVar("Key", bound=Hashable)


def first_alike(values: Mapping[Key, Hashable]) -> Iterator[tuple[Key, Key]]:
    """Give each key whose value an earlier key has, after the first such key."""
    first: dict[Hashable, Key] = {}
    for key, value in values.items():
        known = first.setdefault(value, key)
        if known != key:
            yield known, key


def copy_problems(
    counts: Mapping[str, Hashable], checksums: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Say which samples are of the same reads.

    Parameters
    ----------
    counts : mapping of str to hashable
        What stands for the counts of all genes of each sample that has enough of them not to
        have those of another by chance. The same counts come from the same reads alone, whatever
        became of their names, order and compression.
    checksums : mapping of str to mapping of str to str
        For each sample the checksum of each of its FASTQ files.

    Returns
    -------
    list of str
        The problems.
    """
    files = {(sample, name): sha for sample, own in checksums.items() for name, sha in own.items()}
    same_files = list(first_alike(files))
    told = {(one, other) for (one, _), (other, _) in same_files}
    return [
        f"samples {one} and {other}: {name} and {copy} have the same content; {REMEDY}"
        for (one, name), (other, copy) in same_files
    ] + [
        f"samples {one} and {other} have the same counts in every gene, as only the same reads"
        f" give; {REMEDY}"
        for one, other in first_alike(counts)
        if (one, other) not in told
    ]
