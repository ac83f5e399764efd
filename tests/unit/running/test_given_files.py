"""What the user gives, known by its role and content."""

import copy
import os
import time

import pytest

from imid.running import given_files
from imid.running.given_files import KNOWN, GivenFiles


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with one file, whose times are taken for settled."""
    monkeypatch.setattr(given_files, "SETTLED", 0)
    (tmp_path / "a.gtf").write_text("exon\n")
    time.sleep(0.01)
    return tmp_path


def known_as(folder, name="a.gtf", role="gtf"):
    files = GivenFiles(folder)
    given = files.given(name, role)
    files.write()
    return repr(given)


def test_it_is_written_as_its_name_and_compared_by_role_and_content(folder):
    given = GivenFiles(folder).given("a.gtf", "gtf")
    assert f"{given}" == "a.gtf"
    assert repr(given).startswith("gtf: ")
    assert repr([given]) == f"[{given!r}]"
    assert repr(copy.deepcopy(given)) == repr(given)


def test_another_name_or_time_is_the_same(folder):
    before = known_as(folder)
    os.utime(folder / "a.gtf", (1, 1))
    (folder / "link.gtf").symlink_to(folder / "a.gtf")
    assert known_as(folder) == known_as(folder, str(folder / "link.gtf")) == before


def test_another_role_or_content_is_not(folder):
    before = known_as(folder)
    assert known_as(folder, role="fastq_1 of lane 1") != before
    (folder / "a.gtf").write_text("nine\n")
    os.utime(folder / "a.gtf", (1, 1))
    assert known_as(folder) != before


def test_what_did_not_change_is_not_read_again(folder, monkeypatch):
    before = known_as(folder)
    monkeypatch.setattr(given_files, "fingerprint", lambda *_: pytest.fail("read again"))
    assert known_as(folder) == before


def test_a_file_that_was_written_just_now_is_read_again(folder, monkeypatch):
    monkeypatch.setattr(given_files, "SETTLED", 10**15)
    known_as(folder)
    monkeypatch.setattr(given_files, "fingerprint", lambda *_: "anew")
    assert known_as(folder) == "gtf: anew"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a.gtf": 1}', '{"a.gtf": {"content": [1]}}'])
def test_a_damaged_record_is_no_record(folder, text):
    before = known_as(folder)
    (folder / KNOWN).write_text(text)
    assert known_as(folder) == before


def test_of_a_file_that_is_gone_its_content_is_recalled(folder):
    before = known_as(folder)
    (folder / "a.gtf").unlink()
    assert known_as(folder) == before
    (folder / KNOWN).write_text("{")
    assert known_as(folder) == "gtf: absent"


def test_a_job_knows_a_file_as_the_main_process_does(folder):
    """On a cluster Snakemake holds what a job needs against its records there, too."""
    main = GivenFiles(folder)
    known = repr(main.given("a.gtf", "gtf"))
    assert repr(GivenFiles(folder).given("a.gtf", "gtf")) == known
    main.write()
    assert repr(GivenFiles(folder).given("a.gtf", "gtf")) == known


def test_a_name_may_stand_for_several_files(folder):
    for number in (1, 2):
        (folder / f"genome.{number}.ht2").write_text(str(number))
    parts = ["genome.1.ht2", "genome.2.ht2"]
    files = GivenFiles(folder)
    given = files.given("genome", "index", text=parts[0], parts=parts)
    assert str(given) == "genome.1.ht2"
    assert repr(given) != repr(files.given("genome", "index", parts=parts[:1]))
