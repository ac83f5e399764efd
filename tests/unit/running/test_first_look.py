"""What is said of the files that --configfile names, before Snakemake reads them."""

import pytest

from imid.running.first_look import named_files, refuse_unreadable


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("-n", []),
        ("--configfile a.yaml", ["a.yaml"]),
        ("-n --configfiles a.yaml b.yaml --cores 2 c.yaml", ["a.yaml", "b.yaml"]),
        ("--configfile=a.yaml -n", ["a.yaml"]),
        ("--configfile a.yaml --configfile b.yaml", ["b.yaml"]),
        ("--config aligner=star --directory a.yaml", []),
    ],
)
def test_files_are_found_in_the_command_line(words, named):
    assert named_files(["snakemake", *words.split()]) == named


def test_all_that_is_no_yaml_is_told_at_once_with_its_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    contents = {
        "tab.yaml": b"a:\n\tb: 1\n",
        "binary.yaml": b"PK\x03\x04\xff",
        "ansi.yaml": b"a: 1\nb: Caf\xe9\n",
        "code.yaml": b"a: 1\n__use_yte__: true\n",
        "sound.yaml": b"a: 1\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        refuse_unreadable(["snakemake", "--configfiles", *contents, "missing.yaml"])
    first, *told = ended.value.code.splitlines()
    assert first == "Nothing was run; this needs mending:"
    assert [line.split(":")[0] for line in told] == [
        "tab.yaml, line 2, character 1",
        "binary.yaml",
        "ansi.yaml, line 2",
        "code.yaml, line 2",
        "missing.yaml",
    ]


def test_what_is_sound_passes(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1\n")
    refuse_unreadable(["snakemake", "--configfile", str(tmp_path / "a.yaml")])
