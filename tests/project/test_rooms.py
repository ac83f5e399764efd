"""The arrows between rooms, and the drawing of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import draw_rooms
from running import ROOT

# Imports that would go the wrong way: into a room above, beside, or that is nobody's business.
WRONG = {
    "counting/counting.py": "imid.userfiles.check_table",
    "inference/shrinkage.py": "imid.counting.bam",
    "shared/files.py": "imid.question.contrasts",
    "evidence/judge_experiment.py": "imid.reads.balance",
    "evidence/evaluate_targets.py": "imid.figures.figure_style",
    "reads/trimming.py": "imid.running.resume",
    "report/workbook.py": "imid.figures.figure_style",
}


@pytest.fixture
def house(tmp_path) -> Path:
    """A copy of the package and of its contracts."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(house):
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house / "scripts")},
        capture_output=True,
        text=True,
    )


def test_arrows_between_rooms_go_one_way(house):
    told = lint_imports(house)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("module", WRONG)
def test_an_arrow_the_wrong_way_is_told(house, module):
    importing = house / "scripts/imid" / module
    importing.write_text(f"{importing.read_text()}\nimport {WRONG[module]}\n")
    told = lint_imports(house)
    assert told.returncode == 1
    assert WRONG[module] in told.stdout


def test_a_new_room_needs_a_place(house):
    (house / "scripts/imid/attic").mkdir()
    (house / "scripts/imid/attic/__init__.py").touch()
    told = lint_imports(house)
    assert told.returncode == 1
    assert "attic" in told.stdout


def test_the_drawing_of_the_rooms_is_that_of_the_code():
    """Where it is not: make drawing."""
    text = draw_rooms.DRAWING.read_text()
    assert draw_rooms.hung(text, "rooms", draw_rooms.drawn_rooms()) == text


def test_an_arrow_that_others_say_is_left_out_but_none_of_a_circle():
    chain = {("a", "b"), ("b", "c"), ("a", "c")}
    assert draw_rooms.reduced(chain) == {("a", "b"), ("b", "c")}
    circle = {("a", "b"), ("b", "a"), ("a", "c"), ("b", "c")}
    assert draw_rooms.reduced(circle) == circle


def test_rules_stand_in_the_order_of_the_flow():
    flow = {("trim", "align"), ("align", "count"), ("genome", "align")}
    assert draw_rooms.in_order(flow) == ["genome", "trim", "align", "count"]


def test_a_page_without_a_frame_is_not_overwritten():
    with pytest.raises(ValueError, match="has no frame"):
        draw_rooms.hung("# Rooms\n", "rooms", "drawing")
