"""Configuration files: what is read of them, and what is said of those that are none."""

import pytest

from imid.shared.problems import InputError
from imid.userfiles.config_files import Plain, read_config_file
from small_experiment import write

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


def read(folder, content):
    path = folder / "c.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_config_file(path, "c.yaml")


def test_all_is_text_and_quotes_are_told_apart(tmp_path):
    found = read(tmp_path, "a: 010\nb: ['20:00', \"x\", !!str y, ~]\n2024-02-30:\n  no: |\n    z\n")
    assert found.values == {"a": "010", "b": ["20:00", "x", "y", "~"], "2024-02-30": {"no": "z\n"}}
    kinds = [type(word) for word in [found.values["a"], *found.values["b"]]]
    assert kinds == [Plain, str, str, Plain, Plain]
    assert found.lines[("2024-02-30", "no")] == 4


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa: 1\n", b"a: 1\r\n", b"a: 1\r", b"a: 1"])
def test_as_editors_save_it(tmp_path, content):
    assert read(tmp_path, content).values == {"a": "1"}


def test_aliases_and_merge_keys(tmp_path):
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {x: 5, z: 4}]}\nd: *a\n"
    found = read(tmp_path, text)
    assert found.values["b"] == {"x": "1", "y": "3"}
    assert found.values["c"] == {"x": "1", "y": "2", "z": "4"}
    assert found.values["d"] == {"x": "1", "y": "2"}
    assert found.repeated == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "c.yaml: is empty; settings are needed, such as 'aligner: star'"),
        ("# nothing\n", "c.yaml: is empty"),
        ("- a\n- b\n", "c.yaml: holds no settings; settings are needed"),
        ("hello\n", "c.yaml: holds no settings"),
        ("a: [1\nb: 2\n", "c.yaml, line 2, character 2: is not YAML"),
        ("a: 1\nb: [1\n", "which begins on line 2; look for a bracket or a quote"),
        ("a:\n\tb: 1\n", "c.yaml, line 2, character 1: is not YAML: found character that cannot"),
        ("a:\n\tb: 1\n", "this is a tab: indent by spaces"),
        ("a: b: c\n", "c.yaml, line 1, character 5: is not YAML: mapping values are not allowed"),
        ("a: @b\n", "put a text that begins with @ in quotes"),
        ("a: *b\n", "line 1, character 4: is not YAML: found undefined alias"),
        ("x: 1\na: &a [*a]\n", "c.yaml, line 2: an alias (*) in this block stands for the block"),
        ("a: &a {<<: *a}\n", "c.yaml, line 1: an alias (*) in this block stands for the block"),
        ("a: {<<: 5}\n", "c.yaml, line 1: << needs a block of settings"),
        (BOMB, "here are more than 50000 settings"),
        ("a: " + "[" * 30 + "]" * 30, "c.yaml, line 1: more than 20 blocks and lists"),
        ("a: " + "[" * 50_000 + "]" * 50_000, "c.yaml, line 1: more than 20 blocks and lists"),
        ("a: 1\n---\na: 2\n", "c.yaml, line 2: a second document begins here"),
        ("a: !!python/object/apply:os.system [x]\n", "'!!python/object/apply:os.system' is a YAML"),
        ("a: !!binary abc\n", "c.yaml, line 1: '!!binary' is a YAML tag"),
        ("? [a, b]\n: c\n", "c.yaml, line 1: a list or block stands where the name of a setting"),
        (b"a: 1\n# Caf\xe9\n", "c.yaml, line 2: is not UTF-8 text; save it as text in UTF-8"),
        ("a: 1\n".encode("utf-16"), "c.yaml: is UTF-16 text"),
        ("a: 1\n".encode("utf-16-le"), "c.yaml: is UTF-16 text"),
        (b'a: 1\nb: "\0"\n', "c.yaml, line 2: holds the control character U+0000"),
        ('a: {b: "\\0"}\n', "c.yaml, line 1, a.b: holds the control character U+0000"),
        (b"PK\x03\x04", "c.yaml: is a spreadsheet's own file"),
        (b"\x1f\x8b\x08", "c.yaml: is gzipped; decompress it"),
    ],
)
def test_what_is_no_config_is_refused(tmp_path, content, message):
    with pytest.raises(InputError) as raised:
        read(tmp_path, content)
    assert message in raised.value.problems[0]


def test_what_cannot_be_read_is_refused(tmp_path):
    write(tmp_path / "C.yaml", "a: 1")
    for name, message in [
        (
            "c.yaml",
            "c.yaml: does not exist; run Snakemake in the folder of the experiment, or name that"
            " by --directory",
        ),
        (".", ".: is a folder; a file is needed"),
    ]:
        with pytest.raises(InputError) as raised:
            read_config_file(tmp_path / name, name)
        assert raised.value.problems == [message]
