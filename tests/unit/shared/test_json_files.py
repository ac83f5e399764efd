"""JSON that steps write for each other: read back as it was, or refused by its name."""

from dataclasses import dataclass

import pytest

from imid.shared.json_files import (
    as_json,
    from_json,
    read_if_whole,
    read_json,
    read_whole_lines,
    write_json,
)
from imid.shared.problems import InputError


@dataclass(frozen=True)
class Inner:
    sample: str


@dataclass(frozen=True)
class Outer:
    name: str
    fdr: float
    parts: list[Inner]
    slope: float | None = None


OUTER = Outer("a", 0.05, [Inner("x"), Inner("y")])


def test_what_is_written_is_read_back(tmp_path):
    write_json(OUTER, tmp_path / "outer.json")
    assert read_json(tmp_path / "outer.json", Outer) == OUTER
    assert (tmp_path / "outer.json").read_text().endswith("}\n")


def test_an_attribute_may_have_another_name_in_the_file(tmp_path):
    (tmp_path / "inner.json").write_text('{"called": "x", "more": 1}')
    assert read_json(tmp_path / "inner.json", Inner, {"called": "sample"}) == Inner("x")


def test_attributes_keep_their_order():
    assert as_json([Inner("x")]) == '[{"sample": "x"}]'
    assert list(from_json(as_json(OUTER), dict, "it")) == ["name", "fdr", "parts", "slope"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ('{"name": "a", "fdr": 0.0', "is no JSON"),
        ("\xff\xfe", "is no JSON"),
        ("null", "Expected `object`, got `null`"),
        ('{"name": "a", "parts": []}', "missing required field `fdr`"),
        ('{"name": "a", "fdr": "0.05", "parts": []}', "Expected `float`, got `str` - at `$.fdr`"),
        ('{"name": "a", "fdr": 1, "parts": [{}]}', "`sample` - at `$.parts[0]`"),
    ],
)
def test_a_damaged_file_is_told_by_its_name_and_what_to_do(tmp_path, text, words):
    path = tmp_path / "outer.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as refused:
        read_json(path, Outer)
    (problem,) = refused.value.problems
    assert problem.startswith(f"{path}: ")
    assert words in problem
    assert "remove it, and the next run makes it anew" in problem


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"outer\.json: does not exist"):
        read_json(tmp_path / "outer.json", Outer)


@pytest.mark.parametrize("text", ["", '{"sample": "x"', '{"sample": 1}', "[]", "\xff", "\0" * 9])
def test_what_is_not_whole_tells_nothing_where_it_may_be_so(tmp_path, text):
    assert read_if_whole(tmp_path / "inner.json", Inner) is None
    (tmp_path / "inner.json").write_bytes(text.encode("latin-1"))
    assert read_if_whole(tmp_path / "inner.json", Inner) is None
    (tmp_path / "inner.json").write_text('{"sample": "x"}')
    assert read_if_whole(tmp_path / "inner.json", Inner) == Inner("x")
    with (tmp_path / "lines.jsonl").open("wb") as lines:
        lines.write(b'{"sample": "x"}\n' + text.encode("latin-1") + b'\n{"sample": "y"}\n')
    assert read_whole_lines(tmp_path / "lines.jsonl", Inner) == [Inner("x"), Inner("y")]


def test_without_a_file_there_are_no_lines(tmp_path):
    assert read_whole_lines(tmp_path / "lines.jsonl", Inner) == []
