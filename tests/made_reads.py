"""What the synthetic experiment publishes, read by means that its generator does not use."""

from collections.abc import Iterator
from pathlib import Path

import HTSeq
import pandas as pd
import pysam

Exons = dict[str, list[tuple[str, HTSeq.GenomicInterval]]]


def read_genome(experiment: Path, name: str = "genome") -> dict[str, str]:
    """The published genome, by contig; or another FASTA beside it."""
    with pysam.FastxFile(str(experiment / f"reference/{name}.fa.gz")) as records:
        return {record.name: record.sequence for record in records}


def read_features(experiment: Path) -> list[HTSeq.GenomicFeature]:
    """The published annotation, as HTSeq reads it."""
    return list(HTSeq.GFF_Reader(str(experiment / "reference/annotation.gtf.gz")))


def exons_by_transcript(features: list[HTSeq.GenomicFeature]) -> Exons:
    """Each transcript's gene and exons, in the order of transcription."""
    found: Exons = {}
    for feature in features:
        if feature.type == "exon":
            transcript = found.setdefault(feature.attr["transcript_id"], [])
            transcript.append((feature.attr["gene_id"], feature.iv))
            assert len(transcript) == int(feature.attr["exon_number"])
    return found


def reverse_complement(sequence: str) -> str:
    return sequence[::-1].translate(str.maketrans("ACGT", "TGCA"))


def stretch(genome: dict[str, str], interval: HTSeq.GenomicInterval) -> str:
    """A stretch of the genome, read on its strand."""
    sequence = genome[interval.chrom][interval.start : interval.end]
    return sequence if interval.strand == "+" else reverse_complement(sequence)


def spliced_transcripts(genome: dict[str, str], exons: Exons) -> Iterator[tuple[str, str]]:
    """Each transcript's gene and sequence."""
    for transcript in exons.values():
        yield transcript[0][0], "".join(stretch(genome, exon) for _, exon in transcript)


def reads(path: Path) -> list[tuple[str, str, str]]:
    with pysam.FastxFile(str(path)) as records:
        return [(record.name, record.sequence, record.quality) for record in records]


def mates(experiment: Path, sheet: pd.DataFrame, sample: str) -> list[tuple[str, str]]:
    """All pairs of a sample, from every lane."""
    return [
        (first[1], second[1])
        for lane in sheet[sheet["sample"] == sample].itertuples()
        for first, second in zip(
            reads(experiment / lane.fastq_1), reads(experiment / lane.fastq_2), strict=True
        )
    ]
