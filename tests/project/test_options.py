"""Rules write options of their steps by the names of their files: each must be the step's own."""

import argparse
import importlib
import re
import shlex
from pathlib import Path

import pytest

from running import completed, copy_experiment, snakemake

pytestmark = pytest.mark.workflow

COMMAND = re.compile(r"python -m (imid[.\w]+) (.*?) (?:2>|>|&&) ", flags=re.DOTALL)


class StoppedError(Exception):
    """Raised in place of what a step does with its options."""


def commands(directory: Path) -> dict[str, str]:
    """List the steps that a whole run starts, each with the options of one of its jobs."""
    run = completed(snakemake(directory, "--dry-run", "--printshellcmds", "--forceall"))
    found = dict(COMMAND.findall(run.stdout))
    # Its options are those of the figures that it is to draw, from where the rule has them, too.
    del found["imid.figures.draw"]
    return found


def options_of(module: str, monkeypatch) -> tuple[set[str], set[str]]:
    """Give the options that a step knows, and those that it needs."""
    found = []

    def stop(parser, *arguments):
        found.extend(parser._actions)
        raise StoppedError

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", stop)
        with pytest.raises(StoppedError):
            importlib.import_module(module).main([])
    known = {name for action in found for name in action.option_strings}
    needed = {action.option_strings[0] for action in found if action.required}
    return known, {name for name in needed if name.startswith("-")}


def test_every_rule_writes_options_that_its_step_knows(small_synthetic, tmp_path, monkeypatch):
    found = commands(copy_experiment(small_synthetic, tmp_path / "run"))
    assert len(found) > 15
    for module, options in found.items():
        written = {word for word in shlex.split(options) if word.startswith("--")}
        known, needed = options_of(module, monkeypatch)
        assert (module, written - known, needed - written) == (module, set(), set())
