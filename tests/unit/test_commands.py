"""What all commands have in common: how they end when something is wrong."""

import argparse
import importlib
import os
import subprocess
import sys

import pytest

from imid.shared.problems import reported
from running import ROOT

PACKAGES = ROOT / "scripts"
COMMANDS = {
    ".".join(path.relative_to(PACKAGES).with_suffix("").parts): path
    for path in sorted(PACKAGES.rglob("*.py"))
    if '__name__ == "__main__"' in path.read_text()
}
# It stands in for Slurm's commands, and ends as they do.
STANDS_IN = "imid.running.outlast_slurm"
# They read no file that they are given by an option: one reads a pipe, the others make what they
# write, from their own plan or from logs that may be none.
WITHOUT_INPUT = [
    STANDS_IN,
    "imid.counting.tally_alignments",
    "imid.reads.list_aligners",
    "imid.running.create_run",
    "imid.running.summarize_resources",
    "imid.synthetic.simulate_counts",
]
# Where a number or a name will do for any other option.
GIVEN = {
    "--contrast": '{"name": "a_vs_b", "factor": "f", "numerator": "a", "denominator": "b"}',
    "--settings": "{}",
    "--aligner": "star",
    "--memory": "1000",
    "--words": '{"declared": {}, "pictures": []}',
    "--origin": "{}",
    "--fdr": "0.05",
    "--log2-fold-change": "1",
}
NOPE = "nope.tsv"


class StoppedError(Exception):
    """Raised in place of reading a command's options."""


@pytest.fixture
def options_of(monkeypatch):
    """Give the options that a command needs, each file among them one that is not there."""

    def options(main):
        found = []

        def stop(parser, *arguments):
            found.extend(action for action in parser._actions if action.required)
            raise StoppedError

        with monkeypatch.context() as patch:
            patch.setattr(argparse.ArgumentParser, "parse_args", stop)
            with pytest.raises(StoppedError):
                main([])
        named = {action: action.option_strings[:1] for action in found}
        return [
            word
            for action, name in named.items()
            for word in [*name, *(action.choices or [GIVEN.get("".join(name), NOPE)])][:2]
        ]

    return options


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in WITHOUT_INPUT])
def test_a_missing_file_is_told_in_a_line_with_status_1(
    command, options_of, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    main = importlib.import_module(command).main
    special = {
        "imid.figures.draw": ["pca", "--vst", NOPE, "--samples", NOPE, "--stem", "a"],
        "imid.inputs.experiment": [],
        "imid.quality.judge_samples": [
            *["--measured", NOPE, "--sheet", "{}", "--bounds", "{}"],
            *["--figures", NOPE, "--verdicts", NOPE, "--warnings", NOPE],
        ],
        "imid.quality.measure_counts": [
            *["--sample", "a", "--counts", NOPE, "--genes", NOPE, "--output", NOPE],
        ],
        "imid.running.equivalent_code": [NOPE, NOPE],
        "imid.running.left_overs": ["--directory", NOPE],
        "imid.running.rename_sample": ["old", "new", "--directory", NOPE],
        "imid.running.resume": ["--directory", NOPE],
    }
    words = special[command] if command in special else options_of(main)
    with pytest.raises(SystemExit) as ended:
        reported(lambda: main(words))
    assert ended.value.code == 1
    # Of all that is missing, where a command looks for several at once.
    assert 1 <= len(capsys.readouterr().err.splitlines()) <= 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != STANDS_IN])
def test_every_command_ends_in_the_one_way(command):
    assert COMMANDS[command].read_text().endswith("    reported(main)\n")


def test_as_a_program_it_shows_no_traceback(tmp_path):
    command = [sys.executable, "-m", "imid.report.show_targets", NOPE]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=os.environ)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"{NOPE}: is not the results of a run, no provenance.json\n"
