import pytest

from imid.running import check_slurm
from imid.running.slurm_queue import NoAnswerError

CONFIG = """\
Configuration data as of 2026-11-27T18:08:33
AccountingStorageType   = {accounting}
MinJobAge               = {age} sec
SelectType              = select/{select}
SelectTypeParameters    = {parameters}

Slurmctld(primary) at n1 is UP
"""
FITTING = {
    "accounting": "accounting_storage/none",
    "age": 300,
    "select": "cons_tres",
    "parameters": "CR_CORE_MEMORY",
}


@pytest.fixture
def told(monkeypatch):
    def with_config(**settings) -> list[str]:
        config = CONFIG.format(**{**FITTING, **settings})
        monkeypatch.setattr(check_slurm, "ask", lambda *command, until: config)
        return check_slurm.slurm_misfits()

    return with_config


def test_nothing_is_said_of_a_cluster_that_fits(told):
    assert told() == []
    assert told(select="linear", parameters="NONE") == []
    assert told(age=180) == []


def test_a_short_memory_is_told_with_what_is_asked_in_its_place(told):
    (without,) = told(age=60)
    assert "forgets a job 60 s after its end (MinJobAge)" in without
    assert "told by its log in logs/slurm" in without
    (accounted,) = told(age=60, accounting="accounting_storage/slurmdbd")
    assert "told by Slurm's accounting, else by its log" in accounted


def test_memory_that_is_not_reserved_is_told(told):
    (message,) = told(parameters="CR_CORE")
    assert "does not reserve memory here (SelectTypeParameters=CR_CORE)" in message


def test_a_slurm_that_is_away_is_told(monkeypatch):
    def away(*command, until):
        raise NoAnswerError("scontrol failed: Unable to contact slurm controller")

    monkeypatch.setattr(check_slurm, "ask", away)
    (message,) = check_slurm.slurm_misfits()
    assert "Unable to contact" in message
