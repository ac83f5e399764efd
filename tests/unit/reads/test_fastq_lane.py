"""Records of FASTQ in every form in which they come, and whatever is wrong with one of them."""

import gzip
import random
from itertools import chain

import pytest

from fastq_forms import FILES, NAMES, bgzip, fastq, reads
from imid.reads.fastq_file import FastqError, FastqFile
from imid.reads.fastq_lane import Lane, read_lane
from imid.reads.read_names import LONGEST, SAFE

READS, OTHERS = reads(seed=1), reads(seed=2)


def given(folder, *texts):
    """Write the files of a lane."""
    paths = [folder / f"{mate}.fastq" for mate, _ in enumerate(texts, start=1)]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text)
    return paths


def passed(folder, *texts, **options):
    """What comes of the files of a lane: the text of each mate, and the lane."""
    paths = given(folder, *texts)
    lane = Lane(paths)
    blocks = list(read_lane(list(map(FastqFile, paths)), lane, **options))
    return [b"".join(block.text(mate) for block in blocks) for mate in range(len(paths))], lane


def refusal(folder, *texts):
    """Which file is refused, and why."""
    with pytest.raises(FastqError) as raised:
        passed(folder, *texts)
    return raised.value.path.stem, str(raised.value)


def without_names(text):
    return [line for number, line in enumerate(text.split(b"\n")) if number % 4]


def names_of(text):
    return text.split(b"\n")[:-1:4]


# What is read the same


@pytest.mark.parametrize("form", FILES)
def test_every_file_gives_the_same_records(tmp_path, form):
    change = FILES[form]
    texts, lane = passed(tmp_path, change(fastq(READS)), change(fastq(OTHERS)))
    assert texts == [fastq(READS), fastq(OTHERS)]
    assert lane.records == len(READS)
    assert bool(lane.notes) == ("Windows" in form or "DOS" in form)


@pytest.mark.parametrize("form", NAMES)
def test_mates_have_one_name_in_every_naming(tmp_path, form):
    texts, lane = passed(tmp_path, fastq(READS, NAMES[form], 1), fastq(OTHERS, NAMES[form], 2))
    assert names_of(texts[0]) == names_of(texts[1])
    assert len(set(names_of(texts[0]))) == lane.records == len(READS)
    assert list(map(without_names, texts)) == [
        without_names(fastq(READS)),
        without_names(fastq(OTHERS)),
    ]
    for name in names_of(texts[0]):
        assert name[:1] == b"@"
        assert len(name) <= LONGEST
        # STAR cuts at /, samtools takes a line that begins with @ for a header.
        assert not name[1:].translate(None, SAFE)


@pytest.mark.parametrize("form", NAMES)
def test_single_reads_keep_names_of_their_own(tmp_path, form):
    (text,), lane = passed(tmp_path, fastq(READS, NAMES[form], 1))
    assert len(set(names_of(text))) == lane.records == len(READS)
    assert not any(name[1:].translate(None, SAFE) for name in names_of(text))


def test_a_name_that_is_sound_is_left_as_it_is(tmp_path):
    (text,), _ = passed(tmp_path, fastq(READS, NAMES["CASAVA"]))
    assert names_of(text)[0] == b"@A00001:1:HSYNTHDSX:1:1101:1001:1"


def test_bases_are_written_as_all_programs_know_them(tmp_path):
    (text,), lane = passed(tmp_path, b"@a\nacgtnACGTN.uURYSWKMBDHVryk\n+\n" + b"I" * 26 + b"\n")
    assert text.split(b"\n")[1] == b"ACGTNACGTNNTT" + b"N" * 13
    assert lane.notes == {
        "lower-case bases": 5,
        "bases written '.'": 1,
        "bases of RNA (U)": 2,
        "ambiguous bases (IUPAC)": 13,
    }


