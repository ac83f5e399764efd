import gzip
import hashlib
import json
import os
import threading

import pytest

from fastq_forms import FILES, NAMES, fastq, reads
from imid.reads import feed_reads
from imid.shared.problems import InputError


@pytest.fixture
def feed(tmp_path):
    """Feed lanes of mates into files; give what came."""

    def run(*lanes):
        paths = [
            [tmp_path / f"{number}_{mate}.fastq.gz" for mate in range(1, len(lane) + 1)]
            for number, lane in enumerate(lanes)
        ]
        for lane, texts in zip(paths, lanes, strict=True):
            for path, text in zip(lane, texts, strict=True):
                path.write_bytes(text)
        mates = [list(map(str, each)) for each in zip(*paths, strict=True)]
        into = [str(tmp_path / f"into_{mate}") for mate, _ in enumerate(mates, start=1)]
        options = ["--checksums", str(tmp_path / "sums"), "--seen", str(tmp_path / "seen.json")]
        second = ["--second", *mates[1]] if len(mates) > 1 else []
        feed_reads.main(["--first", *mates[0], *second, "--into", *into, *options])
        return [open(path, "rb").read() for path in into]

    return run


def test_lanes_of_all_kinds_become_one_library(feed, tmp_path):
    """A lane for each kind of file, the names of each another's way."""
    kinds = zip(FILES.values(), list(NAMES.values())[: len(FILES)], strict=True)
    lanes = [
        [
            kind(fastq(reads(50, 40, 2 * lane + mate), lambda n, m, lane=lane, form=form: form(
                1000 * lane + n, m), mate))
            for mate in (1, 2)
        ]
        for lane, (kind, form) in enumerate(kinds)
    ]  # fmt: skip
    fed = feed(*lanes)
    for mate in (1, 2):
        lines = fed[mate - 1].split(b"\n")
        expected = [r for lane in range(len(lanes)) for r in reads(50, 40, 2 * lane + mate)]
        assert list(zip(lines[1::4], lines[3::4], strict=True)) == expected
    assert fed[0].split(b"\n")[::4] == fed[1].split(b"\n")[::4]
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert [lane["records"] for lane in seen["lanes"]] == [50] * len(lanes)


def test_the_checksums_are_those_of_sha256sum(feed, tmp_path):
    texts = [gzip.compress(fastq(reads(seed=mate))) for mate in (1, 2)]
    feed(
        texts, [text.replace(b"\n", b"\n") for text in [fastq(reads(seed=3)), fastq(reads(seed=4))]]
    )
    lines = (tmp_path / "sums").read_text().splitlines()
    names = [f"{lane}_{mate}.fastq.gz" for mate in (1, 2) for lane in (0, 1)]
    assert lines == [
        f"{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {tmp_path / name}"
        for name in names
    ]


def test_a_lane_does_not_begin_with_the_read_that_the_one_before_ends_with(feed):
    last, more = fastq(reads(1)), fastq(reads(9))
    with pytest.raises(InputError, match="begins with read 'read9', and so the lane before it"):
        feed([more], [last.replace(b"read1", b"read9")])


def test_a_bad_record_in_the_last_lane_leaves_nothing_behind(feed, tmp_path):
    sound = [fastq(reads(3000, 20, mate)) for mate in (1, 2)]
    bad = [text.replace(b"\nread", b"\nread") for text in sound]
    bad[1] = bad[1][:-9] + b"\n"
    with pytest.raises(InputError) as raised:
        feed(sound, bad)
    (problem,) = raised.value.problems
    assert problem == (
        f"'{tmp_path}/1_2.fastq.gz' is damaged at record 3000: it has 20 bases and 12 qualities;"
        " copy it again"
    )
    assert not (tmp_path / "seen.json").exists()
    assert not (tmp_path / "sums").exists()


def test_known_adapters_are_seen(feed, tmp_path):
    adapter = b"AGATCGGAAGAGCACACG"
    some = [
        (bases[:20] + adapter + bases[38:], qualities) if n % 4 == 0 else (bases, qualities)
        for n, (bases, qualities) in enumerate(reads(400))
    ]
    feed([fastq(some)])
    seen = json.loads((tmp_path / "seen.json").read_text())["adapters"]
    assert seen == {"reads": 400, "found": {"illumina": 100, "nextera": 0, "smallrna": 0}}


def test_mates_that_are_read_by_turns_do_not_wait_for_each_other(tmp_path):
    """As STAR reads them: a record of one, a record of the other, through pipes that hold less."""
    ends = [os.pipe() for _ in range(2)]
    texts = [b"1" * 3_000_000, b"2" * 3_000_000]
    outlets = feed_reads.Outlets([f"/dev/fd/{into}" for _, into in ends])
    for _, into in ends:
        os.close(into)
    writer = threading.Thread(target=lambda: (outlets.write(texts), outlets.close()))
    writer.start()
    got = [b"", b""]
    while len(got[1]) < 3_000_000:
        for mate in (0, 1):
            got[mate] += os.read(ends[mate][0], 1000)
    writer.join(timeout=10)
    assert not writer.is_alive()
    assert got == texts
