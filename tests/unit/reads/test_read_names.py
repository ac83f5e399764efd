import pytest

from imid.reads.read_names import (
    LONGEST,
    Mark,
    find_interleaved,
    find_mark,
    made_safe,
    without_suffix,
)


@pytest.mark.parametrize(
    ("first", "second", "mark"),
    [
        (b"@a/1", b"@a/2", Mark((b"/1", b"/2"), 2, 0)),
        (b"@SRR1.1.1", b"@SRR1.1.2", Mark((b".1", b".2"), 7, 0)),
        (b"@a#0/1", b"@a#0/2", Mark((b"/1", b"/2"), 4, 0)),
        (b"@a_R1", b"@a_R2", Mark((b"_R1", b"_R2"), 2, 0)),
        (b"@a/1_ACGT", b"@a/2_ACGT", Mark((b"/1", b"/2"), 2, 5)),
        (b"@a.f", b"@a.r", Mark((b".f", b".r"), 2, 0)),
        (b"@1:a", b"@2:a", Mark((b"1", b"2"), 1, 2)),
        # In the wrong order, other reads, other numbers.
        (b"@a/2", b"@a/1", None),
        (b"@SRR1.1", b"@SRR1.2", None),
        (b"@a:11", b"@a:12", None),
        (b"@a/1", b"@b/2", None),
        (b"@a/2", b"@a/3", None),
        (b"@a", b"@a", None),
    ],
)
def test_what_tells_mates_apart_is_found_by_comparing_them(first, second, mark):
    assert find_mark(first, second) == mark


def test_a_mark_is_taken_out_of_names_that_all_have_it():
    mark = Mark((b"/1", b"/2"), 2, 2)
    assert mark.removed([b"@a/1xx", b"@b/1yy"], 0) == [b"@axx", b"@byy"]
    assert mark.removed([b"@a/1xx", b"@b/2yy"], 0) is None
    assert Mark((b".1", b".2"), 2, 0).removed([b"@a.2", b"@b"], 1) is None


def test_a_suffix_is_taken_off_where_all_names_have_it():
    assert without_suffix([b"@a/1", b"@b/1"]) == [b"@a", b"@b"]
    assert without_suffix([b"@a/1", b"@a/2", b"@a/3"]) == [b"@a/1", b"@a/2", b"@a/3"]


def test_long_names_stay_different():
    names = made_safe([b"@" + b"x" * 300 + end for end in (b"1", b"2")])
    assert len(set(names)) == 2
    assert list(map(len, names)) == [LONGEST] * 2


def test_a_pair_alone_is_not_taken_for_interleaved():
    assert find_interleaved([b"@r.1", b"@r.2", b"@r.3", b"@r.4"]) is None
    assert find_interleaved([b"@r.1", b"@r.2"]) is None
    assert find_interleaved([b"@x", b"@a.1", b"@a.2", b"@b.1", b"@b.2"]) == 1


def test_interleaved_mates_are_found_far_from_the_beginning():
    names = [b"@single%d" % n for n in range(500)] + [b"@a.1", b"@a.2", b"@b.1", b"@b.2"]
    assert find_interleaved(names) == 500
