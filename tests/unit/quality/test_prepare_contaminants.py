"""Sequences of each contaminant are joined, and none is longer than BAM can hold."""

import pysam
import pytest

from imid.quality import prepare_contaminants


@pytest.mark.parametrize(("longest", "names"), [(10**9, ["c.1"]), (1000, ["c.1", "c.2"])])
def test_sequences_are_joined_with_unknown_bases_between(tmp_path, monkeypatch, longest, names):
    monkeypatch.setattr(prepare_contaminants, "LONGEST", longest)
    (tmp_path / "c.fa").write_text(">a x\r\nAC\r\nGT\r\n>b\nTTT\n>c\nGG")
    files = {"output": "all.fa", "annotation": "all.gtf", "splice-sites": "sites.tsv"}
    options = [part for key, file in files.items() for part in (f"--{key}", str(tmp_path / file))]
    prepare_contaminants.main([*options, "--contaminants", f"c={tmp_path / 'c.fa'}"])
    with pysam.FastaFile(str(tmp_path / "all.fa")) as file:
        assert file.references == names
        joined = [file.fetch(name) for name in names]
    between = "N" * 1000
    parts = "|".join(joined).replace(between, "-").split("|")
    assert parts == (["ACGT-TTT-GG"] if len(names) == 1 else ["ACGT-TTT", "GG"])
    exons = [line.split("\t") for line in (tmp_path / "all.gtf").read_text().splitlines()]
    assert [(row[0], int(row[4])) for row in exons] == [
        (name, len(text)) for name, text in zip(names, joined, strict=True)
    ]
