import gzip

import pytest

from imid.reads import find_strandedness
from imid.reads.find_strandedness import settle_strandedness, write_heads
from imid.reads.findings import read_line_strandedness
from imid.shared.problems import InputError

READ = b"@r%d\nACGT\n+\nIIII\n"


@pytest.mark.parametrize(
    ("sense", "antisense", "kind"), [(950, 50, "yes"), (50, 950, "reverse"), (480, 520, "no")]
)
def test_auto_takes_what_the_reads_show(sense, antisense, kind):
    assert settle_strandedness(sense, antisense, "auto") == kind


@pytest.mark.parametrize(
    ("sense", "antisense", "words"),
    [(3, 40, "only 43 fragments .* set it to no, yes or reverse"), (700, 300, "neither .* set it")],
)
def test_auto_is_refused_where_the_reads_do_not_tell(sense, antisense, words):
    with pytest.raises(InputError, match=words):
        settle_strandedness(sense, antisense, "auto")


@pytest.mark.parametrize("setting", ["no", "reverse"])
def test_a_setting_that_fits_is_taken(setting):
    assert settle_strandedness(50, 950, setting) == setting


def test_a_setting_stands_where_the_reads_do_not_tell():
    assert settle_strandedness(3, 40, "yes") == "yes"


def test_a_wrong_setting_is_refused_with_the_right_one():
    with pytest.raises(InputError, match="configured is 'yes'; set it to 'reverse', or to auto"):
        settle_strandedness(50, 950, "yes")


@pytest.mark.parametrize(("fragments", "written"), [(3, 3), (5, 5), (9, 6)])
def test_the_head_of_a_sample_is_that_of_its_lanes_in_order(tmp_path, fragments, written):
    """Of two lanes with four reads and two, the second without a last line end."""
    content = [READ % n for n in range(6)]
    (tmp_path / "a.fq.gz").write_bytes(gzip.compress(b"".join(content[:4])))
    (tmp_path / "b.fq").write_bytes(b"".join(content[4:])[:-1])
    lanes = [(tmp_path / "a.fq.gz",), (tmp_path / "b.fq",)]
    write_heads(lanes, [tmp_path / "head"], fragments)
    assert (tmp_path / "head").read_bytes() == b"".join(content[:written])


def test_mates_have_one_name_whatever_the_archive_called_them(tmp_path):
    """HISAT2 would take SRR1.1.1 and SRR1.1.2 for two reads."""
    paths = tuple(tmp_path / f"{mate}.fq" for mate in [1, 2])
    for mate, path in enumerate(paths, start=1):
        path.write_text(f"@SRR1.1.{mate}\nACGT\n+\nIIII\n@SRR1.2.{mate}\nACGT\n+\nIIII\n")
    heads = [tmp_path / "1", tmp_path / "2"]
    write_heads([paths], heads, 9)
    assert [head.read_text().split()[::4] for head in heads] == [["@SRR1.1", "@SRR1.2"]] * 2


def test_a_damaged_file_is_named(tmp_path):
    reads = b"".join(READ % n for n in range(99))
    (tmp_path / "a.fq.gz").write_bytes(gzip.compress(reads)[:-9])
    with pytest.raises(InputError, match=r"a\.fq\.gz' is truncated"):
        write_heads([(tmp_path / "a.fq.gz",)], [tmp_path / "head"], 100)


@pytest.mark.parametrize("content", [None, b"", b">fasta\nACGT\n"])
def test_a_file_that_holds_no_reads_is_named(tmp_path, content):
    """One may have changed since it was looked at."""
    if content is not None:
        (tmp_path / "a.fq").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.fq' (does not exist|is empty|is FASTA)"):
        write_heads([(tmp_path / "a.fq",)], [tmp_path / "head"], 100)


@pytest.fixture
def find(tmp_path, monkeypatch):
    """Find a line's strandedness from first reads that lie on so many exons."""

    def run(configured, exons):
        first = {"after": 0, "sense": 950, "antisense": 50, "exons": exons}
        monkeypatch.setattr(find_strandedness, "tally_head", lambda _: first)
        options = {"sample": "s", "first": "a.fq", "aligner": "star", "cell-line": "MM1S"}
        options |= {"configured": configured, "scratch": tmp_path, "output": tmp_path / "line.json"}
        options |= dict.fromkeys(["index", "annotation", "splice-sites", "exons"], "x")
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        find_strandedness.main(words)
        return read_line_strandedness(tmp_path / "line.json")

    return run


FEW = "lie on 3 exons alone, as where reads are sorted by position"


@pytest.mark.parametrize(("exons", "told"), [(3, True), (300, False)])
def test_a_refusal_says_whether_few_exons_tell(tmp_path, find, exons, told):
    with pytest.raises(InputError) as refused:
        find("reverse", exons)
    (said,) = refused.value.problems
    assert "cell line MM1S, first reads of sample s: of 1000 fragments 95.0% read sense" in said
    assert "set it to 'yes', or to auto" in said
    assert (FEW in said) == told
    assert not (tmp_path / "line.json").exists()


@pytest.mark.parametrize(
    ("configured", "exons", "told"), [("auto", 3, True), ("auto", 300, False), ("yes", 3, False)]
)
def test_what_few_exons_tell_is_taken_and_said_so(find, configured, exons, told):
    found = find(configured, exons)
    assert found.strandedness == "yes"
    assert (FEW in found.message) == told
