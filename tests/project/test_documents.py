"""What the documents name is there."""

import re
import shlex

import pytest

from imid.question.sample_figures import sample_figures
from running import ROOT

DOCUMENTS = [
    *["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config/README.md", "resources/README.md"],
    *["scripts/README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))],
]
# Folders of the checkout, from which documents name files; results are made by a run.
FOLDERS = ("scripts", "workflow", "tests", "envs", "resources", "config", "docs")
# What a recipe has its reader write.
WRITTEN_BY_READERS = ("plot_p_values.py", "minimap2.py", "my_targets.tsv")
TEXTS = {name: (ROOT / name).read_text() for name in DOCUMENTS}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_a_document_names_are_there(name):
    named = re.findall(rf"\b(?:{'|'.join(FOLDERS)})/[\w./-]*\w", TEXTS[name])
    lost = [each for each in named if not (ROOT / each).exists()]
    assert [each for each in lost if not each.endswith(WRITTEN_BY_READERS)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\((?!http)([^)#]+)", TEXTS[name])
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_modules_that_a_document_runs_are_there(name):
    modules = re.findall(r"python -m (imid[\w.]+\w)", TEXTS[name])
    files = [ROOT / "scripts" / f"{module.replace('.', '/')}.py" for module in modules]
    assert [file for file in files if not file.exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_targets_of_make_that_a_document_names_are_there(name):
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    named = re.findall(r"`make (\w+)", TEXTS[name])
    assert set(named) <= {*targets, "PYTHON"}


def test_marks_that_a_document_names_are_those_of_the_tests():
    marks = re.findall(r'^    "(\w+): ', (ROOT / "pyproject.toml").read_text(), flags=re.MULTILINE)
    named = {
        word
        for text in TEXTS.values()
        for option in re.findall(r"-m (\"[^\"]+\"|\w+)", text)
        for word in re.findall(r"\w+", shlex.split(option)[0])
    }
    assert named - {"imid", "pytest", "not", "or"} <= set(marks)


def test_no_comment_names_a_script_by_its_old_place():
    folders = [ROOT / folder for folder in FOLDERS if folder != "tests"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    texts = {
        path: path.read_text(errors="replace")
        for path in [*files, *(ROOT / name for name in DOCUMENTS)]
        if path.suffix in {".py", ".smk", ".md", ".yaml", ".def", ".sh", ".rst", ".j2"}
    }
    old = re.compile(r"\bscripts/(?!imid|README|draw_rooms)\w+\.py")
    assert [str(path) for path, text in texts.items() if old.search(text)] == []


def test_the_document_of_samples_has_the_figures_and_bounds_that_hold():
    text = (ROOT / "docs/sample-quality.md").read_text()
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    told = [[cell.strip() for cell in row] for row in rows]
    assert told == [
        [f"`{name}`", figure.meaning, *bounds_as_told(figure), figure.source]
        for name, figure in sample_figures().items()
    ]


def bounds_as_told(figure):
    """``> 20 %``, ``< 5,000,000``, or nothing."""
    side = ">" if figure.worse == "high" else "<"
    scale, unit = (100, " %") if figure.unit == "share" else (1, "")
    return [
        "" if bound is None else f"{side} {scale * bound:,.10g}{unit}"
        for bound in (figure.warn, figure.fail)
    ]
