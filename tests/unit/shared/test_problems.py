import errno
import os

import pytest

from imid.shared.problems import InputError, did_you_mean, place, reported, warn


def refuse():
    raise InputError(f"line {line}: is wrong" for line in [3, 7])


def test_all_problems_are_kept_in_their_order():
    with pytest.raises(InputError) as caught:
        refuse()
    assert caught.value.problems == ["line 3: is wrong", "line 7: is wrong"]
    assert str(caught.value) == "line 3: is wrong\nline 7: is wrong"


def test_problems_are_printed_without_a_traceback_and_end_with_status_1(capsys):
    with pytest.raises(SystemExit) as ended:
        reported(refuse)
    assert ended.value.code == 1
    assert capsys.readouterr() == ("", "line 3: is wrong\nline 7: is wrong\n")


def test_other_errors_are_not_hidden():
    def break_down():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        reported(break_down)


def opens(path, mode="r"):
    return lambda: open(path, mode)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (opens("no.tsv"), "no.tsv: does not exist"),
        (opens("."), ".: cannot be used: Is a directory"),
        (opens("no/where.tsv", "w"), "no/where.tsv: does not exist"),
        (opens(b"no.tsv"), "no.tsv: does not exist"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_a_line(command, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        reported(command)
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"{told}\n"


@pytest.mark.parametrize(
    ("number", "file", "told"),
    [
        (errno.ENOSPC, "out.tsv", "out.tsv: no space is left on the disk\n"),
        (errno.EDQUOT, None, "a file: no space is left on the disk\n"),
    ],
)
def test_a_full_disk_is_told_in_a_line(number, file, told, capsys):
    def fill():
        raise OSError(number, os.strerror(number), file)

    with pytest.raises(SystemExit):
        reported(fill)
    assert capsys.readouterr().err == told


def test_a_pipe_that_broke_is_not_hidden():
    def break_off():
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    with pytest.raises(BrokenPipeError):
        reported(break_off)


def test_a_warning_stops_nothing(capsys):
    reported(lambda: warn("few reads"))
    assert capsys.readouterr() == ("", "Warning: few reads\n")


def test_a_command_without_problems_just_runs(capsys):
    reported(lambda: print("done"))
    assert capsys.readouterr() == ("done\n", "")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({}, "samples.tsv"),
        ({"line": 7}, "samples.tsv, line 7"),
        ({"column": "treatment"}, "samples.tsv, column treatment"),
        ({"line": 7, "column": "treatment"}, "samples.tsv, line 7, column treatment"),
    ],
)
def test_a_place_names_what_is_known_of_it(where, words):
    assert place("samples.tsv", **where) == words


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("lenalidomid", "lenalidomide"),
        ("Lenalidomide", "lenalidomide"),
        ("pomalidomdie", "pomalidomide"),
        ("DMSO", "dmso"),
    ],
)
def test_a_misspelt_word_is_recognised(word, meant):
    known = ["dmso", "lenalidomide", "pomalidomide"]
    assert did_you_mean(word, known) == f"; did you mean '{meant}'?"


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("pomalidomide", ["dmso", "lenalidomide"]),
        ("bortezomib", ["dmso", "lenalidomide"]),
        ("dmso", ["dmso"]),
        ("dmso", []),
    ],
)
def test_nothing_is_suggested_where_nothing_is_close(word, known):
    assert did_you_mean(word, known) == ""


def test_a_suggestion_is_spelt_as_it_is_known():
    assert did_you_mean("mm1s_RES", ["MM1S", "MM1S_res"]) == "; did you mean 'MM1S_res'?"