def test_reads_that_are_too_short_for_any_program_are_filled_up(tmp_path):
    texts, lane = passed(tmp_path, b"@a\n\n+\n\n@b\nAC\n+\nII\n", b"@a\nAC\n+\nII\n@b\nA\n+\nI\n")
    assert texts[0] == b"@a\nNN\n+\n##\n@b\nAC\n+\nII\n"
    assert texts[1] == b"@a\nAC\n+\nII\n@b\nAN\n+\nI#\n"
    assert lane.notes == {"reads of one base or none, filled up with N": 2}


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_last_read_without_bases_is_a_read(tmp_path, end):
    (text,), _ = passed(tmp_path, b"@a\nAC\n+\nII\n@b\n\n+" + b"\n" + end.encode())
    assert names_of(text) == [b"@a", b"@b"]


def as_phred64(records):
    return [(bases, bytes(code + 31 for code in quality)) for bases, quality in records]


def test_qualities_of_phred64_are_converted_and_told(tmp_path):
    texts, lane = passed(tmp_path, fastq(as_phred64(READS)), fastq(as_phred64(OTHERS)))
    assert texts == [fastq(READS), fastq(OTHERS)]
    assert lane.notes == {"qualities of Phred+64, converted": len(READS)}


@pytest.mark.parametrize("quality", [b"I", b"?", b"#", b"K", b"F", b"!"])
def test_qualities_that_are_all_alike_are_of_phred33(tmp_path, quality):
    alike = [(bases, quality * len(bases)) for bases, _ in READS]
    (text,), lane = passed(tmp_path, fastq(alike))
    assert text == fastq(alike)
    assert not lane.notes


def test_the_checksum_is_that_of_the_bytes_on_disk(tmp_path):
    import hashlib

    compressed = gzip.compress(fastq(READS))
    _, lane = passed(tmp_path, compressed)
    assert lane.checksums == [hashlib.sha256(compressed).hexdigest()]


def test_of_a_large_file_only_the_beginning_is_looked_at(tmp_path):
    (text,), lane = passed(tmp_path, fastq(READS) + b"nonsense", beginning=20)
    assert lane.records == 20
    assert names_of(text)[-1] == b"@read20"


# What is wrong with one record, wherever it is

FAULTS = {
    "short quality": lambda r: [r[0], r[1], r[2], r[3][:-5]],
    "long quality": lambda r: [r[0], r[1], r[2], r[3] + b"I"],
    "short bases": lambda r: [r[0], r[1][:-1], r[2], r[3]],
    "line lost": lambda r: [r[0], r[1], r[3]],
    "name lost": lambda r: r[1:],
    "name without its sign": lambda r: [r[0][1:], *r[1:]],
    "no name": lambda r: [b"@", *r[1:]],
    "name after a blank": lambda r: [b"@ " + r[0][1:], *r[1:]],
    "separator damaged": lambda r: [r[0], r[1], b"-", r[3]],
    "blank line": lambda r: [b"", *r],
    "wrapped lines": lambda r: [r[0], r[1][:20], r[1][20:], r[2], r[3][:20], r[3][20:]],
    "zeros among bases": lambda r: [r[0], r[1][:9] + b"\0" + r[1][10:], *r[2:]],
    "digit among bases": lambda r: [r[0], r[1][:9] + b"0" + r[1][10:], *r[2:]],
    "gap among bases": lambda r: [r[0], r[1][:9] + b"-" + r[1][10:], *r[2:]],
    "control among qualities": lambda r: [*r[:3], r[3][:9] + b"\x07" + r[3][10:]],
    "blank among qualities": lambda r: [*r[:3], r[3][:9] + b" " + r[3][10:]],
    "not ASCII among qualities": lambda r: [*r[:3], r[3][:9] + b"\xe4" + r[3][10:]],
    "record twice": lambda r: [*r, *r],
    "record lost": lambda r: [],
    "another's name": lambda r: [b"@stranger", *r[1:]],
}
# What shows only beside the other mates, whichever of the two is wrong.
OF_TWO = {"record lost", "another's name", "record twice"}
MANY = 5000


@pytest.fixture(scope="module")
def many():
    """The lines of more records than are looked at together, of both mates."""
    return [
        [text.split(b"\n")[at : at + 4] for at in range(0, 4 * MANY, 4)]
        for text in (fastq(reads(MANY, 20, seed)) for seed in (1, 2))
    ]


