"""The features reads are counted in: what HTSeq makes of an annotation, as sorted arrays.

HTSeq holds the annotation as step vectors: along each strand of each contig, stretches with the
same set of features. Here the steps of all vectors lie in one sorted array, so that any position
is found by binary search. Prepared once for a reference, the arrays load in a few milliseconds.
"""

import argparse
import zipfile
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from imid.counting.annotation import (
    MINUS,
    POSITION_BITS,
    Exons,
    merge_intervals,
    numbered,
    read_exons,
)
from imid.counting.gtf_rules import WITHOUT_STRAND, decoded
from imid.shared.files import written
from imid.shared.json_files import as_json, from_json
from imid.shared.problems import InputError, reported
from imid.shared.problems import place as at_line

FORMAT = "imid-rnaseq features 2"
ARRAYS = ["step_key", "step_set", "set_start", "set_member"]


@dataclass(frozen=True)
class Features:
    """The annotation as flat arrays.

    Attributes
    ----------
    settings : dict
        feature_types and id_attributes (lists of str), stranded (bool).
    contigs : list of str
        Contigs that have features, in the order of their numbers.
    ids : list of str
        Feature ids, sorted as htseq-count prints them; elsewhere a feature is its place here.
    step_key : ndarray of int64, shape (steps + 1,)
        Where each step begins (see `coordinate`), ascending; the last is beyond every place.
    step_set : ndarray of int32, shape (steps,)
        The number of the set of features of each step; 0 is the empty set.
    set_start : ndarray of int64, shape (sets + 1,)
        Where each set's members begin in `set_member`.
    set_member : ndarray of int32
        The features of each set, set after set.
    """

    settings: dict
    contigs: list[str]
    ids: list[str]
    step_key: np.ndarray
    step_set: np.ndarray
    set_start: np.ndarray
    set_member: np.ndarray

    def members(self, number: int) -> frozenset[int]:
        """Give the features of a set."""
        start, end = self.set_start[number : number + 2]
        return frozenset(self.set_member[start:end].tolist())

    @cached_property
    def set_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest feature of each set, such that minima and maxima make a union.

        Of several sets together, the lowest and highest are one feature if and only if the union
        is that feature. The empty set is (number of ids, -1) and so never the lowest or highest;
        a set of several features is (-1, number of ids).
        """
        size = np.diff(self.set_start)
        single = self.set_member[self.set_start[:-1].clip(max=len(self.set_member) - 1)]
        lowest = np.select([size == 0, size == 1], [len(self.ids), single], -1)
        highest = np.select([size == 0, size == 1], [-1, single], len(self.ids))
        return lowest.astype(np.int32), highest.astype(np.int32)


def coordinate(contig: int, minus: bool, position: int) -> int:
    """Give a place in the genome its number; unstranded features lie on the plus strand.

    That is twice the contig, plus one for the minus strand, above `POSITION_BITS`, and the
    position below them.
    """
    return ((2 * contig + minus) << POSITION_BITS) + position


def read_annotation(
    gtf: Path, feature_types: list[str], id_attributes: list[str], stranded: bool
) -> Features:
    """Read an annotation, and lay out its features.

    Parameters
    ----------
    gtf : Path
        A GTF or GFF, plain or gzipped.
    feature_types, id_attributes : list of str
        What htseq-count calls ``--type`` and ``--idattr``.
    stranded : bool
        Whether the strands are kept apart.

    Returns
    -------
    Features

    Raises
    ------
    InputError
        Where a line cannot be read, or none has the feature type.
    """
    return step_vectors(read_exons(gtf, feature_types, id_attributes), stranded)


def step_vectors(exons: Exons, stranded: bool) -> Features:
    """Lay what HTSeq would hold as step vectors end to end.

    Parameters
    ----------
    exons : Exons
        Of the annotation.
    stranded : bool
        Whether the strands are kept apart.

    Returns
    -------
    Features

    Raises
    ------
    InputError
        Where they are to be kept apart, and a line has no strand.
    """
    if stranded and exons.without_strand is not None:
        raise InputError([without_strand(exons.source, exons.without_strand)])
    vector = 2 * exons.contig + (exons.strand == MINUS if stranded else 0)
    group, (vector, feature) = numbered(vector, exons.genes.ranks()[exons.gene])
    merged, start, end = merge_intervals(group, exons.start, exons.end)
    base = vector[merged] << POSITION_BITS
    vectors = np.arange(0, 2 * len(exons.contigs), 1 if stranded else 2) << POSITION_BITS
    key = np.unique(np.concatenate([vectors, base + start, base + end]))
    first, last = np.searchsorted(key, base + start), np.searchsorted(key, base + end)
    step_set, sets = number_sets(feature[merged], first, last, len(key), len(exons.genes))
    return Features(
        {
            "feature_types": exons.feature_types,
            "id_attributes": exons.id_attributes,
            "stranded": stranded,
        },
        [decoded(contig) for contig in exons.contigs],
        [decoded(gene_id) for gene_id in sorted(exons.genes)],
        np.append(key, np.iinfo(np.int64).max),
        step_set,
        np.cumsum([0, *map(len, sets)]),
        np.array(list(chain.from_iterable(sets)), np.int32),
    )


def number_sets(
    feature: np.ndarray, first: np.ndarray, last: np.ndarray, steps: int, features: int
) -> tuple[np.ndarray, list[list[int]]]:
    """Find which features lie on each step.

    Parameters
    ----------
    feature : ndarray of int64, shape (intervals,)
        The feature of each interval; no two intervals of one feature overlap.
    first, last : ndarray of int64, shape (intervals,)
        The steps that it covers, the last not included.
    steps, features : int
        How many there are.

    Returns
    -------
    step_set : ndarray of int32, shape (steps,)
        The number of the set of each step.
    sets : list of list of int
        The members of each: none, then each feature alone, then sets of several.
    """

    def along(value: np.ndarray | int) -> np.ndarray:
        """Add up what intervals bring to each step that they cover."""
        change = np.zeros(steps, np.int64)
        np.add.at(change, first, value)
        np.subtract.at(change, last, value)
        return np.cumsum(change)

    depth = along(1)
    # Where a single feature lies, the sum of all is that feature.
    step_set = np.where(depth == 1, 1 + along(feature), 0).astype(np.int32)
    sets = [[], *([number] for number in range(features))]
    several = np.concatenate([[0], np.cumsum(depth > 1)])
    before, count = several[first], several[last] - several[first]
    step = np.repeat(before - np.cumsum(count) + count, count) + np.arange(count.sum())
    member = np.repeat(feature, count)[order := np.lexsort([np.repeat(feature, count), step])]
    ends = np.cumsum(np.bincount(step[order], minlength=several[-1])).tolist()
    known = {}
    numbers = []
    for start, end in pairwise([0, *ends]):
        members = tuple(member[start:end].tolist())
        if members not in known:
            known[members] = len(sets)
            sets.append(list(members))
        numbers.append(known[members])
    step_set[depth > 1] = numbers
    return step_set, sets


@dataclass(frozen=True)
class Prepared:
    """What a file of features says of itself.

    Attributes
    ----------
    format : str
        `FORMAT`.
    feature_types, id_attributes : list of str
        As of `Features.settings`.
    source : str
        The annotation's name.
    without_strand : int or None
        Its first line that has no strand.
    """

    format: str
    feature_types: list[str]
    id_attributes: list[str]
    source: str
    without_strand: int | None


def write_features(exons: Exons, path: Path) -> None:
    """Keep the features of an annotation in a file, for reads of either strandedness.

    Parameters
    ----------
    exons : Exons
        Of the annotation. Where one has no strand, the file serves unstranded libraries alone.
    path : Path
        The file to write.
    """
    laid_out = {"unstranded": step_vectors(exons, stranded=False)}
    if exons.without_strand is None:
        laid_out["stranded"] = step_vectors(exons, stranded=True)
    features = laid_out["unstranded"]
    about = Prepared(
        format=FORMAT,
        feature_types=features.settings["feature_types"],
        id_attributes=features.settings["id_attributes"],
        source=exons.source.name,
        without_strand=exons.without_strand,
    )
    texts = {
        "settings": as_json(about),
        "contigs": "\n".join(features.contigs),
        "ids": "\n".join(features.ids),
    }
    arrays: dict[str, Any] = {
        f"{way}.{name}": getattr(features, name)
        for way, features in laid_out.items()
        for name in ARRAYS
    }
    with written(path) as temporary, temporary.open("wb") as file:
        for name, text in texts.items():
            arrays[name] = np.frombuffer(text.encode(), np.uint8)
        np.savez(file, **arrays)


def is_prepared(path: Path) -> bool:
    """Tell a file of features from an annotation."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\3\4"


