import gzip

import pytest

from imid.shared.problems import InputError
from imid.userfiles.site_files import Stretch, read_sites

VCF = (
    "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    "1\t101\trs1\tA\tG\t.\t.\t.\n"
    "1\t200\trs2\tAT\tA\t.\t.\t.\n"
    "X\t7\t.\tc\tg,t\t.\t.\t.\n"
)


def written(tmp_path, text):
    (tmp_path / "sites").write_text(text)
    return tmp_path / "sites"


def test_exchanges_of_one_base_are_read_from_a_vcf(tmp_path):
    expected = [Stretch("1", 100, 101), Stretch("X", 6, 7)]
    assert read_sites(written(tmp_path, VCF), "sites") == expected
    (tmp_path / "sites.vcf.gz").write_bytes(gzip.compress(VCF.encode()))
    assert read_sites(tmp_path / "sites.vcf.gz", "sites") == expected


def test_stretches_are_read_from_a_bed(tmp_path):
    text = "track name=x\n#chrom\nchr1\t10\t11\tname\r\nchr2\t5\t8\n"
    assert read_sites(written(tmp_path, text), "s") == [
        Stretch("chr1", 10, 11),
        Stretch("chr2", 5, 8),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\t5\n", "line 1: has fewer than three columns"),
        ("1 5 6\n", "line 1: has fewer than three columns"),
        ("1\ta\tb\n", "line 1: start and end are 'a' and 'b'"),
        ("1\t5\t6\n1\t6\t6\n", "line 2: the end, 6, must lie beyond the start, 6"),
        ("# nothing\n", "has no sites"),
        ("##fileformat=VCFv4.2\n1\t0\t.\tA\tG\n", "line 2: the position is '0'"),
        ("##fileformat=VCFv4.2\n1\t5\n", "line 2: has fewer than five columns"),
        ("##fileformat=VCFv4.2\n1\t5\t.\tAT\tA\n", "has no exchanges of one base"),
    ],
)
def test_other_texts_are_refused(tmp_path, text, said):
    with pytest.raises(InputError) as error:
        read_sites(written(tmp_path, text), "s.bed")
    assert said in str(error.value)
    assert str(error.value).startswith("s.bed")
