"""Annotations and alignments made by chance, to hit every case that htseq-count tells apart."""

import random
from array import array
from pathlib import Path

import pysam

CONTIGS = {"c1": 3000, "c2": 2000, "bare": 1500, "c3": 2500}
NO_FEATURES = "bare"
# Mostly well aligned and to one place, so that most fragments come as far as the features.
QUALITIES = [0, 9, *[10, 11, 30, 60, 255] * 3]
HITS = [0, *[1] * 12, 2, 3, 40]


def write_gtf(path: Path, rng: random.Random, genes: int = 40) -> Path:
    """Genes of one to four exons, overlapping their own and those of others, on both strands."""
    lines = ["#!genome-build none\n"]
    places = [contig for contig in CONTIGS if contig != NO_FEATURES]
    for gene in range(genes):
        contig, strand = rng.choice(places), rng.choice("+-")
        start = rng.randrange(1, CONTIGS[contig] - 600)
        for exon in range(rng.randint(1, 4)):
            end = start + rng.randint(0, 120)
            attributes = f'gene_id "g{gene:02d}"; transcript_id "t{gene}"; exon_number "{exon}";'
            for feature in ("exon", "CDS"):
                lines.append(
                    f"{contig}\tchance\t{feature}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}\n"
                )
            start += rng.randint(0, 200)
    path.write_text("".join(lines))
    return path


def header(sort_order: str = "unsorted") -> pysam.AlignmentHeader:
    return pysam.AlignmentHeader.from_dict(
        {
            "HD": {"VN": "1.6", "SO": sort_order},
            "SQ": [{"SN": contig, "LN": length} for contig, length in CONTIGS.items()],
        }
    )


def write_bam(path: Path, records: list[pysam.AlignedSegment], mode: str = "wb") -> Path:
    with pysam.AlignmentFile(str(path), mode, header=header()) as file:
        for record in records:
            file.write(record)
    return path


def random_cigar(rng: random.Random) -> list[tuple[int, int]]:
    """Every operation, sometimes of no length, sometimes without a match at all."""
    if rng.random() < 0.4:
        return [(0, rng.randint(1, 100))]
    operations = [(rng.choice([0, 0, 0, 7, 8, 1, 2, 3, 6]), rng.randint(0, 60)) for _ in range(5)]
    clips = [(rng.choice([4, 5]), rng.randint(1, 9))]
    return clips * rng.randint(0, 1) + operations[: rng.randint(1, 5)] + clips * rng.randint(0, 1)


def random_tags(rng: random.Random) -> list[tuple]:
    """NH absent, or of any integer type, between tags of every other type."""
    others = [
        ("MD", "".join(rng.choices("10ACGT", k=rng.randint(0, 25))), "Z"),
        ("XH", "1AE3", "H"),
        ("XS", rng.choice("+-"), "A"),
        ("ZF", 0.5, "f"),
        ("AS", rng.randint(-300, 300), "i"),
        ("ZB", array(rng.choice("bBhHiIf"), [1, 2, 3] * rng.randint(1, 3))),
    ]
    tags = rng.sample(others, rng.randint(0, len(others)))
    if rng.random() < 0.8:
        number = ("NH", rng.choice(HITS), rng.choice("cCsSiI"))
        tags.insert(rng.randint(0, len(tags)), number)
    return tags


def random_record(rng: random.Random, name: str, paired: bool) -> pysam.AlignedSegment:
    record = pysam.AlignedSegment(header())
    record.query_name = name
    record.flag = rng.choice([0, 0, 16])
    record.mapping_quality = rng.choice(QUALITIES)
    contig = rng.choice([*CONTIGS, "c1", "c2"])
    record.reference_id = list(CONTIGS).index(contig)
    record.reference_start = rng.randrange(0, CONTIGS[contig] + 200)
    record.cigartuples = random_cigar(rng)
    length = record.infer_query_length() or 0
    # Of a read of a single base pysam 0.24.1 writes the quality over Python's own one-byte strings.
    if length > 1 and rng.random() < 0.5:
        record.query_sequence = "".join(rng.choices("ACGTN", k=length))
        if rng.random() < 0.5:
            record.query_qualities = rng.choices(range(42), k=length)
    record.is_paired = paired
    record.set_tags(random_tags(rng))
    return record


def make_unaligned(rng: random.Random, record: pysam.AlignedSegment) -> None:
    record.is_unmapped = True
    record.mapping_quality = 0
    record.cigartuples = None
    if rng.random() < 0.5:
        record.reference_id, record.reference_start = -1, -1


def link(one: pysam.AlignedSegment, other: pysam.AlignedSegment) -> None:
    """Let a record say of its mate what is so."""
    one.next_reference_id = other.reference_id
    one.next_reference_start = other.reference_start
    one.mate_is_unmapped = other.is_unmapped
    one.mate_is_reverse = other.is_reverse


def random_pair(rng: random.Random, name: str) -> list[pysam.AlignedSegment]:
    """Two mates that agree, or in one of many ways do not; sometimes one is not there."""
    one, two = random_record(rng, name, True), random_record(rng, name, True)
    one.is_read1 = two.is_read2 = True
    near = rng.random() < 0.7
    if near:
        two.reference_id = one.reference_id
        two.reference_start = max(0, one.reference_start + rng.randint(-200, 200))
        two.is_reverse = one.is_reverse ^ (rng.random() < 0.8)
    for record in (one, two):
        if rng.random() < 0.1:
            make_unaligned(rng, record)
    link(one, two)
    link(two, one)
    spoil = rng.random()
    if spoil < 0.03:
        one.next_reference_start += 1
    elif spoil < 0.06:
        two.next_reference_id = rng.randrange(-1, len(CONTIGS))
    elif spoil < 0.09:
        one.mate_is_unmapped ^= True
    elif spoil < 0.11:
        two.is_read1, two.is_read2 = True, rng.random() < 0.5
    mates = [one, two] if rng.random() < 0.7 else [two, one]
    return mates[: 1 if rng.random() < 0.08 else 2]


def random_name(rng: random.Random, number: int) -> str:
    """Names alike but for their ends, of one to 254 characters."""
    if rng.random() < 0.05:
        return "x" * rng.choice([60, 63, 64, 65, 127, 128, 240]) + str(number)
    return f"read.{number}" if rng.random() < 0.9 else f"{number}"


def random_group(rng: random.Random, name: str) -> list[pysam.AlignedSegment]:
    """The records of one name: mostly a pair, with secondary ones, or many pairs mixed up."""
    group = random_pair(rng, name)
    kind = rng.random()
    if kind < 0.05:
        for _ in range(rng.choice([1, 2, 3, 12])):
            group += random_pair(rng, name)
        rng.shuffle(group)
    if kind < 0.25:
        for record in random_pair(rng, name):
            record.is_secondary = rng.random() < 0.6
            record.is_supplementary = not record.is_secondary
            group.insert(rng.randint(0, len(group)), record)
    return group


def random_pairs(rng: random.Random, names: int) -> list[pysam.AlignedSegment]:
    return [
        record for number in range(names) for record in random_group(rng, random_name(rng, number))
    ]


def random_singles(rng: random.Random, names: int) -> list[pysam.AlignedSegment]:
    """Single reads, some secondary, some not aligned, some both."""
    records = [random_record(rng, random_name(rng, number), False) for number in range(names)]
    for record in records:
        if rng.random() < 0.1:
            make_unaligned(rng, record)
        record.is_secondary = rng.random() < 0.1
        record.is_supplementary = rng.random() < 0.05
    return records
