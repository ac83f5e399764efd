"""Programs that hand a stream on: none is forgotten, and where all stand still they are ended."""

import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGPIPE
from typing import IO

import psutil

from imid.shared.problems import InputError

CHUNK = 2**20
# Of a pipe: each filling of it wakes a program up.
PIPE_SIZE = 2**20

# Programs that wait look up now and then; what works uses more of a processor than this.
WORKING = 0.02
LOOKS_PER_LIMIT = 20
# Seconds between looks at what moves, and at what has failed, at most.
LONGEST_LOOK, LONGEST_WAIT = 15.0, 0.5

Command = Sequence[object]


class Pipe:
    """A pipe between two programs that know it by name, as they would know a file.

    Both ends are open before either program starts, so that none waits for the other to open
    its own; `pour` closes them where it starts the programs.
    """

    def __init__(self) -> None:
        ends = os.pipe()
        with suppress(OSError):
            fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        self.out, self.into = map(PipeEnd, ends)

    def standard_input(self) -> "PipeEnd":
        """Give the end to read from to a program that finds it at its standard input."""
        return PipeEnd(self.out.descriptor, standard_input=True)

    def close(self) -> None:
        """Close both ends here."""
        os.close(self.out.descriptor)
        os.close(self.into.descriptor)


class PipeEnd:
    """One end of a pipe, which a command may name among its words.

    Parameters
    ----------
    descriptor : int
        Of the end.
    standard_input : bool
        Whether the program finds it there.
    """

    def __init__(self, descriptor: int, standard_input: bool = False) -> None:
        self.descriptor = descriptor
        self.standard_input = standard_input

    def __str__(self) -> str:
        """Name it as a file."""
        return "/dev/stdin" if self.standard_input else f"/dev/fd/{self.descriptor}"


def pour(
    sources: Sequence[Command],
    readers: Sequence[Command],
    *,
    feeders: Sequence[Command] = (),
    pipes: Sequence[Pipe] = (),
    stall_seconds: float = float("inf"),
) -> None:
    """Run programs in a row, and let several others read what the last one writes.

    Nothing is stored in between. A reader that has seen enough may end early; where one fails,
    or a source does, all are stopped, and so they are where all of them stand still.

    Parameters
    ----------
    sources : sequence of commands
        Each reads what the one before it writes.
    readers : sequence of commands
        Each reads the whole of what the last source writes.
    feeders : sequence of commands
        What runs beside them and gives the sources what they read by `pipes`. What they say comes
        to the log when they are done, and what one that failed said last is told.
    pipes : sequence of Pipe
        Named in the commands; closed here once all programs have them.
    stall_seconds : float
        How long all programs together may move no byte and compute nothing.

    Raises
    ------
    InputError
        Names every program that failed, their own messages being in the log; or says that they
        stood still.
    """
    with ExitStack() as stack:
        said = [stack.enter_context(_told_at_the_end()) for _ in feeders]
        try:
            beside = [
                _start(feeder, stack, stdin=subprocess.DEVNULL, stderr=messages)
                for feeder, messages in zip(feeders, said, strict=True)
            ]
            chain = _start_chain(sources, stack)
        finally:
            for pipe in pipes:
                pipe.close()
        taps = [_start(reader, stack, stdin=subprocess.PIPE) for reader in readers]
        programs = [*beside, *chain, *taps]
        watch = stack.enter_context(Watch(programs, stall_seconds))
        if _distribute(chain[-1].stdout, taps):
            for tap in taps:
                with suppress(BrokenPipeError):
                    tap.stdin.close()
            for program in programs:
                program.wait()
        failed = watch.first_failed() or [tap for tap in taps if tap.poll()]
        last_words = {program: _last_line(m) for program, m in zip(beside, said, strict=True)}
    if watch.stalled:
        raise InputError(
            [
                f"{', '.join(map(name_of, programs))} stood still for"
                f" {stall_seconds / 60:.3g} minutes: no byte moved, nothing was computed"
            ]
        )
    if failed:
        raise InputError(
            f"{name_of(program)} ended with status {program.returncode}"
            f"{last_words.get(program, '; its messages are above')}"
            for program in failed
        )


def name_of(program: subprocess.Popen) -> str:
    """Name a program as people know it: a step by its module, a script by its own name."""
    words = [str(word) for word in program.args]
    if words[:2] == [sys.executable, "-m"]:
        return words[2]
    script = words[0] == sys.executable and len(words) > 1
    return Path(words[1]).name if script else Path(words[0]).name


@contextmanager
def _told_at_the_end() -> Iterator[IO[bytes]]:
    """Give a file for what a program says, and say it to the log in the end."""
    with tempfile.TemporaryFile() as messages:
        try:
            yield messages
        finally:
            messages.seek(0)
            sys.stderr.write(messages.read().decode(errors="replace"))


