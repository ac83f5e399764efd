"""The synthetic experiment, and the workflow run over it, once for a session of tests."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from xdist.scheduler import LoadScopeScheduling

from imid.shared.tables import read_table, write_table
from imid.synthetic import make_synthetic
from running import ROOT, completed, copy_experiment, snakemake

# Steps that tests start, and those that these start, are of this checkout.
os.environ["PYTHONPATH"] = str(ROOT / "scripts")


class FolderScheduling(LoadScopeScheduling):
    """Lets one process run all tests that share a run of the workflow, or a cluster."""

    def _split_scope(self, nodeid):
        folder = nodeid.split("/")[1]
        return folder if folder in ("workflow", "cluster") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return FolderScheduling(config, log)


def pytest_make_parametrize_id(val, argname):
    """Name bytes by their argument: compressed ones hold the time, and differ in each process."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory) -> Path:
    """The synthetic experiment of the plan: reads, reference, config, truth."""
    directory = tmp_path_factory.mktemp("synthetic") / "experiment"
    make_synthetic.main(
        ["--plan", str(ROOT / "resources/synthetic.yaml"), "--output", str(directory)]
    )
    return directory


@pytest.fixture(scope="session")
def small_synthetic(tmp_path_factory) -> Path:
    """The same plan with few reads and the sensitive line alone, for what needs no counts."""
    directory = tmp_path_factory.mktemp("small") / "experiment"
    plan = ["--plan", str(ROOT / "resources/synthetic.yaml"), "--output", str(directory)]
    make_synthetic.main([*plan, "--fragments", "3000", "--cell-lines", "MM1S"])
    return directory


@pytest.fixture(scope="session")
def star_run(synthetic) -> Path:
    """The synthetic experiment after a whole run with STAR."""
    completed(snakemake(synthetic, traced=True))
    return synthetic


@pytest.fixture(scope="session")
def hisat2_run(synthetic, tmp_path_factory) -> Path:
    """One line of it counted with HISAT2, a contaminant sought, a verdict that may stop the run."""
    directory = copy_experiment(synthetic, tmp_path_factory.mktemp("hisat2") / "experiment")
    path = directory / "config/config.yaml"
    config = yaml.safe_load(path.read_text()) | {"aligner": "hisat2", "cell_lines": ["MM1S"]}
    config["qc"]["contaminants"] = {"mycoplasma": "reference/mycoplasma.fa.gz"}
    config["qc"]["stop_on"] = ["strandedness"]
    config["differential"]["contrasts"] = config["differential"]["contrasts"][:2]
    path.write_text(yaml.safe_dump(config))
    targets = ["results/cell_lines/MM1S/counts.tsv", "results/qc/accepted.tsv"]
    completed(snakemake(directory, *targets, traced=True))
    return directory


@pytest.fixture(scope="session")
def counts_run(star_run, tmp_path_factory) -> Path:
    """The counts of one line of the finished run, given as a matrix; no reads, no genome."""
    directory = tmp_path_factory.mktemp("counts") / "experiment"
    config = yaml.safe_load((star_run / "config/config.yaml").read_text())
    for key in ["reference", "aligner", "trim", "strandedness"]:
        del config[key]
    config |= {"counts": "matrix.tsv", "cell_lines": ["MM1S"], "gene_sets": {"mine": "sets.gmt"}}
    (directory / "config").mkdir(parents=True)
    (directory / "config/config.yaml").write_text(yaml.safe_dump(config))
    sheet = read_table(star_run / "config/samples.tsv")
    sheet = sheet.drop(columns=["fastq_1", "fastq_2"]).drop_duplicates("sample")
    write_table(sheet, directory / "config/samples.tsv")
    matrix = read_table(star_run / "results/cell_lines/MM1S/counts.tsv")
    write_table(matrix, directory / "matrix.tsv")
    (directory / "sets.gmt").write_text(
        "\t".join(["mine", "about", *matrix["gene_id"][:20]]) + "\n"
    )
    completed(snakemake(directory, traced=True))
    return directory


@pytest.fixture(scope="session")
def annotated_run(star_run, counts_run, tmp_path_factory) -> Path:
    """Genes and counts of the like, their names and lengths by an annotation."""
    directory = tmp_path_factory.mktemp("annotated") / "experiment"
    config = yaml.safe_load((counts_run / "config/config.yaml").read_text())
    annotation = star_run / "results/reference/annotation.gtf"
    config |= {"reference": {"gtf": str(annotation)}, "gene_sets": {}}
    config |= {"samples": str(counts_run / "config/samples.tsv")}
    (directory / "config").mkdir(parents=True)
    (directory / "config/config.yaml").write_text(yaml.safe_dump(config))
    matrix = read_table(counts_run / "matrix.tsv").drop(columns="gene_name")
    write_table(matrix, directory / "matrix.tsv")
    completed(snakemake(directory, "results/cell_lines/MM1S/counts.tsv", traced=True))
    return directory


@pytest.fixture
def clone(tmp_path):
    """A second checkout of the workflow, with time stamps of its own."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        target = tmp_path / "clone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    return tmp_path / "clone"
