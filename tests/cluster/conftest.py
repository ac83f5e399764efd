"""Slurm, once for a session of tests."""

import pytest

from slurm import running_slurm, unavailable


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A running Slurm; hand back the folder of its files and its daemons by name."""
    if reason := unavailable():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("slurm")
    with running_slurm(folder) as daemons:
        yield folder, daemons
