from imid.shared.steps import options


def test_files_become_options_named_as_the_rule_names_them():
    files = {"samples": "samples.tsv", "star_exceptions": [], "sidecars": ["a.json", "b.json"]}
    assert options(files).split() == [
        *["--samples", "samples.tsv", "--star-exceptions", "--sidecars", "a.json", "b.json"],
    ]
