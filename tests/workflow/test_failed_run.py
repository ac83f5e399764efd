"""What fails in one cell line does not take the page, the provenance or the results of another."""

import gzip
import json

import numpy as np
import pytest
import yaml

from imid.shared.tables import read_table, write_table
from imid.synthetic import make_synthetic
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate
from running import ROOT, completed, planned, snakemake

pytestmark = pytest.mark.workflow

CONTRAST = {"name": "lenalidomide_vs_dmso", "factor": "treatment"}
CONTRAST |= {"numerator": "lenalidomide", "denominator": "dmso"}
LINES = "results/cell_lines"


def read_provenance(folder):
    return json.loads((folder / "results/provenance.json").read_text())


def read_page(folder):
    return (folder / "results/report.html").read_text()


@pytest.fixture(scope="module")
def failed_library(tmp_path_factory):
    """Two lines from reads; of one sample no read is of the genome. Gives the folder and the run.

    Two samples of each of two treatments, few reads, one contrast.
    """
    folder = tmp_path_factory.mktemp("failed") / "experiment"
    plan = ["--plan", str(ROOT / "resources/synthetic.yaml"), "--output", str(folder)]
    lines = ["--cell-lines", "MM1S", "MM1S_res"]
    make_synthetic.main([*plan, "--fragments", "3000", *lines])
    config = yaml.safe_load((folder / "config/config.yaml").read_text())
    config["differential"]["contrasts"] = [CONTRAST]
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))
    sheet = read_table(folder / "config/samples.tsv")
    few = sheet["treatment"].isin(["dmso", "lenalidomide"]) & sheet["replicate"].isin(["1", "2"])
    sheet = sheet[few]
    write_table(sheet, folder / "config/samples.tsv")
    for row in sheet[sheet["sample"] == "MM1S_res_dmso_2"].itertuples():
        for path in [row.fastq_1, row.fastq_2]:
            spoil(folder / path)
    return folder, snakemake(folder)


def spoil(path):
    """Put random bases in the place of all reads."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    rng = np.random.default_rng(len(lines))
    lines[1::4] = ["".join(rng.choice(list("ACGT"), len(line))) for line in lines[1::4]]
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))


def test_the_run_fails_and_names_the_sample_with_the_remedy(failed_library):
    _, run = failed_library
    assert run.returncode == 1
    told = run.stdout + run.stderr
    assert "fit fit=cell_lines/MM1S_res failed" in told
    assert "exclude: [{sample: MM1S_res_dmso_2, reason: failed library}]" in told


def test_the_other_line_has_all_its_results(failed_library):
    folder, _ = failed_library
    for file in ["verdict.tsv", "tables.xlsx", "fit.h5ad", "figures/pca.svg"]:
        assert (folder / LINES / "MM1S" / file).exists()
    assert not (folder / LINES / "MM1S_res/fit.npz").exists()
    # What was counted is kept.
    assert (folder / LINES / "MM1S_res/counts.tsv").exists()


def test_the_page_shows_it_and_says_what_failed(failed_library):
    folder, _ = failed_library
    page = read_page(folder)
    assert "The run is not complete." in page
    assert "fit fit=cell_lines/MM1S_res" in page
    assert "sample MM1S_res_dmso_2 has" in page
    assert page.count("Is CRBN expressed in ") == 1
    assert "No results." in page
    assert 'alt="MM1S: The samples by their first two principal components' in page


def test_the_provenance_tells_the_failure(failed_library):
    folder, _ = failed_library
    provenance = read_provenance(folder)
    (failure,) = provenance["failures"]
    assert (failure["rule"], failure["wildcards"]) == ("fit", "fit=cell_lines/MM1S_res")
    assert "MM1S_res_dmso_2" in failure["says"][-1]
    assert f"{LINES}/MM1S_res/verdict.tsv" in provenance["unfinished"]
    assert provenance["inputs"]


def test_after_the_remedy_everything_is_whole(failed_library):
    folder, _ = failed_library
    config = yaml.safe_load((folder / "config/config.yaml").read_text())
    config |= {"cell_lines": ["MM1S"]}
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))
    completed(snakemake(folder))
    assert read_provenance(folder)["failures"] == []
    assert "not complete" not in read_page(folder)
    assert not planned(folder)


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """Two lines from a count matrix; one sample is shallow, and one figure cannot be written."""
    folder = tmp_path_factory.mktemp("counted")
    pair = EXPERIMENTS["three_groups"]._replace(factors={"treatment": ["dmso", "lenalidomide"]})
    simulation = simulate(pair, 300, seed=5)
    first = simulation.counts.set_axis([f"A_{n}" for n in range(6)], axis=1)
    second = simulate(pair, 300, seed=6).counts.set_axis([f"B_{n}" for n in range(6)], axis=1)
    second["B_0"] = np.random.default_rng(0).binomial(second["B_0"], 0.05)
    matrix = first.join(second).rename_axis("gene_id").reset_index()
    write_table(matrix, folder / "matrix.tsv")
    treatments = simulation.samples["treatment"].tolist() * 2
    rows = [
        f"{sample}\t{sample[0]}\t{treatment}\t{sample[2]}\n"
        for sample, treatment in zip(matrix.columns[1:], treatments, strict=True)
    ]
    (folder / "config").mkdir()
    header = "sample\tcell_line\ttreatment\treplicate\n"
    (folder / "config/samples.tsv").write_text(header + "".join(rows))
    config = {"samples": "config/samples.tsv", "counts": "matrix.tsv"}
    differential = {"design": "~ treatment", "reference": "dmso", "contrasts": [CONTRAST]}
    config["differential"] = differential
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config))
    (folder / LINES / "B/figures/pca.png/in_the_way").mkdir(parents=True)
    return folder, snakemake(folder)


def test_a_figure_that_died_leaves_its_lines_tables_on_the_page(counted):
    folder, run = counted
    assert run.returncode == 1
    page = read_page(folder)
    assert page.count("Is CRBN expressed in ") == 2
    assert "Not all is here:" in page
    assert 'alt="A: The samples by their first two principal components' in page
    assert 'alt="B: The samples by their first two principal components' not in page
    assert 'alt="B: The p-value of each gene against its log2 fold change in len' in page


def test_a_shallow_sample_is_told_on_the_page_in_its_line_and_in_the_provenance(counted):
    folder, _ = counted
    told = [row for row in read_provenance(folder)["warnings"] if "B_0" in row["warning"]]
    assert [row["about"] for row in told] == ["cell_lines/B"]
    page = read_page(folder)
    assert page.index('id="cell_lines-B"') < page.index("sample B_0 has")
    assert page.count("sample B_0 has") == 1


def test_once_it_can_be_written_the_next_run_ends_with_a_whole_page(counted):
    folder, _ = counted
    (folder / LINES / "B/figures/pca.png/in_the_way").rmdir()
    (folder / LINES / "B/figures/pca.png").rmdir()
    completed(snakemake(folder))
    assert read_provenance(folder)["failures"] == []
    assert "Not all is here" not in read_page(folder)
    assert not planned(folder)
