import pysam
import pytest

from imid.shared.bam_file import opened_bam
from imid.shared.problems import InputError


@pytest.fixture
def bam(tmp_path):
    path = tmp_path / "a.bam"
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": 9}]}
    with pysam.AlignmentFile(str(path), "wb", header=header):
        pass
    return path


def test_a_whole_one_is_read(bam):
    with opened_bam(bam) as file:
        assert file.references == ("1",)


@pytest.mark.parametrize("content", [b"", b"not BAM", None])
def test_a_damaged_one_is_named(bam, content):
    bam.write_bytes(bam.read_bytes()[:-28] if content is None else content)
    with pytest.raises(InputError, match=r"a\.bam: .*; it is damaged"), opened_bam(bam):
        pass


def test_one_without_an_index_or_that_is_not_there_is_named(bam, tmp_path):
    with pytest.raises(InputError, match=r"a\.bam: .*index"), opened_bam(bam) as file:
        [*file.fetch("1")]
    with pytest.raises(InputError, match=r"b\.bam: "), opened_bam(tmp_path / "b.bam"):
        pass
