"""Files that people name: what is said where there is nothing to read."""

import os

import pytest

from imid.shared.problems import quoted
from imid.userfiles.user_files import file_fault


def test_a_file_is_no_fault(tmp_path):
    (tmp_path / "a.tsv").write_text("a")
    (tmp_path / "link").symlink_to("a.tsv")
    assert file_fault(tmp_path / "a.tsv") is None
    assert file_fault(tmp_path / "link") is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("b.tsv", "does not exist"),
        ("A.tsv", "does not exist; did you mean 'a.tsv'?"),
        ("a.tsv.gz", "does not exist; did you mean 'a.tsv'?"),
        ("a.tsv ", "does not exist; did you mean 'a.tsv'?"),
        ("folder", "is a folder; a file is needed"),
        ("pipe", "is a pipe or a device; a file is needed, which can be read more than once"),
        ("/dev/zero", "is a pipe or a device; a file is needed, which can be read more than once"),
        ("dangling", "does not exist; it is a link to 'nowhere'"),
        ("loop", "is a link that leads to itself; it is a link to 'loop'"),
        ("a.tsv/b", "does not exist"),
        ("x" * 300, "is too long a name for a file"),
        ("a\0b", "holds a NUL character; type the name anew"),
        (
            "https://x.org/a.tsv",
            "does not exist; it is an address: download the file, and give its name here",
        ),
        ("~/a.tsv", "does not exist; ~ and $ are not replaced here: write the path in full"),
        ("$HOME/a.tsv", "does not exist; ~ and $ are not replaced here: write the path in full"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, fault):
    (tmp_path / "a.tsv").write_text("a")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    assert file_fault(tmp_path / name) == fault


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dmso", "'dmso'"),
        ("5 µM, Größe", "'5 µM, Größe'"),
        ("dmso\u00a0", "'dmso\\u00a0' (its character 5 is U+00A0, NO-BREAK SPACE)"),
        ("a\nb", "'a\\u000ab' (its character 2 is U+000A, a control character)"),
        ("dms\u043e", "'dms\u043e' (its character 4 is U+043E, CYRILLIC SMALL LETTER O)"),
        ("x" * 100, f"'{'x' * 80}… (100 characters)'"),
    ],
)
def test_what_somebody_wrote_is_shown_so_that_it_is_seen(text, shown):
    assert quoted(text) == shown
