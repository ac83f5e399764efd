"""The options of a run, read as Snakemake reads them, for the commands beside it."""

import argparse
from pathlib import Path

import pytest

from imid.running.run_options import enter_experiment, read_run_options
from imid.shared.problems import InputError
from small_experiment import write_experiment


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read options after those of a command with one of its own."""
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser(prog="command", allow_abbrev=False)
    parser.add_argument("--remove", action="store_true")
    return lambda *words: read_run_options(parser, words)


@pytest.fixture
def folder(tmp_path):
    return write_experiment(tmp_path / "experiment")


@pytest.mark.parametrize("option", ["-d", "--directory", "--direct"])
def test_the_working_directory_is_that_of_the_run(read, folder, option):
    own, of_run = read("--remove", option, "experiment", "--cores", "2")
    experiment = enter_experiment(of_run)
    assert own.remove
    assert Path.cwd() == folder
    assert experiment.cell_lines == ["MM1S", "MM1S_res"]


def test_settings_of_the_command_line_and_of_a_profile_are_those_of_the_run(read, folder):
    _, of_run = read("-d", "experiment", "--config", "cell_lines=[MM1S]")
    assert enter_experiment(of_run).cell_lines == ["MM1S"]
    Path("../profile").mkdir()
    Path("../profile/config.yaml").write_text(f'directory: {folder}\nconfigfile: ["more.yaml"]\n')
    Path("more.yaml").write_text("cell_lines: [MM1S_res]\n")
    _, of_run = read("--profile", "../profile")
    assert enter_experiment(of_run).cell_lines == ["MM1S_res"]


def test_what_nobody_knows_is_refused_in_a_few_lines(read, capsys):
    with pytest.raises(SystemExit) as ended:
        read("--remve")
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert (
        told == "usage: command [-h] [--remove]\ncommand: error: unrecognized arguments: --remve\n"
    )


def test_a_profile_that_is_not_there_is_told(read, capsys):
    with pytest.raises(SystemExit) as ended:
        read("--profile", "nope")
    assert ended.value.code == 1
    assert "profile directory given (nope)" in capsys.readouterr().err


def test_a_setting_without_a_value_is_told(read, folder):
    _, of_run = read("-d", "experiment", "--config", "cell_lines")
    with pytest.raises(InputError, match=r"--config: .*name=value"):
        enter_experiment(of_run)
