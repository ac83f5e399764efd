import subprocess
import sys

import pytest

from problems import InputError
from streams import pour

LONG = [sys.executable, "-c", "import sys; sys.stdout.buffer.write(bytes(range(256)) * 40_000)"]


def keep(path):
    """A reader that writes all it reads to a file."""
    return ["sh", "-c", f"cat > '{path}'"]


def test_every_reader_gets_the_whole_stream(tmp_path):
    pour([LONG], [keep(tmp_path / "a"), keep(tmp_path / "b")])
    assert (tmp_path / "a").read_bytes() == bytes(range(256)) * 40_000
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


def test_sources_are_chained(tmp_path):
    pour([["printf", "b\\na\\n"], ["sort"]], [keep(tmp_path / "sorted")])
    assert (tmp_path / "sorted").read_text() == "a\nb\n"


def test_a_reader_that_has_seen_enough_does_not_end_the_others(tmp_path):
    pour([LONG], [["head", "-c", "10"], keep(tmp_path / "a")])
    assert (tmp_path / "a").stat().st_size == 256 * 40_000


@pytest.mark.parametrize("command", ["exit 3", "head -c 10 > /dev/null; exit 3", "cat; exit 3"])
def test_a_reader_that_fails_is_named(command):
    with pytest.raises(InputError, match="sh ended with status 3"):
        pour([LONG], [["sh", "-c", command + " > /dev/null"], ["sh", "-c", "cat > /dev/null"]])


def test_a_reader_that_fails_early_stops_an_endless_source():
    with pytest.raises(InputError, match="false ended with status 1"):
        pour([["yes"]], [["false"], ["sh", "-c", "cat > /dev/null"]])
    assert not subprocess.run(["pgrep", "-P", str(subprocess.os.getpid()), "yes"]).stdout


@pytest.mark.parametrize("place", [0, 1])
def test_a_source_that_fails_after_sound_output_is_named(place):
    sources = [["printf", "x"], ["cat"]]
    sources[place] = ["sh", "-c", "printf x; exit 4"]
    with pytest.raises(InputError, match="sh ended with status 4"):
        pour(sources, [["sh", "-c", "cat > /dev/null"]])
