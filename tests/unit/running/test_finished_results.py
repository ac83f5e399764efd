"""What jobs left, and what happened to it since: cut, altered, deleted, touched, copied."""

import asyncio
import os
import shutil
from types import SimpleNamespace

import pytest
from snakemake.exceptions import WorkflowError
from snakemake.io import _IOFile
from snakemake.persistence import PersistenceBase
from snakemake.persistence.file import FilePersistence

from imid.running.finished_results import RECORDS, FinishedResults, watch_results

TABLE = "results/counts.tsv"
FOLDER = "results/reports"


@pytest.fixture
def folder(tmp_path):
    """A working directory in which a job left a table and a folder."""
    (tmp_path / ".snakemake").mkdir()
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / TABLE).write_text("gene\tcount\n")
    (tmp_path / FOLDER / "balance.tsv").write_text("reads\t10\n")
    results = FinishedResults(tmp_path)
    results.record(TABLE)
    results.record(FOLDER)
    return tmp_path


def damage(folder, name=TABLE):
    return FinishedResults(folder).damage(name)


def overwrite(path, change):
    """Change a file and give it the time that it had."""
    before = path.stat()
    path.write_bytes(change(path.read_bytes()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_a_job_left_is_believed(folder):
    assert damage(folder) is None
    assert damage(folder, FOLDER) is None


def test_a_cut_result_is_told_with_its_sizes(folder):
    overwrite(folder / TABLE, lambda content: content[:4])
    assert damage(folder) == "was cut from 11 to 4 bytes"


def test_a_byte_that_was_altered_is_seen(folder):
    overwrite(folder / TABLE, lambda content: content.replace(b"c", b"k"))
    assert damage(folder) == "was altered"


@pytest.mark.parametrize("change", ["cut", "added", "removed"])
def test_a_folder_is_known_by_its_files(folder, change):
    file = folder / FOLDER / "balance.tsv"
    if change == "cut":
        overwrite(file, lambda content: content[:3])
    elif change == "added":
        (folder / FOLDER / "more.tsv").write_text("x\n")
    else:
        file.unlink()
    assert damage(folder, FOLDER)


def test_what_snakemake_keeps_in_a_folder_is_none_of_it(folder):
    (folder / FOLDER / ".snakemake_timestamp").touch()
    assert damage(folder, FOLDER) is None


def test_touched_copied_and_deleted_ones_are_not_damaged(folder, tmp_path_factory):
    os.utime(folder / TABLE, (1, 1))
    assert damage(folder) is None
    copy = tmp_path_factory.mktemp("copy") / "experiment"
    shutil.copytree(folder, copy)
    assert damage(copy) is None
    (copy / TABLE).unlink()
    assert damage(copy) is None


def test_what_was_touched_is_read_once_more_only(folder, monkeypatch):
    os.utime(folder / TABLE, (1, 1))
    results = FinishedResults(folder)
    assert results.damage(TABLE) is None
    results.record(FOLDER)
    monkeypatch.setattr(
        "imid.running.finished_results.fingerprint", lambda *_: pytest.fail("read again")
    )
    assert damage(folder) is None


def test_of_what_a_job_began_to_make_again_nothing_is_known(folder):
    FinishedResults(folder).forget(TABLE)
    overwrite(folder / TABLE, lambda content: content[:4])
    assert damage(folder) is None


def test_the_last_job_counts_and_one_line_is_kept_of_it(folder):
    for content in (b"a", b"b", b"c"):
        overwrite(folder / TABLE, lambda _, content=content: content)
        FinishedResults(folder).record(TABLE)
    assert damage(folder) is None
    overwrite(folder / TABLE, lambda _: b"b")
    assert damage(folder) == "was altered"
    FinishedResults(folder).record(TABLE)
    lines = (folder / RECORDS).read_text().splitlines()
    assert sum(TABLE in line for line in lines) == 2


@pytest.mark.parametrize("line", ["1", '[["a"], null]', '["a", ["00ff", [1, 2]]]', '["a"]', "\0\0"])
def test_a_line_that_is_no_record_says_nothing(folder, line):
    with (folder / RECORDS).open("a") as records:
        records.write(line + "\n")
    assert damage(folder) is None
    assert damage(folder, "a") is None
    assert {*FinishedResults(folder).left} == {TABLE, FOLDER}


def test_a_line_that_was_cut_loses_no_other(folder):
    with (folder / RECORDS).open("a") as records:
        records.write('["results/counts.tsv", {"con')
    overwrite(folder / TABLE, lambda content: content[:4])
    assert damage(folder)
    # What is written next is a line of its own.
    FinishedResults(folder).record(TABLE)
    assert damage(folder) is None


class Output(_IOFile):
    """A result as Snakemake names it."""

    async def exists(self):
        return os.path.exists(self)


@pytest.fixture
def persistence(folder, monkeypatch):
    """Snakemake's own records in the working directory, watched."""
    for method in ["started", "finished", "incomplete", "cleanup_metadata"]:
        monkeypatch.setattr(PersistenceBase, method, getattr(PersistenceBase, method))
    monkeypatch.chdir(folder)
    watch_results(FinishedResults(folder))
    workflow = SimpleNamespace(
        execution_settings=SimpleNamespace(keep_metadata=False),
        dag_settings=SimpleNamespace(max_checksum_file_size=0),
        touch=False,
    )
    return FilePersistence(nolock=True, dag=SimpleNamespace(workflow=workflow))


@pytest.fixture
def job(persistence):
    """A job that makes the table, from the folder, which no job makes again."""
    job = Job()
    job.dag, job.dag.dependencies = persistence.dag, {job: {}}
    job.output, job.input = [Output(TABLE, rule=None)], [Output(FOLDER, rule=None)]
    return job


class Job:
    pass


def incomplete(persistence, job):
    return asyncio.run(persistence.incomplete(job))


def test_a_damaged_result_is_incomplete_and_told_once(folder, persistence, job, capsys):
    assert incomplete(persistence, job) == []
    overwrite(folder / TABLE, lambda content: content[:4])
    assert incomplete(persistence, job) == incomplete(persistence, job) == [TABLE]
    told = "Warning: results/counts.tsv was cut from 11 to 4 bytes since its job ended"
    assert capsys.readouterr().err.count(told) == 1


def test_what_a_job_makes_anew_is_believed_from_its_end(folder, persistence, job):
    overwrite(folder / TABLE, lambda content: content[:4])
    persistence.started(job)
    assert incomplete(persistence, job) == [TABLE]
    asyncio.run(persistence.finished(job))
    assert incomplete(persistence, job) == []
    assert FinishedResults(folder).damage(TABLE) is None


def test_a_job_that_was_broken_off_and_finished_unwatched_left_no_damage(folder, persistence, job):
    persistence.started(job)
    overwrite(folder / TABLE, lambda content: content + b"more")
    assert damage(folder) is None


def test_a_result_that_snakemake_was_told_to_forget_or_to_take_is_believed(
    folder, persistence, job
):
    overwrite(folder / TABLE, lambda content: content[:4])
    job.dag.workflow.touch = True
    assert incomplete(persistence, job) == []
    job.dag.workflow.touch = False
    assert incomplete(persistence, job) == [TABLE]
    persistence.cleanup_metadata(job.output[0])
    assert incomplete(persistence, job) == []


def test_a_damaged_input_that_no_job_makes_again_stops_the_run(folder, persistence, job):
    overwrite(folder / FOLDER / "balance.tsv", lambda content: content[:4])
    with pytest.raises(WorkflowError, match=r"results/reports was cut .* bring either back"):
        incomplete(persistence, job)
    job.dag.dependencies[job] = {"another job": {FOLDER}}
    assert incomplete(persistence, job) == []
