"""A run that starts from a count matrix gives what the run from reads gave."""

import json

import pytest

from imid.shared.tables import read_table, write_table
from running import planned, snakemake

pytestmark = pytest.mark.workflow

LINE = "results/cell_lines/MM1S"
SAME = [
    "counts.tsv",
    "samples.tsv",
    "design.tsv",
    "normalized.tsv",
    "vst.tsv",
    "contrasts/lenalidomide_vs_dmso.tsv",
    "contrasts/pomalidomide_vs_lenalidomide.significant.tsv",
    "contrasts/pomalidomide_vs_dmso.json",
    "targets.tsv",
    "comparisons/pomalidomide_vs_dmso.against.lenalidomide_vs_dmso.tsv",
]


@pytest.mark.parametrize("file", SAME)
def test_results_are_those_of_the_run_from_reads(star_run, counts_run, file):
    assert (counts_run / LINE / file).read_bytes() == (star_run / LINE / file).read_bytes()


def test_it_ends_with_the_report_and_its_provenance(counts_run):
    assert "Did IRF4 fall?" in (counts_run / "results/report.html").read_text()
    provenance = json.loads((counts_run / "results/provenance.json").read_text())
    assert list(provenance["inputs"]) == ["matrix.tsv"]


def test_a_second_run_has_nothing_to_do(counts_run):
    assert not planned(counts_run)


def test_a_matrix_without_a_sample_is_refused(counts_run, tmp_path):
    (tmp_path / "config").symlink_to(counts_run / "config")
    matrix = read_table(counts_run / "matrix.tsv").drop(columns="MM1S_dmso_2")
    write_table(matrix, tmp_path / "matrix.tsv")
    run = snakemake(tmp_path)
    assert run.returncode == 1
    assert "matrix.tsv: has no column 'MM1S_dmso_2', which is a sample of the sheet" in run.stderr
    assert not (tmp_path / "results").exists()


def test_an_annotation_beside_the_matrix_gives_names_and_units(star_run, annotated_run):
    """Ids alone are given; names, lengths and all that follows are those of the run from reads."""
    files = ["results/reference/genes.tsv", *(f"{LINE}/{t}.tsv" for t in ["counts", "tpm", "fpkm"])]
    for file in files:
        assert (annotated_run / file).read_bytes() == (star_run / file).read_bytes()
