import json
from base64 import urlsafe_b64encode

import pytest

from imid.running.snakemake_records import (
    METADATA,
    logs_of,
    record_of_output,
    recorded_outputs,
)

LONG = f"results/{'a_long_name/' * 40}table.tsv"


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    METADATA.mkdir(parents=True)


def write(output, **content):
    path = record_of_output(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_outputs_are_read_from_the_names_of_their_records():
    names = ["results/counts.tsv", "results/joint/A+B/über.tsv", LONG]
    for name in names:
        write(name)
    assert recorded_outputs() == {name: record_of_output(name) for name in names}


@pytest.mark.parametrize("name", ["results/counts.tsv", LONG])
def test_records_are_where_snakemake_has_them(name):
    from snakemake.persistence.file import FilePersistence

    own = FilePersistence._record_path
    stand_in = type("P", (), {"_fetch_max_len": lambda self, subject: 255})()
    assert record_of_output(name) == METADATA.parent / own(stand_in, str(METADATA), name)[11:]


def test_what_is_no_record_is_passed_over():
    (METADATA / "notes").write_text("mine")
    (METADATA / urlsafe_b64encode(b"\xff\xfe").decode()).write_text("{}")
    assert recorded_outputs() == {}


def test_logs_are_those_of_the_records_that_can_be_read():
    write("a", log=["logs/a.log"])
    write("b", log=None)
    for name, text in {"c": "{", "d": "[]", "e": '{"log": 1}'}.items():
        record_of_output(name).write_text(text)
    none = {name: [] for name in "bcde"}
    assert logs_of(recorded_outputs()) == {"a": ["logs/a.log"], **none}
