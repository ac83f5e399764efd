import pytest

from imid.running import code_digests
from imid.running.code_digests import KNOWN, CodeDigests

STEP = "imid.room.step"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of three files, and a digest that tells how often it was taken."""
    for name in ["scripts/imid/room/step.py", "resources/panel.tsv", "workflow/Snakefile"]:
        (tmp_path / "checkout" / name).parent.mkdir(parents=True)
        (tmp_path / "checkout" / name).write_text("as it was\n")
    taken = []

    def digest(*modules):
        taken.append(modules)
        return f"digest {len(taken)}"

    monkeypatch.setattr(code_digests, "ROOT", tmp_path / "checkout")
    monkeypatch.setattr(code_digests, "digest", digest)
    return tmp_path / "checkout", taken


def test_a_digest_is_taken_once_and_recalled_by_the_next_process(checkout, tmp_path):
    _, taken = checkout
    first = CodeDigests(tmp_path)
    assert first.of(STEP) == first.of(STEP) == "digest 1"
    first.write()
    assert CodeDigests(tmp_path).of(STEP) == "digest 1"
    assert CodeDigests(tmp_path).of(STEP, "imid.room.other") == "digest 2"
    assert taken == [(STEP,), (STEP, "imid.room.other")]


@pytest.mark.parametrize(
    "file", ["scripts/imid/room/step.py", "resources/panel.tsv", "workflow/Snakefile"]
)
def test_after_an_edit_it_is_taken_again(checkout, tmp_path, file):
    root, _ = checkout
    known = CodeDigests(tmp_path)
    known.of(STEP)
    known.write()
    # Of the same length.
    (root / file).write_text("as it is \n")
    assert CodeDigests(tmp_path).of(STEP) == "digest 2"


def test_after_a_file_came_or_went_it_is_taken_again(checkout, tmp_path):
    root, _ = checkout
    known = CodeDigests(tmp_path)
    known.of(STEP)
    known.write()
    (root / "scripts/imid/room/step.py").rename(root / "scripts/imid/room/other.py")
    assert CodeDigests(tmp_path).of(STEP) == "digest 2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"state": 1}',
        '{"digests": {}}',
        "\x00",
        '{"state": "s", "digests": {"S": 1}}',
    ],
)
def test_a_damaged_record_is_no_record(checkout, tmp_path, text):
    (tmp_path / KNOWN).parent.mkdir()
    text = text.replace('"s"', f'"{CodeDigests(tmp_path).state}"').replace("S", STEP)
    (tmp_path / KNOWN).write_text(text)
    assert CodeDigests(tmp_path).of(STEP) == "digest 1"
