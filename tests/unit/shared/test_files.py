import os

import pytest

from imid.shared.files import written


def test_a_file_appears_whole_when_the_block_ends(tmp_path):
    path = tmp_path / "table.tsv"
    with written(path) as temporary:
        temporary.write_text("half")
        assert not path.exists()
        temporary.write_text("whole")
    assert path.read_text() == "whole"


def test_an_old_file_is_replaced(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("old and longer")
    with written(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_nothing_else_is_left_beside_the_file(tmp_path):
    with written(tmp_path / "table.tsv") as temporary:
        temporary.write_text("x")
    assert [file.name for file in tmp_path.iterdir()] == ["table.tsv"]


def test_a_failure_leaves_the_old_file_and_no_temporary_one(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("old")

    def fail_half_way():
        with written(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail_half_way()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interruption_leaves_no_temporary_file(tmp_path):
    def interrupted():
        with written(tmp_path / "table.tsv") as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_made(tmp_path):
    with written(tmp_path / "new" / "deep" / "table.tsv") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "new" / "deep" / "table.tsv").read_text() == "x"


def test_the_temporary_name_keeps_the_suffixes_and_the_folder(tmp_path):
    with written(tmp_path / "table.tsv.gz") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffixes[-2:] == [".tsv", ".gz"]
        temporary.write_text("x")


def test_a_path_may_be_a_string(tmp_path):
    with written(f"{tmp_path}/table.tsv") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "table.tsv").exists()


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "disk").mkdir()
    for target in ["there", "not there yet"]:
        link = tmp_path / f"link to {target}"
        link.symlink_to(tmp_path / "disk" / target)
    (tmp_path / "disk/there").write_text("old")
    for target in ["there", "not there yet"]:
        with written(tmp_path / f"link to {target}") as temporary:
            temporary.write_text("new")
        assert (tmp_path / f"link to {target}").is_symlink()
        assert (tmp_path / "disk" / target).read_text() == "new"
    assert len([*tmp_path.iterdir(), *(tmp_path / "disk").iterdir()]) == 5


def test_a_pipe_is_written_to_and_stays(tmp_path):
    """As is a device, which a file put in its place would take from the whole machine."""
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with written(tmp_path / "pipe") as temporary:
        temporary.write_text("all")
    assert os.read(reading, 9) == b"all"
    os.close(reading)
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_is_refused_by_its_own_name(tmp_path):
    with pytest.raises(IsADirectoryError) as refused, written(tmp_path):
        pass
    assert refused.value.filename == str(tmp_path)
    assert not list(tmp_path.iterdir())
