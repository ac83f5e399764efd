"""What a run begins with, by what Snakemake says of itself."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from imid.running import beginning
from imid.running.beginning import CONFIG_FILE, checked_experiment, config_files, overrides
from small_experiment import edit, write_experiment

MORE = Path("more.yaml")


def snakemake(given=(), command_line=None, main=True, provided=(), **unusual):
    """What is read of Snakemake's workflow."""
    return SimpleNamespace(
        config_settings=SimpleNamespace(
            configfiles=list(given),
            config=command_line or {},
            replace_workflow_config=unusual.get("replaces", False),
        ),
        modifier=SimpleNamespace(skip_configfile=unusual.get("module", False)),
        deployment_settings=SimpleNamespace(deployment_method=set(provided)),
        configfiles=[],
        is_main_process=main,
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An experiment in the working directory; all programs are there."""
    folder = write_experiment(tmp_path)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(beginning, "missing_programs", lambda aligner, trim: [])
    return folder


def test_files_of_the_command_line_come_after_ours(folder):
    assert config_files(snakemake()) == ([CONFIG_FILE], [])
    assert config_files(snakemake([MORE])) == ([CONFIG_FILE], [MORE])


@pytest.mark.parametrize("unusual", ["replaces", "module"])
def test_ours_is_left_out_where_it_is_not_wanted(folder, unusual):
    assert config_files(snakemake([MORE], **{unusual: True})) == ([], [MORE])


def test_ours_may_be_absent_where_another_is_given(folder):
    CONFIG_FILE.unlink()
    assert config_files(snakemake([MORE])) == ([], [MORE])
    assert config_files(snakemake()) == ([CONFIG_FILE], [])


def test_as_a_module_all_settings_come_from_the_other_workflow(folder):
    config = {"aligner": "hisat2"}
    assert overrides(snakemake(command_line={"trim": True}), config) == {"trim": True}
    assert overrides(snakemake(module=True), config) == config


def test_snakemake_is_told_which_file_was_read(folder):
    workflow = snakemake(command_line={"aligner": "hisat2"})
    assert checked_experiment(workflow, {}).settings.aligner == "hisat2"
    assert workflow.configfiles == ["config/config.yaml"]


def test_all_that_is_wrong_is_told_and_nothing_runs(folder):
    edit(folder / "config/config.yaml", "aligner: star", "aligner: stra")
    with pytest.raises(SystemExit, match="Nothing was run; this needs mending:\nconfig/") as ended:
        checked_experiment(snakemake(), {})
    assert "stra" in ended.value.code


def test_missing_programs_are_told_unless_they_are_provided_or_it_is_a_job(folder, monkeypatch):
    monkeypatch.setattr(beginning, "missing_programs", lambda aligner, trim: ["no STAR"])
    with pytest.raises(SystemExit, match="no STAR"):
        checked_experiment(snakemake(), {})
    assert checked_experiment(snakemake(provided=["conda"]), {})
    assert checked_experiment(snakemake(main=False), {})


def test_warnings_are_printed_once_not_by_every_job(folder, capsys):
    edit(folder / "resources/targets.tsv", "ENSG00000185811\tIKZF1", "ENSG00000185812\tNONE")
    checked_experiment(snakemake(main=False), {})
    assert capsys.readouterr().err == ""
    edit(folder / "config/config.yaml", "samples:", "targets: resources/targets.tsv\nsamples:")
    checked_experiment(snakemake(), {})
    assert capsys.readouterr().err.startswith("Warning: ")
