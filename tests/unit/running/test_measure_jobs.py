"""What a job took: planted, then looked for in what Snakemake writes of it."""

import json
import resource
import subprocess
import sys
import threading

import psutil
import pytest
import snakemake.benchmark
from snakemake.benchmark import BenchmarkRecord
from snakemake.shell import shell

from imid.running.measure_jobs import measure_jobs
from running import ROOT

PYTHON = sys.executable
BUSY = (
    f"{PYTHON} -S -c 'import time; [None for _ in iter(lambda: time.process_time() < 0.2, False)]'"
)
HUNDRED_MB = 100 * 1024 * 1024
HOLDER = f"{PYTHON} -S -c 'import time; held = b\"1\" * {HUNDRED_MB}; time.sleep(0.8)'"


@pytest.fixture
def measured(monkeypatch):
    """Run a shell command; give what was recorded, and what the kernel says of it."""
    monkeypatch.setattr(snakemake.benchmark, "benchmarked", snakemake.benchmark.benchmarked)
    measure_jobs()

    def run(command):
        record = BenchmarkRecord()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        shell(command, bench_record=record)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return record, spent

    return run


@pytest.mark.parametrize(
    "command",
    [
        BUSY,
        f"for job in 1 2 3; do {BUSY}; done",
        f"({BUSY} && {BUSY}) > /dev/null",
        f"{BUSY} | {BUSY} | cat",
        f"{PYTHON} -S -c 'import os, sys; os.system(sys.argv[1])' \"{BUSY.replace('0.2', '0.3')}\"",
        f"{BUSY} & {BUSY}; wait",
    ],
    ids=["one", "one after the other", "subshell", "pipe", "wrapper", "side by side"],
)
def test_the_cpu_time_of_all_children_is_exact(measured, command):
    record, spent = measured(command)
    assert record.cpu_time == pytest.approx(spent, abs=0.03)
    # The kernel tells it in hundredths, rounded down.
    assert record.cpu_time > 0.19 * command.count("process_time") - 0.005


def test_memory_held_side_by_side_is_added_up(measured):
    record, _ = measured(f"{HOLDER} & {HOLDER} & {HOLDER}; wait")
    assert 300 < record.max_rss < 360


def test_memory_held_one_after_the_other_is_not(measured):
    record, _ = measured(f"{HOLDER}; {HOLDER}")
    assert 100 < record.max_rss < 130


def test_a_peak_between_two_looks_is_seen(measured):
    """The kernel keeps a process's own peak."""
    short = f'time.sleep(0.3); len(b"1" * {HUNDRED_MB}); time.sleep(0.3)'
    record, _ = measured(f"{PYTHON} -S -c 'import time; {short}'")
    assert 100 < record.max_rss < 130


def test_a_command_that_is_gone_at_once_has_no_memory_but_is_no_error(measured):
    record, _ = measured("true")
    assert record.cpu_time < 0.1
    assert record.max_rss == "NA" or record.max_rss > 0


def test_a_command_that_fails_still_fails(measured):
    with pytest.raises(subprocess.CalledProcessError) as failed:
        measured("exit 3")
    assert failed.value.returncode == 3


def test_nothing_is_left_behind(measured):
    children = psutil.Process().children()
    for _ in range(20):
        measured("true")
    assert psutil.Process().children() == children
    assert "MemoryLooks" not in {type(thread).__name__ for thread in threading.enumerate()}


def test_snakemake_writes_it_into_the_measurements_of_a_rule(tmp_path):
    (tmp_path / "Snakefile").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
        "from imid.running.measure_jobs import measure_jobs\n"
        "measure_jobs()\n"
        "rule burn:\n    output: 'done'\n    benchmark: 'burn.jsonl'\n"
        f"    shell: {f'for job in 1 2 3 4; do {BUSY}; done; touch done'!r}\n"
    )
    command = [PYTHON, "-m", "snakemake", "--cores", "1", "--quiet", "--benchmark-extended"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (line,) = (tmp_path / "burn.jsonl").read_text().splitlines()
    # The kernel tells each of the four in hundredths, rounded down.
    assert 0.8 - 4 * 0.01 <= json.loads(line)["cpu_time"] < 1.3
