import hashlib
import subprocess

import pytest

from imid.shared.checksums import read_checksums
from imid.shared.problems import InputError


def test_checksums_of_several_files_are_read_as_sha256sum_writes_them(tmp_path):
    names = ["reads.fastq.gz", "two  blanks.fa", " first", "last "]
    for name in names:
        (tmp_path / name).write_text(f"content of {name}")
    lists = []
    for number, some in enumerate([names[:2], names[2:]]):
        written = subprocess.run(
            ["sha256sum", *some], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        lists.append(tmp_path / f"{number}.sha256")
        lists[-1].write_text(written.stdout)
    assert read_checksums(lists) == {
        name: hashlib.sha256(f"content of {name}".encode()).hexdigest() for name in names
    }


def test_a_line_that_was_cut_is_told(tmp_path):
    path = tmp_path / "reads.sha256"
    path.write_text("00ff  a.fastq\n11e")
    with pytest.raises(InputError, match=r"reads\.sha256, line 2: is no checksum"):
        read_checksums([path])
