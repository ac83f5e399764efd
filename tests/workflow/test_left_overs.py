"""What is asked no more is told as such, and what an upgrade leaves as it was is kept.

The run was never done, as in test_stale_results: its results are empty files.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from imid.reads.origins import write_origin
from imid.reads.read_plan import ReadPlan
from imid.running import left_overs, rename_sample
from imid.running.equivalent_code import STEPS, code_of_today
from imid.running.planned_files import planned_files
from imid.shared.problems import InputError
from imid.shared.tables import read_table
from imid.synthetic import make_synthetic
from running import ROOT, completed, edit, outputs, planned, pretend, rules, snakemake
from small_experiment import load

pytestmark = pytest.mark.workflow

LINE, OTHER = "results/cell_lines/MM1S", "results/cell_lines/MM1S_res"
# Made when a run ends, and by STAR beside its index.
BY_NO_RULE = {"results/qc/resources.tsv", "results/reference/star/Log.out"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run from the reads of two cell lines."""
    directory = tmp_path_factory.mktemp("left") / "experiment"
    plan = ["--plan", str(ROOT / "resources/synthetic.yaml"), "--output", str(directory)]
    make_synthetic.main([*plan, "--fragments", "300"])
    return pretend(directory)


@pytest.fixture
def finished(run, tmp_path):
    """A copy of the run, to be edited."""
    return shutil.copytree(run, tmp_path / "experiment", symlinks=True)


def without(directory, name):
    """Take a contrast out of the config."""
    config = directory / "config/config.yaml"
    lines = config.read_text().splitlines(keepends=True)
    config.write_text("".join(line for line in lines if f"name: {name}," not in line))


def files(directory) -> set[str]:
    found = (directory / "results").rglob("*")
    return {str(path.relative_to(directory)) for path in found if path.is_file()}


