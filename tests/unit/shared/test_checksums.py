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


@pytest.mark.parametrize("line", ["abc", "abc a.fq", "abc  ", "  a.fq", "\0\0\0"])
def test_a_damaged_list_is_refused_with_its_line(tmp_path, line):
    (tmp_path / "reads.sha256").write_text(f"abc  a.fq\n{line}\n")
    with pytest.raises(InputError, match=r"reads\.sha256, line 2: is no checksum and name"):
        read_checksums([tmp_path / "reads.sha256"])
