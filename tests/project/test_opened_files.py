"""What is read from a trace: who opened what, also where a number is given to a second process."""

import pytest

from opened_files import opened_by_jobs, trace_of

SHELL = (
    'execve("/usr/bin/bash", ["bash", "-c", "set -euo pipefail; IFS=;  {}"], 0x7 /* 3 vars */) = 0'
)
OPEN = 'openat(AT_FDCWD<{run}>, "x", {flags}) = 3<{run}/{name}>'
LOG, READ, WRITE = "O_WRONLY|O_CREAT|O_TRUNC, 0666", "O_RDONLY|O_CLOEXEC", "O_RDWR|O_CREAT, 0666"


@pytest.fixture
def run(tmp_path):
    directory = tmp_path / "run"
    directory.mkdir()

    def opened(name, flags=READ):
        return OPEN.format(run=directory, flags=flags, name=name)

    lines = [
        (10, 'execve("/usr/bin/python", ["python", "-m", "snakemake"], 0x7 /* 3 vars */) = 0'),
        (10, opened("config/config.yaml")),
        # What a child does is sometimes told before that it was started.
        (10, "vfork( <unfinished ...>"),
        (11, SHELL.format("first")),
        (10, "<... vfork resumed>)               = 11"),
        (11, opened("logs/first.log", LOG)),
        (11, "clone3({flags=CLONE_VM, exit_signal=SIGCHLD}, 88) = 12"),
        (12, 'openat(AT_FDCWD</>, "x", O_RDONLY|O_CLOEXEC <unfinished ...>'),
        (11, 'openat(AT_FDCWD</>, "none.tsv", O_RDONLY) = -1 ENOENT (No such file or directory)'),
        (12, f"<... openat resumed>) = 3<{directory}/table.tsv>"),
        (12, opened("made.tsv", WRITE)),
        (12, opened("made.tsv")),
        (12, f"getdents64(4<{directory}/reports>, 0x7 /* 3 entries */, 32768) = 80"),
        (12, "+++ exited with 0 +++"),
        (11, "+++ exited with 0 +++"),
        (10, "vfork()                           = 13"),
        (13, SHELL.format("second")),
        (13, opened("logs/second.log", LOG)),
        (13, "vfork()                           = 11"),
        (11, opened("other.tsv")),
        (11, "+++ killed by SIGKILL +++"),
        (13, "+++ exited with 0 +++"),
        # No job: it has no log.
        (10, "vfork()                           = 12"),
        (12, SHELL.format("summary")),
        (12, opened("logs/first.log")),
        (12, "+++ exited with 0 +++"),
    ]
    trace_of(directory).write_text("".join(f"{pid:<5} {what}\n" for pid, what in lines))
    return directory


def test_each_job_has_what_it_and_its_children_opened(run):
    opened = opened_by_jobs(run)
    assert opened.keys() == {"logs/first.log", "logs/second.log"}
    assert opened["logs/first.log"].read == {run / "table.tsv"}
    assert opened["logs/second.log"].read == {run / "other.tsv"}


def test_what_a_job_made_is_not_what_it_read(run):
    first = opened_by_jobs(run)["logs/first.log"]
    assert first.made == {run / "logs/first.log", run / "made.tsv"}
    assert first.listed == {run / "reports"}
