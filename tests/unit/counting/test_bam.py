"""Damaged files are refused, wherever the damage is; whole ones decode as pysam decodes them."""

import io
import random
import struct
import zlib

import numpy as np
import pysam
import pytest

import random_alignments as chance
from imid.counting import bam
from imid.shared.bgzf import END_OF_FILE, read_blocks
from imid.shared.problems import InputError

NAME = "some.bam"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a BAM of several blocks."""
    path = tmp_path_factory.mktemp("bam") / NAME
    return chance.write_bam(path, chance.random_pairs(random.Random(1), 900)).read_bytes()


def block(data: bytes, **other) -> bytes:
    """One BGZF block, its size or checksum as they should be or as given."""
    deflated = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflated.compress(data) + deflated.flush()
    size = other.get("size", len(body) + 25)
    checksum, length = other.get("checksum", zlib.crc32(data)), other.get("length", len(data))
    head = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff\x06\0BC\2\0" + struct.pack("<H", size)
    return head + body + struct.pack("<II", checksum, length)


def packed(data: bytes) -> bytes:
    parts = [block(data[at : at + 50_000]) for at in range(0, len(data), 50_000)]
    return b"".join([*parts, END_OF_FILE])


def read(data: bytes) -> tuple[bam.Header, list[bam.Records]]:
    blocks = read_blocks(io.BytesIO(data), NAME)
    header, rest = bam.read_header(blocks)
    return header, list(bam.read_records(blocks, rest, len(header.contigs), header.paired))


def unpacked(data: bytes) -> tuple[bytes, bytes]:
    """The header and the records of a BAM."""
    raw = b"".join(read_blocks(io.BytesIO(data), NAME))
    header = bam.parse_header(raw)
    return header.encoded, raw[len(header.encoded) :]


@pytest.mark.parametrize("stretch", [700, 20_000, 4 << 20])
@pytest.mark.parametrize("segment", [64, 16 << 10])
def test_decodes_as_pysam_does(whole, tmp_path, monkeypatch, stretch, segment):
    monkeypatch.setattr(bam, "STRETCH", stretch)
    monkeypatch.setattr(bam, "SEGMENT", segment)
    path = tmp_path / NAME
    path.write_bytes(whole)
    header, batches = read(whole)
    with pysam.AlignmentFile(str(path)) as file:
        expected = list(file)
        assert header.contigs == list(file.references)
    assert sum(map(len, batches)) == len(expected)
    found = [(batch, row) for batch in batches for row in range(len(batch))]
    for (batch, row), record in zip(found, expected, strict=True):
        head = batch.head[row]
        assert batch.name(row).decode() == record.query_name
        assert (head["flag"], head["contig"]) == (record.flag, record.reference_id)
        assert (head["position"], head["quality"]) == (
            record.reference_start,
            record.mapping_quality,
        )
    hits = np.concatenate([bam.read_hits(batch) for batch in batches]).tolist()
    assert hits == [record.get_tag("NH") if record.has_tag("NH") else -1 for record in expected]


def test_names_are_new_where_they_differ(whole):
    _, (records,) = read(whole)
    names = [records.name(row) for row in range(len(records))]
    expected = [row == 0 or names[row] != names[row - 1] for row in range(len(names))]
    assert bam.is_new_name(records).tolist() == expected


def test_a_name_that_looks_like_every_record_is_no_harm(whole, monkeypatch):
    """Where guesses at records are wrong the chain itself is followed."""
    head, records = unpacked(whole)
    monkeypatch.setattr(bam, "SEGMENT", 64)
    monkeypatch.setattr(bam, "guess_records", lambda buffer: np.arange(0, len(buffer) - 200, 100))
    _, batches = read(packed(head + records))
    monkeypatch.undo()
    _, expected = read(whole)
    assert np.array_equal(batches[0].start, expected[0].start)


def blocks_of(data: bytes) -> list[int]:
    """Where each BGZF block begins."""
    starts, at = [], 0
    while at < len(data):
        starts.append(at)
        at += struct.unpack_from("<H", data, at + 16)[0] + 1
    return starts


@pytest.mark.parametrize("kept", [1, 17, 40, 5_000])
def test_truncation_inside_a_block(whole, kept):
    second = blocks_of(whole)[1]
    with pytest.raises(InputError, match=r"block 2.*(cut short|does not begin)"):
        read(whole[: second + kept])


def test_truncation_between_blocks(whole):
    for start in blocks_of(whole)[1:]:
        message = r"end-of-file block is missing|ends before its header"
        with pytest.raises(InputError, match=message):
            read(whole[:start])


def test_a_byte_changed_anywhere_is_noticed(whole):
    """The data of a block is under its checksum."""
    rng = random.Random(2)
    for at in rng.sample(range(len(whole) - len(END_OF_FILE)), 150):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << rng.randrange(8)
        # Time of writing and operating system, bytes 4 to 9 of a block, mean nothing.
        if not any(start + 4 <= at < start + 10 for start in blocks_of(whole)):
            with pytest.raises(InputError):
                read(bytes(damaged))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"checksum": 7}, "checksum is wrong"),
        ({"length": 9}, "cannot be decompressed"),
        ({"length": 900}, "length or checksum is wrong"),
        ({"length": 1 << 31}, "more than a block can"),
        ({"size": 10}, "cut short"),
    ],
)
def test_blocks_that_lie(wrong, message):
    with pytest.raises(InputError, match=message):
        read(block(b"BAM\1" + bytes(60), **wrong) + END_OF_FILE)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "ends before its header does|end-of-file block is missing"),
        (END_OF_FILE, "ends before its header does"),
        (packed(b"not a BAM at all"), "does not hold one"),
        (packed(b"BAM\1" + struct.pack("<I", 4) + b"@HD\t" + struct.pack("<I", 0)), "no contigs"),
        (packed(b"BAM\1" + struct.pack("<I", 1 << 30) + b"@HD\t"), "ends before its header does"),
        (b"@HD\tVN:1.6\n" * 9, "is this a BAM file"),
    ],
)
def test_no_header(data, message):
    with pytest.raises(InputError, match=message):
        read(data)


def test_truncation_inside_a_record(whole):
    """As left by a program that died, but closed its file."""
    head, records = unpacked(whole)
    with pytest.raises(InputError, match="middle of a record"):
        read(packed(head + records[:-5]))


@pytest.mark.parametrize(
    ("offset", "kind", "value", "message"),
    [
        (0, "<I", 20, "bytes long|too small"),
        (0, "<I", 1 << 31, "bytes long"),
        (0, "<I", 60_000_000, "middle of a record"),
        (4, "<i", 99, "contig is not in the header"),
        (4, "<i", -1, "has no position"),
        (8, "<i", -1, "has no position"),
        (12, "<B", 0, "name is not closed"),
        (12, "<B", 3, "name is not closed"),
        (16, "<H", 0, "has no CIGAR"),
        (16, "<H", 65_000, "longer than the whole"),
        (20, "<i", -5, "bases is negative"),
        (20, "<i", 10_000_000, "longer than the whole"),
        (24, "<i", -2, "mate's contig"),
    ],
)
def test_records_that_lie(whole, offset, kind, value, message):
    head, records = unpacked(whole)
    _, (decoded,) = read(whole)
    aligned = np.flatnonzero(~decoded.has(bam.UNMAPPED) & (decoded.head["name_length"] > 5))
    for row in aligned[[0, 50, -1]]:
        damaged = bytearray(records)
        struct.pack_into(kind, damaged, int(decoded.start[row]) + offset, value)
        with pytest.raises(InputError, match=message):
            read(packed(head + bytes(damaged)))


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (b"NHi\1\0", "beyond its end"),
        (b"XXZno end", "beyond its end"),
        (b"XX?0000", "type that is not of BAM"),
        (b"XXBi\xff\xff\xff\x7f", "beyond its end"),
        (b"NHZ3\0", "must be an integer"),
        (b"NHf0000", "must be an integer"),
    ],
)
def test_tags_that_lie(tags, message):
    with pytest.raises(InputError, match=message):
        bam.read_hits(tagged(tags))


def tagged(tags: bytes) -> bam.Records:
    """One record with these tags."""
    body = struct.pack("<iiBBHHHiiii", 0, 5, 2, 9, 0, 1, 0, 0, -1, -1, 0) + b"r\0"
    body += struct.pack("<I", 10 << 4) + tags
    text = b"BAM\1" + struct.pack("<II", 0, 1) + struct.pack("<I", 2) + b"c\0" + bytes(4)
    _, (records,) = read(packed(text + struct.pack("<I", len(body)) + body))
    return records


def test_hits_behind_tags_that_are_mostly_alike(tmp_path):
    """As HISAT2 writes them, integers taking the width that their values need."""
    rng = random.Random(6)
    records = []
    for number in range(400):
        record = chance.random_record(rng, f"read.{number}", False)
        wide = rng.choice([1, 1, 1, 300])
        tags = [("AS", -wide * rng.randint(0, 9)), ("ZS", -1), ("XN", 0), ("NM", wide), ("XG", 0)]
        tags += [("MD", rng.choice(["100", "57A42"])), ("YS", 0), ("YT", "CP"), ("XS", "+", "A")]
        tags += [("NH", number), ("XF", 0.5, "f")]
        record.set_tags([tag for tag in tags if tag[0] == "NH" or rng.random() < 0.95])
        records.append(record)
    path = chance.write_bam(tmp_path / NAME, records)
    _, (decoded,) = read(path.read_bytes())
    assert bam.read_hits(decoded).tolist() == list(range(400))


def test_a_repeated_tag_counts_once():
    """SAM forbids it, and htseq-count stops at it; to find it all tags would have to be read."""
    assert bam.read_hits(tagged(b"NHC\1NHC\2")).tolist() == [1]
