"""Programs that hand a stream on: one writes, several read, and none is forgotten."""

import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import IO

from problems import InputError

CHUNK = 2**20

Command = Sequence[object]


def pour(sources: Sequence[Command], readers: Sequence[Command]) -> None:
    """Run programs in a row, and let several others read what the last one writes.

    Nothing is stored in between. A reader that has seen enough may end early; where one fails,
    or a source does, all are stopped.

    Parameters
    ----------
    sources : sequence of commands
        Each reads what the one before it writes.
    readers : sequence of commands
        Each reads the whole of what the last source writes.

    Raises
    ------
    InputError
        Names every program that failed; their own messages are in the log.
    """
    with ExitStack() as stack:
        chain = _start_chain(sources, stack)
        taps = [_start(reader, stack, stdin=subprocess.PIPE) for reader in readers]
        if _distribute(chain[-1].stdout, taps):
            for tap in taps:
                with suppress(BrokenPipeError):
                    tap.stdin.close()
            failed = [program for program in [*taps, *chain] if program.wait()]
        else:
            failed = [tap for tap in taps if tap.poll()]
    if failed:
        raise InputError(
            f"{program.args[0]} ended with status {program.returncode}; its messages are above"
            for program in failed
        )


def _start(command: Command, stack: ExitStack, **streams) -> subprocess.Popen:
    """Start a program that is killed when the stack unwinds and it still runs."""
    program = subprocess.Popen([str(word) for word in command], **streams)
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
