import pytest

from imid.running.decisions import decided


@pytest.fixture(autouse=True)
def without(monkeypatch):
    """A process that no other one has told of anything."""
    monkeypatch.setenv("IMID_LINES", "[]")


def test_a_job_goes_by_what_the_main_process_decided():
    assert decided("LINES", lambda: ["MM1S"], by_main=True) == ["MM1S"]
    assert decided("LINES", lambda: ["MM1S", "found since"], by_main=False) == ["MM1S"]


def test_the_main_process_decides_anew():
    decided("LINES", lambda: ["of a run before"], by_main=True)
    assert decided("LINES", list, by_main=True) == []


def test_a_job_of_which_nobody_decided_has_nothing(monkeypatch):
    monkeypatch.delenv("IMID_LINES")
    assert decided("LINES", lambda: ["MM1S"], by_main=False) == []
