"""The features reads are counted in: read by HTSeq, kept as sorted arrays.

HTSeq holds the annotation as step vectors: along each strand of each contig, stretches with the
same set of features. Here the steps of all vectors lie in one sorted array, so that any position
is found by binary search. Prepared once for a reference, the arrays load in a few milliseconds.
"""

import argparse
import gzip
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TextIO

import numpy as np

from files import written
from problems import InputError, reported

# A place in the genome is one number: twice the contig, plus one for the minus strand, above
# these bits, and the position below them.
POSITION_BITS = 32
FORMAT = "imid-rnaseq features 1"


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
        Where each step begins (see `place`), ascending; the last is beyond every place.
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


def place(contig: int, minus: bool, position: int) -> int:
    """Give a place in the genome its number; unstranded features lie on the plus strand."""
    return ((2 * contig + minus) << POSITION_BITS) + position


def open_text(path: Path) -> TextIO:
    """Open a text file, gzipped or not."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt") if zipped else path.open()


def shortened(attributes: str, patterns: list[re.Pattern]) -> str:
    """Keep only the id attributes of a GTF line.

    HTSeq spends most of its time on attributes. Where it is not plain at a glance which text
    it would take for the id, everything is left to it.

    Parameters
    ----------
    attributes : str
        The ninth column.
    patterns : list of Pattern
        One for each id attribute.

    Returns
    -------
    str
        The same column, or one with the id attributes alone.
    """
    kept = []
    for pattern in patterns:
        found = pattern.search(attributes)
        if (
            found is None
            or attributes[: found.start()].strip()[-1:] not in ("", ";")
            or attributes.count('"', 0, found.start()) % 2
            or pattern.search(attributes, found.end())
        ):
            return attributes
        kept.append(found[0])
    return "; ".join(kept) + "\n"


def feature_lines(
    lines: Iterable[str], feature_types: list[str], id_attributes: list[str], is_gtf: bool
) -> Iterator[str]:
    """Pick the lines that make features, overlapping ones of a feature merged.

    Exons that a gene's transcripts share say the same again and again. What HTSeq makes of their
    union is the same, and takes it a fraction of the time.

    Parameters
    ----------
    lines : iterable of str
        The annotation.
    feature_types, id_attributes : list of str
        What htseq-count calls ``--type`` and ``--idattr``.
    is_gtf : bool
        Whether attributes are written as in a GTF.

    Yields
    ------
    str
        Lines for HTSeq; what is no feature at all as it stands, so that HTSeq complains of it.
    """
    patterns = [re.compile(rf'{re.escape(key)}\s+"[^";]*"(?=;|$)') for key in id_attributes]
    parsed = (parse_line(line, feature_types, patterns if is_gtf else None) for line in lines)
    for feature, rows in groupby(filter(None, parsed), key=itemgetter(0)):
        if len(feature) == 1:
            yield from feature
            continue
        contig, kind, strand, attributes = feature
        for start, end in join_intervals(row[1] for row in rows):
            yield f"{contig}\t.\t{kind}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}"


def parse_line(
    line: str, feature_types: list[str], patterns: list[re.Pattern] | None
) -> tuple[tuple[str, ...], tuple[int, int]] | None:
    """Split a line into what is to be merged by and its interval.

    Parameters
    ----------
    line : str
        Of the annotation.
    feature_types : list of str
        The types wanted.
    patterns : list of Pattern, optional
        For the id attributes of a GTF.

    Returns
    -------
    feature : tuple of str
        Contig, type, strand and attributes; the line alone if it is not as a line must be.
    interval : tuple of int
        1-based, the end included.
    """
    if line.startswith("#"):
        return None
    columns = line.split("\t", 8)
    if len(columns) < 9:
        return (line,), (0, 0)
    contig, _, kind, start, end, _, strand, _, attributes = columns
    if kind not in feature_types:
        return None
    if not (start.isdecimal() and end.isdecimal() and int(start) <= int(end)):
        return (line,), (0, 0)
    if patterns:
        attributes = shortened(attributes, patterns)
    return (contig, kind, strand, attributes), (int(start), int(end))


def join_intervals(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join intervals, both ends included, that overlap or touch."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def read_annotation(
    gtf: Path, feature_types: list[str], id_attributes: list[str], stranded: bool
) -> Features:
    """Let HTSeq read an annotation, and flatten what it made of it.

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
        Where HTSeq cannot read a line, or none has the feature type.
    """
    import HTSeq

    is_gtf = gtf.name.lower().endswith((".gtf", ".gtf.gz", ".gtf.gzip"))
    with open_text(gtf) as lines:
        reader = HTSeq.GFF_Reader(feature_lines(lines, feature_types, id_attributes, is_gtf))
        # By this number HTSeq knows whether quotes belong to values; it goes by the file's name.
        reader.gff_version = 2 if is_gtf else 3
        try:
            made = HTSeq.make_feature_genomicarrayofsets(
                reader, id_attributes, feature_types, stranded=stranded
            )
        except (ValueError, KeyError) as error:
            raise InputError([f"{gtf}: HTSeq cannot read the annotation: {error}"]) from error
    if not made["attributes"]:
        raise InputError(
            [f"{gtf}: no line has the feature type {' or '.join(feature_types)} (column 3)"]
        )
    settings = {
        "feature_types": feature_types,
        "id_attributes": id_attributes,
        "stranded": stranded,
    }
    return flatten(made["features"].chrom_vectors, sorted(made["attributes"]), settings)


def flatten(chrom_vectors: dict, ids: list[str], settings: dict) -> Features:
    """Lay HTSeq's step vectors end to end.

    Parameters
    ----------
    chrom_vectors : dict
        Of a GenomicArrayOfSets: contig to strand to ChromVector.
    ids : list of str
        Feature ids, sorted.
    settings : dict
        Kept with the features.

    Returns
    -------
    Features
    """
    feature = {identifier: number for number, identifier in enumerate(ids)}
    sets = {frozenset(): 0}
    keys, numbers = [], []
    for contig, strands in enumerate(chrom_vectors.values()):
        for strand in sorted(strands):
            base = place(contig, strand == "-", 0)
            for start, _, members in strands[strand].array.get_steps():
                keys.append(base + start)
                numbers.append(sets.setdefault(frozenset(members), len(sets)))
    size = [len(members) for members in sets]
    member = [feature[identifier] for members in sets for identifier in sorted(members)]
    return Features(
        settings,
        list(chrom_vectors),
        ids,
        np.array([*keys, np.iinfo(np.int64).max], np.int64),
        np.array(numbers, np.int32),
        np.concatenate([[0], np.cumsum(size)]),
        np.array(member, np.int32),
    )


def write_features(features: Features, path: Path) -> None:
    """Keep features in a file.

    Parameters
    ----------
    features : Features
        What to keep.
    path : Path
        The file to write.
    """
    texts = {
        "settings": json.dumps({"format": FORMAT, **features.settings}),
        "contigs": "\n".join(features.contigs),
        "ids": "\n".join(features.ids),
    }
    arrays = ["step_key", "step_set", "set_start", "set_member"]
    with written(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            **{name: np.frombuffer(text.encode(), np.uint8) for name, text in texts.items()},
            **{name: getattr(features, name) for name in arrays},
        )


def is_prepared(path: Path) -> bool:
    """Tell a file of features from an annotation."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\3\4"


