"""The results of a sample that is called something else by now, and what is known of its jobs."""

import json
from pathlib import Path

import pytest

from imid.running.finished_results import FinishedResults
from imid.running.job_records import LOGS, RECORDS, read_job_records
from imid.running.rename_sample import main, rename, rename_problems
from imid.running.snakemake_records import METADATA, logs_of, record_of_output, recorded_outputs
from recorded_jobs import write_recorded_job
from small_experiment import load, write_experiment

COUNTS, NEW_COUNTS = "results/samples/old/counts.tsv", "results/samples/new/counts.tsv"
RECORD = RECORDS / "samples/old/align.json"
MEASURED = LOGS / "samples/old/align.jsonl"


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    """A sample that one job made, with all records of it."""
    monkeypatch.chdir(tmp_path)
    METADATA.mkdir(parents=True)
    for path in [Path(COUNTS), MEASURED]:
        path.parent.mkdir(parents=True)
    Path(COUNTS).write_text("gene\t1\n")
    MEASURED.write_text('{"rule_name": "align", "wildcards": {"sample": "old"}, "s": 1.5}\n')
    MEASURED.with_suffix(".log").write_text("reads are fine\n")
    record_of_output(COUNTS).write_text('{"log": ["logs/samples/old/align.log"], "code": "x"}')
    write_recorded_job(RECORD, rule="align", wildcards={"sample": "old"}, outputs={COUNTS: "00ff"})
    FinishedResults(Path()).record(COUNTS)


def test_all_that_is_known_of_its_jobs_goes_with_it():
    rename("old", "new")
    assert not Path(COUNTS).exists()
    assert logs_of(recorded_outputs()) == {NEW_COUNTS: ["logs/samples/new/align.log"]}
    ((path, job),) = read_job_records()
    assert path == RECORDS / "samples/new/align.json"
    assert (job.wildcards, job.renamed_from) == ({"sample": "new"}, "old")
    assert job.outputs == {NEW_COUNTS: "00ff"}
    (measured,) = (LOGS / "samples/new/align.jsonl").read_text().splitlines()
    told = {"rule_name": "align", "wildcards": {"sample": "new"}, "s": 1.5}
    assert json.loads(measured) == told
    assert (LOGS / "samples/new/align.log").read_text() == "reads are fine\n"


def test_what_tells_the_old_name_is_not_taken_along():
    told = Path("results/samples/old/quality/alignments.json")
    told.parent.mkdir()
    told.write_text('{"sample": "old"}')
    record_of_output(str(told)).write_text('{"log": []}')
    FinishedResults(Path()).record(str(told))
    write_recorded_job(
        RECORD.with_name("measure_alignments.json"),
        rule="measure_alignments",
        wildcards={"sample": "old"},
        outputs={str(told): "00ff"},
    )
    rename("old", "new")
    assert not [*Path("results").rglob("alignments.json")]
    assert {*logs_of(recorded_outputs())} == {NEW_COUNTS}
    assert [job.rule for _, job in read_job_records()] == ["align"]
    assert {*FinishedResults(Path()).left} == {NEW_COUNTS}


def test_damage_is_seen_under_the_new_name():
    rename("old", "new")
    Path(NEW_COUNTS).write_text("gene")
    results = FinishedResults(Path())
    assert results.damage(NEW_COUNTS) == "was cut from 7 to 4 bytes"
    assert {*results.left} == {NEW_COUNTS}


@pytest.mark.parametrize("text", ["", '{"rule": "al', "[]", "\0"])
def test_records_that_are_damaged_do_not_stop_it(text):
    for path in [RECORD, record_of_output(COUNTS), MEASURED]:
        path.write_text(text)
    rename("old", "new")
    assert Path(NEW_COUNTS).read_text() == "gene\t1\n"
    assert [*read_job_records()] == []
    assert recorded_outputs() == {}


def test_a_name_that_is_none_is_told_before_results_of_the_other_one():
    """Nobody is told to remove what a mistyped name has nothing to do with."""
    experiment = load(write_experiment(Path()))
    Path("results/samples/MM1S_dmso_1").mkdir()
    (problem,) = rename_problems(experiment, "nope", "MM1S_dmso_1")
    assert problem.startswith("results/samples/nope: no finished sample")


@pytest.mark.parametrize("words", [[], ["old"], ["old", "new", "more"], ["--config", "old", "new"]])
def test_other_than_two_names_are_refused(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "two names are needed" in capsys.readouterr().err
