import subprocess
import sys

import psutil
import pytest

from imid.shared.problems import InputError
from imid.shared.steps import step
from imid.shared.streams import Pipe, pour

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


def test_a_step_that_fails_goes_by_its_own_name():
    with pytest.raises(InputError, match=r"^count_reads ended with status 2"):
        pour([LONG], [[*step("imid.counting.count_reads"), "--no-such-option"]])


# Pipes that programs know by name


def numbers(pipe, last):
    return ["sh", "-c", f"seq {last} > $0", pipe.into]


def test_a_feeder_hands_on_through_a_pipe_with_a_name(tmp_path):
    pipe = Pipe()
    pour([["cat", pipe.out]], [keep(tmp_path / "a")], feeders=[numbers(pipe, 99_999)], pipes=[pipe])
    assert (tmp_path / "a").read_text().split() == [str(n) for n in range(1, 100_000)]


def test_a_program_may_find_a_pipe_at_its_standard_input(tmp_path):
    pipe, end = Pipe(), Pipe()
    sort = ["sh", "-c", "sort -n > $0", end.into, pipe.standard_input()]
    feeders = [numbers(pipe, 9), sort]
    pour([["cat", end.out]], [keep(tmp_path / "a")], feeders=feeders, pipes=[pipe, end])
    assert (tmp_path / "a").read_text().split() == list("123456789")


def test_what_a_feeder_said_last_is_told(capfd):
    pipe = Pipe()
    feeder = [
        "sh",
        "-c",
        "seq 9 > $0; echo one >&2; echo record 7 is damaged >&2; exit 3",
        pipe.into,
    ]
    with pytest.raises(InputError) as raised:
        pour([["cat", pipe.out]], [["cat"]], feeders=[feeder], pipes=[pipe])
    assert raised.value.problems == ["sh ended with status 3: record 7 is damaged"]
    assert "one\nrecord 7" in capfd.readouterr().err


def test_a_feeder_that_fails_while_others_wait_ends_them():
    """Nobody would: the pipe is kept open by a child that the feeder left."""
    pipe = Pipe()
    feeder = ["sh", "-c", "sleep 600 & echo gone >&2; exit 3", pipe.into]
    with pytest.raises(InputError, match="sh ended with status 3: gone"):
        pour([["cat", pipe.out]], [["cat"]], feeders=[feeder], pipes=[pipe])


# What stands still


@pytest.mark.parametrize("place", ["feeder", "source", "reader"])
def test_programs_that_stand_still_are_ended(place, tmp_path):
    pipe = Pipe()
    waits = ["sh", "-c", "sleep 600; cat $0", pipe.out] if place == "source" else ["cat", pipe.out]
    feeder = ["sh", "-c", "sleep 600" if place == "feeder" else "seq 500000 > $0", pipe.into]
    reader = (
        ["sh", "-c", "sleep 600; cat > /dev/null"] if place == "reader" else keep(tmp_path / "a")
    )
    before = psutil.Process().children(recursive=True)
    with pytest.raises(InputError, match=r"stood still for 0\.0167 minutes: no byte moved"):
        pour([waits], [reader], feeders=[feeder], pipes=[pipe], stall_seconds=1)
    assert set(psutil.Process().children(recursive=True)) <= set(before)


@pytest.mark.parametrize(
    "busy",
    ["while :; do :; done", "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.3; echo x; done"],
    ids=["computing", "writing now and then"],
)
def test_programs_that_do_anything_are_left_alone(busy, tmp_path):
    limited = ["timeout", "4", "sh", "-c", busy]
    pour([["sh", "-c", '"$@"; exit 0', "sh", *limited]], [keep(tmp_path / "a")], stall_seconds=1.5)
