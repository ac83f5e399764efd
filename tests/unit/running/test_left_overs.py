"""Whose a file in results/ is, by the records of what made it."""

from pathlib import Path

import pytest

from imid.running import left_overs
from imid.running.job_records import ENVIRONMENTS, RECORDS
from imid.running.left_overs import (
    find_left_overs,
    left_overs_told,
    refuse_a_run,
    remove,
    tell_of_left_overs,
)
from imid.running.snakemake_records import METADATA, record_of_output, recorded_outputs
from imid.shared.problems import InputError
from recorded_jobs import write_recorded_job

PLANNED = ["results/samples/a/counts.tsv", "results/samples/a/reports", "results/report.html"]
OLD = "results/samples/b"


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    """Results of sample a, which is asked for, and of sample b, which is not."""
    monkeypatch.chdir(tmp_path)
    METADATA.mkdir(parents=True)
    made = ["samples/a/counts.tsv", "samples/a/reports", "report.html"]
    for output in [f"results/{name}" for name in [*made, "samples/b/counts.tsv"]]:
        record_of_output(output).write_text("{}")
    for name in [*PLANNED[::2], "results/samples/a/reports/x.json", f"{OLD}/counts.tsv"]:
        write(name)


def write(name, text="x"):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


def record(name, *outputs, environment="e"):
    made = dict.fromkeys(outputs, "00ff")
    write_recorded_job(RECORDS / f"{name}.json", environment=environment, outputs=made)
    write(RECORDS / ENVIRONMENTS / f"{environment}.json", "{}")


def ours() -> list[str]:
    return sorted(map(str, find_left_overs(PLANNED).ours))


def others() -> list[str]:
    return sorted(map(str, find_left_overs(PLANNED).others))


def test_what_no_plan_names_and_a_record_does_is_left_over():
    assert (ours(), others()) == ([f"{OLD}/counts.tsv"], [])


def test_the_record_of_a_folder_that_is_asked_for_is_none_of_it():
    """A job's record names the files in its folder, the plan the folder."""
    record("samples/a/reports", "results/samples/a/reports/x.json")
    assert ours() == [f"{OLD}/counts.tsv"]


def test_without_any_record_nothing_is_ours():
    for path in recorded_outputs().values():
        path.unlink()
    assert (ours(), others()) == ([], [f"{OLD}/counts.tsv"])


def test_our_own_records_will_do_where_snakemakes_are_gone():
    for path in recorded_outputs().values():
        path.unlink()
    record("b", f"{OLD}/counts.tsv", environment="old")
    record("a", *PLANNED[:1])
    gone = [RECORDS / "b.json", RECORDS / ENVIRONMENTS / "old.json", Path(OLD, "counts.tsv")]
    assert ours() == sorted(map(str, gone))
    assert others() == []


def test_a_note_in_a_folder_that_a_job_made_is_its_writers():
    record_of_output(f"{OLD}/reports").write_text("{}")
    record("b", f"{OLD}/reports/fastp.json")
    for name in ["fastp.json", "note.txt"]:
        write(f"{OLD}/reports/{name}")
    assert f"{OLD}/reports/fastp.json" in ours()
    assert others() == [f"{OLD}/reports/note.txt"]
    remove(find_left_overs(PLANNED))
    assert Path(OLD, "reports/note.txt").exists()


def test_what_a_killed_job_left_is_ours_and_what_a_failed_one_kept_stays():
    junk = ["results/samples/a/.unfinished.x7/aligned.bam", "results/.123.report.html"]
    for name in [*junk, "results/samples/a/failed/aligned.bam", f"{OLD}/failed/aligned.bam"]:
        write(name)
    assert ours() == sorted([*junk, f"{OLD}/counts.tsv", f"{OLD}/failed/aligned.bam"])
    assert others() == []


def test_links_are_followed_once(tmp_path):
    (tmp_path / "scratch").mkdir()
    (tmp_path / "results/samples").rename(tmp_path / "scratch/samples")
    (tmp_path / "results/samples").symlink_to(tmp_path / "scratch/samples")
    (tmp_path / "scratch/samples/back").symlink_to(tmp_path / "scratch")
    assert ours() == [f"{OLD}/counts.tsv"]


def test_a_folder_of_nothing_else_is_told_as_one():
    write(f"{OLD}/aligned.bam")
    record_of_output(f"{OLD}/aligned.bam").write_text("{}")
    lines = left_overs_told(find_left_overs(PLANNED))
    assert lines[1:] == [f"  {OLD}/  2 files, 0.0 MB"]
    write(f"{OLD}/note.txt")
    lines = left_overs_told(find_left_overs(PLANNED))
    assert lines[1:3] == [f"  {OLD}/aligned.bam  0.0 MB", f"  {OLD}/counts.tsv  0.0 MB"]
    assert lines[-1] == f"  {OLD}/note.txt"


def test_what_is_removed_is_gone_with_its_records_and_folders():
    remove(find_left_overs(PLANNED))
    assert not Path(OLD).exists()
    assert f"{OLD}/counts.tsv" not in recorded_outputs()
    assert len(recorded_outputs()) == 3
    assert all(Path(name).exists() for name in PLANNED)


def test_a_file_of_the_same_name_that_comes_later_is_its_writers():
    remove(find_left_overs(PLANNED))
    write(f"{OLD}/counts.tsv")
    assert (ours(), others()) == ([], [f"{OLD}/counts.tsv"])


def test_a_run_says_it_in_a_line_where_there_is_something(capsys):
    tell_of_left_overs(PLANNED)
    assert capsys.readouterr().out.startswith("Left over in results/: 1 file, 0.0 MB, of")
    tell_of_left_overs([*PLANNED, f"{OLD}/counts.tsv"])
    assert capsys.readouterr().out == ""


def test_a_living_run_is_not_disturbed(tmp_path, monkeypatch):
    refuse_a_run(tmp_path)
    monkeypatch.setattr(left_overs, "processes_in", lambda _: {7: ["snakemake", "--cores", "2"]})
    with pytest.raises(InputError, match="as process 7: nothing was changed"):
        refuse_a_run(tmp_path)