def planted(records, place, fault):
    spoilt = [*records[:place], fault(records[place]), *records[place + 1 :]]
    return b"\n".join(line for record in spoilt for line in record) + b"\n"


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("fault", FAULTS)
def test_one_bad_record_is_never_passed_over(tmp_path, many, fault, seed):
    """Two hundred places: in each half the mates, the first and the last record among them."""
    rng = random.Random(f"{fault}{seed}")
    place = {0: 0, 1: MANY - 1}.get(seed, rng.randrange(MANY))
    mate = rng.randrange(2)
    texts = [b"\n".join(chain(*records)) + b"\n" for records in many]
    texts[mate] = planted(many[mate], place, FAULTS[fault])
    if seed % 2:
        texts = list(map(gzip.compress, texts))
    file, said = refusal(tmp_path, *texts)
    if fault not in OF_TWO:
        assert file == str(mate + 1)
    numbers = [int(word.strip(":;,")) for word in said.split() if word.strip(":;,").isdigit()]
    told = {place + 1, place + 2, place, MANY - 1, MANY + 1}
    assert place == 0 or told & set(numbers), said
    if fault not in {"record lost", "another's name"}:
        file, _ = refusal(tmp_path, texts[mate])
        assert file == "1"


# What is wrong with a file, or with two


TEXT = fastq(READS)
ORDER = (
    "mates are in the same order in both files, and called alike but for an end such as /1 and /2"
)
# So that a block may end with a record.
OF_ONE_SIZE = fastq(READS, lambda n, mate: f"read{n:03}")
GZIPPED = gzip.compress(TEXT)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (gzip.compress(b""), "holds no reads"),
        (b"\n\r\n", "holds no reads"),
        (GZIPPED[:-9], "is truncated: its gzip stream ends early; copy it again"),
        (GZIPPED[:500], "is truncated: its gzip stream ends early; copy it again"),
        (
            GZIPPED[:500] + bytes([GZIPPED[500] ^ 8]) + GZIPPED[501:],
            "is damaged: its gzip stream cannot be decompressed; copy it again",
        ),
        (
            GZIPPED[:-5] + b"\0" + GZIPPED[-4:],
            "is damaged: its gzip stream cannot be decompressed; copy it again",
        ),
        (
            GZIPPED[:-1] + b"\7",
            "is damaged: its gzip stream cannot be decompressed; copy it again",
        ),
        (
            GZIPPED + bytes(5000),
            "is damaged: zeros follow its gzip stream, as of a download that was not finished;"
            " copy it again",
        ),
        (
            GZIPPED + b"junk",
            "is damaged: its gzip stream is followed by something else; copy it again",
        ),
        (gzip.compress(GZIPPED), "is gzipped twice; decompress it once"),
        (
            bgzip(OF_ONE_SIZE, end=b"", size=len(OF_ONE_SIZE) // 6),
            "is truncated: its last block is full, as only those are that others follow; copy"
            " it again or, if it is whole, compress it anew",
        ),
        (TEXT[:-60], "is truncated: it ends within record 60; copy it again"),
        (b"@a\nAC", "is not FASTQ: it ends within its first record"),
        (TEXT.replace(b"\n", b"\r"), "has the line ends of old Macs; convert it with mac2unix"),
        (b">a\nACGT\n", "is FASTA: it has no qualities, and reads need them"),
        (b"ACGT\n" * 8, "is not FASTQ: its first line does not begin with '@'"),
        (
            gzip.compress(b"BAM\1" + bytes(99)),
            "is BAM, a file of alignments; make FASTQ of it (samtools fastq)",
        ),
        (
            b"@HD\tVN:1.6\n@SQ\tSN:1\n",
            "is SAM, a file of alignments; make FASTQ of it (samtools fastq)",
        ),
        (
            b"NCBI.sra" + bytes(99),
            "is an archive of the SRA; make FASTQ of it (fasterq-dump --split-files)",
        ),
        (
            b"PK\x03\x04" + bytes(99),
            "is a zip archive; it must be plain text or gzipped (unzip -p, then gzip)",
        ),
        (
            b"\x28\xb5\x2f\xfd" + bytes(99),
            "is compressed with zstd; it must be plain text or gzipped (zstd -dc, then gzip)",
        ),
        (
            b"<!DOCTYPE html>\n<html>",
            "is a web page or XML, perhaps instead of a download; download it anew",
        ),
        (
            gzip.compress(b"\n<html>"),
            "is a web page or XML, perhaps instead of a download; download it anew",
        ),
        (
            b"\xef\xbb\xbf" + TEXT,
            "is begun by the byte order mark of an editor; take the file as it came",
        ),
        (
            TEXT.decode().encode("utf-16"),
            "is UTF-16 text; take the file as it came",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            "is a pointer of Git LFS; fetch the file itself (git lfs pull)",
        ),
        (
            b"@a\nACGT\nACGT\n+\nIIIIIIII\n@b\n",
            "is not FASTQ: its first record has 'ACGT' where '+' should be: four lines are a"
            " record",
        ),
        (
            b"@a\nT0123\n+\nIIIII\n",
            "has '0' among the bases of record 1; is it of colour space (SOLiD)?",
        ),
    ],
)
def test_what_is_no_fastq_is_called_what_it_is(tmp_path, content, message):
    assert refusal(tmp_path, content) == ("1", message)


