"""The samples of a fit: as the sheet has them, with their size factors by name."""

from imid.differential import list_samples


def test_size_factors_are_joined_by_the_samples_names(tmp_path):
    metadata, fitted, output = (tmp_path / f"{name}.tsv" for name in ["m", "f", "o"])
    metadata.write_text("sample\ttreatment\treplicate\nb\tdmso\t01\na\tdmso\tNA\n")
    fitted.write_text("sample\ttreatment\tsize_factor\na\tdmso\t0.123456\nb\tdmso\t1.5\n")
    options = ["--metadata", metadata, "--size-factors", fitted, "--output", output]
    list_samples.main([*map(str, options)])
    assert output.read_text() == (
        "sample\ttreatment\treplicate\tsize_factor\nb\tdmso\t01\t1.5\na\tdmso\tNA\t0.123456\n"
    )