def listed(directory, capsys, *options) -> str:
    left_overs.main(["--directory", str(directory), *options])
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def working_directory(monkeypatch, tmp_path):
    """Commands go to the directory that they are told; come back."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("aligner", ["star", "hisat2"])
def test_the_plan_names_all_that_rules_make(run, tmp_path, aligner):
    directory = tmp_path / "experiment"
    directory.mkdir()
    for folder in ["config", "reads", "reference"]:
        shutil.copytree(run / folder, directory / folder)
    edit(directory / "config/config.yaml", "aligner: star", f"aligner: {aligner}")
    named = planned_files(load(directory, check_contents=False))
    assert len(named) == len(set(named))
    assert set(named) - BY_NO_RULE == set(outputs(directory, "--forceall"))


def test_of_a_finished_run_nothing_is_left_over(finished, capsys):
    assert listed(finished, capsys) == "Nothing is left over.\n"


def test_a_contrast_that_is_asked_no_more_is_left_over_and_nothing_else(finished, capsys):
    without(finished, "pomalidomide_vs_lenalidomide")
    before = files(finished)
    (finished / f"{LINE}/contrasts/notes.tsv").write_text("mine\n")
    (finished / "results/thoughts.txt").write_text("mine\n")
    text = listed(finished, capsys)
    assert f"{LINE}/contrasts/pomalidomide_vs_lenalidomide.tsv" in text
    assert f"{LINE}/figures/pomalidomide_vs_lenalidomide.ma.png" in text
    own = text.split("Not made by the workflow")[1]
    assert own.splitlines()[1:] == [f"  {LINE}/contrasts/notes.tsv", "  results/thoughts.txt"]
    assert files(finished) == before | {f"{LINE}/contrasts/notes.tsv", "results/thoughts.txt"}
    listed(finished, capsys, "--remove")
    removed = before - files(finished)
    assert removed == {name for name in before if "pomalidomide_vs_lenalidomide" in name}
    assert (finished / f"{LINE}/contrasts/notes.tsv").read_text() == "mine\n"
    assert "Nothing is left over." in listed(finished, capsys)
    # What is removed has no record any more: asked for again, it is made again.
    jobs = planned(finished)
    assert not {"align", "fit", "contrast"} & rules(jobs)


def test_a_line_that_is_not_run_is_left_over_as_a_whole(finished, capsys):
    text = listed(finished, capsys, "--config", "cell_lines=[MM1S]")
    assert f"  {OTHER}/  " in text
    assert "  results/samples/MM1S_res_dmso_1/  " in text
    assert "  results/joint/  " in text
    assert "  results/strandedness/MM1S_res.json  " in text
    assert f"  {LINE}/" not in text
    listed(finished, capsys, "--config", "cell_lines=[MM1S]", "--remove")
    assert not (finished / OTHER).exists()
    jobs = planned(finished, "--config", "cell_lines=[MM1S]")
    of_all = {
        *("multiqc", "sample_summary", "sample_quality", "identity", "markers", "igv_session")
    }
    assert rules(jobs) == {*of_all, "provenance", "report"}


def test_nothing_is_removed_while_a_run_goes_on(finished, capsys):
    without(finished, "pomalidomide_vs_lenalidomide")
    before = files(finished)
    (finished / ".snakemake/locks").mkdir(exist_ok=True)
    (finished / ".snakemake/locks/0.input.lock").write_text("results/report.html\n")
    with pytest.raises(InputError, match="nothing was changed"):
        left_overs.main(["--directory", str(finished), "--remove"])
    assert files(finished) == before


def test_a_run_ends_with_how_much_is_left_over_and_lists_jobs_of_today_alone(finished):
    """Cheap jobs of two lines, of which the second run is asked for one."""
    for line in [LINE, OTHER]:
        completed(snakemake(finished, f"{line}/metadata.tsv", "--force"))
    table = read_table(finished / "results/qc/resources.tsv")
    assert sorted(table["wildcards"]) == ["fit=cell_lines/MM1S", "fit=cell_lines/MM1S_res"]
    record = json.loads((finished / f"results/provenance/{LINE[8:]}/metadata.json").read_text())
    assert [*record["outputs"]] == [f"{LINE}/metadata.tsv"]
    assert record["commit"]
    ended = completed(
        snakemake(finished, f"{LINE}/metadata.tsv", "--force", "--config", "cell_lines=[MM1S]")
    )
    assert f"of what is asked no more; {left_overs.COMMAND}" in ended.stdout
    table = read_table(finished / "results/qc/resources.tsv")
    assert [*table["wildcards"]] == ["fit=cell_lines/MM1S"]


def in_clone(clone, program) -> str:
    """Run a few lines of Python by the code of the other checkout."""
    environment = {**os.environ, "PYTHONPATH": str(clone / "scripts")}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return ran.stdout


def test_results_of_older_code_that_gives_the_same_bytes_are_kept(finished, clone):
    with (clone / "scripts/imid/reads/star.py").open("a") as module:
        module.write("\nEDITED = True\n")
    by_clone = ["--snakefile", str(clone / "workflow/Snakefile")]
    assert sum(rule == "align" for rule, *_ in planned(finished, *by_clone)) == 18
    today = "from imid.running.equivalent_code import code_of_today, record;"
    before = [*code_of_today()]
    known = f"for (r, b), (_, a) in zip({before}, code_of_today()): record({{r: (b, a)}})"
    in_clone(clone, f"{today}\n{known}")
    # What takes seconds is done again: the cross-checks run the aligner's module, too.
    assert not rules(planned(finished, *by_clone)) & {*STEPS}
    # An edit after that is another one.
    with (clone / "scripts/imid/reads/star.py").open("a") as module:
        module.write("\nAGAIN = True\n")
    assert sum(rule == "align" for rule, *_ in planned(finished, *by_clone)) == 18


@pytest.fixture
def renamed(finished, monkeypatch):
    """The run after a sample, and its files, got another name."""
    monkeypatch.chdir(finished)
    origin = ReadPlan(load(Path())).origin_of_sample("MM1S_dmso_2")
    write_origin(origin, "reverse", finished / "results/samples/MM1S_dmso_2")
    completed(snakemake(finished, "--touch", "--forceall"))
    edit(finished / "config/samples.tsv", "MM1S_dmso_2", "MM1S_control_2")
    for path in (finished / "reads").glob("MM1S_dmso_2_*"):
        path.rename(path.with_name(path.name.replace("dmso", "control")))
    return finished


def aligned(directory) -> list[str]:
    return [names[0] for rule, *names in planned(directory) if rule == "align"]


def test_a_sample_that_was_renamed_is_not_aligned_again(renamed):
    assert aligned(renamed) == ["MM1S_control_2"]
    told = snakemake(renamed, "--dry-run").stderr
    assert "MM1S_control_2 has the reads of MM1S_dmso_2" in told
    rename_sample.main(["MM1S_dmso_2", "MM1S_control_2", "--directory", str(renamed)])
    jobs = planned(renamed)
    assert ("cross_check", "MM1S_control_2") in jobs
    assert not {"align", "strandedness"} & rules(jobs)
    # It is known what the alignments were made by: another setting makes them again.
    edit(renamed / "config/config.yaml", "trim: true", "trim: false")
    assert "MM1S_control_2" in aligned(renamed)


def test_other_reads_do_not_get_the_results(renamed):
    (path,) = (renamed / "reads").glob("MM1S_control_2_*_R1*")
    head, bases, *others = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    other = bases.translate(bytes.maketrans(b"ACGT", b"TGCA"))
    path.write_bytes(gzip.compress(b"".join([head, other, *others])))
    with pytest.raises(InputError, match=r"was made from .*, and the sheet names"):
        rename_sample.main(["MM1S_dmso_2", "MM1S_control_2", "--directory", str(renamed)])
    assert (renamed / "results/samples/MM1S_dmso_2").is_dir()
    assert aligned(renamed) == ["MM1S_control_2"]


def test_other_settings_do_not_get_the_results(renamed):
    edit(renamed / "config/config.yaml", "trim: true", "trim: false")
    with pytest.raises(InputError, match="with trim True, which is now False"):
        rename_sample.main(["MM1S_dmso_2", "MM1S_control_2", "--directory", str(renamed)])
