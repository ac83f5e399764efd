"""The files that --configfile names, looked at before Snakemake reads them.

It reads them before any file of the workflow, and tells of one that is no YAML without its name or
its line, of one that is missing by a traceback. The workflow's own profile is read earlier still.
"""

import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from imid.shared.problems import InputError, place
from imid.userfiles.config_files import read_config_file

OPTIONS = ("--configfile", "--configfiles")
# By this key Snakemake takes a file for a template, and runs what stands in it as Python.
TEMPLATE = "__use_yte__"


def named_files(words: Sequence[str]) -> list[str]:
    """Find what a command line of Snakemake names by --configfile, under either of its names."""
    files = []
    for at, word in enumerate(words):
        option, given, value = word.partition("=")
        if option in OPTIONS and given:
            files = [value]
        elif option in OPTIONS:
            # Of an option that is there twice the last one counts.
            files = list(takewhile(lambda each: not each.startswith("-"), words[at + 1 :]))
    return files


def refuse_unreadable(words: Sequence[str]) -> None:
    """Stop before Snakemake begins where a file of settings is none.

    Parameters
    ----------
    words : sequence of str
        The command line.

    Raises
    ------
    SystemExit
        With all that needs mending.
    """
    problems: list[str] = []
    for name in named_files(words):
        try:
            file = read_config_file(Path(name), name)
            if TEMPLATE in file.values:
                where = place(name, file.lines.get((TEMPLATE,)))
                problems.append(f"{where}: {TEMPLATE} would run code; write the settings out")
        except InputError as error:
            problems += error.problems
    if problems:
        sys.exit("\n".join(["Nothing was run; this needs mending:", *problems]))