@pytest.mark.parametrize("kind", ["folder", "missing", "device", "long name"])
def test_what_is_no_file_is_refused(tmp_path, kind):
    path = {
        "folder": tmp_path,
        "missing": tmp_path / "none.fastq",
        "device": type(tmp_path)("/dev/zero"),
        "long name": tmp_path / ("x" * 300),
    }[kind]
    with pytest.raises(FastqError) as raised:
        FastqFile(path)
    expected = {"missing": "does not exist", "long name": "cannot be read: File name too long"}
    assert str(raised.value) == expected.get(kind, "is no file")


def interleaved(names):
    return b"".join(
        b"@%b\nACGT\n+\nIIII\n" % names(n, mate).encode() for n in range(1, 9) for mate in (1, 2)
    )


@pytest.mark.parametrize("form", [name for name in NAMES if name != "archive of the ENA"])
def test_interleaved_pairs_are_no_single_reads(tmp_path, form):
    _, said = refusal(tmp_path, interleaved(NAMES[form]))
    assert "one mate after the other" in said
    assert "fastq_1 and fastq_2" in said


def test_pairs_that_begin_late_in_a_file_of_single_reads_are_seen(tmp_path):
    _, said = refusal(tmp_path, fastq(reads(3000, 9)) + interleaved(NAMES["CASAVA"]))
    assert "records 3001 and 3002" in said


def test_reads_that_are_numbered_are_not_taken_for_pairs(tmp_path):
    numbered = b"".join(b"@r.%d\nACGT\n+\nIIII\n" % n for n in (1, 2, 3, 4))
    assert passed(tmp_path, numbered)[1].records == 4
    assert passed(tmp_path, numbered[: len(numbered) // 2])[1].records == 2


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("a/1", "a/1", "and fastq_1 both say that they hold mates 1"),
        ("a 2:N:0:A", "a 2:N:0:A", "and fastq_1 both say that they hold mates 2"),
        ("a/2", "a/1", "holds the first mates, and fastq_1 the second; exchange them"),
        ("a 2:N:0:A", "a 1:N:0:A", "holds the first mates, and fastq_1 the second; exchange them"),
        ("a b/2", "a b/1", "holds the first mates, and fastq_1 the second; exchange them"),
        *(
            (
                first,
                second,
                f"begins with read '{second.split()[0]}', but fastq_1 with '{first.split()[0]}';"
                f" {ORDER}",
            )
            for first, second in [
                ("SRR1.1", "SRR1.2"),
                ("a/1", "b/2"),
                ("A:1:2 1:N:0:A", "A:1:3 2:N:0:A"),
                ("a:1:1001", "a:1:1002"),
                ("a", "a2"),
            ]
        ),
    ],
)
def test_mates_that_are_none(tmp_path, first, second, message):
    texts = [b"@%b\nACGT\n+\nIIII\n" % name.encode() for name in (first, second)]
    assert refusal(tmp_path, *texts) == ("2", message)


