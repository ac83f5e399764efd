"""Holding our counts against HTSeq's own."""

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imid.counting.bam import NOT_PRIMARY, Header, Records, is_new_name
from imid.counting.counting import Options
from imid.counting.features import Features, coordinate
from imid.shared.counters import COUNTERS

if TYPE_CHECKING:
    import HTSeq

# As count_reads_single_file of HTSeq names the counters.
HTSEQ_COUNTERS = ["empty", "ambiguous", "lowqual", "notaligned", "nonunique"]
# Fewer than the lines of a failed step that a run ends with.
DIFFERENCES_TOLD = 5


def take_sample(batches: Iterator[Records], paired: bool, names: int) -> list[Records]:
    """Take the first records of a file.

    Parameters
    ----------
    batches : iterator of Records
        As read; what is taken from it is gone.
    paired : bool
        Whether reads are paired.
    names : int
        How many names to take, or records where reads are single.

    Returns
    -------
    list of Records
        All that was taken; the sample is what `cut_sample` leaves of it.
    """
    taken = []
    while names > 0 and (batch := next(batches, None)) is not None:
        taken.append(batch)
        names -= len(name_starts(batch, paired))
    return taken


def name_starts(records: Records, paired: bool) -> np.ndarray:
    """List the rows at which the reads of a new name begin."""
    if not paired:
        return np.arange(len(records))
    primary = np.flatnonzero(~records.has(NOT_PRIMARY))
    return primary[is_new_name(records[primary])]


def cut_sample(taken: list[Records], paired: bool, names: int) -> list[Records]:
    """Cut what was taken to the given number of names."""
    sample = []
    for records in taken:
        starts = name_starts(records, paired)
        sample.append(records[: starts[names]] if len(starts) > names else records)
        names -= min(names, len(starts))
    return sample


def encode(header: Header, sample: list[Records]) -> bytes:
    """Give records as the bytes of a BAM that is not compressed."""
    some = (records for records in sample if len(records))
    parts = (records.buffer[records.start[0] : records.end[-1]] for records in some)
    return b"".join([header.encoded, *parts])


def differences_from_htseq(
    ours: np.ndarray, bam: bytes, features: Features, options: Options, evidence: Path
) -> list[str]:
    """Count a sample by HTSeq's own function, and list where the counts differ.

    Parameters
    ----------
    ours : ndarray of int64
        Our counts of the sample, the counters last.
    bam : bytes
        The sample.
    features : Features
        What was counted in.
    options : Options
        How it was counted.
    evidence : Path
        Where the sample is kept if the counts differ.

    Returns
    -------
    list of str
        What to say; empty where they agree.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sample.bam")
        write_bam(bam, path, "wb0")
        theirs = count_by_htseq(path, features, options)
    differences = [
        f"{name}: {theirs[name]} by HTSeq, {count} by us"
        for name, count in zip([*features.ids, *COUNTERS], ours.tolist(), strict=True)
        if theirs[name] != count
    ]
    if not differences:
        return []
    write_bam(bam, evidence, "wb")
    return [
        f"our counts differ from HTSeq's for {len(differences)} features or counters; "
        f"the alignments are kept in {evidence}; count with htseq-count, and report this",
        *differences[:DIFFERENCES_TOLD],
    ]


def write_bam(bam: bytes, path: Path, mode: str) -> None:
    """Write the bytes of a BAM as pysam wants them, ``wb0`` being without compression."""
    import pysam

    with pysam.BGZFile(str(path), mode) as file:
        file.write(bam)


def count_by_htseq(path: Path, features: Features, options: Options) -> dict[str, int]:
    """Count alignments by the function that htseq-count calls for a file.

    Parameters
    ----------
    path : Path
        A BAM, name-collated.
    features : Features
        What to count in.
    options : Options
        How to count.

    Returns
    -------
    dict of str to int
        By feature id and counter.
    """
    from HTSeq.scripts.count_features.count_features_per_file import count_reads_single_file

    with warnings.catch_warnings():
        # It warns of mates that are not there, as in any file of filtered alignments.
        warnings.simplefilter("ignore")
        result = count_reads_single_file(
            isam=0,
            sam_filename=str(path),
            features=features_under(path, features),
            feature_attr=features.ids,
            order="name",
            max_buffer_size=0,
            stranded=options.stranded,
            overlap_mode=options.mode,
            multimapped_mode="none",
            secondary_alignment_mode="ignore",
            supplementary_alignment_mode="ignore",
            feature_type=features.settings["feature_types"],
            id_attribute=features.settings["id_attributes"],
            additional_attributes=[],
            quiet=True,
            minaqual=options.min_quality,
            samout_format="SAM",
            samout_filename=None,
        )
    special = zip(COUNTERS, HTSEQ_COUNTERS, strict=True)
    return result["counts"] | {ours: result[theirs] for ours, theirs in special}


def features_under(path: Path, features: Features) -> "HTSeq.GenomicArrayOfSets":
    """Rebuild HTSeq's own array of features, where alignments lie.

    A whole annotation would take longer than the audit; pysam tells where it is needed.

    Parameters
    ----------
    path : Path
        The alignments.
    features : Features
        The annotation.

    Returns
    -------
    HTSeq.GenomicArrayOfSets
    """
    import HTSeq

    stranded = features.settings["stranded"]
    array = HTSeq.GenomicArrayOfSets("auto", stranded)
    for contig in features.contigs:
        array.add_chrom(contig)
    for step in steps_under(path, features):
        number, start = divmod(int(features.step_key[step]), coordinate(0, True, 0))
        end = int(features.step_key[step + 1]) % coordinate(0, True, 0)
        strand = "-" if number % 2 else "+" if stranded else "."
        interval = HTSeq.GenomicInterval(features.contigs[number // 2], start, end, strand)
        array[interval] = {features.ids[m] for m in features.members(features.step_set[step])}
    return array


def steps_under(path: Path, features: Features) -> list[int]:
    """List the steps with features that touch an alignment, on either strand."""
    import pysam

    number = {contig: index for index, contig in enumerate(features.contigs)}
    blocks = []
    with pysam.AlignmentFile(str(path), check_sq=False) as file:
        for record in file:
            if not record.is_unmapped and record.reference_name in number:
                base = coordinate(number[record.reference_name], False, 0)
                blocks += [(base + start, base + end) for start, end in record.get_blocks()]
    places = np.array(blocks, np.int64).reshape(-1, 2)
    places = np.concatenate([places, places + coordinate(0, True, 0)])
    first = np.searchsorted(features.step_key, places[:, 0], side="right") - 1
    last = np.searchsorted(features.step_key, places[:, 1])
    count = last - first
    steps = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    steps = np.unique(steps)
    return steps[features.step_set[steps] != 0].tolist()
