import pytest

from imid.shared.problems import InputError, did_you_mean, place, reported


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
