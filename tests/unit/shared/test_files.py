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
