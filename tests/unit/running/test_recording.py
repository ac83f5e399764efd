"""What a job writes down of itself, by what Snakemake says of it."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
import snakemake.benchmark

from imid.running import recording
from imid.running.given_files import GivenFile
from imid.running.job_records import RECORDS, read_environments, read_job_records
from imid.running.recording import record_jobs, version_of, write_record

LOG = "logs/samples/a/align.log"
RECORD = RECORDS / "samples/a/align.json"


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # What is known of programs and environments is kept by a process.
    for kept in [recording.write_environment, recording._asked, recording.jobs_by_id]:
        kept.cache_clear()
    for name, text in {"in.tsv": "1", "a/out.tsv": "2", "a/reports/x": "3"}.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    Path("a/reports/.snakemake_timestamp").touch()


@pytest.fixture
def job():
    reads = GivenFile("reads.fastq", "fastq_1 of lane 1: 00ff")
    return SimpleNamespace(
        rule=SimpleNamespace(name="align", shellcmd="align {input}"),
        wildcards_dict={"sample": "a"},
        input=["in.tsv"],
        output=["a/out.tsv", "a/reports"],
        log=[LOG],
        params={"code": "11ee", "first": [reads], "rows": "x" * 1000},
        conda_env=None,
    )


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program on the PATH, whose version may be changed."""
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")

    def install(says, name="fastp", folder=Path("bin")):
        folder.mkdir(parents=True, exist_ok=True)
        Path("new").write_bytes(b"#!/bin/sh\nprintf '%s\\n' '" + says + b"'\n")
        Path("new").chmod(0o755)
        Path("new").replace(folder / name)

    return install


def test_a_record_tells_by_and_from_what_a_job_made_its_files(job, program):
    program(b"fastp 0.23.2")
    write_record(job, ["fastp"])
    (record,) = read_job_records()
    content = record.content
    assert (record.path, record.log) == (RECORD, Path(LOG))
    assert (content.rule, content.wildcards) == ("align", {"sample": "a"})
    assert content.programs == {"fastp": "0.23.2"}
    assert content.commit == recording.checkout_at_work()
    assert content.params["first"] == "[fastq_1 of lane 1: 00ff]"
    assert content.command == "align {input}"
    assert content.params["code"] == "'11ee'"
    assert len(content.params["rows"]) < 100
    assert record.outputs == {"a/out.tsv", "a/reports/x"}
    assert [*content.inputs] == ["in.tsv"]
    (environment,) = read_environments([record]).values()
    assert "pandas" in environment["libraries"]


def test_contents_are_those_at_the_time(job):
    write_record(job, [])
    before = json.loads(RECORD.read_text())
    Path("a/out.tsv").write_text("other")
    write_record(job, [])
    after = json.loads(RECORD.read_text())
    assert before["inputs"] == after["inputs"]
    assert before["outputs"]["a/out.tsv"] != after["outputs"]["a/out.tsv"]
    assert before["outputs"]["a/reports/x"] == after["outputs"]["a/reports/x"]


def test_a_job_that_did_not_make_all_its_files_leaves_no_record(job):
    Path("a/out.tsv").unlink()
    write_record(job, [])
    assert not RECORD.exists()


@pytest.mark.parametrize(
    ("says", "version"),
    [
        (b"fastp 0.23.2", "0.23.2"),
        (b"samtools 1.16.1\nUsing htslib 1.16\nCopyright \xab 2022", "1.16.1"),
        (b"/usr/bin/hisat2-align-s version 2.2.1", "2.2.1"),
        (b"\xabhello", "unknown"),
        (b"", "unknown"),
    ],
)
def test_a_program_is_asked_for_its_version(program, says, version):
    program(says)
    assert version_of("fastp") == version


def test_a_program_that_fails_tells_no_version(program):
    program(b"fastp 0.23.2'\nexit 1\n: '")
    assert version_of("fastp") == "unknown"


def test_a_program_that_was_swapped_between_two_jobs_is_asked_again(program):
    program(b"fastp 0.23.2")
    assert version_of("fastp") == "0.23.2"
    program(b"fastp 0.24.0")
    assert version_of("fastp") == "0.24.0"


def test_a_program_of_the_jobs_own_environment_comes_first(program, tmp_path):
    program(b"fastp 0.23.2")
    program(b"fastp 1.0.1", folder=tmp_path / "conda/bin")
    assert version_of("fastp", str(tmp_path / "conda")) == "1.0.1"
    assert version_of("no_such_program") == "unknown"


@pytest.fixture
def workflow(job, monkeypatch):
    """Snakemake's workflow, which writes a job's measurements as it does."""
    monkeypatch.setattr(snakemake.benchmark, "write_benchmark_records", None)
    measured = []
    monkeypatch.setattr(recording, "write_measurements", lambda *all_: measured.append(all_))

    class Graph:
        jobs = (job,)

        def jobid(self, job):
            return 7

    deployed = SimpleNamespace(deployment_method=set())
    return SimpleNamespace(dag=Graph(), deployment_settings=deployed, measured=measured)


def test_each_job_that_is_measured_leaves_a_record(workflow, program):
    program(b"fastp 0.23.2")
    record_jobs(workflow, {"align": ["fastp"], "other": ["STAR"]})
    snakemake.benchmark.write_benchmark_records([SimpleNamespace(jobid=7)], "a.jsonl", True)
    assert workflow.measured == [([SimpleNamespace(jobid=7)], "a.jsonl", True)]
    assert json.loads(RECORD.read_text())["programs"] == {"fastp": "0.23.2"}


def test_a_record_that_cannot_be_written_costs_no_job(workflow, capsys):
    record_jobs(workflow, {})
    RECORDS.parent.mkdir()
    RECORDS.touch()
    snakemake.benchmark.write_benchmark_records([SimpleNamespace(jobid=7)], "a.jsonl", True)
    assert "what align was made from could not be written down" in capsys.readouterr().err


def test_what_is_no_whole_record_is_passed_over(job):
    write_record(job, [])
    (RECORD.parent / "cut.json").write_text('{"rule": ')
    (RECORD.parent / "other.json").write_text("[]")
    (RECORD.parent / "odd.json").write_text('{"rule": "align", "outputs": {"a": "00ff"}}')
    (RECORD.parent / "zeros.json").write_bytes(bytes(99))
    assert [record.path for record in read_job_records()] == [RECORD]


@pytest.mark.parametrize("text", ["", "{", "[]", "\0"])
def test_a_damaged_list_of_libraries_tells_nothing_and_is_written_again(job, text):
    write_record(job, [])
    records = [*read_job_records()]
    (whole,) = read_environments(records).values()
    records[0].environment.write_text(text)
    assert read_environments(records) == {}
    recording.write_environment.cache_clear()
    write_record(job, [])
    assert [*read_environments(records).values()] == [whole]