def load_features(path: Path) -> Features:
    """Load features from a file.

    Parameters
    ----------
    path : Path
        As written by `write_features`.

    Returns
    -------
    Features

    Raises
    ------
    InputError
        Where the file is not of this program, or of another version of it.
    """
    try:
        with np.load(path) as file:
            stored = dict(file)
        settings, contigs, ids = (
            stored.pop(name).tobytes().decode() for name in ("settings", "contigs", "ids")
        )
        settings = json.loads(settings)
        if settings.pop("format") != FORMAT:
            raise ValueError("another format")
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise InputError(
            [f"{path}: not a file of features for this version; make it anew by features.py"]
        ) from error
    return Features(settings, contigs.split("\n"), ids.split("\n"), **stored)


def main(argv: list[str] | None = None) -> None:
    """Prepare an annotation for counting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--feature-type", action="append", help="default: exon; may be repeated")
    parser.add_argument("--id-attribute", action="append", help="default: gene_id; likewise")
    parser.add_argument("--stranded", choices=["yes", "no", "reverse"], required=True)
    parser.add_argument("--output", type=Path, required=True, help="file of features to write")
    arguments = parser.parse_args(argv)

    features = read_annotation(
        arguments.gtf,
        arguments.feature_type or ["exon"],
        arguments.id_attribute or ["gene_id"],
        arguments.stranded != "no",
    )
    write_features(features, arguments.output)


if __name__ == "__main__":
    reported(main)
