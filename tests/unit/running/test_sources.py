import os

import pytest

from imid.running import sources
from imid.running.sources import digest, digest_of_file, modules_of, resources_of

STEP = "imid.room.step"
TEXTS = {
    "room.step": '''\
"""A step."""
import json

from imid.near import a
from imid.shared.paths import resource
from imid.shared.steps import step


def main():
    """Do it."""
    import imid.late
    return a(resource("resources/page.html")), step("imid.started")
''',
    "near": "from imid import far as other\nimport pandas as pd\n\n\ndef a():\n    return 1\n",
    "far": "VALUE = 1\n",
    "late": "VALUE = 2\n",
    "started": "import json, imid.deep\n",
    "deep": "VALUE = 3\n",
    "shared.paths": "def resource(name): ...\n",
    "shared.steps": "def step(name): ...\n",
    "bystander": "from imid.room import step\n",
}
REACHED = ["deep", "far", "late", "near", "room.step", "shared.paths", "shared.steps", "started"]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A step that reaches others by every kind of import, by starting one, and a file it reads."""
    monkeypatch.setattr(sources, "PACKAGES", tmp_path)
    monkeypatch.setattr(sources, "resource", lambda name: tmp_path / name)
    for name, text in TEXTS.items():
        write(path_of(tmp_path, name), text)
    write(tmp_path / "resources/page.html", "<p>")
    return tmp_path


@pytest.fixture(autouse=True)
def forgotten():
    """What is read of modules is kept by a process, which does not see them edited."""
    sources.read_source.cache_clear()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def path_of(package, name):
    return package.joinpath("imid", *name.split(".")).with_suffix(".py")


def after(path, edit):
    """Edit a file, and give the step's digest then."""
    path.write_text(edit(path.read_text()))
    sources.read_source.cache_clear()
    return digest(STEP)


def test_a_step_consists_of_all_that_it_imports_and_starts(package):
    assert modules_of(STEP) == [f"imid.{name}" for name in REACHED]


def test_a_step_reads_what_it_asks_for_by_name(package):
    assert resources_of(STEP) == ["resources/page.html"]


@pytest.mark.parametrize("name", REACHED)
def test_an_edit_of_what_a_module_does_changes_the_digest(package, name):
    before = digest(STEP)
    assert after(path_of(package, name), lambda text: text + "EDITED = 1\n") != before


def test_an_edit_of_a_file_that_is_read_changes_the_digest(package):
    before = digest(STEP)
    assert after(package / "resources/page.html", lambda text: text + "</p>") != before


def test_an_edit_of_another_module_does_not(package):
    before = digest(STEP)
    assert after(path_of(package, "bystander"), lambda text: text + "EDITED = 1\n") == before


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace('"""A step."""', '"""Another\n\n    docstring."""\n'),
        lambda text: text.replace('    """Do it."""\n', ""),
        lambda text: text.replace("import json\n", "import json  # a comment\n\n\n"),
        lambda text: text.replace('"resources/page.html"', "\n        'resources/page.html'\n"),
    ],
    ids=["docstring", "no docstring", "comment", "layout"],
)
def test_what_a_module_says_of_itself_does_not(package, edit):
    before = digest(STEP)
    path = path_of(package, "room.step")
    assert edit(path.read_text()) != path.read_text()
    assert after(path, edit) == before


def test_a_text_that_is_no_docstring_does(package):
    before = digest(STEP)
    assert after(path_of(package, "far"), lambda text: text + 'WORDS = """a"""\n') != before


def test_a_new_time_stamp_or_another_place_does_not(package, tmp_path, monkeypatch):
    before = digest(STEP)
    for path in package.rglob("*.py"):
        os.utime(path, (1, 1))
    elsewhere = package.rename(package.with_name("elsewhere"))
    monkeypatch.setattr(sources, "PACKAGES", elsewhere)
    monkeypatch.setattr(sources, "resource", lambda name: elsewhere / name)
    sources.read_source.cache_clear()
    assert digest(STEP) == before


@pytest.mark.parametrize("room", ["__init__", "room.__init__"])
def test_what_a_room_does_first_belongs_to_its_modules(package, room):
    """Most do nothing, and leave the digest what it was before they were there."""
    before = digest(STEP)
    write(path_of(package, room), '"""A room."""\n')
    assert after(path_of(package, "room.step"), str) == before
    assert after(path_of(package, room), lambda text: text + "from imid import far\n") != before
    assert f"imid.{room}" in modules_of(STEP)


def test_what_another_room_does_first_does_not(package):
    before = digest(STEP)
    write(path_of(package, "elsewhere.__init__"), "VALUE = 1\n")
    assert after(path_of(package, "room.step"), str) == before


def test_a_line_that_moves_to_the_next_module_changes_the_digest(package):
    far, late = path_of(package, "far"), path_of(package, "late")
    far.write_text("VALUE = 1\nMOVED = 3\n")
    before = digest(STEP)
    far.write_text("VALUE = 1\n")
    assert after(late, lambda text: "MOVED = 3\n" + text) != before


def test_modules_that_import_each_other_are_each_taken_once(package):
    write(path_of(package, "far"), "from imid.room import step\nimport imid.far\n")
    assert modules_of(STEP) == [f"imid.{name}" for name in REACHED]


def test_an_import_that_only_a_text_speaks_of_is_none(package):
    write(path_of(package, "far"), '"""See:\n\nfrom imid import bystander\n"""\n')
    assert "imid.bystander" not in modules_of(STEP)


def test_a_file_is_known_by_its_content(tmp_path):
    for name, text in [("a", "x"), ("b", "x"), ("c", "y")]:
        (tmp_path / name).write_text(text)
    a, b, c = (digest_of_file(tmp_path / name) for name in "abc")
    assert a == b != c
