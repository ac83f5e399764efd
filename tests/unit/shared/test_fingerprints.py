"""Content in a few letters: whatever name and time, and also of files too large to be read."""

import os
import random

import pytest

from imid.shared.fingerprints import PIECE, PIECES, fingerprint

SMALL = 1000


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(random.Random(1).randbytes(3 * PIECE * PIECES))
    return path


def changed(path, place, size=1):
    content = bytearray(path.read_bytes())
    for position in range(place, place + size):
        content[position] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("whole", [SMALL, 2**30])
def test_name_and_time_do_not_count(file, whole):
    before = fingerprint(file, whole)
    os.utime(file, (1, 1))
    assert fingerprint(file.rename(file.with_name("other")), whole) == before


def test_of_a_file_that_is_read_whole_every_byte_counts(file):
    before = fingerprint(file)
    changed(file, 2 * PIECE)
    assert fingerprint(file) != before


@pytest.mark.parametrize("place", [0, -1])
def test_of_a_large_one_both_ends_count(file, place):
    before = fingerprint(file, SMALL)
    changed(file, place % file.stat().st_size)
    assert fingerprint(file, SMALL) != before


def test_of_a_large_one_its_size_counts_and_what_is_spread_over_it(file):
    before = fingerprint(file, SMALL)
    changed(file, file.stat().st_size // 2, 3 * PIECE)
    spread = fingerprint(file, SMALL)
    assert spread != before
    os.truncate(file, file.stat().st_size - 1)
    assert fingerprint(file, SMALL) != spread


def test_of_a_folder_names_and_contents_count_and_hidden_files_do_not(tmp_path):
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / "SA").write_text("suffixes")
    before = fingerprint(folder)
    (folder / ".snakemake_timestamp").touch()
    assert fingerprint(folder) == before
    (folder / "SA").write_text("suffixed")
    assert fingerprint(folder) != before
    (folder / "SA").write_text("suffixes")
    (folder / "SA").rename(folder / "SAindex")
    assert fingerprint(folder) != before
