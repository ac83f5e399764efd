"""A run that starts from a count matrix gives what the run from reads gave."""

import json

import pytest
import yaml

from imid.shared.tables import read_table, write_table
from running import completed, planned, snakemake

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


@pytest.fixture(scope="module")
def given(star_run, tmp_path_factory):
    """The counts of the finished run, given as a matrix; no reads, no genome."""
    folder = tmp_path_factory.mktemp("given")
    config = yaml.safe_load((star_run / "config/config.yaml").read_text())
    for key in ["reference", "aligner", "trim", "strandedness"]:
        del config[key]
    config |= {"counts": "matrix.tsv", "cell_lines": ["MM1S"]}
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))
    sheet = read_table(star_run / "config/samples.tsv")
    sheet = sheet.drop(columns=["fastq_1", "fastq_2"]).drop_duplicates("sample")
    write_table(sheet, folder / "config/samples.tsv")
    write_table(read_table(star_run / LINE / "counts.tsv"), folder / "matrix.tsv")
    completed(snakemake(folder))
    return folder


@pytest.mark.parametrize("file", SAME)
def test_results_are_those_of_the_run_from_reads(star_run, given, file):
    assert (given / LINE / file).read_bytes() == (star_run / LINE / file).read_bytes()


def test_it_ends_with_the_report_and_its_provenance(given):
    assert "Did IRF4 fall?" in (given / "results/report.html").read_text()
    provenance = json.loads((given / "results/provenance.json").read_text())
    assert list(provenance["inputs"]) == ["matrix.tsv"]


def test_a_second_run_has_nothing_to_do(given):
    assert not planned(given)


def test_a_matrix_without_a_sample_is_refused(given, tmp_path):
    (tmp_path / "config").symlink_to(given / "config")
    matrix = read_table(given / "matrix.tsv").drop(columns="MM1S_dmso_2")
    write_table(matrix, tmp_path / "matrix.tsv")
    run = snakemake(tmp_path)
    assert run.returncode == 1
    assert "matrix.tsv: has no column 'MM1S_dmso_2', which is a sample of the sheet" in run.stderr
    assert not (tmp_path / "results").exists()


def test_an_annotation_beside_the_matrix_gives_names_and_units(star_run, given, tmp_path):
    """Ids alone are given; names, lengths and all that follows are those of the run from reads."""
    config = yaml.safe_load((given / "config/config.yaml").read_text())
    annotation = star_run / "results/reference/annotation.gtf"
    config |= {"reference": {"gtf": str(annotation)}, "samples": str(given / "config/samples.tsv")}
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump(config))
    write_table(read_table(given / "matrix.tsv").drop(columns="gene_name"), tmp_path / "matrix.tsv")
    files = ["results/reference/genes.tsv", *(f"{LINE}/{t}.tsv" for t in ["counts", "tpm", "fpkm"])]
    completed(snakemake(tmp_path, *files))
    for file in files:
        assert (tmp_path / file).read_bytes() == (star_run / file).read_bytes()
