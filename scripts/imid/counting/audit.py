"""Holding our counts against HTSeq's own and against STAR's."""

import argparse
import itertools
import sys
import tempfile
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imid.counting.bam import NOT_PRIMARY, Header, Records, is_new_name
from imid.counting.counting import COUNTERS, Options
from imid.counting.features import Features, place
from imid.shared.problems import InputError, reported

if TYPE_CHECKING:
    import HTSeq

# As count_reads_single_file of HTSeq names the counters.
HTSEQ_COUNTERS = ["empty", "ambiguous", "lowqual", "notaligned", "nonunique"]
STAR_COLUMN = {"no": 1, "yes": 2, "reverse": 3}
# Its rows of fragments that no gene can have.
UNASSIGNED = ["N_unmapped", "N_multimapping"]
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
        number, start = divmod(int(features.step_key[step]), place(0, True, 0))
        end = int(features.step_key[step + 1]) % place(0, True, 0)
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
                base = place(number[record.reference_name], False, 0)
                blocks += [(base + start, base + end) for start, end in record.get_blocks()]
    places = np.array(blocks, np.int64).reshape(-1, 2)
    places = np.concatenate([places, places + place(0, True, 0)])
    first = np.searchsorted(features.step_key, places[:, 0], side="right") - 1
    last = np.searchsorted(features.step_key, places[:, 1])
    count = last - first
    steps = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    steps = np.unique(steps)
    return steps[features.step_set[steps] != 0].tolist()


def read_star_counts(path: Path, stranded: str) -> dict[str, int]:
    """Read the gene counts that STAR makes while it aligns.

    Parameters
    ----------
    path : Path
        ReadsPerGene.out.tab.
    stranded : str
        yes, no or reverse, which chooses the column.

    Returns
    -------
    dict of str to int
        By gene id; ``N_unmapped`` and the like come first.
    """
    rows = [line.rstrip("\n").split("\t") for line in path.read_text().splitlines()]
    if any(len(row) != 4 for row in rows) or rows[:1] == []:
        raise InputError([f"{path}: not a ReadsPerGene.out.tab of STAR, which has four columns"])
    return {row[0]: int(row[STAR_COLUMN[stranded]]) for row in rows}


def check_against_star(
    counts: dict[str, int], path: Path, stranded: str, exceptions: Collection[str] = ()
) -> str:
    """Hold a whole sample, counted by union, against STAR's gene counts.

    STAR asks for no quality: what fell under ours it gives to genes, and nothing else may differ.
    Genes that it cannot count as HTSeq does (see `star_exceptions`) are told and not judged, nor
    are the counters of fragments without a gene, to which theirs went; but all together must be
    as many fragments. A gene that its table lacks, and that has no fragment, lies on a contig
    that the genome lacks.

    Parameters
    ----------
    counts : dict of str to int
        Our counts, by feature id and counter.
    path : Path
        STAR's ReadsPerGene.out.tab, made with the same annotation.
    stranded : str
        yes, no or reverse.
    exceptions : collection of str
        The genes that STAR cannot count as HTSeq does.

    Returns
    -------
    str
        How far they agree, and where they cannot, with figures.

    Raises
    ------
    InputError
        Where they differ.
    """
    star = read_star_counts(path, stranded)
    names = {"N_noFeature": "__no_feature", "N_ambiguous": "__ambiguous"}
    star = {names.get(gene, gene): count for gene, count in star.items() if gene not in UNASSIGNED}
    rows = [*counts, *(gene for gene in star if gene not in counts)]
    rows = [row for row in rows if not row.startswith("__") or row in names.values()]
    surplus = {row: star.get(row, 0) - counts.get(row, 0) for row in rows}
    # STAR's row of a gene whose id has a blank is called by the first word.
    unlike = {*exceptions, *(gene.split()[0] for gene in exceptions)}
    unlike |= set(names.values()) if exceptions else set()
    judged = [row for row in rows if row not in unlike]
    too_low = counts["__too_low_aQual"]
    differing = [row for row in judged if surplus[row]]
    if (
        any(surplus[row] < 0 for row in judged)
        or sum(surplus[row] for row in judged) > too_low
        or not 0 <= sum(surplus.values()) <= too_low
    ):
        raise InputError(
            [
                f"{path}: our counts differ from STAR's for {len(differing)} genes or counters;"
                f" {_index_hint(counts, star)}",
                *(
                    f"{row}: {star.get(row, 0)} by STAR, {counts.get(row, 0)} by us"
                    for row in itertools.islice(differing, DIFFERENCES_TOLD)
                ),
            ]
        )
    agreed = sum(not row.startswith("__") for row in judged)
    other = [row for row in rows if row in unlike and row not in names.values() and surplus[row]]
    told = f"STAR's counts agree for {agreed} genes"
    if not other:
        return told
    by_star, by_us = (sum(table.get(row, 0) for row in other) for table in (star, counts))
    return (
        f"{told}; for {len(other)} whose transcript_id or gene_id it takes in another way than"
        f" HTSeq it has {by_star} fragments, HTSeq {by_us}: {', '.join(other[:DIFFERENCES_TOLD])}"
        + (" ..." if len(other) > DIFFERENCES_TOLD else "")
    )


def _genes(counts: dict[str, int]) -> Iterator[tuple[str, int]]:
    return ((gene, count) for gene, count in counts.items() if not gene.startswith("__"))


def _index_hint(counts: dict[str, int], star: dict[str, int]) -> str:
    """Say what is known of the index's annotation where counts differ."""
    unknown = len(set(star) - set(counts))
    missing = sum(count > 0 and gene not in star for gene, count in _genes(counts))
    if unknown or missing:
        return (
            f"the index has {unknown} genes that the annotation lacks, and lacks {missing} that"
            " have fragments: it was made with another annotation; leave reference.index out, and"
            " one is built"
        )
    return "was the index made with the same annotation?"


def exceptions_of(gtf: Path | None) -> Collection[str]:
    """List the genes of an annotation that STAR counts in another way; none without one."""
    # Counting has no use for pandas, which would double its memory.
    from imid.counting.star_exceptions import star_exceptions

    return star_exceptions(gtf) if gtf else []


def main(argv: list[str] | None = None) -> None:
    """Hold a table of counts, by union, against STAR's gene counts."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--counts", type=Path, required=True, help="made by count_reads")
    parser.add_argument("--star-gene-counts", type=Path, required=True, help="ReadsPerGene.out.tab")
    parser.add_argument("--stranded", choices=list(STAR_COLUMN), required=True)
    parser.add_argument("--gtf", type=Path, help="annotation, for genes that STAR counts otherwise")
    arguments = parser.parse_args(argv)
    rows = (line.split("\t") for line in arguments.counts.read_text().splitlines())
    counts = {gene: int(count) for gene, count in rows if count != "count"}
    exceptions = exceptions_of(arguments.gtf)
    told = check_against_star(counts, arguments.star_gene_counts, arguments.stranded, exceptions)
    print(told, file=sys.stderr)


if __name__ == "__main__":
    reported(main)
