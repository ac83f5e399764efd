"""What the jobs of a run really opened, as the kernel saw it.

A run is traced by strace: every file that any of its processes opens, ours or another program's,
and who started whom. What a job opened is what the shell opened that Snakemake started for it, and
all that this started.
"""

import re
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

# Of a file the path that it has in the end, whatever link led to it. (`-z`, for only what went
# well, loses calls during which another process made one.)
STRACE = ["strace", "-f", "--seccomp-bpf", "-q", "-y", "-s", "4096", "-e", "signal=none"]
STRACE += ["-e", "trace=open,openat,openat2,creat,getdents64,execve,fork,vfork,clone,clone3", "-o"]

LINE = re.compile(r"^(\d+) +(?:(\w+)\(|\+\+\+ |<\.\.\. (\w+) resumed>)(.*)$")
UNFINISHED = "<unfinished ...>"
OPENED = re.compile(r" = \d+<(.*)>$")
LISTED = re.compile(r"^\d+<(.*?)>, ")
STARTED = re.compile(r" = (\d+)(?:<.*>)?$")
STARTING = ("fork", "vfork", "clone", "clone3")
# What `shell.prefix` puts before each rule's command.
COMMAND = '"-c", "set -euo pipefail; IFS=; '
LOG = re.compile(r"logs/.*\.log$")


@dataclass
class Opened:
    """What one job opened.

    Attributes
    ----------
    read : set of Path
        Files that it opened to read, unless it had made them itself.
    listed : set of Path
        Folders whose content it asked for.
    made : set of Path
        Files that it opened to write.
    """

    read: set[Path] = field(default_factory=set)
    listed: set[Path] = field(default_factory=set)
    made: set[Path] = field(default_factory=set)

    def add(self, path: Path, details: str) -> None:
        """Take note of one file that was opened; of a folder that alone says nothing."""
        if "O_DIRECTORY" in details or path.is_dir():
            return
        if "O_RDONLY" not in details:
            self.made.add(path)
        elif path not in self.made:
            self.read.add(path)


@cache
def can_trace() -> bool:
    """Say whether strace is there, and may trace."""
    command = [*STRACE, "/dev/null", "true"]
    return (
        bool(shutil.which("strace")) and not subprocess.run(command, capture_output=True).returncode
    )


def trace_of(directory: Path) -> Path:
    """Name the file in which what the jobs of a run opened is written down."""
    return directory.with_name(f"{directory.name}.trace")


def opened_by_jobs(directory: Path) -> dict[str, Opened]:
    """Read the trace of a run.

    Parameters
    ----------
    directory : Path
        The run's working directory.

    Returns
    -------
    dict of str to Opened
        By the job's log, which every rule has.
    """
    lines, shells, starter = _processes(trace_of(directory))
    by_shell: dict[tuple[int, int], Opened] = defaultdict(Opened)
    logs = {}
    for process, call, details in lines:
        shell = process
        while shell not in shells and shell in starter:
            shell = starter[shell]
        if shell not in shells:
            continue
        if call == "getdents64":
            if folder := LISTED.match(details):
                by_shell[shell].listed.add(Path(folder[1]))
        elif found := OPENED.search(details):
            by_shell[shell].add(Path(found[1]), details)
            name = found[1].removeprefix(f"{directory.resolve()}/")
            # The shell does, to have its command's messages there.
            if LOG.match(name) and "O_TRUNC" in details:
                logs.setdefault(shell, name)
    return {log: by_shell[shell] for shell, log in logs.items()}


def _processes(trace: Path) -> tuple[list, set, dict]:
    """Give what was opened, by process; the shells of jobs; and who started each process.

    A number is given to one process after another: the second of each is told from the first.
    """
    lines, shells, starter = [], set(), {}
    ended: dict[int, int] = defaultdict(int)
    begun: dict[int, int] = defaultdict(int)
    interrupted: dict[int, str] = {}
    with trace.open(errors="replace") as opened:
        for line in opened:
            if not (found := LINE.match(line)):
                continue
            number, call, details = int(found[1]), found[2] or found[3], found[4]
            if details.endswith(UNFINISHED):
                interrupted[number] = details.removesuffix(UNFINISHED)
                continue
            if found[3]:
                details = interrupted.pop(number, "") + details
            # The first one, which nobody that is traced started.
            begun = begun or defaultdict(int, {number: 1})
            process = (number, ended[number])
            if call is None:
                ended[number] += 1
            elif call == "execve":
                if COMMAND in details:
                    shells.add(process)
            elif call not in STARTING:
                lines.append((process, call, details))
            elif child := STARTED.search(details):
                starter[int(child[1]), begun[int(child[1])]] = process
                begun[int(child[1])] += 1
    return lines, shells, starter
