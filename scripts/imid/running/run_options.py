"""Snakemake's own options, by which a command beside the run knows the run's experiment."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from snakemake.cli import parse_args, parse_config

from imid.question.experiment import Experiment
from imid.running.beginning import asked_experiment
from imid.shared.problems import InputError

# How argparse ends where a command line is wrong.
WRONG_USE = 2


def read_run_options(parser: ArgumentParser, argv: Sequence[str] | None) -> tuple[Namespace, ...]:
    """Read a command line as Snakemake reads that of the run, profiles and all.

    Parameters
    ----------
    parser : ArgumentParser
        Of the command's own options.
    argv : sequence of str, optional
        The words; those of this process unless told otherwise.

    Returns
    -------
    own, of_run : Namespace
        The command's own options, and all that Snakemake has.

    Raises
    ------
    SystemExit
        Where neither of both knows an option.
    """
    own, others = parser.parse_known_args(argv)
    said = StringIO()
    try:
        with redirect_stderr(said):
            return own, parse_args(others)[1]
    except SystemExit as ended:
        # Before it says what is wrong Snakemake lists all of its options.
        if ended.code == WRONG_USE:
            parser.error(said.getvalue().rpartition("error: ")[2].strip())
        print(said.getvalue(), end="", file=sys.stderr)
        raise


def enter_experiment(of_run: Namespace) -> Experiment:
    """Go to a run's working directory, and read what is asked there.

    Parameters
    ----------
    of_run : Namespace
        Its options.

    Returns
    -------
    Experiment

    Raises
    ------
    InputError
        Where options, configuration or sheet need mending.
    """
    given = [Path(name).absolute() for name in of_run.configfile]
    try:
        overrides = parse_config(of_run.config)
    except ValueError as error:
        raise InputError([f"--config: {error}"]) from error
    os.chdir(of_run.directory or Path())
    return asked_experiment(given, overrides)