def _last_line(messages: IO[bytes]) -> str:
    messages.seek(0)
    lines = messages.read().decode(errors="replace").split("\n")
    return next((f": {line}" for line in reversed(lines) if line), "")


class Watch:
    """Stops all programs where one of them fails, or all of them stand still.

    Parameters
    ----------
    programs : sequence of Popen
        Running; each is awaited by whoever started it.
    stall_seconds : float
        How long they may stand still.

    Attributes
    ----------
    stalled : bool
        Whether they did.
    """

    def __init__(self, programs: Sequence[subprocess.Popen], stall_seconds: float) -> None:
        self.programs = programs
        self.stall_seconds = stall_seconds
        self.stalled = False
        self._failed: list[subprocess.Popen] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> "Watch":
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def first_failed(self) -> list[subprocess.Popen]:
        """List what failed of itself, not for being stopped or for want of a reader."""
        failed = self._failed or [program for program in self.programs if program.poll()]
        return [program for program in failed if program.returncode != -SIGPIPE] or failed

    def _look_on(self) -> None:
        look = min(self.stall_seconds / LOOKS_PER_LIMIT, LONGEST_LOOK)
        before = Activity.of(self.programs)
        last_active = time.monotonic()
        while not self._over.wait(min(look, LONGEST_WAIT)):
            self._failed = [program for program in self.programs if program.poll()]
            if any(program.returncode != -SIGPIPE for program in self._failed):
                self._stop()
                return
            seconds = time.monotonic() - before.at
            if seconds < look:
                continue
            activity = Activity.of(self.programs)
            if activity.beyond(before):
                last_active = activity.at
            elif activity.at - last_active > self.stall_seconds:
                self.stalled = True
                self._stop()
                return
            before = activity

    def _stop(self) -> None:
        # A child that is left could keep a pipe open.
        for process in [process for program in self.programs for process in _family(program)]:
            with suppress(psutil.Error):
                process.kill()


@dataclass(frozen=True)
class Activity:
    """What programs and their children have done so far.

    Attributes
    ----------
    at : float
        When that was, in seconds.
    processes : frozenset of int
        Those that run.
    moved : int or None
        Bytes read and written; None where that cannot be known.
    computed : float
        Seconds of processors.
    """

    at: float
    processes: frozenset[int]
    moved: int | None
    computed: float

    @classmethod
    def of(cls, programs: Sequence[subprocess.Popen]) -> "Activity":
        """Look at what runs now."""
        processes, moved, computed = set(), 0, 0.0
        for process in [process for program in programs for process in _family(program)]:
            with suppress(psutil.NoSuchProcess):
                try:
                    counters = process.io_counters()
                except psutil.AccessDenied:
                    moved = None
                if moved is not None:
                    moved += counters.read_chars + counters.write_chars
                times = process.cpu_times()
                computed += times.user + times.system
                processes.add(process.pid)
        return cls(time.monotonic(), frozenset(processes), moved, computed)

    def beyond(self, before: "Activity") -> bool:
        """Tell whether anything was done since an earlier look."""
        return (
            self.moved is None
            or (self.processes, self.moved) != (before.processes, before.moved)
            or self.computed - before.computed > WORKING * (self.at - before.at)
        )


def _family(program: subprocess.Popen) -> list[psutil.Process]:
    try:
        process = psutil.Process(program.pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _start(command: Command, stack: ExitStack, **streams) -> subprocess.Popen:
    """Start a program that is killed when the stack unwinds and it still runs."""
    ends = [word for word in command if isinstance(word, PipeEnd)]
    for end in ends:
        if end.standard_input:
            streams["stdin"] = end.descriptor
    words = [str(word) for word in command]
    program = subprocess.Popen(words, pass_fds=[end.descriptor for end in ends], **streams)
    stack.callback(program.wait)
    stack.callback(program.kill)
    return program


def _start_chain(sources: Sequence[Command], stack: ExitStack) -> list[subprocess.Popen]:
    chain: list[subprocess.Popen] = []
    for source in sources:
        before = chain[-1].stdout if chain else subprocess.DEVNULL
        chain.append(_start(source, stack, stdin=before, stdout=subprocess.PIPE))
        if before is not subprocess.DEVNULL:
            # Its reader alone holds it now, and its end ends the writer.
            before.close()
    return chain


def _distribute(stream: IO[bytes], taps: list[subprocess.Popen]) -> bool:
    """Write a stream to all that still read it; tell whether all went well so far."""
    reading = list(taps)
    while chunk := stream.read(CHUNK):
        for tap in list(reading):
            try:
                tap.stdin.write(chunk)
            except BrokenPipeError:
                if tap.wait():
                    return False
                reading.remove(tap)
    return True