@pytest.mark.parametrize("form", ["plain", "slash", "CASAVA", "archive, split"])
def test_mates_out_of_order_from_the_middle_are_refused(tmp_path, form):
    many, names = reads(3000, 9), NAMES[form]
    late = [names(n + 7 if n > 2000 else n, 2) for n in range(1, 3001)]
    second = fastq(many, lambda n, mate: late[n - 1])
    file, said = refusal(tmp_path, fastq(many, names, 1), second)
    assert file == "2"
    assert "as record 2001" in said


def test_mates_that_are_exchanged_late_are_refused(tmp_path):
    many, names = reads(3000, 9), NAMES["CASAVA"]
    first, second = (
        fastq(many, lambda n, m, o=o: names(n, o if n < 2500 else 3 - o)) for o in (1, 2)
    )
    assert refusal(tmp_path, first, second) == (
        "2",
        "holds the first mates, and fastq_1 the second; exchange them",
    )


@pytest.mark.parametrize("longer", [1, 2])
def test_fewer_mates_in_either_file_are_refused(tmp_path, longer):
    many = reads(3000, 9)
    texts = [fastq(many[:2500]), fastq(many[:2500])]
    texts[longer - 1] = fastq(many)
    numbers = (2500, 3000) if longer == 1 else (3000, 2500)
    assert refusal(tmp_path, *texts) == (
        "2",
        f"holds {numbers[0]} reads, but fastq_1 {numbers[1]};"
        " one of them is incomplete or was filtered alone",
    )


def test_reads_that_are_all_called_alike_are_refused(tmp_path):
    _, said = refusal(tmp_path, b"@a\nACGT\n+\nIIII\n" * 3, b"@a\nACGT\n+\nIIII\n" * 3)
    assert said == "has 'a' as records 1 and 2; every pair needs a name of its own"


def test_a_lane_does_not_begin_with_the_name_that_the_last_one_ended_with(tmp_path):
    with pytest.raises(FastqError, match="and so the lane before it ends"):
        passed(tmp_path, TEXT, last_name=b"@read1")


# Qualities of other encodings


def test_qualities_of_solexa_are_refused(tmp_path):
    solexa = [(bases, bytes(range(59, 99)) + b"h" * 10) for bases, _ in READS]
    assert "are Solexa's or of another unknown encoding" in refusal(tmp_path, fastq(solexa))[1]


def test_phred33_after_phred64_is_refused(tmp_path):
    many = reads(4000, 9)
    joined = fastq([*as_phred64(many[:3000]), *many[3000:]])
    assert "at record 3001 a quality of" in refusal(tmp_path, joined)[1]


@pytest.mark.parametrize("number", [6, 3000])
def test_phred64_after_phred33_is_refused(tmp_path, number):
    many = reads(4000 + number, 9)
    joined = fastq([*many[:4000], *as_phred64(many[4000:])])
    file, said = refusal(tmp_path, fastq(many), joined)
    assert file == "2"
    assert "has qualities of Phred+64, at record 4001 the first" in said


def test_phred64_after_phred33_is_refused_before_all_is_read(tmp_path):
    many = reads(9000, 9)
    (path,) = given(tmp_path, fastq([*many[:2000], *as_phred64(many[2000:])]))
    lane = Lane([path])
    with pytest.raises(FastqError):
        list(read_lane([FastqFile(path)], lane))
    assert lane.records < 4500


def test_a_sequencer_may_write_higher_qualities(tmp_path):
    """Reads of it are good all along, and some have bad bases among the best."""
    good = [(bases, b"N" * len(bases)) for bases, _ in reads(3000, 9)]
    some_bad = [(bases, b"#" + b"N" * (len(bases) - 1)) for bases, _ in reads(2000, 9)]
    _, lane = passed(tmp_path, fastq(some_bad + good))
    assert not lane.notes


def test_phred64_that_shows_late_is_refused(tmp_path):
    """Illumina 1.5 wrote B for the bad ends of reads, and the first reads of a tile are bad."""
    bad = [(bases, b"B" * len(bases)) for bases, _ in reads(3000, 9)]
    late = [(bases, b"h" * len(bases)) for bases, _ in reads(10, 9)]
    _, said = refusal(tmp_path, fastq(bad + late))
    assert "has qualities of Phred+64, which its first reads did not show" in said
