import pytest

from imid.reads import align_sample
from imid.reads.findings import LineStrandedness
from imid.shared.json_files import write_json
from imid.shared.problems import InputError


@pytest.fixture
def options(tmp_path):
    """A command line whose reads are not there."""
    options = {"sample": "s", "first": tmp_path / "none.fq.gz", "aligner": "star"}
    line = LineStrandedness("MM1S", "no", "no", "s", 50, 50, "it reads either way")
    write_json(line, tmp_path / "line.json")
    options |= {
        "strandedness": tmp_path / "line.json",
        "origin": '{"reads": [], "settings": {}, "reference": {}}',
    }
    options |= {"scratch": tmp_path, "output": tmp_path / "sample"}
    options |= {"count-engine": "fast"}
    files = ["index", "annotation", "features", "splice-sites", "exons"]
    options |= dict.fromkeys(files, tmp_path / "x")
    return [word for name, value in options.items() for word in (f"--{name}", str(value))]


def test_a_failure_publishes_nothing_and_spares_what_was_finished(tmp_path, options):
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample/counts.tsv").write_text("an earlier run's")
    with pytest.raises(InputError):
        align_sample.main([*options, "--trim"])
    assert [path.name for path in (tmp_path / "sample").iterdir()] == ["counts.tsv"]
    assert not list(tmp_path.glob("align.*"))


def test_alignments_are_kept_where_the_sample_fails_after_them(tmp_path, options, monkeypatch):
    """Under a name that the workflow does not take for finished, until a later run succeeds."""

    def align(arguments, scratch, finished):
        for name in ["aligned.bam", "aligned.bam.bai", "counts.tsv"]:
            (finished / name).write_text(name)

    def fail(*_):
        raise InputError(["the sums differ"])

    monkeypatch.setattr(align_sample, "stream", align)
    monkeypatch.setattr(align_sample, "reconcile", fail)
    for _ in range(2):
        with pytest.raises(InputError) as caught:
            align_sample.main(options)
    kept = tmp_path / "sample/failed"
    assert caught.value.problems == ["the sums differ", f"what was made of it is kept in {kept}"]
    assert (kept / "aligned.bam").read_text() == "aligned.bam"
    assert [path.name for path in (tmp_path / "sample").iterdir()] == ["failed"]
    monkeypatch.setattr(align_sample, "process", lambda *_: None)
    align_sample.main(options)
    assert not kept.exists()


def test_alignments_of_reads_that_were_cut_short_are_not_kept(tmp_path, options, monkeypatch):
    """A damaged record ends the chain, and the sorter may have finished what came before it."""

    def cut_short(arguments, scratch, finished):
        for name in ["aligned.bam", "aligned.bam.bai", "counts.tsv"]:
            (finished / name).write_text(name)
        raise InputError(["record 7 is damaged"])

    monkeypatch.setattr(align_sample, "stream", cut_short)
    with pytest.raises(InputError, match="record 7") as refused:
        align_sample.main(options)
    assert f"output folder {tmp_path / 'sample'}: " in refused.value.problems[-1]
    assert not list((tmp_path / "sample").iterdir())


def test_genes_are_added_up_beside_the_special_counters(tmp_path):
    counts = {"A": 600, "B": 100, "C": 0, "__no_feature": 120, "__ambiguous": 30}
    align_sample.write_fates(counts, tmp_path / "fragments.tsv")
    written = (tmp_path / "fragments.tsv").read_text().splitlines()
    assert written == ["assigned\t700", "__no_feature\t120", "__ambiguous\t30"]


def test_what_is_finished_replaces_an_earlier_folder(tmp_path):
    for folder in ["made", "target"]:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / folder).touch()
    align_sample.publish(tmp_path / "made", tmp_path / "target")
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["made"]
