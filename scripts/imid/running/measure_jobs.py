"""What a job took, by the kernel's books, in place of what Snakemake saw of it now and then.

Snakemake looks at a job's processes twice a second, later every 30 s, and adds up what it saw: of a
child that lived between two looks it knows nothing, and of the others not the end. The kernel keeps
the CPU time of every process that has ended and was waited for, with that of all its own children,
in the books of its parent. So the job's shell is read once more when it has ended, before it is
reaped: its CPU seconds and those of all that it started, exact to 0.01 s. (Only what nobody waits
for is in nobody's books, such as the command with which STAR itself unpacks reads.)

Of memory the kernel keeps the peak of each process alone, and no sum. A job's peak is the greatest
of two that are never above the truth: the largest process's own peak, and the resident memory of
all processes together at one time, looked at each second; Snakemake's own looks, which cost the
main process several times as much, are left out. (Pages that processes share count for
each of them. A cgroup's peak, where there is one, counts the page cache of all files read as well,
and of a job on Slurm Snakemake itself: it says nothing of what a job needs.)
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import snakemake.benchmark
from snakemake.benchmark import BenchmarkRecord

# Seconds between two looks at memory: often at first, for most jobs are short.
FIRST_PAUSE, LONGEST_PAUSE, LENGTHENING = 0.02, 1.0, 1.2
PROC = Path("/proc")
MEMORY = re.compile(r"^Vm(HWM|RSS):\s+(\d+) kB$", flags=re.MULTILINE)
KB_IN_MB = 1024

by_snakemake = snakemake.benchmark.benchmarked


def measure_jobs() -> None:
    """Let Snakemake's measurements of shell commands be those of the kernel, where it has them."""
    if PROC.joinpath("self/stat").exists():
        snakemake.benchmark.benchmarked = measured


@contextmanager
def measured(
    pid: int | None = None, benchmark_record: BenchmarkRecord | None = None, **options: object
) -> Iterator[BenchmarkRecord]:
    """Measure a command as Snakemake's ``benchmarked`` does, which this takes the place of.

    The command is waited for on entry, so that the body, which reaps it, returns at once. What
    only Snakemake's own looks would tell, such as what was read and written, is NA.

    Parameters
    ----------
    pid : int, optional
        The process of a shell command, a child of this one; anything else is left to Snakemake.
    benchmark_record : BenchmarkRecord, optional
        Where the measurements go: ``cpu_time``, in seconds, and ``max_rss``, in MB.
    **options
        For Snakemake.

    Yields
    ------
    BenchmarkRecord
    """
    if not pid:
        with by_snakemake(pid, benchmark_record, **options) as record:
            yield record
        return
    record = benchmark_record or BenchmarkRecord()
    began = time.time()
    cpu, peak = watch(pid)
    # Else nothing is known, which is no error.
    record.process_gone = cpu is None
    if cpu is not None:
        record.data_collected = True
        record.cpu_time = cpu
        record.cpu_usage = 100 * cpu
        # A command of a few hundredths of a second is gone before anybody looks.
        record.max_rss = peak or "NA"
        record.max_vms = record.max_uss = record.max_pss = record.io_in = record.io_out = "NA"
    try:
        yield record
    finally:
        record.running_time = time.time() - began


def watch(pid: int) -> tuple[float | None, float]:
    """Wait for a process without reaping it.

    Parameters
    ----------
    pid : int
        A child of this process.

    Returns
    -------
    cpu : float, optional
        Seconds of user and system time of it and of all its descendants that were waited for;
        None where somebody else has reaped it meanwhile.
    peak : float
        Memory, in MB.
    """
    ended = Event()
    looks = MemoryLooks(pid, ended)
    looks.start()
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        cpu = cpu_seconds(pid)
    except (ChildProcessError, FileNotFoundError):
        cpu = None
    finally:
        ended.set()
        looks.join()
    return cpu, looks.peak / KB_IN_MB


def cpu_seconds(pid: int) -> float:
    """Read the CPU seconds of a process and of its children that have ended."""
    # The second field, the program's name in brackets, may hold anything.
    fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


class MemoryLooks(Thread):
    """Looks at the memory of a process and its descendants until it has ended.

    Attributes
    ----------
    peak : int
        The most seen so far, in kB.
    """

    def __init__(self, pid: int, ended: Event) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.ended = ended
        self.peak = 0

    def run(self) -> None:
        """Look again and again, at growing intervals."""
        pause = FIRST_PAUSE
        while not self.ended.wait(pause):
            self.peak = max(self.peak, memory_of_all(self.pid))
            pause = min(LONGEST_PAUSE, pause * LENGTHENING)


def memory_of_all(pid: int) -> int:
    """Give the resident memory of a process and its descendants, or the largest peak, in kB."""
    together = largest = 0
    waiting = [str(pid)]
    while waiting:
        process = PROC / waiting.pop()
        try:
            memory = dict(MEMORY.findall((process / "status").read_text(errors="replace")))
            for children in process.glob("task/*/children"):
                waiting += children.read_text().split()
        except OSError:
            continue
        together += int(memory.get("RSS", 0))
        largest = max(largest, int(memory.get("HWM", 0)))
    return max(together, largest)
