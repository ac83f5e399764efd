"""The synthetic experiment, and the workflow run over it, once for a session of tests."""

import os
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

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
    completed(snakemake(synthetic))
    return synthetic


@pytest.fixture(scope="session")
def hisat2_run(synthetic, tmp_path_factory) -> Path:
    """The same experiment counted with HISAT2."""
    directory = copy_experiment(synthetic, tmp_path_factory.mktemp("hisat2") / "experiment")
    config = directory / "config/config.yaml"
    config.write_text(config.read_text().replace("aligner: star", "aligner: hisat2"))
    completed(snakemake(directory, "results/cell_lines/MM1S/counts.tsv"))
    return directory
