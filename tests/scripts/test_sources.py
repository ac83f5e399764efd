import os
from pathlib import Path

import pytest

from sources import digest, modules_of


@pytest.fixture
def scripts(tmp_path):
    """A step that imports one helper directly and another through it; a bystander."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    texts = {
        "step": "import json\nfrom near import a\n\n\ndef main():\n    import late\n",
        "near": "import far as other\nimport pandas as pd\n",
        "far": "VALUE = 1\n",
        "late": "VALUE = 2\n",
        "bystander": "import step\n",
    }
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def edit(path):
    path.write_text(path.read_text() + "# edited\n")


def test_a_script_consists_of_itself_and_all_modules_it_reaches(scripts):
    names = [path.name for path in modules_of(scripts / "step.py")]
    assert names == ["far.py", "late.py", "near.py", "step.py"]


@pytest.mark.parametrize("module", ["step", "near", "far", "late"])
def test_an_edit_of_a_module_changes_the_digest(scripts, module):
    before = digest(scripts / "step.py")
    edit(scripts / f"{module}.py")
    assert digest(scripts / "step.py") != before


def test_an_edit_of_an_unrelated_module_does_not(scripts):
    before = digest(scripts / "step.py")
    edit(scripts / "bystander.py")
    assert digest(scripts / "step.py") == before


def test_a_new_time_stamp_does_not(scripts):
    before = digest(scripts / "step.py")
    for path in scripts.iterdir():
        os.utime(path, (1, 1))
    assert digest(scripts / "step.py") == before


def test_another_place_does_not(scripts):
    before = digest(scripts / "step.py")
    moved = scripts.rename(scripts.with_name("elsewhere"))
    assert digest(moved / "step.py") == before


def test_a_relative_path_does_not(scripts, monkeypatch):
    before = digest(scripts / "step.py")
    monkeypatch.chdir(scripts)
    assert digest(Path("step.py")) == before


def test_a_line_that_moves_to_the_next_module_changes_the_digest(scripts):
    far, late = scripts / "far.py", scripts / "late.py"
    far.write_text("VALUE = 1\nMOVED = 3\n")
    before = digest(scripts / "step.py")
    far.write_text("VALUE = 1\n")
    late.write_text("MOVED = 3\n" + late.read_text())
    assert digest(scripts / "step.py") != before


def test_modules_that_import_each_other_are_each_taken_once(scripts):
    (scripts / "far.py").write_text("import step\nimport far\n")
    names = [path.name for path in modules_of(scripts / "step.py")]
    assert names == ["far.py", "late.py", "near.py", "step.py"]


def test_an_edit_of_a_file_that_the_step_reads_changes_the_digest(scripts, tmp_path):
    template = tmp_path / "page.html"
    template.write_text("<p>")
    before = digest(scripts / "step.py", template)
    assert before != digest(scripts / "step.py")
    edit(template)
    assert digest(scripts / "step.py", template) != before