def load_features(path: Path, stranded: bool) -> Features:
    """Load features from a file.

    Parameters
    ----------
    path : Path
        As written by `write_features`.
    stranded : bool
        Whether the strands are kept apart.

    Returns
    -------
    Features

    Raises
    ------
    InputError
        Where the file is not of this program, or of another version of it; where the strands are
        to be kept apart, and the annotation does not tell them.
    """
    try:
        with np.load(path) as file:
            settings, contigs, ids = (
                file[name].tobytes().decode() for name in ("settings", "contigs", "ids")
            )
            about = from_json(settings, Prepared, str(path))
            if about.format != FORMAT:
                raise ValueError("another format")
            way = "stranded" if stranded and about.without_strand is None else "unstranded"
            arrays = {name: file[f"{way}.{name}"] for name in ARRAYS}
    except (InputError, ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise InputError(
            [
                f"{path}: not a file of features for this version; make it anew by"
                " imid.counting.features"
            ]
        ) from error
    if stranded and about.without_strand is not None:
        raise InputError([without_strand(Path(about.source), about.without_strand)])
    made_with = {
        "feature_types": about.feature_types,
        "id_attributes": about.id_attributes,
        "stranded": stranded,
    }
    return Features(made_with, contigs.split("\n"), ids.split("\n"), **arrays)


def without_strand(source: Path, line: int) -> str:
    """Say that the strands cannot be kept apart."""
    return f"{at_line(source, line)}: {WITHOUT_STRAND}; give it one, or count as unstranded"


def main(argv: list[str] | None = None) -> None:
    """Prepare an annotation for counting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--feature-type", action="append", help="default: exon; may be repeated")
    parser.add_argument("--id-attribute", action="append", help="default: gene_id; likewise")
    parser.add_argument("--output", type=Path, required=True, help="file of features to write")
    arguments = parser.parse_args(argv)

    types, ids = arguments.feature_type or ["exon"], arguments.id_attribute or ["gene_id"]
    write_features(read_exons(arguments.gtf, types, ids), arguments.output)


if __name__ == "__main__":
    reported(main)
