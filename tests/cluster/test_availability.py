"""Where Slurm cannot be started, that is said, and nothing of others is touched."""

import os

import pytest

import slurm


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A place for Slurm's configuration, on a machine that has all of its programs."""
    monkeypatch.setattr(slurm, "CONFIG", tmp_path / "slurm.conf")
    monkeypatch.setattr(slurm, "find", lambda program: f"/usr/sbin/{program}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return slurm.CONFIG


def test_nothing_is_in_the_way(config):
    assert slurm.unavailable() is None


def test_missing_programs_are_named_with_their_packages(config, monkeypatch):
    monkeypatch.setattr(slurm, "find", lambda program: None)
    assert "no munged, slurmctld" in slurm.unavailable()
    assert slurm.PACKAGES in slurm.unavailable()


def test_it_takes_root(config, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in slurm.unavailable()


def test_a_cluster_of_others_is_left_alone(config):
    config.write_text("ClusterName=ours\n")
    assert "belongs to a cluster" in slurm.unavailable()


def test_other_tests_have_precedence_while_they_live(config):
    config.write_text(f"{slurm.MADE_BY}{os.getpid()}\n")
    assert "other tests" in slurm.unavailable()
    config.write_text(f"{slurm.MADE_BY}{2**22 + 1}\n")
    assert slurm.unavailable() is None
